"""Where log records go: a file that cannot stop the program, memory, the list of what was told."""

from __future__ import annotations

import logging
import logging.handlers
import sys
import time
from collections import deque
from pathlib import Path

from cnnviz_gui.app.crash_files import MOST_LINES
from cnnviz_gui.state.chronicle import Chronicle, Level
from cnnviz_gui.texts import tr

FORMAT = "%(asctime)s %(levelname)s %(message)s"


_LATER_S = 60.0


class LogFile(logging.handlers.RotatingFileHandler):
    """Five files of 1 MB at most; where they cannot be written, that is told once.

    Where a file cannot be renamed, as on Windows while another run of the program has it open, it
    grows until it can.

    Raises
    ------
    OSError
        The file cannot be opened.
    """

    def __init__(self, path: Path, chronicle: Chronicle) -> None:
        super().__init__(path, maxBytes=1_000_000, backupCount=4, encoding="utf-8")
        self._chronicle = chronicle
        self._failed = False
        self._not_before = 0.0

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # type: ignore[override]
        """Tell whether to begin another file; not soon again where that failed."""
        return time.monotonic() >= self._not_before and bool(super().shouldRollover(record))

    def rotate(self, source: str, dest: str) -> None:
        """Rename the file, if it can be."""
        try:
            super().rotate(source, dest)
        except OSError:
            self._not_before = time.monotonic() + _LATER_S

    def handleError(self, record: logging.LogRecord) -> None:
        """Go on without the file: what is written next may find room again."""
        error = sys.exc_info()[1]
        if not self._failed:
            self._failed = True
            tell_unwritten(self._chronicle, error)


def tell_unwritten(chronicle: Chronicle, error: BaseException | None) -> None:
    """Say that the log has no file."""
    why = getattr(error, "strerror", None) or type(error).__name__
    text = tr(
        "The log cannot be written ({why}); it is kept in memory until the program ends.", why=why
    )
    chronicle.note("warning", text, tr("Log"))


class Tail(logging.Handler):
    """The last lines, in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self.setFormatter(logging.Formatter(FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self._lines.extend(self.format(record).splitlines())

    def lines(self) -> tuple[str, ...]:
        """Return the last lines, the newest last; any thread."""
        self.acquire()
        try:
            return tuple(self._lines)
        finally:
            self.release()


class Chronicler(logging.Handler):
    """Puts warnings and errors that parts of the program log into the list of all that was told.

    A record with ``noted`` is in it already.
    """

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(logging.WARNING)
        self._chronicle = chronicle

    def emit(self, record: logging.LogRecord) -> None:
        """Note a record."""
        if getattr(record, "noted", False):
            return
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        details = ""
        if record.exc_info:
            details = logging.Formatter().formatException(record.exc_info)
        self._chronicle.note(level, record.getMessage(), record.name, details)
