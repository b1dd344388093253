"""What is said of a plane: its axes, their ticks, how near the first border is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.plane_results import PlaneResult
from cnnviz_gui.core.ticks import round_steps
from cnnviz_gui.texts import tr

EPSILON = "ε"


@dataclass(frozen=True, slots=True)
class FirstBorders:
    """How far from the picture its class ends, in the units of the axes; None: not on the plane."""

    along: float | None
    """The way the attack goes."""
    across: float | None
    """The nearer of the two ways."""


def first_borders(result: PlaneResult) -> FirstBorders:
    """Return where the first borders on the two axes lie."""
    ahead = [place for place in _crossings(result, 0) if place > 0]
    beside = [abs(place) for place in _crossings(result, 1)]
    return FirstBorders(
        *(
            min(places) * unit if places else None
            for places, unit in zip((ahead, beside), result.units, strict=True)
        )
    )


def _crossings(result: PlaneResult, axis: int) -> list[float]:
    """Return where borders cross an axis: 0 that of the attack, 1 the one across."""
    line = result.drawing.borders.astype(np.float64)
    if len(line) < 2:
        return []
    places, off = line[:, axis], line[:, 1 - axis]
    # The picture lies on a row of the grid: a point on the axis counts as one side of it only.
    side = np.where(np.isnan(off), np.nan, off >= 0)
    first, last = slice(None, -1), slice(1, None)
    with np.errstate(invalid="ignore"):
        cuts = np.abs(side[last] - side[first]) == 1
    share = off[first][cuts] / (off[first][cuts] - off[last][cuts])
    found: list[float] = (places[first][cuts] + share * np.diff(places)[cuts]).tolist()
    return found


def axes(result: PlaneResult, kind: str, title: str) -> tuple[str, str]:
    """Return the titles of the two axes; where across is as long in L2 as along, it is said.

    Parameters
    ----------
    kind
        Of the second: ``random``, ``class``, ``image``.
    title
        Of the attack.
    """
    across = result.across
    names = {
        "random": tr("across, a random direction, as long"),
        "class": tr("across, {title} towards {label}, as long", title=title, label=across),
        "image": tr("across, towards {label}", label=across),
    }
    along = tr("along {title}", title=title)
    if result.epsilon is not None:
        unit = tr("in {unit}", unit=EPSILON)
        return f"{along}, {unit}", f"{names[kind]}, {unit}"
    lengths, same = tr("in lengths of its perturbation"), tr("in the same lengths")
    return f"{along}, {lengths}", f"{names[kind]}, {same}"


def fitting(title: str, fits: Callable[[str], bool]) -> str:
    """Return the longest form of a title of an axis that fits: its name and its unit are kept."""
    *parts, unit = title.split(", ")
    shorter = (", ".join([*parts[:count], unit]) for count in range(len(parts), 1, -1))
    return next(filter(fits, shorter), f"{parts[0]}, {unit}")


def axis_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return round numbers from low to high, at most so many, with what stands at them."""
    if not high > low or not math.isfinite(high - low):
        return []
    for step in round_steps(high - low):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < max(most, 1):
            decimals = max(0, -math.floor(math.log10(step) + 1e-9))
            texts = [
                f"{k * step:.{decimals}f}".replace("-", fmt.MINUS) for k in range(first, last + 1)
            ]
            return [(k * step, text) for k, text in zip(range(first, last + 1), texts, strict=True)]
    return []


def distance(result: PlaneResult, length: float) -> str:
    """Return a distance in the units of the axes: ``0.42 ε``."""
    size = fmt.significant(length, 2)
    return f"{size} {EPSILON}" if result.epsilon is not None else f"{size} {fmt.TIMES}"


def borders(result: PlaneResult) -> str:
    """Return how near the first borders are, in a sentence."""
    found = first_borders(result)
    ends = [distance(result, result.reach * unit) for unit in result.units]
    if found.along is None and found.across is None:
        if len(result.names) == 1:
            return tr(
                "No border within {along} along and {across} across: widen the range.",
                along=ends[0],
                across=ends[1],
            )
        return tr("No border on the two axes through the picture.")
    along, across = (
        tr("beyond {end}", end=end) if place is None else distance(result, place)
        for place, end in zip((found.along, found.across), ends, strict=True)
    )
    return tr(
        "First border: {along} along the attack, {across} across.", along=along, across=across
    )


def cut_off(result: PlaneResult) -> str:
    """Return how much of the pictures [0, 1] cuts off, in a sentence; empty where nothing."""
    if not result.clipped:
        return ""
    most = fmt.percent(result.clipped)
    return tr("At the corners {share} of the values are cut off at black or white.", share=most)
