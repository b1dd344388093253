"""Work that leaves the interpreter free, such as reading and hashing, beside the one that waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar, cast

from cnnviz_gui.core.context import Context

T = TypeVar("T")
_POLL_SECONDS = 0.02


class Background(Generic[T]):
    """Runs a function at once, on a thread of its own.

    Parameters
    ----------
    work
        Given an event that is set once nobody waits for its result any more.
    """

    def __init__(self, work: Callable[[threading.Event], T]) -> None:
        self._work = work
        self._unwanted = threading.Event()
        self._value: T | None = None
        self._error: BaseException | None = None
        # A daemon: the program may end while a file of gigabytes is still being read.
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)
        self._thread.start()

    def result(self, ctx: Context) -> T:
        """Wait for what ``work`` returns, raise what it raises, or ``Cancelled`` from ``ctx``."""
        try:
            while self._thread.is_alive():
                self._thread.join(_POLL_SECONDS)
                ctx.check()
        finally:
            self._unwanted.set()
        error, self._error = self._error, None  # kept, it would keep all that failed alive
        if error is not None:
            raise error
        return cast(T, self._value)

    def _run(self) -> None:
        try:
            self._value = self._work(self._unwanted)
        except BaseException as error:
            self._error = error
