"""Pictures of one size in blocks side by side, in as many rows as make them largest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.image_pane import ImagePane

_LEAST = 120


class PaneGrid(QWidget):
    """Square pictures with their titles, 12 px apart, in the middle of the place.

    A line stands between two blocks.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._blocks: tuple[tuple[ImagePane, ...], ...] = ()
        self._lines: list[QRect] = []

    def set_panes(self, *blocks: Sequence[ImagePane]) -> None:
        """Show these panes and no others, each block at the right of the one before.

        They become children.
        """
        wanted = tuple(tuple(block) for block in blocks)
        if wanted == self._blocks:
            return
        before = self.panes()
        self._blocks = wanted
        for pane in set(before) - set(self.panes()):
            pane.hide()
        for pane in self.panes():
            if pane.parentWidget() is not self:
                pane.setParent(self)
            pane.show()
        self._place()
        self.updateGeometry()

    def panes(self) -> tuple[ImagePane, ...]:
        """Return what is shown."""
        return tuple(pane for block in self._blocks for pane in block)

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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines between blocks."""
        painter = QPainter(self)
        for line in self._lines:
            painter.fillRect(line, theme.color("line"))

    def _place(self) -> None:
        panes = self.panes()
        self._lines = []
        if not panes:
            return
        title = max(pane.title_height() for pane in panes)
        most = max(len(block) for block in self._blocks)
        rows = max(range(1, most + 1), key=lambda rows: self._side(rows, title))
        side = max(1, self._side(rows, title))
        step, between = side + theme.GAP, 2 * theme.GAP + 1
        widths = [-(-len(block) // rows) * step - theme.GAP for block in self._blocks]
        left = (self.width() - sum(widths) - between * (len(widths) - 1)) // 2
        height = rows * (side + title + theme.GAP) - theme.GAP
        for block, width in zip(self._blocks, widths, strict=True):
            if block is not self._blocks[0]:
                self._lines.append(QRect(left - theme.GAP - 1, 0, 1, height))
            columns = (width + theme.GAP) // step
            for place, pane in enumerate(block):
                row, column = divmod(place, columns)
                top = row * (side + title + theme.GAP)
                pane.setGeometry(left + column * step, top, side, side + title)
            left += width + between
        self.update()

    def _side(self, rows: int, title: int) -> int:
        columns = sum(-(-len(block) // rows) for block in self._blocks)
        between = (theme.GAP + 1) * (len(self._blocks) - 1)
        across = (self.width() - (columns - 1) * theme.GAP - between) // columns
        down = (self.height() - (rows - 1) * theme.GAP) // rows - title
        return min(across, down)
