"""``cnnviz heatmaps``: heat maps side by side."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz_gui.cli.desk import Desk
from cnnviz_gui.cli.grid_arguments import use
from cnnviz_gui.cli.output import table
from cnnviz_gui.cli.reports import score_report
from cnnviz_gui.core import grid_figure
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.files import save_npz, save_png
from cnnviz_gui.core.grid_requests import HeatmapGrid
from cnnviz_gui.core.grid_results import GridCell, HeatmapGridResult
from cnnviz_gui.core.labels import resolve
from cnnviz_gui.core.numbers import NONE, duration, percent, significant
from cnnviz_gui.core.registry import methods
from cnnviz_gui.core.request import ImageRef, ModelRef

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray


def request(arguments: argparse.Namespace, model: ModelRef, facts: ModelFacts) -> HeatmapGrid:
    """Return what the flags ask for.

    Raises
    ------
    TargetError
        The network has no such class.
    MethodError
        No method is named, and the network can do none that is quick.
    """
    uses = arguments.uses
    if not uses:
        quick = [m for m in methods("heatmap") if not m.gathers and not m.needs(facts)]
        layered = [m for m in quick if m.uses_layer]
        offered = layered if len(arguments.layers) > 1 else quick
        uses = tuple(use(one, arguments.seed) for one in offered)
    if not uses:
        raise MethodError(
            f"{facts.title} can do none of the quick methods there.", "Name others by --methods."
        )
    return HeatmapGrid(
        model=model,
        image=ImageRef(path=arguments.image),
        methods=uses,
        targets=tuple(dict.fromkeys(resolve(facts.labels, text) for text in arguments.targets)),
        top=arguments.top,
        against=None if arguments.against is None else resolve(facts.labels, arguments.against),
        layers=tuple(dict.fromkeys(arguments.layers)) or ("",),
    )


def report(asked: HeatmapGrid, result: HeatmapGridResult) -> dict[str, Any]:
    """Return rows, columns, and what each map is, or why there is none.

    Raises
    ------
    MethodError
        There is no map at all.
    """
    if all(cell.result is None for cell in result.cells):
        raise MethodError(result.cells[0].refused, "Name other methods or layers.")
    return {
        "model": str(asked.model),
        "methods": [
            {"method": use.method, "parameters": use.parameters.values()} for use in asked.methods
        ],
        "columns": [
            {"target": score_report(column.target), "layer": column.layer}
            for column in result.columns
        ],
        "against": asked.against,
        "maps": [_map(asked, result, cell) for cell in result.cells],
        "seconds": result.seconds,
    }


def _map(asked: HeatmapGrid, result: HeatmapGridResult, cell: GridCell) -> dict[str, Any]:
    column = result.columns[cell.column]
    told = {"method": asked.methods[cell.row].method, "target": column.target.index}
    if cell.result is None:
        return {**told, "layer": column.layer, "refused": cell.refused}
    finite = cell.result.map[np.isfinite(cell.result.map)]
    return {
        **told,
        "layer": cell.result.layer,
        "name": _name(asked, result, cell),
        "signed": cell.result.signed,
        "minimum": float(finite.min()) if finite.size else None,
        "maximum": float(finite.max()) if finite.size else None,
        "shape": list(cell.result.map.shape),
        "reason": cell.result.reason,
        "seconds": cell.result.seconds,
    }


def _name(asked: HeatmapGrid, result: HeatmapGridResult, cell: GridCell) -> str:
    """Return the name of a map's array: ``grad-cam-282``, ``grad-cam-282-blocks.4``."""
    column = result.columns[cell.column]
    parts = (asked.methods[cell.row].method, str(column.target.index), column.layer)
    return "-".join(filter(None, parts))


def write(
    arguments: argparse.Namespace,
    asked: HeatmapGrid,
    result: HeatmapGridResult,
    seen: ByteArray,
    at: Desk,
    told: dict[str, Any],
) -> None:
    """Write the files that are asked for, and tell where they are."""
    if arguments.save:
        footer = f"{Path(arguments.image).name} · {asked.model}"
        picture = grid_figure.of_result(result, seen, scale=arguments.scale, footer=footer)
        told["saved"] = {"path": str(save_png(arguments.save, picture, at.told(asked)))}
    if arguments.arrays:
        maps = {
            _name(asked, result, cell): cell.result.map
            for cell in result.cells
            if cell.result is not None
        }
        told["arrays"] = str(save_npz(arguments.arrays, maps))


def lines(result: HeatmapGridResult, told: dict[str, Any]) -> list[str]:
    """Return a table of the largest value of each map, why there are none, and what was written."""
    cells = {(cell.row, cell.column): cell for cell in result.cells}
    places = range(len(result.columns))
    rows = [
        (title, *(_largest(cells[row, place]) for place in places))
        for row, title in enumerate(result.rows)
    ]
    heads = [
        f"{column.target.label} {percent(column.target.probability)} {column.layer}".strip()
        for column in result.columns
    ]
    refused = dict.fromkeys(
        f"{result.rows[cell.row]}: {cell.refused}" for cell in result.cells if cell.refused
    )
    written = [told.get("saved", {}).get("path"), told.get("arrays")]
    return [
        *table(("largest value", *heads), rows, "l" + "r" * len(heads)),
        f"{len(result.cells)} maps, {duration(result.seconds)}",
        *refused,
        *(f"wrote {path}" for path in written if path),
    ]


def _largest(cell: GridCell) -> str:
    if cell.result is None:
        return NONE
    finite = cell.result.map[np.isfinite(cell.result.map)]
    return significant(float(finite.max())) if finite.size else NONE
