"""The feature maps of a layer as one picture, each with its channel and number, for a document."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from cnnviz_gui.core import render
from cnnviz_gui.core.figure_pen import GAP, LINE, PAPER, Pen, broken, fonts
from cnnviz_gui.core.numbers import count, shape
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray, FloatArray

MOST = 4000
"""Pixels of a side of the page, at most."""
_USUAL, _LARGEST, _SMALLEST = 128, 256, 48
"""Sides of the maps: what they are enlarged to, what they keep at most, what they give way to."""
_MARGIN, _WIDTH, _BAR, _BAR_HIGH = 16, 560, 640, 40
_PLAIN, _BOLDEST = 1200, 2.5
"""Width of a page whose head has its usual size, and how far that grows on wider ones."""
_MEASURED = 16
"""So many of the texts with most letters are measured for the room that all need."""
_HEAD = 300
"""Room that is left for the head of the largest page."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the maps."""

    title: str
    told: tuple[str, ...]
    """What is said of them below, after how many they are."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """How many maps of which size, in how many columns."""

    size: tuple[int, int]
    """Height and width of a map."""
    cell: tuple[int, int]
    """Height and width of a map with what stands below it and the gap."""
    columns: int
    shown: int


def sheet(
    maps: FloatArray,
    order: Any,
    numbers: Sequence[str],
    *,
    colours: str,
    low: float | FloatArray,
    high: float | FloatArray,
    head: Head,
) -> ByteArray:
    """Draw maps in an order, those that come first where not all have room.

    Parameters
    ----------
    maps
        float (C, h, w).
    order
        int (N,): which maps, in which order.
    numbers
        What stands below each map beside its channel, by channel.
    colours
        One of ``COLORMAPS``.
    low, high
        Ends of the scale: one number for all maps, or float (C,) for each its own.

    Returns
    -------
    uint8 (H, W, 3), no side longer than ``MOST``
    """
    order = np.asarray(order)
    said = [(str(channel), numbers[channel]) for channel in order.tolist()]
    plan = _plan(maps.shape[1:], len(order), _widest(said))
    width = max(_WIDTH, 2 * _MARGIN + plan.columns * plan.cell[1] - GAP)
    bold = min(max(width / _PLAIN, 1.0), _BOLDEST)
    room = width - 2 * _MARGIN
    strong, small = fonts(bold)
    titles = broken(head.title, strong, room)
    many = _many(plan.shown, len(order), maps.shape[1:])
    lines = broken(" · ".join((many, *head.told)), small, room)
    line = round(LINE * bold)
    top = _MARGIN + (len(titles) + len(lines)) * line + GAP
    first = top + round(_BAR_HIGH * bold)
    height = first + -(-plan.shown // plan.columns) * plan.cell[0] - GAP + _MARGIN
    page = Image.new("RGB", (width, height), PAPER)
    pen = Pen(page, bold)
    for place, text in enumerate((*titles, *lines)):
        pen.line((_MARGIN, _MARGIN + place * line), text, room, strong=place < len(titles))
    own = (tr("own min"), tr("own max")) if np.ndim(low) else None
    ends = (0.0, 1.0) if own else (float(low), float(high))
    pen.lying_bar((_MARGIN, top), min(room, round(_BAR * bold)), colours, *ends, said=own)
    chosen = order[: plan.shown]
    tiles = render.tile_strip(maps, colours, low, high, chosen)[..., :3]
    _draw_maps(page, (_MARGIN, first), plan, tiles, said)
    return np.asarray(page)


def _many(shown: int, total: int, form: tuple[int, ...]) -> str:
    """Return how many maps there are, and how many of them are shown where not all are."""
    if shown == total:
        return tr("{n} of {shape}", n=total, shape=shape(form))
    return tr(
        "the first {shown} of {total} maps, {shape} each",
        shown=count(shown),
        total=count(total),
        shape=shape(form),
    )


def _draw_maps(
    page: Image.Image,
    corner: tuple[int, int],
    plan: _Plan,
    tiles: ByteArray,
    said: Sequence[tuple[str, str]],
) -> None:
    pen = Pen(page)
    high, wide = plan.size
    larger = high >= tiles.shape[1]
    resampling = Image.Resampling.NEAREST if larger else Image.Resampling.BOX
    for place, tile in enumerate(tiles):
        row, column = divmod(place, plan.columns)
        left, top = corner[0] + column * plan.cell[1], corner[1] + row * plan.cell[0]
        picture = Image.fromarray(np.ascontiguousarray(tile))
        page.paste(picture.resize((wide, high), resampling), (left, top))
        pen.pair((left, top + high + 2), plan.cell[1] - GAP, *said[place])


def _plan(form: tuple[int, ...], many: int, caption: int) -> _Plan:
    """Return the largest maps of which all have room, else the smallest."""
    side = max(form)
    if side > _USUAL:
        scales = [min(1.0, _LARGEST / side)]
    else:
        usual = math.ceil(_USUAL / side)
        scales = [float(by) for by in range(usual, 0, -1) if side * by >= _SMALLEST]
    plans = (_arranged(form, scale, many, caption) for scale in scales)
    plan = next(plans)
    for smaller in plans:
        if plan.shown == many:
            break
        plan = smaller
    return plan


def _arranged(form: tuple[int, ...], scale: float, many: int, caption: int) -> _Plan:
    high, wide = (max(1, round(length * scale)) for length in form)
    cell = high + LINE + GAP, max(wide, caption) + GAP
    rows, columns = (MOST - _HEAD) // cell[0], (MOST - 2 * _MARGIN + GAP) // cell[1]
    shown = min(many, rows * columns)
    square = math.ceil(math.sqrt(shown * cell[0] / cell[1]))
    return _Plan(
        (high, wide), cell, max(1, min(columns, shown, max(square, -(-shown // rows)))), shown
    )


def _widest(said: Sequence[tuple[str, str]]) -> int:
    """Return the room that a channel and its number need."""
    _, small = fonts()
    parts = (
        max(map(small.getlength, sorted(texts, key=len)[-_MEASURED:]), default=0.0)
        for texts in zip(*said, strict=True)
    )
    return math.ceil(sum(parts)) + GAP
