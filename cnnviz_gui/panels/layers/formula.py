"""Patch times kernel, cell by cell, for one input channel."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.layers.number_picture import LEAST, NumberPicture
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.state import cell_view
from cnnviz_gui.state.cell_view import ShownCell

_PARTS = ("patch", "kernel", "product")
_SIGNS = (fmt.TIMES, "=")
_BETWEEN = 16
_LINE = 16
_KEY = 4
"""Height of the bar of colours below a picture."""
_CAPTION = 2 * _LINE + _KEY + 2
_Scale = tuple[str, float, float]
"""Colour map, the number at its low end, the number at its high end."""


class Formula(QWidget):
    """Three pictures with their signs; the cell under the cursor is marked in all of them.

    Each picture has one scale for all input channels, so that they can be compared. Patch, kernel
    and product differ too much in size to share one: each has its key below.

    Parameters
    ----------
    most
        Largest side of a picture.
    """

    told = Signal(str)
    """The product under the cursor in words, empty where there is none."""

    def __init__(self, most: int = 118, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._shown: ShownCell | None = None
        self._place = 0
        self._most = most
        self._scales: tuple[_Scale, ...] = ()
        self._keys: list[QImage] = []
        self.pictures = tuple(NumberPicture(part.capitalize(), self) for part in _PARTS)
        for picture in self.pictures:
            picture.hovered.connect(self._on_hovered)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_channel(self, shown: ShownCell, place: int) -> None:
        """Show one input channel of the patch."""
        self._shown, self._place = shown, place
        result, signed = shown.result, diverging()
        low, high = min(float(result.patch.min()), 0.0), max(float(result.patch.max()), 0.0)
        bound = max(high, -low)
        bounds = [float(abs(part).max()) for part in (result.kernel, shown.products)]
        scales: tuple[_Scale, ...] = (
            (signed, -bound, bound) if low < 0 else ("viridis", 0.0, high),
            *((signed, -most, most) for most in bounds),
        )
        parts = (result.patch, result.kernel, shown.products)
        for picture, values, scale in zip(self.pictures, parts, scales, strict=True):
            picture.set_values(values[place], *scale)
        if scales != self._scales:
            self._scales, self._keys = scales, [_key(name) for name, _, _ in scales]
            self.update()
        for picture in self.pictures:
            picture.set_stale(not shown.current)
        self._write()

    def _write(self) -> None:
        """Write the numbers into all pictures or into none."""
        fit = all(picture.numbers_fit() for picture in self.pictures)
        for picture in self.pictures:
            picture.set_written(fit)

    def sizeHint(self) -> QSize:
        """Return room for three large pictures."""
        return QSize(3 * self._most + 2 * _BETWEEN, self._most + _CAPTION)

    def minimumSizeHint(self) -> QSize:
        """Return room for three small pictures."""
        return QSize(3 * LEAST + 2 * _BETWEEN, LEAST + _CAPTION)

    def heightForWidth(self, width: int) -> int:
        """Return the height of three pictures that fill a width."""
        return self._side(width) + _CAPTION

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the pictures."""
        super().resizeEvent(event)
        for number, picture in enumerate(self.pictures):
            picture.setGeometry(self._square(number))
        self._write()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the signs and the words below."""
        painter = painting.begin(self)
        middle = Qt.AlignmentFlag.AlignHCenter
        for number, part in enumerate(_PARTS):
            square = self._square(number)
            below = QRect(square.x(), square.bottom() + 1, square.width(), _LINE)
            painting.text(painter, below, part, "tick", "text3", middle)
            if self._scales:
                self._paint_key(painter, number, below.translated(0, _LINE))
            if number:
                left = QRect(square.x() - _BETWEEN, 0, _BETWEEN, square.height())
                painting.text(painter, left, _SIGNS[number - 1], "body", "text2", middle)

    def _paint_key(self, painter: QPainter, number: int, place: QRect) -> None:
        """Draw the colours of a picture from end to end, with the numbers at the ends."""
        bar = QRect(place.x(), place.y() + 1, place.width(), _KEY)
        painter.drawImage(bar, self._keys[number])
        line = QRect(place.x(), bar.bottom() + 2, place.width(), _LINE)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        for end, side in zip(self.ends(number), (left, right), strict=True):
            painting.text(painter, line, end, "tick", "text3", side)

    def ends(self, number: int) -> tuple[str, str]:
        """Return the numbers at the ends of the scale of a picture."""
        _, low, high = self._scales[number]
        return fmt.significant(low, 2), fmt.significant(high, 2)

    def _side(self, width: int) -> int:
        return min(self._most, max(LEAST, (width - 2 * _BETWEEN) // 3))

    def _square(self, number: int) -> QRect:
        side = self._side(self.width())
        left = (self.width() - 3 * side - 2 * _BETWEEN) // 2
        return QRect(left + number * (side + _BETWEEN), 0, side, side)

    @Slot(object)
    def _on_hovered(self, cell: tuple[int, int] | None) -> None:
        for picture in self.pictures:
            picture.set_marked(cell)
        shown = self._shown
        if shown is None or cell is None:
            self.told.emit("")
        else:
            self.told.emit(cell_view.product(shown, self._place, *cell))


def _key(colours: str) -> QImage:
    ramp = np.linspace(0, 1, 128, dtype=np.float32)[None]
    return to_qimage(render.apply_colormap(ramp, colours, 0.0, 1.0))
