"""Pictures of one size in blocks side by side, in as many rows as make them largest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.image_pane import ImagePane

_LEAST = 120


class PaneGrid(QWidget):
    """Square pictures with their titles, 12 px apart, in the middle of the place.

    A line stands between two blocks.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
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
            self.updateGeometry()
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
        painter = painting.begin(self)
        for line in self._lines:
            painter.fillRect(line, theme.color("line"))

    def extent(self, width: int, height: int) -> tuple[int, QSize]:
        """Return the side of the pictures in a place of that size, and what they take up of it."""
        title = max((pane.title_height() for pane in self.panes()), default=0)
        most = max((len(block) for block in self._blocks), default=1)
        sides = {rows: self._side(rows, title, width, height) for rows in range(1, most + 1)}
        rows = max(sides, key=lambda rows: sides[rows])
        side = max(1, sides[rows])
        step, between = side + theme.GAP, 2 * theme.GAP + 1
        columns = [-(-len(block) // rows) for block in self._blocks]
        across = sum(columns) * step - len(columns) * theme.GAP + between * (len(columns) - 1)
        return side, QSize(across, rows * (side + title + theme.GAP) - theme.GAP)

    def _place(self) -> None:
        self._lines = []
        if not self.panes():
            return
        side, taken = self.extent(self.width(), self.height())
        title = max(pane.title_height() for pane in self.panes())
        rows = (taken.height() + theme.GAP) // (side + title + theme.GAP)
        step, left = side + theme.GAP, (self.width() - taken.width()) // 2
        for block in self._blocks:
            if block is not self._blocks[0]:
                self._lines.append(QRect(left - theme.GAP - 1, 0, 1, taken.height()))
            columns = -(-len(block) // rows)
            for place, pane in enumerate(block):
                row, column = divmod(place, columns)
                top = row * (side + title + theme.GAP)
                pane.setGeometry(left + column * step, top, side, side + title)
            left += columns * step + theme.GAP + 1
        self.update()

    def _side(self, rows: int, title: int, width: int, height: int) -> int:
        columns = sum(-(-len(block) // rows) for block in self._blocks)
        between = (theme.GAP + 1) * (len(self._blocks) - 1)
        across = (width - (columns - 1) * theme.GAP - between) // max(1, columns)
        down = (height - (rows - 1) * theme.GAP) // rows - title
        return min(across, down)
