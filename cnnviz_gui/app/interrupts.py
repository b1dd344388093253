"""Ctrl+C in the terminal."""

from __future__ import annotations

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot


class Interrupts(QObject):
    """Tells of Ctrl+C at once.

    Python runs its handler only between two lines of Python, and while Qt waits for events there
    are none: the signal therefore also writes into a socket that Qt watches.
    """

    heard = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ear, self._mouth = socket.socketpair()
        for end in (self._ear, self._mouth):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._ear.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_written)
        signal.set_wakeup_fd(self._mouth.fileno())
        signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, number: int, frame: object) -> None:
        self.heard.emit()

    @Slot()
    def _on_written(self) -> None:
        # Python's own handler runs before or after this line, because this is a line.
        self._ear.recv(64)
