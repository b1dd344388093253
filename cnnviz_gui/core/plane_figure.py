"""A decision plane as a figure for a document: regions, loss, axes, legend, and what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from cnnviz_gui.core.figure_pen import GAP, INK, LINE, PALE, PAPER, Pen, Point, broken, fonts
from cnnviz_gui.core.map_figure import Caption
from cnnviz_gui.core.numbers import percent
from cnnviz_gui.core.plane_picture import Rgb, class_picture, colours, loss_picture, loss_range
from cnnviz_gui.core.plane_results import OTHERS, PlaneResult
from cnnviz_gui.core.plane_words import axis_ticks, fitting
from cnnviz_gui.texts import ntr, tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray, FloatArray

OWN: Rgb = (0, 114, 140)
OTHER: tuple[Rgb, ...] = (
    (181, 64, 15),
    (134, 46, 128),
    (178, 132, 0),
    (28, 124, 78),
    (72, 86, 204),
)
REST: Rgb = (128, 134, 142)
SIDE = 640
"""Of the pictures, in pixels."""
_SCALE = SIDE / 320
_MARGIN, _AXIS, _FOOT, _BAR, _SWATCH, _TICK = 16, 58, 52, 72, 12, 4
_FINE = 3
"""Lines are drawn so many times as large, and the picture is made smaller then."""
_TICKS = 7
_Line = Callable[[npt.NDArray[np.float64]], list[tuple[float, float]]]


def figure(
    result: PlaneResult, titles: tuple[str, str], caption: Caption, colour_map: str = "inferno"
) -> ByteArray:
    """Draw plane and loss side by side in the same axes, with a legend and a caption.

    Parameters
    ----------
    titles
        Of the two axes.

    Returns
    -------
    uint8 (H, W, 3)
    """
    margin, gap, line, axis = (_sized(part) for part in (_MARGIN, GAP, LINE, _AXIS))
    left, top = margin + axis, margin + line + gap
    second = left + SIDE + 2 * gap + axis
    width = second + SIDE + gap + _sized(_BAR) + margin
    strong, small = fonts(_SCALE)
    room = width - 2 * margin
    heads = broken(caption.title, strong, room)
    texts = [part for text in caption.lines for part in broken(text, small, room)]
    rows = _legend(result)
    columns = max(1, min(4, len(rows)))
    high = -(-len(rows) // columns)
    below = top + SIDE + _sized(_FOOT) + gap
    height = below + (high + len(heads) + len(texts)) * line + gap + margin
    page = Image.new("RGB", (width, height), PAPER)
    pen = Pen(page, _SCALE)
    pen.line((left, margin), tr("Decision plane"), SIDE, strong=True)
    pen.line(
        (second, margin),
        tr("Loss of {label}, in nats", label=result.label.label),
        SIDE,
        strong=True,
    )
    coloured = colours(result, OWN, OTHER, REST)
    page.paste(drawn(result, coloured), (left, top))
    page.paste(_drawn_loss(result, colour_map), (second, top))
    for corner in ((left, top), (second, top)):
        _axes(page, corner, result, titles)
    bar = (second + SIDE + gap, top)
    pen.upright_bar(bar, SIDE, colour_map, *loss_range(result))
    for place, (index, name, share) in enumerate(rows):
        at = (margin + place // high * (room // columns), below + place % high * line)
        _swatch(page, at, coloured[index])
        pen.line((at[0] + _sized(_SWATCH) + gap, at[1]), f"{name}, {share}", room // columns - line)
    start = below + high * line + gap
    for place, text in enumerate([*heads, *texts]):
        pen.line((margin, start + place * line), text, room, strong=place < len(heads))
    return np.asarray(page)


def alone(result: PlaneResult) -> ByteArray:
    """Draw the regions with borders, names, ball and path, without axes, uint8 (H, H, 3)."""
    return np.asarray(drawn(result, colours(result, OWN, OTHER, REST)))


def drawn(result: PlaneResult, coloured: dict[int, Rgb]) -> Image.Image:
    """Return the regions with borders, names, ball and path, of ``SIDE`` pixels."""
    page, place = _ground(class_picture(result, coloured, PAPER), result)
    pen = ImageDraw.Draw(page)
    for line in _parts(result.drawing.borders):
        pen.line(place(line), fill=INK, width=7, joint="curve")
    _marks(pen, place, result, coloured)
    small = page.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    _names(small, result)
    return small


def _drawn_loss(result: PlaneResult, colour_map: str) -> Image.Image:
    page, place = _ground(loss_picture(result, colour_map), result)
    pen = ImageDraw.Draw(page)
    for line in _parts(result.drawing.contours):
        pen.line(place(line), fill=PAPER, width=6, joint="curve")
        pen.line(place(line), fill=INK, width=3, joint="curve")
    _marks(pen, place, result, colours(result, OWN, OTHER, REST))
    return page.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _ground(picture: ByteArray, result: PlaneResult) -> tuple[Image.Image, _Line]:
    """Return a large picture, and what puts (a, b) on it."""
    large = _FINE * SIDE
    page = Image.fromarray(picture).resize((large, large), Image.Resampling.BILINEAR)
    # The points at the edges of a picture are the middles of its outermost pixels.
    cell = large / len(picture)

    def place(line: npt.NDArray[np.float64]) -> list[tuple[float, float]]:
        share = (line * (1, -1) / result.reach + 1) / 2
        return [(x, y) for x, y in (cell / 2 + share * (large - cell)).tolist()]

    return page, place


def _marks(
    pen: ImageDraw.ImageDraw, place: _Line, result: PlaneResult, coloured: dict[int, Rgb]
) -> None:
    """Draw the axes, the edge of the ball dashed, the path, its two ends."""
    ends = np.array([[-result.reach, 0], [result.reach, 0], [0, -result.reach], [0, result.reach]])
    across = place(ends)
    for pair in (across[:2], across[2:]):
        pen.line(pair, fill=PAPER, width=3)
    edge = place(np.concatenate([result.ball, result.ball[:1]]).astype(np.float64))
    if edge:
        pen.line(edge, fill=PAPER, width=15)
        for number in range(0, len(edge) - 1, 4):
            pen.line(edge[number : number + 3], fill=INK, width=8)
    path = place(result.path.astype(np.float64))
    if len(path) > 1:
        pen.line(path, fill=PAPER, width=18, joint="curve")
        pen.line(path, fill=INK, width=9, joint="curve")
    last = len(result.classes) - 1
    column, row = (
        min(max(round((float(value) / result.reach + 1) / 2 * last), 0), last)
        for value in result.path[-1]
    )
    colour = coloured.get(int(result.classes[row, column]), coloured[OTHERS])
    for (x, y), fill in ((path[0], coloured[result.label.index]), (path[-1], colour)):
        pen.ellipse((x - 30, y - 30, x + 30, y + 30), fill=PAPER)
        pen.ellipse((x - 21, y - 21, x + 21, y + 21), fill=fill)


def _names(page: Image.Image, result: PlaneResult) -> None:
    """Write the names of the regions that have room for them."""
    pen, (_, small) = ImageDraw.Draw(page), fonts(_SCALE)
    pixel = SIDE / (2 * result.reach)
    known = dict(result.names)
    for spot in result.drawing.spots:
        name = known.get(spot.index, "")
        middle = (spot.along + result.reach) * pixel, (result.reach - spot.across) * pixel
        box = pen.textbbox(middle, name, font=small, anchor="mm")
        wide, high = box[2] - box[0] + 16, box[3] - box[1] + 10
        if name and wide <= 2 * spot.wide * pixel and high <= 2 * spot.high * pixel:
            ground = (box[0] - 8, box[1] - 5, box[2] + 8, box[3] + 5)
            pen.rounded_rectangle(ground, 8, fill=PAPER)
            pen.text(middle, name, fill=INK, font=small, anchor="mm")


def _axes(page: Image.Image, corner: Point, result: PlaneResult, titles: tuple[str, str]) -> None:
    """Draw ticks and titles below and at the left of a picture."""
    pen, (_, small) = ImageDraw.Draw(page), fonts(_SCALE)
    left, bottom = corner[0], corner[1] + SIDE
    tick, gap = _sized(_TICK), _sized(3)
    ends = [result.reach * unit for unit in result.units]
    for value, text in axis_ticks(-ends[0], ends[0], _TICKS):
        x = left + (value / ends[0] + 1) / 2 * SIDE
        pen.line((x, bottom, x, bottom + tick), fill=PALE, width=2)
        pen.text((x, bottom + tick + gap), text, fill=PALE, font=small, anchor="ma")
    for value, text in axis_ticks(-ends[1], ends[1], _TICKS):
        y = bottom - (value / ends[1] + 1) / 2 * SIDE
        pen.line((left - tick, y, left, y), fill=PALE, width=2)
        pen.text((left - tick - gap, y), text, fill=PALE, font=small, anchor="rm")
    along, across = (fitting(title, lambda text: small.getlength(text) <= SIDE) for title in titles)
    below = (left + SIDE / 2, bottom + _sized(_FOOT - 6))
    pen.text(below, along, fill=INK, font=small, anchor="ms")
    beside = Image.new("RGB", (SIDE, _sized(LINE)), PAPER)
    ImageDraw.Draw(beside).text(
        (SIDE / 2, _sized(LINE) / 2), across, fill=INK, font=small, anchor="mm"
    )
    page.paste(beside.rotate(90, expand=True), (left - _sized(_AXIS), corner[1]))


def _legend(result: PlaneResult) -> list[tuple[int, str, str]]:
    """Return (class, name, share), the largest first; the rest in one row."""
    shares, coloured = result.shares, colours(result, "own", ("other",) * len(OTHER), "rest")
    there = [(index, name) for index, name in result.names if shares[index]]
    rows = [(i, name, percent(shares[i])) for i, name in there if coloured[i] != "rest"]
    rest = [index for index, _ in there if coloured[index] == "rest"]
    if rest:
        name = ntr("1 more class", "{n} more classes", len(rest))
        rows.append((OTHERS, name, percent(sum(shares[index] for index in rest))))
    return rows


def _swatch(page: Image.Image, at: Point, colour: Rgb) -> None:
    side, down = _sized(_SWATCH), _sized(3)
    box = (at[0], at[1] + down, at[0] + side, at[1] + down + side)
    ImageDraw.Draw(page).rounded_rectangle(box, _sized(3), fill=colour)


def _parts(line: FloatArray) -> Iterator[npt.NDArray[np.float64]]:
    """Yield the lines one by one."""
    for part in np.split(line.astype(np.float64), np.flatnonzero(np.isnan(line[:, 0]))):
        kept = part[~np.isnan(part[:, 0])]
        if len(kept) > 1:
            yield kept


def _sized(pixels: int) -> int:
    return round(pixels * _SCALE)
