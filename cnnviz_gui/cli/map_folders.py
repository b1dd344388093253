"""``cnnviz heatmap-folder``: the heat maps of all pictures of a folder."""

from __future__ import annotations

import argparse
import dataclasses
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnviz_gui.cli import checkpoints
from cnnviz_gui.cli.output import table
from cnnviz_gui.cli.progress import TerminalContext
from cnnviz_gui.cli.reports import score_report
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import Cancelled, OutputError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.files import display_name, save_png, write_atomically
from cnnviz_gui.core.folder import kept, sheet
from cnnviz_gui.core.folder import table as table_file
from cnnviz_gui.core.folder.names import relative
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.labels import resolve
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.map_folder_results import HeatmapFolderResult, MapRow
from cnnviz_gui.core.map_folder_table import COLUMNS
from cnnviz_gui.core.numbers import NONE, duration, percent, significant
from cnnviz_gui.core.request import Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.result_files import check_destination, overlay

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray
    from cnnviz_gui.core.session import Session

_MOST_LINES = 40


def request(arguments: argparse.Namespace, model: ModelRef, facts: ModelFacts) -> HeatmapFolder:
    """Return what the flags ask for.

    Raises
    ------
    TargetError
        The network has no such class.
    """

    def index(given: str | None) -> int | None:
        return None if given is None else resolve(facts.labels, given)

    path = str(Path(arguments.folder).absolute())
    return HeatmapFolder(
        model=model,
        folder=FolderRef(path=path, nested=arguments.nested),
        method=arguments.method,
        parameters=arguments.parameters,
        target=index(arguments.target),
        against=index(arguments.against),
        layer=arguments.layer,
        share=arguments.share,
        curves=arguments.curves,
    )


