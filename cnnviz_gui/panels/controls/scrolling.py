"""Places that scroll."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget


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


class FittingArea(QScrollArea):
    """Scrolls downwards; it is never higher than what it holds, where that says so of itself."""

    def __init__(self, held: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidget(held)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if self._fits:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    @property
    def _fits(self) -> bool:
        """What is held is never to be higher than it needs."""
        held = self.widget()
        return held is not None and held.sizePolicy().verticalPolicy() == QSizePolicy.Policy.Maximum

    def sizeHint(self) -> QSize:
        """Return the size of what it holds, at the width that there is."""
        held, size = self.widget(), super().sizeHint()
        if not self._fits:
            return size
        needs = held.heightForWidth(self.width()) if held.hasHeightForWidth() else -1
        return QSize(size.width(), needs if needs >= 0 else held.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for another height where lines wrap otherwise."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        """Grow and shrink with what it holds, whose wish for another size comes here."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)
