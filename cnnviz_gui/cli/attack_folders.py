"""``cnnviz attack-folder``: how many pictures of a folder withstand an attack."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnviz_gui.cli import folder_work
from cnnviz_gui.cli.folder_work import MOST_LINES, Passage
from cnnviz_gui.cli.output import table
from cnnviz_gui.cli.reports import score_report
from cnnviz_gui.core.attack_folder_requests import AttackFolder, ladder
from cnnviz_gui.core.attack_folder_results import AttackFolderResult, AttackRow
from cnnviz_gui.core.attack_folder_table import columns
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.files import quantised
from cnnviz_gui.core.folder.names import relative
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.labels import resolve
from cnnviz_gui.core.numbers import NONE, duration, of255, percent
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.result import AttackResult
from cnnviz_gui.core.robustness import Robust, robustness

if TYPE_CHECKING:
    from cnnviz_gui.cli.progress import TerminalContext
    from cnnviz_gui.core.result import ByteArray
    from cnnviz_gui.core.session import Session

_NORMS = {"linf": "Linf", "l2": "L2", "l1": "L1"}


def request(arguments: argparse.Namespace, model: ModelRef, facts: ModelFacts) -> AttackFolder:
    """Return what the flags ask for.

    Raises
    ------
    TargetError
        The network has no such class.
    """
    target = arguments.target
    return AttackFolder(
        model=model,
        folder=folder_work.folder_of(arguments),
        method=arguments.method,
        parameters=arguments.parameters,
        epsilons=arguments.epsilons or ladder(arguments.parameters),
        target=None if target is None else resolve(facts.labels, target),
    )


def passage(
    asked: AttackFolder, session: Session, terminal: TerminalContext
) -> Passage[AttackFolderResult]:
    """Return how the folder is looked through."""
    # they import torch, which help does not wait for
    from cnnviz_gui.core import run_attack_folder
    from cnnviz_gui.core.execute import execute

    run_attack_folder.require_epsilons(asked)

    def caption(row: AttackRow) -> tuple[str, str]:
        said = "" if row.predicted is None else row.predicted.label
        if row.flip is not None and row.after is not None:
            said = f"{_written(row.flip, asked.norm)}: {row.after.label}"
        return relative(row.path, asked.folder), said

    def missing(row: Any) -> Callable[[], ByteArray] | None:
        def make() -> ByteArray:
            found = execute(asked.alone(row.path, row.flip), session, terminal)
            assert isinstance(found, AttackResult)
            return quantised(found)

        return None if row.flip is None else make

    return Passage(
        asked,
        asked.folder,
        AttackFolderResult,
        run=run_attack_folder.run,
        name=run_attack_folder.name_of(asked, session.classifier(asked.model).facts),
        columns=columns(asked),
        caption=caption,
        footer=f"{Path(asked.folder.path).name} · {asked.model} · {asked.method}",
        missing=missing,
        single=lambda path: asked,
    )


def report(
    passage: Passage[AttackFolderResult], result: AttackFolderResult, written: dict[str, str]
) -> dict[str, Any]:
    """Return the robust accuracy, and what was found of each picture."""
    found = robustness(result.rows, result.epsilons, result.target)
    told = folder_work.report(
        passage,
        result,
        written,
        norm=result.norm,
        epsilons=result.epsilons,
        target=passage.asked.target,
        robust={
            "keeping": [_told(one) for one in found.keeping],
            "correct": [_told(one) for one in found.correct],
        },
    )
    pictures = [_picture(row, passage.folder, result.epsilons) for row in result.rows]
    return {**told, "pictures": pictures}


def _told(one: Robust) -> dict[str, Any]:
    return {**dataclasses.asdict(one), "share": one.share if one.of else None}


def _picture(row: AttackRow, folder: FolderRef, epsilons: Sequence[float]) -> dict[str, Any]:
    told: dict[str, Any] = dataclasses.asdict(row)
    told["path"] = relative(row.path, folder)
    for name in ("thumbnail", "clean"):
        del told[name]
    for name in ("predicted", "truth", "after"):
        score = getattr(row, name)
        told[name] = None if score is None else score_report(score)
    told["holds"] = [row.holds(epsilon) for epsilon in epsilons] if row.counts else None
    return told


def lines(result: AttackFolderResult, written: dict[str, str]) -> list[str]:
    """Return a table of the first pictures, the robust accuracy, and what was written."""
    rows = [_line(row, result) for row in result.rows[:MOST_LINES]]
    more = len(result.rows) - len(rows)
    left_out = sum(not row.counts for row in result.rows)
    given_way = "changed at" if result.target is None else "target reached at"
    counted = f"{len(result.rows)} pictures, {duration(result.seconds)}"
    return [
        *table(("file", "class", given_way, "class after", "note"), rows, "llrll"),
        *([f"and {more} more: --csv writes them all"] if more else []),
        "",
        *_curve(result),
        "",
        f"{counted}, {left_out} not attacked" if left_out else counted,
        *(f"wrote {path}" for path in written.values()),
    ]


def _curve(result: AttackFolderResult) -> list[str]:
    found = robustness(result.rows, result.epsilons, result.target)
    holding = "hold" if result.target is None else "miss the target"
    header = ["epsilon", holding, "share", "95 % interval"]
    cells = [[_written(one.epsilon, result.norm), *_shares(one)] for one in found.keeping]
    if found.correct:
        header += ["correct", "share", "95 % interval"]
        cells = [[*row, *_shares(one)] for row, one in zip(cells, found.correct, strict=True)]
    return table(header, cells, "r" * len(header))


def _shares(one: Robust) -> tuple[str, str, str]:
    share = percent(one.share) if one.of else NONE
    return f"{one.held} of {one.of}", share, f"{percent(one.low)} to {percent(one.high)}"


def _line(row: AttackRow, result: AttackFolderResult) -> tuple[str, ...]:
    name = relative(row.path, result.folder)
    if row.predicted is None or not row.counts:
        label = NONE if row.predicted is None else row.predicted.label
        return name, label, NONE, NONE, row.problem or row.note
    if row.flip is None or row.after is None:
        held = "holds" if result.target is None else "misses it"
        return name, row.predicted.label, held, NONE, ""
    return name, row.predicted.label, _written(row.flip, result.norm), row.after.label, ""


def _written(epsilon: float, norm: str) -> str:
    return of255(epsilon) if norm == "linf" else f"{epsilon:g} ({_NORMS[norm]})"
