"""Where the curve stands: at the side of the pictures or below them, where they are larger."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.features.curve_box import CurveBox
from cnnviz_gui.panels.features.pane_grid import PaneGrid
from cnnviz_gui.panels.image_pane import TITLE_ROW

_AT_SIDE = (200, 360)
"""Least and greatest width of the curve at the side."""
_BELOW = (112, 200)
"""Least and greatest height of the curve below."""
_TALL = 200
"""Height of the curve at the side."""


class Arrangement(QWidget):
    """Pictures as large as can be; the curve takes what they leave."""

    def __init__(self, grid: PaneGrid, curve: CurveBox, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid, self._curve = grid, curve
        grid.setParent(self)
        curve.setParent(self)

    def event(self, event: QEvent) -> bool:
        """Arrange anew where there are other pictures, or their titles have grown."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew."""
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return self._grid.sizeHint() + QSize(_AT_SIDE[0], 0)

    def minimumSizeHint(self) -> QSize:
        """Return the least size: the curve can stand below."""
        return self._grid.minimumSizeHint() + QSize(0, theme.GAP + _BELOW[0])

    def _arrange(self) -> None:
        width, height = self.width(), self.height()
        at_side, taken = self._grid.extent(width - theme.GAP - _AT_SIDE[0], height)
        below, over = self._grid.extent(width, height - theme.GAP - _BELOW[0])
        if below > at_side:
            tall = min(_BELOW[1], height - theme.GAP - over.height())
            self._grid.setGeometry(0, 0, width, over.height())
            self._curve.setGeometry(0, over.height() + theme.GAP, width, tall)
            return
        wide = max(_AT_SIDE[0], min(_AT_SIDE[1], width - theme.GAP - taken.width()))
        left = width - wide
        self._grid.setGeometry(0, 0, left - theme.GAP, height)
        self._curve.setGeometry(left, TITLE_ROW, wide, min(_TALL, height - TITLE_ROW))
