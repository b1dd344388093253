"""Redrawing panel by panel, with the event loop in between."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from cnnviz_gui.state.bulletin import Bulletin

_TURN_SECONDS = 0.003


class Turns(QObject):
    """Delivers a bulletin in turns of the event loop.

    A result that concerns five panels would otherwise be drawn, and then painted, in one turn of
    20 to 60 ms: long enough to feel in a slider.
    """

    def __init__(self, bulletin: Bulletin, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bulletin = bulletin
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._take)
        bulletin.later = self._soon

    def _soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start(0)

    @Slot()
    def _take(self) -> None:
        waiting = True  # also after an observer that failed: the others are still to be told
        try:
            waiting = self._bulletin.deliver(_TURN_SECONDS)
        finally:
            if waiting:
                self._soon()

    def stop(self) -> None:
        """Tell nobody any more: the window closes."""
        self._timer.stop()
        self._bulletin.later = lambda: None
