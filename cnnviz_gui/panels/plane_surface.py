"""The loss over the plane as a surface in space, which the hand turns."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core import render
from cnnviz_gui.core.plane_picture import loss_range
from cnnviz_gui.core.plane_results import PlaneResult
from cnnviz_gui.core.plane_words import fitting
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.plane_floor import FOOT, HEAD, MARGIN, Axis, Floor
from cnnviz_gui.panels.plane_paint import Marks
from cnnviz_gui.panels.plane_plots import Axes
from cnnviz_gui.texts import tr

_Floats = NDArray[np.float64]
_Place = Callable[[_Floats], list[QPointF]]
_SPARSE = 8
"""Every eighth point of the drawing is a corner of a facet."""
_HIGH = 1.2
"""Height of the greatest loss above the least, where each side of the plane is 2 long."""
_ROUND = 2.84
"""From corner to corner of the floor."""
_YAW, _PITCH = -35.0, 32.0
_LOWEST, _STEEPEST = 5.0, 85.0
_TURN = 0.4
"""Degrees to a pixel."""
_KEY = 10.0
_DARKEST = 0.72
"""Of a facet that is turned away from the light."""
_LIGHT = np.array([-0.5, -0.3, 0.8])


@dataclass(frozen=True, slots=True)
class View:
    """From where the surface is seen: degrees around it and above it."""

    yaw: float = _YAW
    pitch: float = _PITCH

    def turned(self, right: float, up: float) -> View:
        """Return the view after a turn by degrees, never from below."""
        pitch = min(max(self.pitch + up, _LOWEST), _STEEPEST)
        return View((self.yaw + right + 180) % 360 - 180, pitch)

    def extent(self) -> tuple[float, float]:
        """Return how far above and below the middle of the floor it reaches, however it turns."""
        pitch = math.radians(self.pitch)
        floor = _ROUND / 2 * math.sin(pitch)
        return floor + _HIGH * math.cos(pitch), floor

    def project(self, points: _Floats) -> tuple[_Floats, _Floats]:
        """Return places (N, 2), to the right and down, and how far away each point (N, 3) is."""
        yaw, pitch = math.radians(self.yaw), math.radians(self.pitch)
        x, y, z = points.T
        right = x * math.cos(yaw) - y * math.sin(yaw)
        away = x * math.sin(yaw) + y * math.cos(yaw)
        down = -away * math.sin(pitch) - z * math.cos(pitch)
        return np.stack([right, down], 1), away


class PlaneSurface(QWidget):
    """Facets in the colours of the loss; drag or the arrow keys turn it, 0 turns it back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self.view = View()
        self._result: PlaneResult | None = None
        self._facets: _Facets | None = None
        self._marks: Marks | None = None
        self._colours = "inferno"
        self._axes = Axes(("", ""), (1.0, 1.0))
        self._stale = False
        self._pressed: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        painting.name(self, tr("Loss as a surface"), tr("Drag, or use the arrow keys, to turn it"))
        self.setAccessibleDescription(tr("The arrow keys turn it, 0 turns it back."))
        theme.notifier.changed.connect(self.update)

    def show_loss(
        self,
        marks: Marks,
        colours: str,
        axes: Axes,
        *,
        stale: bool,
    ) -> None:
        """Show the loss of a plane in a colour map, with what is marked on it."""
        if self._facets is None or (self._result, self._colours) != (marks.result, colours):
            self._facets = _facets(marks.result, colours)
        self._marks, self._result = marks, marks.result
        self._colours, self._axes, self._stale = colours, axes, stale
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to turn it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn it with the hand."""
        if self._pressed is not None:
            moved = event.position() - self._pressed
            self._pressed = event.position()
            self._turn(moved.x() * _TURN, moved.y() * _TURN)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let it be."""
        self._pressed = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn it by the arrows."""
        turns = {
            Qt.Key.Key_Left: (-_KEY, 0.0),
            Qt.Key.Key_Right: (_KEY, 0.0),
            Qt.Key.Key_Up: (0.0, _KEY),
            Qt.Key.Key_Down: (0.0, -_KEY),
        }
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_0:
            self.view = View()
            self.update()
        elif key in turns:
            self._turn(*turns[key])
        else:
            super().keyPressEvent(event)

    def _turn(self, right: float, up: float) -> None:
        self.view = self.view.turned(right, up)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw floor, facets from far to near, path and marks."""
        painter = painting.begin(self)
        painter.fillRect(self.rect(), theme.color("stage"))
        if self._result is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        up, down = self.view.extent()
        wide, tall = self.width() - 2 * MARGIN, self.height() - HEAD - FOOT
        scale = max(1.0, min(wide / _ROUND, tall / (up + down)))
        spare = tall - scale * (up + down)
        middle = QPointF(self.width() / 2, HEAD + spare / 2 + scale * up)

        def place(points: _Floats) -> list[QPointF]:
            flat, _ = self.view.project(points)
            flat = flat * scale + (middle.x(), middle.y())
            return [QPointF(right, down) for right, down in flat.tolist()]

        floor = Floor(painter, place, self.size())
        floor.paint(self._three(self._result), self._nearer(), _HIGH)
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        self._paint_facets(painter, place)
        self._paint_path(painter, place)
        painter.setOpacity(1.0)
        if self.hasFocus():
            painting.ring(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.R_TILE)

    def _three(self, result: PlaneResult) -> tuple[Axis, Axis, Axis]:
        """Return the axes along, across and upwards, with short titles."""
        along, across = (
            Axis(fitting(title, lambda _: False), -end, end)
            for title, end in zip(self._axes.titles, self._axes.ends, strict=True)
        )
        return along, across, Axis("nats", *loss_range(result))

    def _nearer(self) -> tuple[float, float]:
        """Return at which ends of the other axis the first two are towards the eye."""
        _, away = self.view.project(np.array([(0, 1, 0), (1, 0, 0)], dtype=np.float64))
        first, second = np.where(away > 0, -1.0, 1.0).tolist()
        return first, second

    def _paint_facets(self, painter: QPainter, place: _Place) -> None:
        facets = self._facets
        assert facets is not None
        spots = place(facets.corners)
        side = facets.side
        _, away = self.view.project(facets.middles)
        for facet in np.argsort(-away).tolist():
            row, column = divmod(facet, side - 1)
            first = row * side + column
            painter.setPen(facets.pens[facet])
            painter.setBrush(facets.brushes[facet])
            around = (first, first + 1, first + side + 1, first + side)
            painter.drawPolygon(QPolygonF([spots[number] for number in around]))

    def _paint_path(self, painter: QPainter, place: _Place) -> None:
        assert self._marks is not None
        marks, result = self._marks, self._marks.result
        parts = [QPolygonF(place(_on_surface(result, part))) for part in _inside(result)]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for token, width in (("window", 4.0), ("text1", 2.0)):
            painter.setPen(QPen(theme.color(token), width))
            for part in parts:
                painter.drawPolyline(part)
        for point, token in _spots(marks):
            spot = place(_on_surface(result, point[np.newaxis]))[0]
            painting.dot(painter, spot, 13, theme.color("window"))
            painting.dot(painter, spot, 9, theme.color(token))


