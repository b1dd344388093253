"""How a matrix of weights is painted: its cells, its numbers, the counts along its edges."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.layers.matrix_frame import MatrixFrame
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.layer_results import LayerFilters

_LEFT, _BELOW = 56, 34
"""Room for the numbers along the edges and the titles beyond them."""
_TITLE = 16
_ROW_APART, _COLUMN_APART = 24, 56


def inside(rect: QRect) -> QRectF:
    """Return what the counts along the edges leave for the cells."""
    wide, high = rect.width() - _LEFT - 2, rect.height() - _BELOW - 4
    return QRectF(_LEFT, 2, max(1, wide), max(1, high))


def picture(known: LayerFilters) -> QImage:
    """Return a matrix or a part of one as a picture, a pixel a block."""
    assert known.matrix is not None
    bound = known.reach or known.bound or 1.0
    strip = render.tile_strip(known.matrix[None], diverging(), -bound, bound)[0]
    high, wide = strip.shape[:2]
    shared = QImage(strip.data, wide, high, 4 * wide, QImage.Format.Format_RGBX8888)
    return shared.convertToFormat(QImage.Format.Format_RGB32)  # what is painted fastest; a copy


def cells(painter: QPainter, frame: MatrixFrame, known: LayerFilters, image: QImage) -> None:
    """Draw the blocks in sight; the painter's origin is the corner of the place for the cells."""
    down, by = known.step
    top, left, bottom, right = known.window
    first, start, last, end = frame.visible()
    first, last = max(first, top), min(last, bottom)
    start, end = max(start, left), min(end, right)
    if first >= last or start >= end:
        return
    upper, lower = (first - top) // down, -(-(last - top) // down)
    near, far = (start - left) // by, -(-(end - left) // by)
    wide, high = frame.cell
    x, y = frame.place(top + upper * down, left + near * by)
    target = QRectF(x, y, (far - near) * by * wide, (lower - upper) * down * high)
    painter.save()
    # The last blocks reach beyond the matrix.
    edge = frame.place(bottom, right)
    painter.setClipRect(QRectF(0, 0, *edge), Qt.ClipOperation.IntersectClip)
    shrunk = far - near > target.width() or lower - upper > target.height()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
    painter.drawImage(target, image, QRectF(near, upper, far - near, lower - upper))
    painter.restore()


def numbers(
    painter: QPainter,
    frame: MatrixFrame,
    exact: Callable[[int, int], float | None],
    reach: float,
) -> None:
    """Write the weights into their cells, as far as they are known exactly."""
    painter.setFont(theme.font("tick"))
    wide, high = frame.cell
    top, left, bottom, right = frame.visible()
    decimals = min(4, max(0, 1 - math.floor(math.log10(reach))))
    for row in range(top, bottom):
        for column in range(left, right):
            value = exact(row, column)
            if value is None:
                continue
            # Both ends of a map with a light centre are dark, and of one with a dark centre light.
            strong, light = abs(value) > 0.55 * reach, not theme.current().dark
            painter.setPen(Qt.GlobalColor.white if strong == light else Qt.GlobalColor.black)
            x, y = frame.place(row, column)
            text = f"{value:.{decimals}f}".replace("-", fmt.MINUS)
            painter.drawText(QRectF(x, y, wide, high), Qt.AlignmentFlag.AlignCenter, text)


def axes(
    painter: QPainter,
    frame: MatrixFrame,
    whole: QRect,
    area: QRectF,
    filter_of: Callable[[int], int],
) -> None:
    """Write which filters the rows are, and which inputs the columns."""
    top, left, bottom, right = frame.visible()
    wide, high = frame.cell
    for row in marks(top, bottom, frame.height / high, _ROW_APART / high):
        y = area.top() + frame.place(row + 0.5, 0)[1]
        if area.top() <= y <= area.bottom():
            box = QRect(_TITLE, max(0, round(y) - 8), _LEFT - _TITLE - 6, 16)
            text = fmt.count(filter_of(row))
            painting.text(painter, box, text, "tick", "text3", Qt.AlignmentFlag.AlignRight)
    below = round(area.top() + min(frame.height, frame.place(frame.rows, 0)[1])) + 2
    _titles(painter, area, min(frame.width, frame.place(0, frame.columns)[0]), below)
    for column in marks(left, right, frame.width / wide, _COLUMN_APART / wide):
        x = area.left() + frame.place(0, column + 0.5)[0]
        if area.left() <= x <= area.right():
            near = round(min(x, whole.width() - 28)) - 28
            box = QRect(near, below, 56, 16)
            text = fmt.count(column)
            painting.text(painter, box, text, "tick", "text3", Qt.AlignmentFlag.AlignHCenter)


def _titles(painter: QPainter, area: QRectF, seen: float, below: int) -> None:
    """Name the axes: filters down at the left, inputs across under the numbers."""
    centre = Qt.AlignmentFlag.AlignHCenter
    across = QRect(round(area.left()), below + 16, max(40, round(seen)), _TITLE)
    painting.text(painter, across, tr("inputs"), "tick", "text2", centre)
    tall = round(below - area.top())
    painter.save()
    painter.translate(0, area.top() + tall)
    painter.rotate(-90)
    painting.text(painter, QRect(0, 0, tall, _TITLE), tr("filters"), "tick", "text2", centre)
    painter.restore()


def marks(first: int, last: int, seen: float, apart: float) -> list[int]:
    """Return round numbers from ``first`` to below ``last``, at least so many cells apart."""
    step = next(
        m * 10**power for power in range(12) for m in (1, 2, 5) if m * 10**power >= min(apart, seen)
    )
    return list(range(-(-first // step) * step, last, step))
