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
Pieces = list[tuple[Floats, Floats]]

_UNREADABLE = 5000.0
_ON_FLIP = 2000.0
_ON_LINE, _EACH_LINE = 400.0, 60.0
"""What it costs to lie on another name, on the mark of the flip, on lines of curves."""
_MOVED = 15.0
"""What it costs to go elsewhere: names do not wander while points come."""
_CLEARLY = 30.0
"""Pixels by which a name is nearer to its curve than to others, if there is room."""
_ASIDE, _ABOVE = 4, 2
"""Pixels between a name and a line, as far as it is clear of it."""
_ANCHORS, _MEASURED, _APART = 12, 32, 6
"""Points of a curve beside which places are tried, and that are measured to: about so many at
most, and so many pixels apart at least."""
_COLUMNS = 360
"""Columns of the plot; of each is known between which heights a curve runs there."""
_ACROSS, _DOWN = (12, 24.0), (20, 6.0)
"""Places tried all over the plot: so many at most, and so many pixels apart at least."""


def place_labels(
    area: PlotArea, curves: Curves, flip: float | None, before: Mapping[str, QRectF]
) -> Labels:
    """Find for each curve's name a place beside the curve that no line crosses, if there is one.

    ``before`` are places that names have: one stays unless another place is much better. How
    many places are tried does not grow with the plot, for the window waits meanwhile.
    """
    drawn = {name: _drawn(area, curves, name) for name in curves.values}
    lines = {name: _along(pieces) for name, pieces in drawn.items() if pieces}
    columns = _columns(area, list(drawn.values()))
    placed: Labels = {}
    for index, name in enumerate(curves.values):
        if name not in lines:
            continue
        metrics = QFontMetrics(label_font(index))
        size = (metrics.horizontalAdvance(name) + 4, metrics.height() + 2)
        spans = _spans(area, columns, size[0])
        there = before.get(name)
        beside = _beside(area, lines[name], size)
        places = np.concatenate([beside, _kept(area, there, size)])
        faults = _faults(places, area, spans, flip, placed)
        if not (faults[: len(beside)] == 0).any():
            more = _all_over(area, size)
            places = np.concatenate([places, more])
            faults = np.concatenate([faults, _faults(more, area, spans, flip, placed)])
        least = faults.min(initial=_UNREADABLE)
        if least < _UNREADABLE:  # else it would lie on another name
            places = places[faults == least]
            own = list(lines).index(name)
            costs = _costs(places, _gaps(places, list(lines.values())), own, area)
            if there is not None:
                costs += _MOVED * (places != there.getRect()).any(1)
            placed[name] = QRectF(*places[np.argmin(costs)])
    return placed


def strong_caption() -> QFont:
    """Return the font of what is told of the two curves that matter."""
    font = theme.font("caption")
    font.setWeight(QFont.Weight.DemiBold)
    return font


def label_font(index: int) -> QFont:
    """Return the font of the name of the first, second or any further curve."""
    return strong_caption() if index < 2 else theme.font("caption")


def _drawn(area: PlotArea, curves: Curves, name: str) -> Pieces:
    """Return the corners of a curve as it is drawn: x and y of each piece without gaps."""
    rect = area.rect
    return [
        (
            rect.left() + epsilons / area.maximum * rect.width(),
            rect.bottom() - values * rect.height(),
        )
        for epsilons, values in curves.runs(name)
    ]


def _along(pieces: Pieces) -> Floats:
    """Return points evenly along a curve as it is drawn, however steep it is, (M, 2)."""
    ways = [
        np.cumsum(np.hypot(np.diff(x, prepend=x[0]), np.diff(y, prepend=y[0]))) for x, y in pieces
    ]
    step = max(_APART, sum(way[-1] for way in ways) / _MEASURED)
    points = [np.zeros((0, 2))]
    for (x, y), way in zip(pieces, ways, strict=True):
        even = np.linspace(0.0, way[-1], int(way[-1] / step) + 1)
        points.append(np.stack([np.interp(even, way, x), np.interp(even, way, y)], 1))
    return np.concatenate(points)


def _columns(area: PlotArea, drawn: list[Pieces]) -> Floats:
    """Return the highest and lowest y of each curve in each column of the plot, (2, N, C).

    Infinite where a curve is not, the highest downwards: nothing lies between them.
    """
    rect, count = area.rect, len(drawn)
    edges = np.linspace(rect.left(), rect.right(), _COLUMNS + 1)
    spans = np.stack([np.full((count, _COLUMNS), np.inf), np.full((count, _COLUMNS), -np.inf)])
    for index, pieces in enumerate(drawn):
        highest, lowest = spans[:, index]
        for x, y in pieces:
            at = np.interp(edges, x, y, np.nan, np.nan)
            np.fmin(highest, np.fmin(at[1:], at[:-1]), out=highest)
            np.fmax(lowest, np.fmax(at[1:], at[:-1]), out=lowest)
            # A corner may stand out from what the edges on either side say.
            column = np.floor((x - rect.left()) / rect.width() * _COLUMNS).astype(int)
            inside = (column >= 0) & (column < _COLUMNS)
            np.minimum.at(highest, column[inside], y[inside])
            np.maximum.at(lowest, column[inside], y[inside])
    return spans


def _spans(area: PlotArea, columns: Floats, width: int) -> Floats:
    """Return the same of what a place so wide covers from each column on, (2, N, S)."""
    covered = int((width + 2 * _ASIDE) / area.rect.width() * _COLUMNS) + 2
    covered = min(covered, _COLUMNS)
    highest, lowest, so_far = columns[0], columns[1], 1
    while so_far < covered:  # of two neighbours that are known, each twice as wide is found
        on = min(so_far, covered - so_far)
        highest = np.minimum(highest[:, :-on], highest[:, on:])
        lowest = np.maximum(lowest[:, :-on], lowest[:, on:])
        so_far += on
    return np.stack([highest, lowest])


