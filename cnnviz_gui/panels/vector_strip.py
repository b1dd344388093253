"""A vector as a block of cells, in reading order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QHelpEvent, QImage, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.texts import ntr, tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import FloatArray

_HEIGHT = 72
_LARGEST = 16.0
"""Side of a cell where there is room."""


class VectorStrip(QWidget):
    """All numbers of a vector on one scale: from zero, or symmetric about it where some are less.

    The scale ends at the 99th percentile, for a few numbers are far larger than all others. The one
    under the cursor is told in a tooltip.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._vector: FloatArray | None = None
        self._image: tuple[int, QImage] | None = None
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self.update)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Embedding"))
        self.setMouseTracking(True)
        theme.notifier.changed.connect(self._redraw)

    def set_vector(self, vector: FloatArray | None) -> None:
        """Show float32 (D,), kept, or nothing."""
        if vector is not self._vector:
            self._vector = vector
            said = "" if vector is None else ntr("{n} number", "{n} numbers", len(vector))
            self.setAccessibleDescription(said)
            self._redraw()

    def set_stale(self, stale: bool) -> None:
        """Dim the cells while others are being computed."""
        self._dimming.set_stale(stale)

    def _redraw(self) -> None:
        self._image = None
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size at which cells can be told apart."""
        return QSize(240, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(80, _HEIGHT)

    def columns(self) -> int:
        """Return how many cells stand in a row: as square as the place allows."""
        if self._vector is None or not len(self._vector):
            return 1
        number, width = len(self._vector), max(1, self.width())
        side = min(math.sqrt(width * self.height() / number), _LARGEST)
        ideal = min(number, max(1, round(width / side)))
        # A little off the square where that leaves no gap at the end.
        near = range(math.ceil(0.7 * ideal), math.floor(1.4 * ideal) + 1)
        whole = [columns for columns in near if number % columns == 0]
        return min(whole, key=lambda columns: abs(columns - ideal), default=ideal)

    def index_at(self, at: QPoint) -> int | None:
        """Return which number lies at a place, None for none."""
        if self._vector is None or not self.rect().contains(at):
            return None
        columns = self.columns()
        rows = math.ceil(len(self._vector) / columns)
        column = min(at.x() * columns // max(1, self.width()), columns - 1)
        row = min(at.y() * rows // max(1, self.height()), rows - 1)
        index = row * columns + column
        return index if index < len(self._vector) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells."""
        painter = painting.begin(self)
        rect = QRect(0, 0, self.width(), self.height())
        if self._vector is None or not len(self._vector):
            painter.fillRect(rect, theme.color("raised"))
        else:
            columns = self.columns()
            if self._image is None or self._image[0] != columns:
                self._image = (columns, _painted(self._vector, columns))
            painter.setOpacity(self._dimming.opacity)
            painter.drawImage(rect, self._image[1])
            painter.setOpacity(1.0)
        picture_paint.round_corners(painter, QRectF(rect), theme.R_TILE, theme.color("panel"))

    def event(self, event: QEvent) -> bool:
        """Tell the number under the cursor."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.index_at(event.pos())
            text = ""
            if index is not None and self._vector is not None:
                text = tr(
                    "number {index}: {value}",
                    index=index,
                    value=fmt.significant(float(self._vector[index])),
                )
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


def _painted(vector: FloatArray, columns: int) -> QImage:
    """Return one pixel a number; the rest of the last row is clear."""
    rows = math.ceil(len(vector) / columns)
    cells = np.zeros(rows * columns, np.float32)
    cells[: len(vector)] = vector
    signed = float(vector.min()) < 0
    low, high = render.display_range(vector, signed=signed, fine=True)
    grid = cells.reshape(rows, columns)
    colours = render.apply_colormap(grid, diverging() if signed else "viridis", low, high)
    filled = (np.arange(rows * columns) < len(vector)).reshape(rows, columns)
    alpha = np.where(filled, 255, 0).astype(np.uint8)
    return to_qimage(np.dstack((colours[..., :3], alpha)))
