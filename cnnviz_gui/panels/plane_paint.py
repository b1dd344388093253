"""How the decision plane looks: classes as colours, confidence as depth, the ball, the path."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from cnnviz_gui.core import render
from cnnviz_gui.core.plane_results import UNKNOWN, PlaneResult
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.image_surface import Over

Rgb = tuple[int, int, int]
_LEAST = 0.25
"""How strong the colour is where the network is not sure at all."""
_TEXT_GAP = 6


def class_picture(
    result: PlaneResult, colours: Mapping[int, Rgb], ground: Rgb
) -> NDArray[np.uint8]:
    """Return uint8 (S, S, 3), the top row at the largest b.

    Where nothing is known yet stands what the next coarser point says.
    """
    classes, confidence = _filled(result.classes), _spread(result.confidence, result.classes)
    picture = np.empty((*classes.shape, 3))
    picture[:] = ground
    for index, colour in colours.items():
        inside = classes == index
        depth = (_LEAST + (1 - _LEAST) * confidence[inside])[:, np.newaxis]
        picture[inside] = (1 - depth) * np.array(ground) + depth * np.array(colour)
    return np.ascontiguousarray(picture.round().astype(np.uint8)[::-1])


def loss_picture(result: PlaneResult, name: str, ground: Rgb) -> NDArray[np.uint8]:
    """Return uint8 (S, S, 3) of the loss, from its least to its greatest; the ground elsewhere."""
    loss = _spread(result.loss, result.classes)
    low, high = float(np.nanmin(loss)), float(np.nanmax(loss))
    picture = render.apply_colormap(loss, name, low, max(high, low + 1e-9))
    picture[np.isnan(loss)] = ground
    return np.ascontiguousarray(picture[::-1])


def marks(
    result: PlaneResult, names: tuple[str, str], end: str, point: tuple[float, float] | None
) -> Over:
    """Return what paints axes, ball, path and the point chosen over a picture of the plane.

    ``end`` is the colour of the class at the path's end.
    """

    def paint(painter: QPainter, rect: QRectF, screen: Callable[[float, float], QPointF]) -> None:
        last = len(result.classes) - 1

        def to(a: float, b: float) -> QPointF:
            column = (a / result.reach + 1) / 2 * last
            row = (1 - b / result.reach) / 2 * last
            return screen(column + 0.5, row + 0.5)

        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _lines(painter, to, result.reach)
        if len(result.ball):
            edge = QPolygonF([to(a, b) for a, b in result.ball.tolist()])
            _outlined(painter, edge, 1.5, closed=True, dashed=True)
        path = [to(a, b) for a, b in result.path.tolist()]
        _outlined(painter, QPolygonF(path), 2.0)
        spots = [(path[0], "clean"), (path[-1], end)]
        spots += [(to(*point), "accent")] if point is not None else []
        for spot, token in spots:
            painting.dot(painter, spot, 13, theme.color("window"))
            painting.dot(painter, spot, 9, theme.color(token))
        _name_axes(painter, rect, names)

    return paint


def _lines(painter: QPainter, to: Callable[[float, float], QPointF], reach: float) -> None:
    line = theme.color("window")
    line.setAlpha(110)
    painter.setPen(QPen(line, 1))
    painter.drawLine(to(-reach, 0), to(reach, 0))
    painter.drawLine(to(0, -reach), to(0, reach))


def _outlined(
    painter: QPainter,
    points: QPolygonF,
    width: float,
    *,
    closed: bool = False,
    dashed: bool = False,
) -> None:
    """Draw a line that is seen on every colour: the ground's below, the text's above."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for token, extra in (("window", 2.0), ("text1", 0.0)):
        pen = QPen(theme.color(token), width + extra)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if dashed and not extra:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        if closed:
            painter.drawPolygon(points)
        else:
            painter.drawPolyline(points)


def _name_axes(painter: QPainter, rect: QRectF, names: tuple[str, str]) -> None:
    painter.setFont(theme.font("caption"))
    metrics = painter.fontMetrics()
    high = metrics.height()
    for text, corner in (
        (f"{names[0]} →", Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom),
        (f"↑ {names[1]}", Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop),
    ):
        room = rect.adjusted(_TEXT_GAP, _TEXT_GAP, -_TEXT_GAP, -_TEXT_GAP)
        wide = min(metrics.horizontalAdvance(text) + 2 * _TEXT_GAP, room.width())
        right = bool(corner & Qt.AlignmentFlag.AlignRight)
        bottom = bool(corner & Qt.AlignmentFlag.AlignBottom)
        box = QRectF(
            room.right() - wide if right else room.left(),
            room.bottom() - high - 2 if bottom else room.top(),
            wide,
            high + 2,
        )
        behind = theme.color("window")
        behind.setAlpha(200)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(behind)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(theme.color("text1"))
        elided = metrics.elidedText(
            text, Qt.TextElideMode.ElideRight, round(box.width()) - 2 * _TEXT_GAP + 1
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, elided)


def _filled(classes: NDArray[np.int32]) -> NDArray[np.int32]:
    return _coarser(classes, classes == UNKNOWN)


def _spread(values: NDArray[np.float32], classes: NDArray[np.int32]) -> NDArray[np.float32]:
    return _coarser(values, classes == UNKNOWN)


def _coarser(values: NDArray, unknown: NDArray[np.bool_]) -> NDArray:
    """Return the values, at what is unknown those of the next coarser grid that is known there."""
    filled, missing = values.copy(), unknown.copy()
    rows, columns = np.indices(values.shape)
    stride = 2
    while missing.any() and stride < len(values):
        corner = rows // stride * stride, columns // stride * stride
        found = missing & ~unknown[corner]
        filled[found] = values[corner][found]
        missing &= ~found
        stride *= 2
    return filled
