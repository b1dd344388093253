"""Files that the system hands to the running program: macOS tells of them by events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

Take = Callable[[tuple[str, ...]], None]


class OpenedFiles:
    """Collects files until somebody takes them, and hands over at once what comes then.

    The Finder gives the file that starts the program as the same event, before there is a window.
    """

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._waiting = list(paths)
        self._take: Take | None = None

    def hand_over(self) -> tuple[str, ...]:
        """Return what waits, which then waits no more."""
        waiting, self._waiting = tuple(self._waiting), []
        return waiting

    def begin(self, take: Take) -> None:
        """Let what waits by now, and what comes from here on, be taken."""
        self._take = take
        waiting = self.hand_over()
        if waiting:
            take(waiting)

    def hear(self, event: QEvent) -> bool:
        """Take the file of an event; return whether it was one of an opened file."""
        if not isinstance(event, QFileOpenEvent):
            return False
        path = event.file()  # empty for what is no file of this machine
        if path and self._take is not None:
            self._take((path,))
        elif path:
            self._waiting.append(path)
        return True


class Application(QApplication):
    """An application that is told of opened files.

    A filter of events would hear them too, and every other event of every widget with them.
    """

    def __init__(self, arguments: Sequence[str], opened: OpenedFiles) -> None:
        super().__init__(arguments)
        self._opened = opened

    def event(self, event: QEvent) -> bool:
        """Take the events of opened files."""
        return self._opened.hear(event) or super().event(event)