def _beside(area: PlotArea, points: Floats, size: tuple[int, int]) -> Floats:
    """Return places beside a curve, (K, 4): left, top, width, height."""
    width, height = size
    sides = (8, -width - 8, -width // 2)
    rows = (-height - 4, 4, -height // 2, -2 * height - 8, height + 8)
    shifts = np.array([(across, down) for down in rows for across in sides])
    anchors = points[:: -(-len(points) // _ANCHORS)]
    return _fitting(area, (anchors[:, np.newaxis] + shifts).reshape(-1, 2), size)


def _all_over(area: PlotArea, size: tuple[int, int]) -> Floats:
    """Return places all over the plot, (K, 4): early, curves are short."""
    rect = area.rect.adjusted(2, 2, -2 - size[0], -2 - size[1])
    across = np.arange(rect.left(), rect.right(), max(_ACROSS[1], rect.width() / _ACROSS[0]))
    down = np.arange(rect.top(), rect.bottom(), max(_DOWN[1], rect.height() / _DOWN[0]))
    return _fitting(area, np.stack(np.meshgrid(across, down), -1).reshape(-1, 2), size)


def _kept(area: PlotArea, before: QRectF | None, size: tuple[int, int]) -> Floats:
    """Return the place a name has, (1, 4), or none, (0, 4)."""
    corners = [] if before is None else [(before.left(), before.top())]
    return _fitting(area, np.array(corners).reshape(-1, 2), size)


def _fitting(area: PlotArea, corners: Floats, size: tuple[int, int]) -> Floats:
    """Return the places that start at these corners and lie in the plot, (K, 4)."""
    inside = area.rect.adjusted(2, 2, -2 - size[0], -2 - size[1])
    x, y = corners.T
    fits = (x >= inside.left()) & (x <= inside.right())
    fits &= (y >= inside.top()) & (y <= inside.bottom())
    places = np.empty((int(fits.sum()), 4))
    places[:, :2], places[:, 2:] = corners[fits], size
    return places


def _faults(
    places: Floats, area: PlotArea, spans: Floats, flip: float | None, placed: Labels
) -> Floats:
    """Return how much stands in the way of each place, (K,), 0 where it is free."""
    crossed = _crossed(places, area, spans)
    faults = _ON_LINE * (crossed > 0) + _EACH_LINE * crossed
    faults += _ON_FLIP * _meeting_line(places, area, flip)
    faults += _UNREADABLE * _meeting(places, list(placed.values()))
    return faults


def _crossed(places: Floats, area: PlotArea, spans: Floats) -> Floats:
    """Return how many curves pass through each place, or too near to it, (K,)."""
    x, y, _, height = places.T
    start = (x - _ASIDE - area.rect.left()) / area.rect.width() * _COLUMNS
    highest, lowest = spans.take(np.clip(start, 0, spans.shape[2] - 1).astype(int), 2)
    # A curve that runs from above a place to below it passes through it.
    crossed = (highest < y + height + _ABOVE) & (lowest > y - _ABOVE)
    return crossed.sum(0).astype(float)


def _costs(places: Floats, gaps: Floats, own: int, area: PlotArea) -> Floats:
    """Return how bad places are that are equally free: far from the curve, nearer to another."""
    mine = gaps[:, own]
    nearer = np.maximum(0.0, _CLEARLY + mine[:, np.newaxis] - gaps)
    costs = mine + nearer.sum(1) - _CLEARLY  # to itself it is as near as it is
    # All else equal: at half height, where a curve tells most, and on the left.
    share = (places[:, 1] + places[:, 3] / 2 - area.rect.top()) / area.rect.height()
    costs += 12.0 * np.abs(share - 0.45) + 4.0 * places[:, 0] / area.width
    return costs


def _gaps(places: Floats, lines: list[Floats]) -> Floats:
    """Return how many pixels lie between places and each of the curves, (K, L)."""
    points = np.concatenate(lines)
    firsts = np.cumsum([0, *(len(line) for line in lines[:-1])])
    x, y, width, height = (column[:, np.newaxis] for column in places.T)
    beside = np.maximum(np.abs(points[:, 0] - (x + width / 2)) - width / 2, 0.0)
    apart = np.maximum(np.abs(points[:, 1] - (y + height / 2)) - height / 2, 0.0)
    gaps: Floats = np.sqrt(np.minimum.reduceat(beside * beside + apart * apart, firsts, axis=1))
    return gaps


def _meeting_line(places: Floats, area: PlotArea, flip: float | None) -> Floats:
    """Return 1 for places that the flip mark crosses."""
    if flip is None:
        return np.zeros(len(places))
    at = area.x(flip)
    return ((places[:, 0] - 5 < at) & (at < places[:, 0] + places[:, 2] + 5)).astype(float)


def _meeting(places: Floats, taken: list[QRectF]) -> Floats:
    """Return 1 for places that meet a label already placed."""
    if not taken:
        return np.zeros(len(places))
    x, y, width, height = (column[:, np.newaxis] for column in places.T)
    left, top, across, down = np.array([label.getRect() for label in taken]).T
    meets = (x < left + across + 4) & (x + width > left - 4)
    meets &= (y < top + down + 2) & (y + height > top - 2)
    return meets.any(1).astype(float)
