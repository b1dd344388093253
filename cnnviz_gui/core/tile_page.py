"""Many small pictures of one size as one page, each with its number below, for a document."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from cnnviz_gui.core.figure_pen import GAP, LINE, PAPER, Pen, broken, fonts
from cnnviz_gui.core.numbers import count
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

MOST = 4000
"""Pixels of a side of the page, at most; a head of many lines is above that."""
_USUAL, _LARGEST, _SMALLEST = 128, 256, 48
"""Sides of the tiles: what they are enlarged to, what they keep at most, what they give way to."""
_MARGIN, _WIDTH, _BAR, _BAR_HIGH = 16, 560, 640, 40
_PLAIN, _BOLDEST = 1200, 2.5
"""Width of a page whose head has its usual size, and how far that grows on wider ones."""
_MEASURED = 16
"""So many of the texts with most letters are measured for the room that all need."""
_HEAD = 300
"""Room that is left for the head of the largest page."""


@dataclass(frozen=True, slots=True)
class Key:
    """What the colours mean."""

    colours: str
    """One of ``COLORMAPS``."""
    low: float
    high: float
    said: tuple[str, str] | None = None
    """Words for the ends, where numbers would not hold for every tile."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the tiles."""

    title: str
    told: tuple[str, ...]
    """What is said of them below."""
    key: Key | None = None
    """None of photographs."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """How many tiles of which size, in how many columns."""

    size: tuple[int, int]
    """Height and width of a tile."""
    cell: tuple[int, int]
    """Height and width of a tile with what stands below it and the gap."""
    columns: int
    shown: int


def page(
    form: tuple[int, ...],
    said: Sequence[tuple[str, str]],
    paint: Callable[[int], ByteArray],
    head: Head,
) -> ByteArray:
    """Draw tiles in rows, those that come first where not all have room.

    Parameters
    ----------
    form
        Height and width of a tile as it is painted.
    said
        What stands below each: its number at the left, a value at the right.
    paint
        Returns the first n tiles, uint8 (n, h, w, 3).

    Returns
    -------
    uint8 (H, W, 3), below the head no longer than ``MOST``
    """
    plan = _plan(form, len(said), _widest(said))
    width = max(_WIDTH, 2 * _MARGIN + plan.columns * plan.cell[1] - GAP)
    bold = min(max(width / _PLAIN, 1.0), _BOLDEST)
    room = width - 2 * _MARGIN
    strong, small = fonts(bold)
    titles = broken(head.title, strong, room)
    lines = broken(" · ".join((*_left_out(plan.shown, len(said)), *head.told)), small, room)
    line = round(LINE * bold)
    top = _MARGIN + (len(titles) + len(lines)) * line + GAP
    first = top + (round(_BAR_HIGH * bold) if head.key is not None else 0)
    height = first + -(-plan.shown // plan.columns) * plan.cell[0] - GAP + _MARGIN
    drawn = Image.new("RGB", (width, height), PAPER)
    pen = Pen(drawn, bold)
    for place, text in enumerate((*titles, *lines)):
        pen.line((_MARGIN, _MARGIN + place * line), text, room, strong=place < len(titles))
    if head.key is not None:
        key, long = head.key, min(room, round(_BAR * bold))
        pen.lying_bar((_MARGIN, top), long, key.colours, key.low, key.high, said=key.said)
    cells = head.key is not None or max(form) < _SMALLEST
    _draw_tiles(drawn, (_MARGIN, first), plan, paint(plan.shown), said, cells=cells)
    return np.asarray(drawn)


def _left_out(shown: int, total: int) -> tuple[str, ...]:
    if shown == total:
        return ()
    return (tr("the first {shown} of {all}", shown=count(shown), all=count(total)),)


def _draw_tiles(
    drawn: Image.Image,
    corner: tuple[int, int],
    plan: _Plan,
    tiles: ByteArray,
    said: Sequence[tuple[str, str]],
    *,
    cells: bool,
) -> None:
    """Paste the tiles; ``cells`` shows each pixel of a larger tile as a square, not smoothed."""
    pen = Pen(drawn)
    high, wide = plan.size
    if high < tiles.shape[1]:
        resampling = Image.Resampling.BOX
    elif cells:
        resampling = Image.Resampling.NEAREST
    else:
        resampling = Image.Resampling.LANCZOS
    for place, tile in enumerate(tiles):
        row, column = divmod(place, plan.columns)
        left, top = corner[0] + column * plan.cell[1], corner[1] + row * plan.cell[0]
        picture = Image.fromarray(np.ascontiguousarray(tile))
        drawn.paste(picture.resize((wide, high), resampling), (left, top))
        pen.pair((left, top + high + 2), plan.cell[1] - GAP, *said[place])


def _plan(form: tuple[int, ...], many: int, caption: int) -> _Plan:
    """Return the largest tiles of which all have room, else the smallest."""
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
    """Return the room that a number and a value need."""
    _, small = fonts()
    parts = (
        max(map(small.getlength, sorted(texts, key=len)[-_MEASURED:]), default=0.0)
        for texts in zip(*said, strict=True)
    )
    return math.ceil(sum(parts)) + GAP
