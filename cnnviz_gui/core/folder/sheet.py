"""The small pictures of a folder on one page, with a name and a word under each."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PIL import Image

from cnnviz_gui.core.figure_pen import GAP, LINE, PAPER, Pen
from cnnviz_gui.core.folder.records import FileRow
from cnnviz_gui.core.numbers import count
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

R = TypeVar("R", bound=FileRow)
MOST = 300
"""Pictures of a page; with all of thousands it would be larger than most programs open."""
_SIDE, _MARGIN, _WIDEST = 160, 16, 12
_UNREAD = tr("cannot be read")


def contact_sheet(
    rows: Sequence[R], captions: Callable[[R], tuple[str, str]], footer: str = ""
) -> ByteArray:
    """Draw the small pictures in rows, the first at the top left.

    Parameters
    ----------
    captions
        From a row to the two lines under its picture.
    footer
        A line below; where there are more than ``MOST`` rows, that is said after it.

    Returns
    -------
    uint8 (H, W, 3)
    """
    shown = rows[:MOST]
    columns = min(_WIDEST, max(4, math.ceil(math.sqrt(1.5 * len(shown)))))
    pitch, high = _SIDE + GAP, _SIDE + 2 * LINE + GAP
    lines = math.ceil(len(shown) / columns)
    size = (2 * _MARGIN + columns * pitch - GAP, 2 * _MARGIN + lines * high + LINE)
    page = Image.new("RGB", size, PAPER)
    pen = Pen(page)
    for place, row in enumerate(shown):
        down, across = divmod(place, columns)
        corner = (_MARGIN + across * pitch, _MARGIN + down * high)
        pen.empty(corner, _SIDE)
        if row.thumbnail:
            _paste(page, row.thumbnail, corner)
        else:
            pen.sentence(corner, _SIDE, row.problem if row.width else _UNREAD)
        for number, line in enumerate(captions(row)):
            at = (corner[0], corner[1] + _SIDE + 3 + number * (LINE - 2))
            pen.line(at, line, _SIDE, strong=number == 0)
    left_out = ""
    if len(rows) > MOST:
        left_out = tr("the first {shown} of {all}", shown=count(MOST), all=count(len(rows)))
    said = " · ".join(filter(None, (footer, left_out)))
    pen.line((_MARGIN, size[1] - _MARGIN - LINE + 4), said, size[0] - 2 * _MARGIN)
    return np.asarray(page)


def _paste(page: Image.Image, thumbnail: bytes, corner: tuple[int, int]) -> None:
    """Put a small picture into the middle of its place."""
    with Image.open(io.BytesIO(thumbnail), formats=("JPEG",)) as small:
        picture = small.convert("RGB")
    if max(picture.size) != _SIDE:  # of a network that sees less
        scale = _SIDE / max(picture.size)
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    left, top = ((_SIDE - side) // 2 for side in picture.size)
    page.paste(picture, (corner[0] + left, corner[1] + top))
