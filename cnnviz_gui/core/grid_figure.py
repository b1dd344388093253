"""Heat maps in rows and columns as one picture, with heads, for a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cnnviz_gui import resources
from cnnviz_gui.core import render
from cnnviz_gui.core.grid_results import HeatmapGridResult
from cnnviz_gui.core.grid_scales import SCALES, Scale, scales
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.numbers import count, percent
from cnnviz_gui.core.resize import resize_bilinear

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray, FloatArray

_PAPER, _INK, _PALE, _EMPTY = (255, 255, 255), (22, 24, 27), (98, 105, 115), (243, 244, 245)
_LEAST, _GAP, _MARGIN, _LINE, _HEADS = 160, 8, 16, 20, 150
_SIZE, _SMALL = 15, 13


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A map over what its network sees, or why there is none."""

    result: HeatmapResult | None
    seen: ByteArray
    """uint8 (H, W, 3), of the size of the map."""
    said: str = ""


def figure(
    rows: Sequence[str],
    columns: Sequence[tuple[str, str]],
    tiles: Mapping[tuple[int, int], Tile],
    *,
    scale: Scale = "own",
    opacity: float = 0.62,
    colours: str = "inferno",
    footer: str = "",
) -> ByteArray:
    """Draw the maps with the heads of their rows and columns.

    Parameters
    ----------
    rows
        What stands before each.
    columns
        What stands above each, in two lines.
    tiles
        By row and column; places without one stay empty.
    footer
        A line below; how the maps are scaled is said after it.

    Returns
    -------
    uint8 (H, W, 3)
    """
    side = max([_LEAST, *(max(tile.seen.shape[:2]) for tile in tiles.values())])
    left, top = _MARGIN + _HEADS, _MARGIN + 2 * _LINE + _GAP
    width = left + len(columns) * (side + _GAP) - _GAP + _MARGIN
    height = top + len(rows) * (side + _GAP) + _LINE + _MARGIN
    page = Image.new("RGB", (width, height), _PAPER)
    pen = _Pen(page)
    for column, lines in enumerate(columns):
        at = left + column * (side + _GAP)
        pen.line((at, _MARGIN), lines[0], side, strong=True)
        pen.line((at, _MARGIN + _LINE), lines[1], side)
    for row, title in enumerate(rows):
        at = top + row * (side + _GAP)
        pen.wrapped((_MARGIN, at), title, _HEADS - _GAP, side)
        found = [tiles.get((row, column)) for column in range(len(columns))]
        ends = scales([None if tile is None else tile.result for tile in found], scale)
        for column, tile in enumerate(found):
            corner = (left + column * (side + _GAP), at)
            pen.empty(corner, side)
            if tile is not None and tile.result is not None:
                painted = _painted(tile.result, tile.seen, side, ends[column], opacity, colours)
                page.paste(Image.fromarray(painted), corner)
            if tile is not None:
                pen.note(corner, side, tile)
    pen.line(
        (_MARGIN, height - _MARGIN - _LINE),
        " · ".join(filter(None, (footer, SCALES[scale]))),
        width - 2 * _MARGIN,
    )
    return np.asarray(page)


def of_result(
    result: HeatmapGridResult, seen: ByteArray, *, scale: Scale = "own", footer: str = ""
) -> ByteArray:
    """Draw a whole result over the picture as its network sees it, uint8 (H, W, 3)."""
    several = len({column.layer for column in result.columns}) > 1
    columns = [
        (column.target.label, column.layer if several else percent(column.target.probability))
        for column in result.columns
    ]
    tiles = {
        (cell.row, cell.column): Tile(cell.result, seen, cell.refused or _blank(cell.result))
        for cell in result.cells
    }
    return figure(result.rows, columns, tiles, scale=scale, footer=footer)


def _blank(result: HeatmapResult | None) -> str:
    return "blank" if result is not None and result.reason else ""


def stacked(
    size: tuple[int, int], results: Mapping[tuple[int, int], HeatmapResult | None]
) -> FloatArray:
    """Return the raw maps as float32 (rows, columns, H, W).

    Not a number where there is no map, and beyond a map that is smaller than the largest.
    """
    there = [result.map for result in results.values() if result is not None]
    high, wide = (max((one.shape[axis] for one in there), default=1) for axis in (0, 1))
    out = np.full((*size, high, wide), np.nan, np.float32)
    for (row, column), result in results.items():
        if result is not None:
            out[row, column, : result.map.shape[0], : result.map.shape[1]] = result.map
    return out


def _painted(
    result: HeatmapResult,
    seen: ByteArray,
    side: int,
    ends: tuple[float, float],
    opacity: float,
    colours: str,
) -> ByteArray:
    name = "vik" if result.signed else colours
    laid = render.overlay(
        seen,
        result.map,
        opacity=opacity,
        name=name,
        low=ends[0],
        high=ends[1],
        signed=result.signed,
    )
    if laid.shape[:2] == (side, side):
        return laid
    return np.rint(resize_bilinear(laid, (side, side))).astype(np.uint8)


class _Pen:
    """Writes on a page."""

    def __init__(self, page: Image.Image) -> None:
        self._draw = ImageDraw.Draw(page)
        self._font, self._strong, self._small = (
            ImageFont.truetype(str(resources.path(f"fonts/Inter-{weight}.otf")), size)
            for weight, size in (("Regular", _SIZE), ("SemiBold", _SIZE), ("Regular", _SMALL))
        )

    def line(self, at: tuple[int, int], text: str, width: int, *, strong: bool = False) -> None:
        """Write one line, cut with … where it has no room."""
        font = self._strong if strong else self._small
        colour = _INK if strong else _PALE
        self._draw.text(at, _fitted(text, font, width), fill=colour, font=font)

    def wrapped(self, at: tuple[int, int], text: str, width: int, height: int) -> None:
        """Write a few lines, in the middle of a height."""
        lines = _broken(text, self._strong, width)
        top = at[1] + (height - len(lines) * _LINE) // 2
        for place, line in enumerate(lines):
            self.line((at[0], top + place * _LINE), line, width, strong=True)

    def empty(self, corner: tuple[int, int], side: int) -> None:
        """Draw the place of a map."""
        self._draw.rectangle(
            (*corner, corner[0] + side - 1, corner[1] + side - 1), fill=_EMPTY, outline=None
        )

    def note(self, corner: tuple[int, int], side: int, tile: Tile) -> None:
        """Say why there is no map, that it is blank, or how many samples it rests on so far."""
        if tile.result is None:
            lines = _broken(tile.said, self._small, side - 2 * _GAP)[: (side - _GAP) // _LINE]
            top = corner[1] + (side - len(lines) * _LINE) // 2
            for place, line in enumerate(lines):
                where = (corner[0] + _GAP, top + place * _LINE)
                self._draw.text(where, line, fill=_PALE, font=self._small)
            return
        said = tile.said
        if tile.result.samples < tile.result.expected:
            said = f"{count(tile.result.samples)} of {count(tile.result.expected)} samples"
        if said:
            left, bottom = corner[0] + _GAP, corner[1] + side - _GAP
            box = self._draw.textbbox((left, bottom), said, font=self._small, anchor="lb")
            grown = (box[0] - 4, box[1] - 3, box[2] + 4, box[3] + 3)
            self._draw.rectangle(grown, fill=_INK)
            self._draw.text((left, bottom), said, fill=_PAPER, font=self._small, anchor="lb")


def _fitted(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _broken(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Return lines that fit, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