@dataclass(frozen=True, slots=True, eq=False)
class _Facets:
    """The surface as it is from wherever it is seen."""

    side: int
    """Corners along a side of the plane."""
    corners: _Floats
    """(side * side, 3), row by row."""
    middles: _Floats
    """Of the facets, ((side - 1) ** 2, 3)."""
    pens: list[QPen]
    brushes: list[QBrush]


def _facets(result: PlaneResult, colours: str) -> _Facets:
    """Return the facets of a plane in a colour map, lit."""
    corners = _corners(result)
    one, other = corners[:-1, 1:] - corners[:-1, :-1], corners[1:, :-1] - corners[:-1, :-1]
    normal = np.cross(one, other)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    light = _DARKEST + (1 - _DARKEST) * np.clip(normal @ _LIGHT, 0, 1)
    middles = (corners[:-1, :-1] + corners[1:, 1:]) / 2
    painted = render.apply_colormap(middles[..., 2] / _HIGH, colours, 0.0, 1.0)
    lit = (painted * light[..., np.newaxis]).astype(np.uint8).reshape(-1, 3).tolist()
    shades = [QColor(*shade) for shade in lit]
    return _Facets(
        side=len(corners),
        corners=corners.reshape(-1, 3),
        middles=middles.reshape(-1, 3),
        pens=[QPen(shade, 0.7) for shade in shades],  # over the seams between facets
        brushes=[QBrush(shade) for shade in shades],
    )


def _corners(result: PlaneResult) -> _Floats:
    """Return the corners of the facets, (N, N, 3)."""
    low, high = loss_range(result)
    loss = result.drawing.loss[::_SPARSE, ::_SPARSE].astype(np.float64)
    line = np.linspace(-1, 1, len(loss))
    columns, rows = np.meshgrid(line, line)
    return np.stack([columns, rows, _HIGH * (loss - low) / (high - low)], 2)


def _inside(result: PlaneResult) -> list[_Floats]:
    """Return the parts of the attack's path that lie on the plane, (M, 2) each."""
    reach, parts = result.reach, list[list[_Floats]]()
    path = result.path.astype(np.float64)
    whole = False
    for start, stop in itertools.pairwise(path):
        first, last, step = 0.0, 1.0, stop - start
        for at, move in zip(start.tolist(), step.tolist(), strict=True):
            if move:
                low, high = sorted(((-reach - at) / move, (reach - at) / move))
                first, last = max(first, low), min(last, high)
            elif abs(at) > reach:
                last = -1.0
        if first < last:
            if not whole:
                parts.append([start + first * step])
            parts[-1].append(start + last * step)
        whole = first < last == 1
    return [np.stack(part) for part in parts]


def _spots(marks: Marks) -> list[tuple[_Floats, str]]:
    """Return the ends of the path and the point chosen, with their colours, if on the plane."""
    path = marks.result.path.astype(np.float64)
    spots = [(path[0], "clean"), (path[-1], marks.end)]
    if marks.point is not None:
        spots.append((np.array(marks.point), "accent"))
    return [spot for spot in spots if np.abs(spot[0]).max() <= marks.result.reach]


def _on_surface(result: PlaneResult, line: _Floats) -> _Floats:
    """Return points (a, b) of the plane with the height of the loss there, (M, 3)."""
    low, high = loss_range(result)
    last = len(result.drawing.loss) - 1
    shares = np.clip(line / result.reach, -1, 1)  # but for rounding they are inside
    columns, rows = np.round((shares.T + 1) / 2 * last).astype(int)
    height = _HIGH * (result.drawing.loss[rows, columns] - low) / (high - low)
    return np.concatenate([shares, height[:, np.newaxis]], 1)
