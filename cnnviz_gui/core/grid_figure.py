"""Heat maps in rows and columns as one picture, with heads, for a document."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from cnnviz_gui.core.figure_pen import GAP, LINE, PAPER, Pen, Point
from cnnviz_gui.core.grid_results import HeatmapGridResult
from cnnviz_gui.core.grid_scales import SCALES, Scale, scales
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.look import Look, painted
from cnnviz_gui.core.numbers import count, percent
from cnnviz_gui.core.resize import resize_bilinear
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray, FloatArray

_LEAST, _MARGIN, _HEADS, _BAR = 160, 16, 150, 26
_LOOK = Look()


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A map over what its network sees, or why there is none."""

    result: HeatmapResult | None
    seen: ByteArray
    """uint8 (H, W, 3), of the size of the map."""
    said: str = ""
    ends: tuple[float, float] | None = None
    """Of its colour scale; None for those that the figure's way of scaling gives it."""


def figure(
    rows: Sequence[str],
    columns: Sequence[tuple[str, str]],
    tiles: Mapping[tuple[int, int], Tile],
    *,
    scale: Scale = "own",
    look: Look = _LOOK,
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
    look
        How the maps are drawn, but for what is light on white paper.
    footer
        A line below; how the maps are scaled is said after it.

    Returns
    -------
    uint8 (H, W, 3)
    """
    side = max([_LEAST, *(max(tile.seen.shape[:2]) for tile in tiles.values())])
    left, top = _MARGIN + _HEADS, _MARGIN + 2 * LINE + GAP
    width = left + len(columns) * (side + GAP) - GAP + _MARGIN
    high = side + _BAR + GAP
    height = top + len(rows) * high + LINE + _MARGIN
    page = Image.new("RGB", (width, height), PAPER)
    pen = Pen(page)
    drawn = dataclasses.replace(look, diverging=_LOOK.diverging)
    for column, lines in enumerate(columns):
        at = left + column * (side + GAP)
        pen.line((at, _MARGIN), lines[0], side, strong=True)
        pen.line((at, _MARGIN + LINE), lines[1], side)
    for row, title in enumerate(rows):
        at = top + row * high
        pen.wrapped((_MARGIN, at), title, _HEADS - GAP, side)
        found = [tiles.get((row, column)) for column in range(len(columns))]
        ends = scales([None if tile is None else tile.result for tile in found], scale)
        for column, tile in enumerate(found):
            corner = (left + column * (side + GAP), at)
            pen.empty(corner, side)
            if tile is not None and tile.result is not None:
                scaled = tile.ends or ends[column]
                page.paste(_painted(tile, side, scaled, drawn), corner)
                name = drawn.colour_map(tile.result)
                pen.lying_bar((corner[0], at + side + 3), side, name, *scaled)
            if tile is not None:
                _note(pen, corner, side, tile)
    pen.line(
        (_MARGIN, height - _MARGIN - LINE),
        " · ".join(filter(None, (footer, _layer(tiles, columns), SCALES[scale]))),
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
    free = {cell.row for cell in result.cells if cell.result and cell.result.class_free}
    ignored = tr("ignores the class")
    rows = [
        f"{title}, {ignored}" if row in free else title for row, title in enumerate(result.rows)
    ]
    return figure(rows, columns, tiles, scale=scale, footer=footer)


def _blank(result: HeatmapResult | None) -> str:
    return tr("blank") if result is not None and result.reason else ""


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


def _layer(tiles: Mapping[tuple[int, int], Tile], columns: Sequence[tuple[str, str]]) -> str:
    """Return the layer that all maps of a layer are made at, unless the columns name it."""
    found = {tile.result.layer for tile in tiles.values() if tile.result is not None} - {""}
    named = {text for lines in columns for text in lines}
    return tr("layer {layer}", layer=found.pop()) if len(found) == 1 and not found & named else ""


def _painted(tile: Tile, side: int, ends: tuple[float, float], look: Look) -> Image.Image:
    assert tile.result is not None
    drawn = painted(tile.result, tile.seen, look, *ends)
    if drawn.shape[:2] != (side, side):
        drawn = np.rint(resize_bilinear(drawn, (side, side))).astype(np.uint8)
    return Image.fromarray(drawn)


def _note(pen: Pen, corner: Point, side: int, tile: Tile) -> None:
    """Say why there is no map, that it is blank, or how many samples it rests on so far."""
    if tile.result is None:
        pen.sentence(corner, side, tile.said)
        return
    said = tile.said
    if tile.result.samples < tile.result.expected:
        said = tr(
            "{samples} of {expected} samples",
            samples=count(tile.result.samples),
            expected=count(tile.result.expected),
        )
    if said:
        pen.chip(corner, side, said)
