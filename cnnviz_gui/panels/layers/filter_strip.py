"""The filters of a layer as small pictures, in the order of its maps."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.layers.heading import Heading
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.panels.tile_grid import TileGrid
from cnnviz_gui.state.layer_view import ShownLayer
from cnnviz_gui.texts import tr

_TILE, _GAP, _ROWS = 32, 4, 3


class FilterStrip(QWidget):
    """A few rows of filters with a heading; they scroll."""

    selected = Signal(object)
    """The channel chosen by hand."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._head = Heading(tr("Filters"))
        self.grid = TileGrid(tile=_TILE, gap=_GAP)
        self.grid.setAccessibleName(tr("Filters"))
        self.grid.selected.connect(self.selected)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self._head)
        column.addWidget(self.grid)

    def show_filters(self, shown: ShownLayer) -> bool:
        """Show the filters of a layer; return whether it has any that look like something."""
        weight = shown.result.filters
        if weight is None or weight.shape[2] * weight.shape[3] == 1:
            self.grid.clear()
            return False
        out, into, high, wide = weight.shape
        self._count = out
        if into == 3:
            self.grid.set_rgb_tiles(render.filter_pictures(weight), shown.order)
            said = tr("in colour")
        else:
            slices = render.filter_slices(weight)
            bound = render.signed_range(slices) or 1.0
            self.grid.set_tiles(slices, shown.order, None, diverging(), (-bound, bound))
            said = tr("one per channel")
            if into > 1:
                said = tr("input channel {number} of {total}", number=0, total=into)
        kernel = fmt.shape((high, wide))
        size = f"{out} · {kernel}"
        whole = tr("{filters}, in the order of the maps", filters=f"{size}, {said}")
        self._head.set_caption(whole, f"{size}, {said}", size)
        self._fit()
        return True

    def is_one_row(self, width: int) -> bool:
        """Tell whether all filters stand in one row of a width."""
        return self._count * (_TILE + _GAP) <= width

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show whole rows only."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.grid.setFixedHeight(self.grid.height_of(_ROWS))
