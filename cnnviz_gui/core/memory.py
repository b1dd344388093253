"""A store that forgets what was not used for longest once it holds more bytes than it may."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

V = TypeVar("V")


class ByteCache(Generic[V]):
    """Least-recently-used store bounded in bytes; for one thread.

    Forgetting drops the store's own reference only: what somebody still uses stays valid.

    Parameters
    ----------
    max_bytes
        Upper bound of the sum of the sizes told to ``put``.
    keep_last
        Keep the newest value even where it alone is larger than ``max_bytes``.
    """

    def __init__(self, max_bytes: int, *, keep_last: bool = False) -> None:
        self.max_bytes = max_bytes
        self.keep_last = keep_last
        self.nbytes = 0
        self._values: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._held: frozenset[Hashable] = frozenset()

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def get(self, key: Hashable) -> V | None:
        """Return the value and count it as used, or None."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key][0]

    def put(self, key: Hashable, value: V, nbytes: int) -> None:
        """Store a value of ``nbytes``, then forget the least recently used down to the bound."""
        self.drop(key)
        self._values[key] = (value, nbytes)
        self.nbytes += nbytes
        self._shrink()

    def hold(self, keys: Iterable[Hashable]) -> None:
        """Keep the values of these keys, now or later there, whatever their size; of no others."""
        self._held = frozenset(keys)
        self._shrink()

    def _shrink(self) -> None:
        newest = next(reversed(self._values), None) if self.keep_last else None
        for key in [k for k in self._values if k not in self._held and k != newest]:
            if self.nbytes <= self.max_bytes:
                break
            self.drop(key)

    def drop(self, key: Hashable) -> None:
        """Forget one value; nothing happens where there is none."""
        if key in self._values:
            self.nbytes -= self._values.pop(key)[1]

    def drop_if(self, unwanted: Callable[[Hashable], bool]) -> None:
        """Forget every value whose key is unwanted."""
        for key in [key for key in self._values if unwanted(key)]:
            self.drop(key)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self.nbytes = 0
