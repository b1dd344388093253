"""``cnnviz heatmap-folder``: the heat maps of all pictures of a folder."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnviz_gui.cli import folder_work
from cnnviz_gui.cli.folder_work import MOST_LINES, Passage
from cnnviz_gui.cli.output import table
from cnnviz_gui.cli.reports import score_report
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.folder.names import relative
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.labels import resolve
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.map_folder_results import HeatmapFolderResult, MapRow
from cnnviz_gui.core.map_folder_table import COLUMNS
from cnnviz_gui.core.numbers import NONE, duration, percent, significant
from cnnviz_gui.core.request import Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.result_files import overlay

if TYPE_CHECKING:
    from cnnviz_gui.cli.progress import TerminalContext
    from cnnviz_gui.core.result import ByteArray
    from cnnviz_gui.core.session import Session


def request(arguments: argparse.Namespace, model: ModelRef, facts: ModelFacts) -> HeatmapFolder:
    """Return what the flags ask for.

    Raises
    ------
    TargetError
        The network has no such class.
    """

    def index(given: str | None) -> int | None:
        return None if given is None else resolve(facts.labels, given)

    return HeatmapFolder(
        model=model,
        folder=folder_work.folder_of(arguments),
        method=arguments.method,
        parameters=arguments.parameters,
        target=index(arguments.target),
        against=index(arguments.against),
        layer=arguments.layer,
        share=arguments.share,
        curves=arguments.curves,
    )


def passage(
    asked: HeatmapFolder, session: Session, terminal: TerminalContext
) -> Passage[HeatmapFolderResult]:
    """Return how the folder is looked through."""
    # they import torch, which help does not wait for
    from cnnviz_gui.core import run_map_folder
    from cnnviz_gui.core.execute import execute

    def caption(row: MapRow) -> tuple[str, str]:
        said = f"{row.target.label} {percent(row.target.probability)}" if row.target else ""
        return relative(row.path, asked.folder), said

    def missing(row: Any) -> Callable[[], ByteArray] | None:
        def make() -> ByteArray:
            one = _alone(asked, row)
            found = execute(one, session, terminal)
            assert isinstance(found, HeatmapResult)
            return overlay(found, session.seen(one.model, one.image, terminal))

        return make if row.target else None

    return Passage(
        asked,
        asked.folder,
        HeatmapFolderResult,
        run=run_map_folder.run,
        name=run_map_folder.name_of(asked, session.classifier(asked.model).facts),
        columns=COLUMNS,
        caption=caption,
        footer=f"{Path(asked.folder.path).name} · {asked.model} · {asked.method}",
        missing=missing,
        single=lambda path: _of(asked, path, asked.target, asked.against),
    )


def _alone(asked: HeatmapFolder, row: MapRow) -> Heatmap:
    """Return the request for one of the maps; where the rival is predicted, without one."""
    assert row.target is not None
    target = row.target.index if asked.target is None else asked.target
    return _of(asked, row.path, target, None if asked.against == target else asked.against)


def _of(asked: HeatmapFolder, path: str, target: int | None, against: int | None) -> Heatmap:
    names = {field.name for field in dataclasses.fields(Heatmap)} - {"image", "attack"}
    given = {name: getattr(asked, name) for name in names}
    image = ImageRef(path=path, reduced=True)
    return Heatmap(image=image, **given | {"target": target, "against": against})


def report(
    passage: Passage[HeatmapFolderResult], result: HeatmapFolderResult, written: dict[str, str]
) -> dict[str, Any]:
    """Return what was found of each picture."""
    pictures = [_picture(row, passage.folder) for row in result.rows]
    told = folder_work.report(passage, result, written, layer=result.layer)
    return {**told, "pictures": pictures}


def _picture(row: MapRow, folder: FolderRef) -> dict[str, Any]:
    told: dict[str, Any] = dataclasses.asdict(row)
    told["path"] = relative(row.path, folder)
    del told["thumbnail"]
    for name in ("predicted", "target"):
        score = getattr(row, name)
        told[name] = None if score is None else score_report(score)
    return told


def lines(result: HeatmapFolderResult, written: dict[str, str]) -> list[str]:
    """Return a table of the first pictures, how many there are, and what was written."""
    rows = [_line(row, result.folder) for row in result.rows[:MOST_LINES]]
    bad = sum(bool(row.problem) for row in result.rows)
    counted = f"{len(result.rows)} pictures, {duration(result.seconds)}"
    more = len(result.rows) - len(rows)
    return [
        *table(("file", "target", "probability", "marked", "spread", "note"), rows, "llrrrl"),
        *([f"and {more} more: --csv writes them all"] if more else []),
        f"{counted}, {bad} without a map" if bad else counted,
        *(f"wrote {path}" for path in written.values()),
    ]


def _line(row: MapRow, folder: FolderRef) -> tuple[str, ...]:
    name = relative(row.path, folder)
    if row.target is None:
        return name, NONE, NONE, NONE, NONE, row.problem
    figures = (NONE if one is None else significant(one) for one in (row.marked, row.spread))
    return name, row.target.label, percent(row.target.probability), *figures, row.note
