"""The axes under the surface of the loss: epsilons along two edges of the floor, nats upwards."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPolygonF, QTransform

from cnnviz_gui.core.plane_words import axis_ticks
from cnnviz_gui.panels import theme

_Floats = NDArray[np.float64]
MARGIN, HEAD, FOOT = 28, 10, 24
"""Room at either side, above and below, for numbers and titles."""
_TICK, _AWAY, _BEYOND = 1.05, 14, 3
"""How far a tick goes, where the edge is at 1; pixels from the edge to the middle of a number, and
from a number to a title."""
_INSET = 6
"""From its sides to what is written: the ring of the focus lies there."""
_APART, _LINE = 30, 15
"""Pixels from one number to the next, at least: along an edge, and upwards."""
_MOST = 5


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis says, and the numbers at its ends."""

    title: str
    low: float
    high: float

    def ticks(self, pixels: float, apart: int) -> list[tuple[float, str]]:
        """Return how far along it numbers stand, in [0, 1], no more than there is room for."""
        marks = axis_ticks(self.low, self.high, min(_MOST, int(pixels // apart)))
        return [((value - self.low) / (self.high - self.low), text) for value, text in marks]


@dataclass(frozen=True, slots=True)
class Floor:
    """Draws the floor, whose sides are 2 long, and the axes at its edges."""

    painter: QPainter
    place: Callable[[_Floats], list[QPointF]]
    """Where points (N, 3) of the space are painted."""
    room: QSize

    def paint(
        self, axes: tuple[Axis, Axis, Axis], nearer: tuple[float, float], high: float
    ) -> None:
        """Draw all of it.

        Parameters
        ----------
        axes
            Along, across, and upwards, where the last is ``high`` long.
        nearer
            -1 or 1: at which end of the second axis the first one is written, and the other way
            round.
        """
        corners = np.array([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], dtype=np.float64)
        flat = self.place(corners)
        self.painter.setPen(QPen(theme.color("text3"), 1))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawPolygon(QPolygonF(flat))
        for number in (0, 1):
            self._edge(number, axes[number], nearer[number])
        left = min(range(4), key=lambda corner: flat[corner].x())
        self._upwards(corners[left], axes[2], high)

    def _edge(self, number: int, axis: Axis, side: float) -> None:
        """Draw ticks and numbers beside an edge, and along it what it is."""

        def spots(share: float, *away: float) -> list[QPointF]:
            points = np.array([(2 * share - 1, side * far, 0.0) for far in away])
            return self.place(points if number == 0 else points[:, [1, 0, 2]])

        first, last = spots(0.0, 1)[0], spots(1.0, 1)[0]
        long = math.hypot(last.x() - first.x(), last.y() - first.y())
        ticks = axis.ticks(long, _APART)
        for share, text in ticks:
            edge, tick = spots(share, 1, _TICK)
            self._tick(edge, tick)
            self._write(edge + _AWAY * _unit(tick - edge), text, "tick")
        middle, tick = spots(0.5, 1, _TICK)
        out, run = _unit(tick - middle), _unit(last - first)
        off = QPointF(-run.y(), run.x())  # square to the edge, on the side of the numbers
        off = off if QPointF.dotProduct(off, out) > 0 else -off
        # Beyond the numbers, whichever of their sides is turned outwards.
        metrics = QFontMetrics(theme.font("tick"))
        wide = max((metrics.horizontalAdvance(text) for _, text in ticks), default=0)
        far = _AWAY * QPointF.dotProduct(off, out) + _BEYOND + metrics.height() / 2
        far += (wide * abs(off.x()) + metrics.height() * abs(off.y())) / 2
        angle = math.degrees(math.atan2(run.y(), run.x()))
        upright = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
        self._write(middle + far * off, axis.title, "caption", angle=upright)

    def _upwards(self, corner: _Floats, axis: Axis, high: float) -> None:
        """Draw the axis at the corner that is furthest to the left, which nothing hides."""
        foot, head = self.place(np.array([corner, corner + np.array((0, 0, high))]))
        self._tick(foot, head)
        for share, text in axis.ticks(foot.y() - head.y(), _LINE):
            at = foot + share * (head - foot)
            self._tick(at - QPointF(4, 0), at)
            self._write(at - QPointF(7, 0), text, "tick", Qt.AlignmentFlag.AlignRight)
        self._write(head - QPointF(0, 16), axis.title, "caption", Qt.AlignmentFlag.AlignRight)

    def _tick(self, start: QPointF, stop: QPointF) -> None:
        self.painter.setPen(QPen(theme.color("text3"), 1))
        self.painter.drawLine(start, stop)

    def _write(
        self,
        at: QPointF,
        text: str,
        role: theme.FontRole,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignHCenter,
        angle: float = 0.0,
    ) -> None:
        """Write a line round a point, turned by degrees, or up to it, never beyond the picture."""
        self.painter.setFont(theme.font(role))
        self.painter.setPen(theme.color("text2"))
        metrics = self.painter.fontMetrics()
        wide, tall = metrics.horizontalAdvance(text) + 2, metrics.height()
        turn = QTransform().rotate(angle)
        box = QRectF(-wide / 2, -tall / 2, wide, tall)
        half = turn.mapRect(box).bottomRight()
        x = at.x() - (half.x() if align == Qt.AlignmentFlag.AlignRight else 0)
        x = max(min(x, self.room.width() - _INSET - half.x()), _INSET + half.x())
        y = max(min(at.y(), self.room.height() - half.y()), half.y())
        self.painter.save()
        self.painter.translate(x, y)
        self.painter.rotate(angle)
        self.painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        self.painter.restore()


def _unit(way: QPointF) -> QPointF:
    """Return a way made one pixel long, unless it is shorter."""
    return way / max(1.0, math.hypot(way.x(), way.y()))
