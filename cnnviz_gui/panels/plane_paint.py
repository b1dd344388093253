"""How the decision plane looks: regions and borders, confidence as depth, the ball, the path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from cnnviz_gui.core.plane_results import PlaneResult
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.convert import from_qimage, to_qimage

_BORDER, _CONTOUR = 1.6, 1.0
_NAME_GAP = 5
_ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
"""Of a path that is written down: 0 begins a line, 1 goes on with it."""
_ENLARGED, _SHARP = 2, 2
"""Of a picture that is saved: as large as on a screen, and as sharp as on a good one."""


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What is drawn over a picture of the plane."""

    result: PlaneResult
    lines: QPainterPath
    """In pixels of the picture."""
    names: Mapping[int, str]
    """Of the regions; none over the loss."""
    end: str
    """Colour of the class at the path's end."""
    point: tuple[float, float] | None
    """That was chosen."""

    def paint(
        self, painter: QPainter, rect: QRectF, screen: Callable[[float, float], QPointF]
    ) -> None:
        """Paint lines, names, axes, ball, path and the point chosen; see ``ImageSurface``."""
        result = self.result
        last = len(result.drawing.classes) - 1

        def to(a: float, b: float) -> QPointF:
            column = (a / result.reach + 1) / 2 * last
            row = (1 - b / result.reach) / 2 * last
            return screen(column + 0.5, row + 0.5)

        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _axes(painter, to, result.reach)
        corner, inner = screen(0, 0), screen(1, 1)
        scale = inner - corner
        shape = QTransform(scale.x(), 0, 0, scale.y(), corner.x(), corner.y()).map(self.lines)
        if self.names:
            _lined(painter, shape, "text1", _BORDER)
        else:
            _lined(painter, shape, "window", _CONTOUR + 1.5)
            _lined(painter, shape, "text1", _CONTOUR)
        if len(result.ball):
            edge = QPolygonF([to(a, b) for a, b in result.ball.tolist()])
            _outlined(painter, edge, 1.5, closed=True, dashed=True)
        path = [to(a, b) for a, b in result.path.tolist()]
        _outlined(painter, QPolygonF(path), 2.0)
        for spot in result.drawing.spots if self.names else ():
            middle, edge = (
                to(spot.along, spot.across),
                to(spot.along + spot.wide, spot.across - spot.high),
            )
            _named(painter, self.names.get(spot.index, ""), middle, edge - middle)
        spots = [(path[0], "clean"), (path[-1], self.end)]
        spots += [(to(*self.point), "accent")] if self.point is not None else []
        for spot, token in spots:
            painting.dot(painter, spot, 13, theme.color("window"))
            painting.dot(painter, spot, 9, theme.color(token))


def marked(picture: NDArray[np.uint8], marks: Marks) -> NDArray[np.uint8]:
    """Return a picture (F, F, 3) of a plane with its marks, uint8 (4 F, 4 F, 3)."""
    whole = to_qimage(picture)
    sharp = QImage(whole.size() * _ENLARGED * _SHARP, QImage.Format.Format_RGB888)
    sharp.setDevicePixelRatio(_SHARP)
    rect = QRectF(0, 0, whole.width() * _ENLARGED, whole.height() * _ENLARGED)
    painter = QPainter(sharp)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(rect, whole)
    marks.paint(painter, rect, lambda x, y: QPointF(x * _ENLARGED, y * _ENLARGED))
    painter.end()
    return from_qimage(sharp)


def lines(result: PlaneResult, line: NDArray[np.float32]) -> QPainterPath:
    """Return borders or contours of a drawing in the pixels of its picture."""
    last = len(result.drawing.classes) - 1
    columns, rows = (
        (1 + sign * line[:, axis] / result.reach) / 2 * last + 0.5
        for axis, sign in ((0, 1), (1, -1))
    )
    drawn = ~np.isnan(columns)  # NaN between one line and the next
    elements = np.zeros(np.count_nonzero(drawn), _ELEMENT)
    elements["kind"] = np.concatenate([[False], drawn])[:-1][drawn]
    elements["x"], elements["y"] = columns[drawn], rows[drawn]
    # As Qt writes a path: read in one go, a fifth of the time that its points take one by one.
    # The stream does not keep the bytes; they outlive it here.
    written = QByteArray(len(elements).to_bytes(4, "big") + elements.tobytes() + bytes(8))
    stream, path = QDataStream(written, QIODevice.OpenModeFlag.ReadOnly), QPainterPath()
    stream >> path
    return path


def _axes(painter: QPainter, to: Callable[[float, float], QPointF], reach: float) -> None:
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


def _lined(painter: QPainter, shape: QPainterPath, token: str, width: float) -> None:
    pen = QPen(theme.color(token), width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(shape)


def _named(painter: QPainter, name: str, middle: QPointF, room: QPointF) -> None:
    """Write the name of a region, if there is room for it to both sides of a place."""
    painter.setFont(theme.font("caption"))
    metrics = painter.fontMetrics()
    wide, high = metrics.horizontalAdvance(name) + 2 * _NAME_GAP, metrics.height() + 2
    if not name or wide > 2 * room.x() or high > 2 * room.y():
        return
    box = QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high)
    behind = theme.color("window")
    behind.setAlpha(190)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(behind)
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(theme.color("text1"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
