"""From a heat map to a place: threshold, largest connected part, box; and how well a box is met.

Rows and columns of maps are pixels of the picture as the network sees it. A map counts with its
positive part, which is what speaks for the class, from its least value on: the map of RISE is
nowhere near 0. What is not finite counts as nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnviz_gui.core.place_requests import SHARE, Box

Mask = npt.NDArray[np.bool_]

TOLERANCE = 15
"""Pixels by which a point may miss in the pointing game."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where the evidence of a map lies."""

    box: Box
    """The smallest that holds the mask."""
    mask: Mask
    """(H, W): the largest connected part of what reaches the threshold; read-only."""
    threshold: float
    """In the units of the map."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well a map meets a box that somebody drew."""

    iou: float
    """Of the map's own box; 0 where it has none."""
    hit: bool
    """The map's highest point lies in the box."""
    near: bool
    """It lies in the box or at most the tolerance away."""
    energy: float
    """Share of the positive values inside the box, in [0, 1]; 0 of a map without any."""


def locate(values: npt.NDArray[Any], share: float = SHARE) -> Place | None:
    """Return the place of a map (H, W), None where nothing in it is positive, or all is equal.

    Parameters
    ----------
    share
        In [0, 1], of the way from the map's least positive value, or 0, to its maximum: what is at
        least so high is taken.
    """
    counted = evidence(values)
    mask = largest_part(_reaching(counted, share))
    box = bounds(mask)
    if box is None:
        return None
    mask.setflags(write=False)
    return Place(box, mask, _floor(values) + share * float(counted.max()))


def reaching(values: npt.NDArray[Any], share: float = SHARE) -> Mask:
    """Return which pixels of a map (H, W) reach the threshold, connected or not."""
    return _reaching(evidence(values), share)


def agree(
    values: npt.NDArray[Any], box: Box, share: float = SHARE, tolerance: float = TOLERANCE
) -> Agreement:
    """Return how well a map (H, W) meets a box."""
    place = locate(values, share)
    return Agreement(
        iou=0.0 if place is None else iou(place.box, box),
        hit=points_into(values, box),
        near=points_into(values, box, tolerance),
        energy=energy_inside(values, box),
    )


def evidence(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return how far each pixel of a map (H, W) is above its least value, or above 0."""
    floor = values.dtype.type(_floor(values))
    counts = np.isfinite(values) & (values > floor)
    above = np.zeros_like(values)
    np.subtract(values, floor, out=above, where=counts)
    return above


def bounds(mask: Mask) -> Box | None:
    """Return the smallest box around a mask (H, W), None of an empty one."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not rows.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def crop(picture: npt.NDArray[Any], box: Box) -> npt.NDArray[Any]:
    """Return the part of a picture (H, W, ...) in a box, a view of it."""
    left, top, right, bottom = box
    return picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]


def iou(one: Box, other: Box) -> float:
    """Return the intersection of two boxes over their union, in [0, 1]."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    union = _area(one) + _area(other) - shared
    return shared / union if union > 0 else 0.0


def points_into(values: npt.NDArray[Any], box: Box, tolerance: float = 0.0) -> bool:
    """Play the pointing game: tell whether the highest point lies in a box, or so near to it."""
    point = peak(values)
    if point is None or _area(box) == 0:
        return False
    row, column = point
    left, top, right, bottom = box
    across = max(left - column, 0, column - (right - 1))
    down = max(top - row, 0, row - (bottom - 1))
    return bool(across**2 + down**2 <= tolerance**2)


def peak(values: npt.NDArray[Any]) -> tuple[int, int] | None:
    """Return row and column of a map's highest point, None where nothing is positive.

    Of several that are equally high, as in a cell that was enlarged, the one nearest their middle.
    """
    positive = evidence(values)
    if not positive.any():
        return None
    rows, columns = np.nonzero(positive == positive.max())
    away = (rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2
    nearest = int(away.argmin())
    return int(rows[nearest]), int(columns[nearest])


def energy_inside(values: npt.NDArray[Any], box: Box) -> float:
    """Return the share of a map's positive values that lies in a box, in [0, 1]."""
    positive = evidence(values)
    total = float(positive.sum(dtype=np.float64))
    return float(crop(positive, box).sum(dtype=np.float64)) / total if total > 0 else 0.0


def largest_part(mask: Mask) -> Mask:
    """Return the largest connected part of a mask (H, W); pixels connect across corners too.

    Of parts of one size the one that begins first, from the top and from the left.
    """
    height, width = mask.shape
    # A column of nothing ends every row, so that a run of pixels lies within one.
    padded = np.zeros((height, width + 1), bool)
    padded[:, :width] = mask
    steps = np.diff(padded.ravel().view(np.int8), prepend=np.int8(0))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    if not starts.size:
        return np.zeros_like(mask)
    part = _joined(len(starts), *_touching(starts, ends, width + 1))
    sizes = np.bincount(part, weights=ends - starts)
    chosen = part == sizes.argmax()
    drawn = np.zeros(padded.size, np.int8)
    drawn[starts[chosen]] = 1
    drawn[ends[chosen]] = -1
    return np.cumsum(drawn, dtype=np.int8).reshape(padded.shape)[:, :width].astype(bool)


_Indices = npt.NDArray[np.intp]


def _touching(starts: _Indices, ends: _Indices, width: int) -> tuple[_Indices, _Indices]:
    """Return pairs of runs of which the second lies in the row below the first and touches it."""
    # Moved one row down, a run touches those that begin at its end or before, and end at its start
    # or after. A row's last column is empty, so that none reaches into the next row.
    first = np.searchsorted(ends, starts + width)
    after = np.searchsorted(starts, ends + width, side="right")
    counts = np.maximum(after - first, 0)
    above = np.repeat(np.arange(len(starts)), counts)
    within = np.arange(len(above)) - np.repeat(np.cumsum(counts) - counts, counts)
    return above, np.repeat(first, counts) + within


def _joined(count: int, one: _Indices, other: _Indices) -> _Indices:
    """Return, for each of ``count`` things, the first of those that pairs connect it with."""
    first = np.arange(count)
    while one.size:
        # Each root takes the smallest one next to it, then all look up to the end of their chain.
        np.minimum.at(first, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(further := first[first], first):
            first = further
        one, other = first[one], first[other]
        apart = one != other
        one, other = one[apart], other[apart]
    return first


def _reaching(counted: npt.NDArray[Any], share: float) -> Mask:
    high: Mask = (counted >= share * counted.max(initial=0)) & (counted > 0)
    return high


def _floor(values: npt.NDArray[Any]) -> float:
    """Return the least finite value of a map, or 0 where that is negative."""
    finite = values[np.isfinite(values)]
    return max(0.0, float(finite.min())) if finite.size else 0.0


def _area(box: Box) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])