def check_destinations(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be written before minutes are spent on computing it."""
    if arguments.csv:
        check_destination(arguments.csv)
    if arguments.sheet:
        check_destination(arguments.sheet, ".png")
    if arguments.request:
        check_destination(arguments.request)
    if arguments.save and Path(arguments.save).exists() and not Path(arguments.save).is_dir():
        raise OutputError(
            f"{display_name(arguments.save)} is not a folder.", "Choose the name of a folder."
        )


def compute(
    arguments: argparse.Namespace, asked: HeatmapFolder, session: Session, terminal: TerminalContext
) -> tuple[HeatmapFolderResult, dict[str, str]]:
    """Make the maps and write what is asked for; return the rows, and where the files are.

    Ctrl+C stops it, and what was found until then is written too.
    """
    # they import torch, which help does not wait for
    from cnnviz_gui.core import run_map_folder
    from cnnviz_gui.core.execute import execute

    if not arguments.resume:
        kept.drop(run_map_folder.name_of(asked, session.classifier(asked.model).facts))
        session.forget_results()
    terminal.begin(f"Looking through {Path(asked.folder.path).name}")
    latest = _Latest(terminal)
    pictures = _Pictures(arguments.save, asked.folder) if arguments.save else None

    def handler(request: HeatmapFolder, at: Session, ctx: Context) -> HeatmapFolderResult:
        return run_map_folder.run(request, at, ctx, pictures.write if pictures else None)

    try:
        result = execute(asked, session, latest, handler)
    except Cancelled:
        terminal.clear()
        if latest.rows:  # else a table of before would give way to an empty one
            _write(arguments, asked, latest.rows)
        raise
    assert isinstance(result, HeatmapFolderResult)
    # first, so that a picture that cannot be written costs neither table nor sheet
    written = _write(arguments, asked, result.rows)
    if pictures is not None:
        pictures.complete(asked, result.rows, session, terminal)
        written["pictures"] = arguments.save
    terminal.clear()
    if arguments.request:
        sealed = dataclasses.replace(asked, model=checkpoints.sealed(asked.model))
        write_atomically(Path(arguments.request), sealed.to_json())
    return result, written


class _Latest:
    """The terminal, which also keeps the rows that were shown last."""

    def __init__(self, terminal: TerminalContext) -> None:
        self.rows: tuple[MapRow, ...] = ()
        self.check = terminal.check
        self.step = terminal.step

    def partial(self, value: object) -> None:
        """Keep the rows."""
        if isinstance(value, HeatmapFolderResult):
            self.rows = value.rows


class _Pictures:
    """Writes each map over its picture into a folder, in folders like those of the pictures."""

    def __init__(self, place: str, folder: FolderRef) -> None:
        self._place = Path(place)
        self._folder = folder
        self._written: set[str] = set()

    def write(self, path: str, overlay: ByteArray) -> None:
        """Write the picture of a file; one that ends in ``.jpg`` ends in ``.jpg.png``."""
        target = self._target(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The folder {display_name(target.parent)} cannot be made: {error.strerror}.",
                "Choose another folder.",
            ) from None
        save_png(target, overlay)
        self._written.add(path)

    def _target(self, path: str) -> Path:
        name = Path(f"{relative(path, self._folder)}.png")
        return self._place / (name.name if name.is_absolute() else name)

    def complete(
        self,
        asked: HeatmapFolder,
        rows: tuple[MapRow, ...],
        session: Session,
        terminal: TerminalContext,
    ) -> None:
        """Write the pictures of rows that were known, so that no map was made of them.

        What lies in the folder may be of another method, so it is written over.
        """
        from cnnviz_gui.core.execute import execute

        missing = [row for row in rows if row.target and row.path not in self._written]
        for row in missing:
            one = _alone(asked, row)
            found = execute(one, session, terminal)
            assert isinstance(found, HeatmapResult)
            self.write(row.path, overlay(found, session.seen(one.model, one.image, terminal)))


def _alone(asked: HeatmapFolder, row: MapRow) -> Heatmap:
    """Return the request for one of the maps; where the rival is predicted, without one."""
    assert row.target is not None
    target = row.target.index if asked.target is None else asked.target
    names = {field.name for field in dataclasses.fields(Heatmap)} - {"image", "attack"}
    given = {name: getattr(asked, name) for name in names}
    given["against"] = None if asked.against == target else asked.against
    return Heatmap(image=ImageRef(path=row.path, reduced=True), **given | {"target": target})


def report(
    asked: HeatmapFolder, result: HeatmapFolderResult, written: dict[str, str]
) -> dict[str, Any]:
    """Return what was found of each picture."""
    return {
        "model": str(asked.model),
        "method": asked.method,
        "layer": result.layer,
        "parameters": asked.parameters.values(),
        "folder": asked.folder.path,
        "total": result.total,
        "truncated": result.truncated,
        "pictures": [_picture(row, asked.folder) for row in result.rows],
        "saved": written,
        "seconds": result.seconds,
    }


def _picture(row: MapRow, folder: FolderRef) -> dict[str, Any]:
    told: dict[str, Any] = dataclasses.asdict(row)
    told["path"] = relative(row.path, folder)
    del told["thumbnail"]
    for name in ("predicted", "target"):
        score = getattr(row, name)
        told[name] = None if score is None else score_report(score)
    return told


def _write(
    arguments: argparse.Namespace, asked: HeatmapFolder, rows: tuple[MapRow, ...]
) -> dict[str, str]:
    """Write table and sheet where they are asked for, and tell where they are."""
    written: dict[str, str] = {}
    if arguments.csv:
        written["csv"] = str(table_file.save(arguments.csv, asked.folder, rows, COLUMNS))
    if arguments.sheet:
        footer = f"{Path(asked.folder.path).name} · {asked.model} · {asked.method}"
        page = sheet.contact_sheet(rows, partial(_caption, asked.folder), footer)
        written["sheet"] = str(save_png(arguments.sheet, page))
    return written


def _caption(folder: FolderRef, row: MapRow) -> tuple[str, str]:
    said = f"{row.target.label} {percent(row.target.probability)}" if row.target else ""
    return relative(row.path, folder), said


def lines(result: HeatmapFolderResult, written: dict[str, str]) -> list[str]:
    """Return a table of the first pictures, how many there are, and what was written."""
    rows = [_line(row, result.folder) for row in result.rows[:_MOST_LINES]]
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
