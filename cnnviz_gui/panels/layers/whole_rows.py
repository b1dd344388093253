"""A place in which a grid of tiles ends with a whole row."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels.tile_grid import TileGrid


class WholeRows(QWidget):
    """Gives its grid the height of as many rows as there is room for."""

    resized = Signal()
    """There is another place, and the grid does not follow yet."""

    def __init__(self, grid: TileGrid) -> None:
        super().__init__()
        self._grid = grid
        grid.setParent(self)
        grid.scaled.connect(self.fit)

    def sizeHint(self) -> QSize:
        """Return the size the grid would like."""
        return self._grid.sizeHint()

    @Slot()
    def fit(self) -> None:
        """Follow the grid: it has other tiles, or tiles of another size."""
        # The width first: it decides how tall a row is.
        self._grid.resize(self.width(), self.height())
        rows = self._grid.rows_within(self.height())
        self._grid.setGeometry(0, 0, self.width(), min(self.height(), self._grid.height_of(rows)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the grid its place."""
        super().resizeEvent(event)
        self.resized.emit()
        self.fit()
