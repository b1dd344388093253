"""Imports what the pages need while the window already answers."""

from __future__ import annotations

import contextlib
import importlib
import time
from collections.abc import Iterator

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

MODULES = ("numpy", "PIL.Image")
"""None that knows Qt: PySide makes its classes when they are first asked for, and the window's
thread, which looks them up meanwhile without a lock, crashes now and then."""
_TURN_S = 0.01


class _Imports(QThread):
    def run(self) -> None:
        for name in MODULES:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


class Loader(QObject):
    """Takes half a second off the import of pyqtgraph, which then finds most of it done.

    What knows no Qt is imported on another thread, and the classes of Qt, all of which pyqtgraph
    asks for, are made a few at a time on the window's own. ``finished`` tells when. What cannot be
    imported is left to whoever needs it: that is where the failure is told.
    """

    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = _Imports(self)
        self._thread.finished.connect(self._make)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._make)
        self._classes = _made()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait(self, timeout_ms: int) -> bool:
        """End, and return whether no thread is left."""
        self._soon.stop()
        self._classes = iter(())
        return self._thread.wait(timeout_ms)

    @Slot()
    def _make(self) -> None:
        end = time.perf_counter() + _TURN_S
        for _ in self._classes:
            if time.perf_counter() > end:
                self._soon.start(0)
                return
        self.finished.emit()


def _made() -> Iterator[None]:
    """Make one class of Qt after the other."""
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):
            getattr(module, name, None)
            yield
