"""A picture and those most like it as one picture, each with name and likeness, for a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from cnnviz_gui.core.figure_pen import GAP, LINE, PAPER, Pen, Point, broken, fonts

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

_MARGIN, _ASKED, _TILE, _APART, _LEAST = 16, 224, 160, 24, 560
_IN_A_ROW = 6


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A picture and what stands below it."""

    pixels: ByteArray
    """uint8 (H, W, 3)."""
    name: str
    number: str = ""


def sheet(asked: Named, found: Sequence[Named], title: str, told: str) -> ByteArray:
    """Draw the picture that was asked about at the left, what was found beside it in rows.

    Parameters
    ----------
    title, told
        What stands above all, in two parts.

    Returns
    -------
    uint8 (H, W, 3)
    """
    columns = max(1, min(_IN_A_ROW, len(found)))
    rows = -(-len(found) // columns)
    left, high = _MARGIN + _ASKED + _APART, _TILE + LINE + GAP
    width = max(_LEAST, left + columns * (_TILE + GAP) - GAP + _MARGIN)
    strong, small = fonts()
    room = width - 2 * _MARGIN
    titles, lines = broken(title, strong, room), broken(told, small, room)
    top = _MARGIN + (len(titles) + len(lines)) * LINE + GAP
    height = top + max(_ASKED + LINE, rows * high - GAP) + _MARGIN
    page = Image.new("RGB", (width, height), PAPER)
    pen = Pen(page)
    for place, text in enumerate((*titles, *lines)):
        pen.line((_MARGIN, _MARGIN + place * LINE), text, room, strong=place < len(titles))
    _put(page, pen, (_MARGIN, top), _ASKED, asked)
    for place, one in enumerate(found):
        row, column = divmod(place, columns)
        _put(page, pen, (left + column * (_TILE + GAP), top + row * high), _TILE, one)
    return np.asarray(page)


def _put(page: Image.Image, pen: Pen, corner: Point, side: int, one: Named) -> None:
    picture = Image.fromarray(np.ascontiguousarray(one.pixels))
    if picture.size != (side, side):
        small = max(picture.size) < side / 2  # its pixels are to be seen
        sampling = Image.Resampling.NEAREST if small else Image.Resampling.LANCZOS
        picture = picture.resize((side, side), sampling)
    page.paste(picture, corner)
    pen.pair((corner[0], corner[1] + side + 2), side, one.name, one.number)
