"""Answers already given, by request, so that going back is instant."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable

from cnnviz_gui.core.request import Request
from cnnviz_gui.core.result import Result


class History:
    """The newest results, bounded in bytes."""

    def __init__(self, max_bytes: int = 192 << 20) -> None:
        self._max_bytes = max_bytes
        self._results: OrderedDict[Request, tuple[Result, int]] = OrderedDict()
        self._bytes = 0

    def keep(self, request: Request, result: Result) -> None:
        """Remember a complete result, forgetting the oldest where there is no room."""
        self.forget(request)
        size = _bytes_of(result)
        self._results[request] = (result, size)
        self._bytes += size
        while self._bytes > self._max_bytes and len(self._results) > 1:
            _, (_, freed) = self._results.popitem(last=False)
            self._bytes -= freed

    def get(self, request: Request) -> Result | None:
        """Return the result of an equal request, or None."""
        if request not in self._results:
            return None
        self._results.move_to_end(request)
        return self._results[request][0]

    def results(self) -> tuple[Result, ...]:
        """Return all of them."""
        return tuple(result for result, _ in self._results.values())

    def forget(self, request: Request) -> None:
        """Drop the result of a request, if there is one."""
        if request in self._results:
            self._bytes -= self._results.pop(request)[1]

    def forget_all(self, of: Callable[[Request], bool]) -> None:
        """Drop the results of all requests of which ``of`` is true."""
        for request in [request for request in self._results if of(request)]:
            self.forget(request)

    def clear(self) -> None:
        """Forget everything."""
        self._results.clear()
        self._bytes = 0


def _bytes_of(value: object, depth: int = 3) -> int:
    """Return the bytes of all arrays in a result, tuples and nested records included."""
    if hasattr(value, "nbytes"):
        return int(value.nbytes)
    if isinstance(value, tuple):
        return sum(_bytes_of(item, depth) for item in value)
    names = getattr(type(value), "__dataclass_fields__", None)
    if names is None or depth == 0:
        return sys.getsizeof(value)
    return sum(_bytes_of(getattr(value, name), depth - 1) for name in names)
