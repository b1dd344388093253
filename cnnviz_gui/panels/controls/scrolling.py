"""A place that scrolls."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class SteadyArea(QScrollArea):
    """Scrolls downwards; what it holds keeps its width when the scroll bar comes and goes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        self._on_range_changed(0, 0)

    @Slot(int, int)
    def _on_range_changed(self, low: int, high: int) -> None:
        """Leave as much free at the right as the bar takes while it is there."""
        spare = 0 if high > low else self.verticalScrollBar().sizeHint().width()
        self.setViewportMargins(0, 0, spare, 0)
