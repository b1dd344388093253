"""A line of progress on a terminal, and Ctrl+C that stops the computation cleanly."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.numbers import duration, file_size

_REDRAW_SECONDS = 0.1
_SILENT_SECONDS = 0.3
_BAR = 20


class TerminalContext:
    """Draws progress on a terminal and stops the computation when it was told to.

    ``stop`` may be called from a signal handler or another thread; all else belongs to the thread
    that computes.

    Parameters
    ----------
    stream
        Where the line is drawn; nothing is drawn where it is no terminal.
    clock
        Seconds, never running backwards.
    """

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._shows = stream.isatty()
        self._stopped = threading.Event()
        self._title = ""
        self._bytes = False
        self._before: int | None = None
        self._started = clock()
        self._drawn_at = float("-inf")
        self._width = 0

    def stop(self) -> None:
        """Make the next ``check`` or ``step`` raise ``Cancelled``."""
        self._stopped.set()

    def begin(self, title: str, *, fetches: bool = False) -> None:
        """Name what is being computed from here on.

        Parameters
        ----------
        fetches
            Its steps are bytes; those of an earlier try, told first, do not count as speed.
        """
        self.clear()
        self._title = title
        self._bytes = fetches
        self._before = None
        self._started = self._clock()

    def check(self) -> None:
        """Raise ``Cancelled`` if Ctrl+C was pressed."""
        if self._stopped.is_set():
            raise Cancelled

    def step(self, done: int, total: int) -> None:
        """Draw how much is done, at most ten times a second, then do as ``check``."""
        now = self._clock()
        if self._before is None or done < self._before:
            self._before = done if self._bytes else 0
        quick = now - self._started < _SILENT_SECONDS
        if self._shows and not quick and now - self._drawn_at >= _REDRAW_SECONDS:
            self._drawn_at = now
            self._draw(self._line(done, total, now - self._started))
        self.check()

    def partial(self, value: object) -> None:
        """Do nothing: the command line shows only what is finished."""

    def clear(self) -> None:
        """Wipe the line."""
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0

    def _line(self, done: int, total: int, elapsed: float) -> str:
        share = min(1.0, done / total) if total > 0 else 0.0
        bar = ("#" * round(_BAR * share)).ljust(_BAR, ".")
        new = done - (self._before or 0)
        left = f"  {duration(elapsed / new * (total - done))} left" if new and share < 1 else ""
        if not self._bytes:
            return f"{self._title}  {bar}  {done} of {total}{left}"
        speed = f"  {file_size(new / elapsed)}/s" if new and elapsed > 0 else ""
        return f"{self._title}  {bar}  {file_size(done)} of {file_size(total)}{speed}{left}"

    def _draw(self, line: str) -> None:
        line = line[: max(1, shutil.get_terminal_size().columns - 1)]
        self._stream.write("\r" + line.ljust(self._width))
        self._stream.flush()
        self._width = max(self._width, len(line))


@contextmanager
def stopped_by_ctrl_c(context: TerminalContext) -> Iterator[None]:
    """Let the first Ctrl+C stop the computation at its next step, the second one at once.

    Only the main thread may handle signals; elsewhere nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        context.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        context.clear()
