"""A small table of numbers as a picture, perhaps with the numbers in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.direction import as_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST = 64
_AIR = 4
"""Least room beside a number in its cell."""


class NumberPicture(QWidget):
    """Cells in colour; one of them can be marked, here and in the pictures beside it."""

    hovered = Signal(object)
    """Row and column under the cursor, or None."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._values: NDArray[np.floating] | None = None
        self._image = QImage()
        self._written: list[list[str]] = []
        self._dark: NDArray[np.bool_] | None = None
        self._widest = 0
        self.written = False
        self.marked: tuple[int, int] | None = None
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self.update)
        self.setAccessibleName(name)
        self.setMouseTracking(True)

    def set_values(
        self, values: NDArray[np.floating] | None, colours: str, low: float, high: float
    ) -> None:
        """Show (h, w) numbers, coloured from ``low`` to ``high``, or nothing."""
        self._values, self.marked = values, None
        if values is None:
            self._image, self._written = QImage(), []
            self.update()
            return
        pixels = render.apply_colormap(values.astype(np.float32), colours, low, high)
        self._image = to_qimage(pixels)
        self._dark = pixels[..., :3] @ np.array([0.299, 0.587, 0.114]) < 140
        self._written = [[fmt.significant(float(n), 2) for n in row] for row in values]
        self._widest = max(painting.width_of(text, "tick") for row in self._written for text in row)
        lines = ("  ".join(row) for row in self._written[:12])
        self.setAccessibleDescription("; ".join(lines) if values.size <= 144 else "")
        self.update()

    def set_written(self, written: bool) -> None:
        """Write the numbers into their cells, or not."""
        if written != self.written:
            self.written = written
            self.update()

    def set_marked(self, cell: tuple[int, int] | None) -> None:
        """Mark a cell, or none."""
        if cell != self.marked:
            self.marked = cell
            self.update()

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while another is being computed."""
        self._dimming.set_stale(stale)

    def sizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(LEAST, LEAST)

    def place(self) -> QRect:
        """Return where the cells are: square ones, in the middle."""
        if self._values is None:
            return QRect()
        rows, columns = self._values.shape
        side = min(self.width() / columns, self.height() / rows)
        wide, high = max(1, int(side * columns)), max(1, int(side * rows))
        return QRect((self.width() - wide) // 2, (self.height() - high) // 2, wide, high)

    def numbers_fit(self) -> bool:
        """Tell whether every number fits into its cell."""
        if self._values is None:
            return False
        rows, columns = self._values.shape
        place = self.place()
        line = painting.width_of("0", "tick") * 2
        return place.width() / columns >= self._widest + _AIR and place.height() / rows >= line

    def cell_at(self, spot: QPoint) -> tuple[int, int] | None:
        """Return the cell at a place of the widget."""
        place = self.place()
        if self._values is None or not place.contains(spot):
            return None
        rows, columns = self._values.shape
        row = (spot.y() - place.y()) * rows // place.height()
        column = (spot.x() - place.x()) * columns // place.width()
        return min(row, rows - 1), min(column, columns - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which cell is under the cursor."""
        self.hovered.emit(self.cell_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that none is."""
        super().leaveEvent(event)
        self.hovered.emit(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells, the numbers and the mark."""
        painter = painting.begin(self)
        place = self.place()
        if place.isEmpty():
            return
        painter.setOpacity(self._dimming.opacity)
        painter.drawImage(place, self._image)
        if self.written:
            self._write(painter)
        painter.setOpacity(1.0)
        ground = theme.color("panel")
        picture_paint.round_corners(painter, QRectF(place), theme.R_TILE, ground)
        if self.marked is not None:
            self._mark(painter, QRectF(self._rect(*self.marked)))

    def _rect(self, row: int, column: int) -> QRect:
        assert self._values is not None
        rows, columns = self._values.shape
        place = self.place()
        left = place.x() + column * place.width() // columns
        top = place.y() + row * place.height() // rows
        right = place.x() + (column + 1) * place.width() // columns
        bottom = place.y() + (row + 1) * place.height() // rows
        return QRect(left, top, right - left, bottom - top)

    def _write(self, painter: QPainter) -> None:
        assert self._dark is not None
        painter.setFont(theme.font("tick"))
        for row, line in enumerate(self._written):
            for column, text in enumerate(line):
                painter.setPen(picture_paint.ink_on(bool(self._dark[row, column])))
                painter.drawText(self._rect(row, column), Qt.AlignmentFlag.AlignCenter, text)

    def _mark(self, painter: QPainter, rect: QRectF) -> None:
        picture_paint.frame_of(painter, rect.adjusted(1, 1, -1, -1))
