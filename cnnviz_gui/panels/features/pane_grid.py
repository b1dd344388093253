"""Pictures of one size, in as many rows as make them largest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.image_pane import ImagePane

_LEAST = 120


class PaneGrid(QWidget):
    """Square pictures with their titles, 12 px apart, in the middle of the place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panes: tuple[ImagePane, ...] = ()

    def set_panes(self, panes: Sequence[ImagePane]) -> None:
        """Show these panes and no others; they become children."""
        if tuple(panes) == self._panes:
            return
        for pane in set(self._panes) - set(panes):
            pane.hide()
        self._panes = tuple(panes)
        for pane in panes:
            if pane.parentWidget() is not self:
                pane.setParent(self)
            pane.show()
        self._place()
        self.updateGeometry()

    def panes(self) -> tuple[ImagePane, ...]:
        """Return what is shown."""
        return self._panes

    def event(self, event: QEvent) -> bool:
        """Place the panes anew when the title of one has grown."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def sizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return QSize(480, 480)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(2 * _LEAST, _LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the panes anew."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        count = len(self._panes)
        if not count:
            return
        title = max(pane.title_height() for pane in self._panes)
        columns = max(range(1, count + 1), key=lambda columns: self._side(columns, title))
        side = max(1, self._side(columns, title))
        left = (self.width() - columns * side - (columns - 1) * theme.GAP) // 2
        for place, pane in enumerate(self._panes):
            row, column = divmod(place, columns)
            at = QRect(
                left + column * (side + theme.GAP), row * (side + title + theme.GAP), side, 1
            )
            at.setHeight(side + title)
            pane.setGeometry(at)

    def _side(self, columns: int, title: int) -> int:
        rows = -(-len(self._panes) // columns)
        across = (self.width() - (columns - 1) * theme.GAP) // columns
        down = (self.height() - (rows - 1) * theme.GAP) // rows - title
        return min(across, down)
