"""Where the names of the curves stand in the plot over epsilon: beside them, and on no line."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetrics

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.curve_layout import Curves, PlotArea

Labels = dict[str, QRectF]
Floats = NDArray[np.float64]

_UNREADABLE = 5000.0
_ON_FLIP = 2000.0
_ON_LINE = 400.0
"""What it costs to lie on another name, on the mark of the flip, on a line of a curve."""
_MOVED = 15.0
"""What it costs to go elsewhere: names do not wander while points come."""
_CLEARLY = 30.0
"""Pixels by which a name is nearer to its curve than to others, if there is room."""
_ASIDE, _ABOVE = 4, 2
"""Pixels between a name and a line, as far as it is clear of it."""
_ANCHORS, _MEASURED = 12, 12
"""Pixels along a curve between points beside which a place is tried, or that are measured to."""
_ACROSS, _DOWN = 24.0, 6.0
"""Pixels between places that are tried all over the plot: early, curves are short."""


def place_labels(
    area: PlotArea, curves: Curves, flip: float | None, before: Mapping[str, QRectF]
) -> Labels:
    """Find for each curve's name a place beside the curve that no line crosses, if there is one.

    ``before`` are places that names have: one stays unless another place is much better.
    """
    lines = {name: _along(area, curves, name) for name in curves.values}
    total = _counted(area, np.concatenate([np.zeros((0, 2)), *lines.values()]))
    placed: Labels = {}
    for index, name in enumerate(curves.values):
        metrics = QFontMetrics(label_font(index))
        size = (metrics.horizontalAdvance(name) + 4, metrics.height() + 2)
        places = _candidates(area, lines[name], size, before.get(name))
        if places.size:
            others = [points for other, points in lines.items() if other != name]
            costs = _costs(places, lines[name], others, area)
            crossed = _crossed(places, total)
            costs += _ON_LINE * (crossed > 0) + 5.0 * crossed
            costs += _ON_FLIP * _meeting_line(places, area, flip)
            costs += _UNREADABLE * _meeting(places, list(placed.values()))
            there = before.get(name)
            if there is not None:
                costs += _MOVED * (places != there.getRect()).any(1)
            best = int(np.argmin(costs))
            if costs[best] < _UNREADABLE:  # else it would lie on another name
                placed[name] = QRectF(*places[best])
    return placed


def strong_caption() -> QFont:
    """Return the font of what is told of the two curves that matter."""
    font = theme.font("caption")
    font.setWeight(QFont.Weight.DemiBold)
    return font


def label_font(index: int) -> QFont:
    """Return the font of the name of the first, second or any further curve."""
    return strong_caption() if index < 2 else theme.font("caption")


def _along(area: PlotArea, curves: Curves, name: str) -> Floats:
    """Return points along a curve as it is drawn, a pixel apart however steep it is, (M, 2)."""
    pieces = []
    for epsilons, values in curves.runs(name):
        x = area.rect.left() + epsilons / area.maximum * area.rect.width()
        y = area.rect.bottom() - values * area.rect.height()
        way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
        even = np.linspace(0.0, way[-1], int(way[-1]) + 1)
        pieces.append(np.stack([np.interp(even, way, x), np.interp(even, way, y)], 1))
    return np.concatenate(pieces) if pieces else np.zeros((0, 2))


def _candidates(
    area: PlotArea, points: Floats, size: tuple[int, int], before: QRectF | None
) -> Floats:
    """Return places beside a curve, all over the plot, and the one before.

    (K, 4), left, top, width, height.
    """
    if not points.size:
        return np.zeros((0, 4))
    width, height = size
    sides = (8, -width - 8, -width // 2)
    rows = (-height - 4, 4, -height // 2, -2 * height - 8, height + 8)
    shifts = np.array([(across, down) for down in rows for across in sides])
    corners = (points[::_ANCHORS, np.newaxis] + shifts).reshape(-1, 2)
    inside = area.rect.adjusted(2, 2, -2 - width, -2 - height)
    across = np.arange(inside.left(), inside.right(), _ACROSS)
    grid = np.stack(np.meshgrid(across, np.arange(inside.top(), inside.bottom(), _DOWN)), -1)
    kept = np.array([] if before is None else [(before.left(), before.top())]).reshape(-1, 2)
    corners = np.concatenate([corners, grid.reshape(-1, 2), kept])
    x, y = corners.T
    fits = (x >= inside.left()) & (x <= inside.right())
    fits &= (y >= inside.top()) & (y <= inside.bottom())
    return np.column_stack([corners[fits], np.full((int(fits.sum()), 2), size)])


def _costs(places: Floats, own: Floats, others: list[Floats], area: PlotArea) -> Floats:
    """Return how bad places are that no line crosses: far from the curve, nearer to another."""
    mine = _gaps(places, own)
    costs = mine.copy()
    for points in others:
        if points.size:
            costs += np.maximum(0.0, _CLEARLY + mine - _gaps(places, points))
    # All else equal: at half height, where a curve tells most, and on the left.
    share = (places[:, 1] + places[:, 3] / 2 - area.rect.top()) / area.rect.height()
    costs += 12.0 * np.abs(share - 0.45) + 4.0 * places[:, 0] / area.width
    return costs


def _gaps(places: Floats, points: Floats) -> Floats:
    """Return how many pixels lie between places and a curve, (K,)."""
    x, y, width, height = (column[:, np.newaxis] for column in places.T)
    across, down = (points[::_MEASURED, axis] for axis in (0, 1))
    beside = np.maximum(np.maximum(x - across, across - x - width), 0.0)
    apart = np.maximum(np.maximum(y - down, down - y - height), 0.0)
    gaps: Floats = np.hypot(beside, apart).min(1)
    return gaps


def _counted(area: PlotArea, points: Floats) -> NDArray[np.int64]:
    """Return how many points lie above and left of each pixel of the card."""
    ground = np.zeros((area.height + 1, area.width + 1), np.int64)
    x, y = np.floor(points).astype(int).T + 1
    np.add.at(ground, (np.clip(y, 0, area.height), np.clip(x, 0, area.width)), 1)
    return ground.cumsum(0).cumsum(1)


def _crossed(places: Floats, total: NDArray[np.int64]) -> Floats:
    """Return how many points of curves lie in each place, or too near to it."""
    x, y, width, height = places.T
    bottom, right = total.shape[0] - 1, total.shape[1] - 1
    x0, x1 = (np.clip(at, 0, right).astype(int) for at in (x - _ASIDE, x + width + _ASIDE))
    y0, y1 = (np.clip(at, 0, bottom).astype(int) for at in (y - _ABOVE, y + height + _ABOVE))
    inside = total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0]
    return inside.astype(float)


def _meeting_line(places: Floats, area: PlotArea, flip: float | None) -> Floats:
    """Return 1 for places that the flip mark crosses."""
    if flip is None:
        return np.zeros(len(places))
    at = area.x(flip)
    return ((places[:, 0] - 5 < at) & (at < places[:, 0] + places[:, 2] + 5)).astype(float)


def _meeting(places: Floats, taken: list[QRectF]) -> Floats:
    """Return 1 for places that meet a label already placed."""
    meets = np.zeros(len(places), dtype=bool)
    x, y, width, height = places.T
    for label in taken:
        across = (x < label.right() + 4) & (x + width > label.left() - 4)
        meets |= across & (y < label.bottom() + 2) & (y + height > label.top() - 2)
    return meets.astype(float)
