"""The attacks on a folder: what is asked, and what of it is shown. Pure functions."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import PurePath

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.attack_folder_requests import AttackFolder, ladder
from cnnviz_gui.core.attack_folder_results import AttackFolderResult, AttackRow
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.request import ImageRef, Request
from cnnviz_gui.core.robustness import Robust, Robustness, robustness
from cnnviz_gui.state import attack_folder_columns, folder_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_folder_columns import HOLDS, size
from cnnviz_gui.state.epsilon_words import NORMS, EpsilonUnit
from cnnviz_gui.state.folder_rows import Column
from cnnviz_gui.state.folder_view import Class, Shown
from cnnviz_gui.texts import ntr, tr

LANE = "attack-folder"


@dataclass(frozen=True, slots=True, eq=False)
class ShownAttacks(Shown[AttackFolder, AttackFolderResult]):
    """The rows to show, and how sizes in L∞ are written."""

    unit: EpsilonUnit = "255ths"


def wanted(state: AppState) -> AttackFolder | None:
    """Return what a start would ask: the attack of the form, on the folder that is open.

    Opening one of its pictures, which takes an epsilon of many into the form, asks nothing new.
    """
    selection, parameters = state.selection, state.selection.attack_parameters
    if not selection.folder or parameters is None or state.shared.facts is None:
        return None
    begun = selection.attack_folder
    if begun is not None and selection.attack_method == begun.method:
        parameters = begun.parameters if parameters == selection.attack_opened else parameters
    return AttackFolder(
        model=selection.model,
        folder=FolderRef(path=selection.folder, nested=selection.folder_nested),
        method=selection.attack_method,
        parameters=parameters,
        epsilons=ladder(parameters),
        target=selection.target,
    )


def attack_folder_requests(state: AppState) -> dict[str, Request]:
    """Return the passage that the user has begun, while its view is in sight."""
    selection, begun = state.selection, state.selection.attack_folder
    in_sight = selection.stage == "attack" and state.display.attack_view == "folder"
    if not in_sight or begun is None or state.shared.facts is None:
        return {}
    same = (begun.model, begun.folder.path) == (selection.model, selection.folder)
    return {LANE: begun} if same else {}


def startable(state: AppState) -> bool:
    """Tell whether a start would ask something else than was begun."""
    asked = wanted(state)
    return asked is not None and asked != state.selection.attack_folder


def plan_of(state: AppState) -> str:
    """Return what a start would do, in a sentence."""
    asked = wanted(state)
    if asked is None:
        return ""
    method = state.shared.method("attack", asked.method)
    name = PurePath(asked.folder.path).name or asked.folder.path
    title = method.title if method is not None else asked.method
    unit = state.display.epsilon_unit
    if not asked.budgeted:
        return tr(
            "Attack the pictures of {folder} with {attack}, and see how large a change in L2 each"
            " of them needs.",
            folder=name,
            attack=title,
        )
    return tr(
        "Attack the pictures of {folder} with {attack}, each at a rising epsilon up to {epsilon}"
        " until it gives way.",
        folder=name,
        attack=title,
        epsilon=f"{size(asked.epsilons[-1], asked.norm, unit)} ({NORMS[asked.norm]})",
    )


def shown_folder(state: AppState) -> ShownAttacks | None:
    """Return what was found of the folder that is open, by whatever attack and network.

    It is current while a start would ask the same: not once another attack is chosen, be what was
    begun still at work.
    """
    found = folder_view.shown(state, LANE, AttackFolder, AttackFolderResult)
    if found is None:
        return None
    unit, current = state.display.epsilon_unit, found.current and not startable(state)
    return ShownAttacks(found.result, found.request, current, found.complete, unit)


def columns(shown: ShownAttacks) -> tuple[Column[AttackRow], ...]:
    """Return the columns that the rows have."""
    return _columns(shown.result, shown.unit)


@functools.lru_cache(maxsize=2)
def _columns(result: AttackFolderResult, unit: EpsilonUnit) -> tuple[Column[AttackRow], ...]:
    return attack_folder_columns.of_result(result, unit)


def column(state: AppState, shown: ShownAttacks) -> Column[AttackRow]:
    """Return the column by which the rows are sorted; that of the files where it has gone."""
    return folder_view.column(state, columns(shown))


def rows_in_sight(state: AppState, shown: ShownAttacks) -> tuple[AttackRow, ...]:
    """Return the rows that fit what is searched for, sorted."""
    display, order = state.display, column(state, shown).key
    sought = display.folder_class, display.folder_words
    return _arranged(shown.result, sought, order, display.folder_falling)


@functools.lru_cache(maxsize=2)
def _arranged(
    result: AttackFolderResult, sought: tuple[int | None, str], key: str, falling: bool
) -> tuple[AttackRow, ...]:
    """Sort thousands once, not whenever the progress moves."""
    order = next(one for one in _columns(result, "255ths") if one.key == key)
    return folder_view.arranged(
        result,
        result.rows,
        sought,
        lambda row: row.predicted,
        lambda row: (row.after, row.truth),
        (order, falling),
    )


def classes(state: AppState, shown: ShownAttacks) -> list[Class]:
    """Return index, name and pictures of each class seen in them, the most frequent first."""
    return folder_view.offered(state, shown.result, _classes(shown.result))


@functools.lru_cache(maxsize=1)
def _classes(result: AttackFolderResult) -> list[Class]:
    return folder_view.counted([row.predicted for row in result.rows])


def count(state: AppState, shown: ShownAttacks, in_sight: int) -> str:
    """Return how far it is: ``38 of 120, 2 min left``."""
    return folder_view.count(state, LANE, shown.result, in_sight)


@functools.lru_cache(maxsize=2)
def robust(result: AttackFolderResult) -> Robustness:
    """Return how many pictures withstand each epsilon."""
    return robustness(result.rows, result.epsilons, result.target)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One epsilon of the curve."""

    epsilon: str
    keeping: Robust
    correct: Robust | None
    """None where no folder names a class."""
    told: str
    """All of it, a line each."""


def curve(shown: ShownAttacks) -> tuple[CurvePoint, ...]:
    """Return the points of the curve, those that no picture tells anything of left out."""
    found, norm, unit = robust(shown.result), shown.result.norm, shown.unit
    correct = found.correct or (None,) * len(found.keeping)
    points = []
    for keeping, right in zip(found.keeping, correct, strict=True):
        lines = [
            tr("epsilon {epsilon}", epsilon=size(keeping.epsilon, norm, unit)),
            f"{keeps(shown)}: {_said(keeping)}",
        ]
        lines += [] if right is None else [tr("still right: {share}", share=_said(right))]
        told = "\n".join(lines)
        points.append(CurvePoint(_bare(keeping.epsilon, norm, unit), keeping, right, told))
    return tuple(points) if found.keeping and found.keeping[0].of else ()


def keeps(shown: ShownAttacks) -> str:
    """Return what pictures do that withstand the attack."""
    plain = shown.request.target is None
    return tr("keep their class") if plain else tr("do not reach the target")


def title(state: AppState, shown: ShownAttacks) -> str:
    """Return the title of the curve, which may be of another attack than the one of the form."""
    method = state.shared.method("attack", shown.request.method)
    name = shown.request.method if method is None else method.title
    mark = trust.mark(state.shared.facts)
    what = tr("Robust accuracy")
    if shown.request.target is not None:
        what = tr("Pictures that do not reach {label}", label=_target(state, shown.request))
    return f"{what}, {name}{mark and f' · {mark}'}"


def _target(state: AppState, request: AttackFolder) -> str:
    facts, target = state.shared.facts, request.target
    of_another = request.model != state.selection.model
    if facts is None or target is None or of_another or trust.nameless(facts):
        return tr("the target")
    return (
        facts.labels[target] if target < len(facts.labels) else tr("class {number}", number=target)
    )


def axis(shown: ShownAttacks) -> str:
    """Return what the axis across is."""
    if not shown.request.budgeted:
        return tr("size of the smallest change found, L2")
    norm = shown.result.norm
    if norm == "linf" and shown.unit == "255ths":
        return tr("epsilon, {norm} in 255ths", norm=NORMS[norm])
    return tr("epsilon, {norm}", norm=NORMS[norm])


def upwards(shown: ShownAttacks) -> str:
    """Return what the axis upwards is, in a word: a low chart has no room for two."""
    return tr("accuracy") if shown.request.target is None else tr("pictures")


def verdict(shown: ShownAttacks) -> str:
    """Return in a sentence how many pictures hold; empty before anything is known.

    It is about the epsilon that was set, and another sentence tells where half gave way before. An
    attack without one is told where no more than half hold, else at the largest change.
    """
    points = [one for one in robust(shown.result).keeping if one.of]
    if not points:
        return ""
    half = next((one for one in points if 2 * one.held <= one.of), points[-1])
    chosen = shown.request.parameters.values().get("epsilon") if shown.request.budgeted else None
    point = next((one for one in points if one.epsilon == chosen), half)
    said = tr(
        "{withstanding} at {epsilon}: {share}, with 95 % confidence {low} to {high}.",
        withstanding=_withstanding(shown, point),
        epsilon=size(point.epsilon, shown.result.norm, shown.unit),
        share=fmt.percent(point.share),
        low=fmt.percent(point.low),
        high=fmt.percent(point.high),
    )
    if half.epsilon >= point.epsilon or half.of == 1:
        return said
    where = size(half.epsilon, shown.result.norm, shown.unit)
    return tr("{said} From {epsilon} on no more than half hold.", said=said, epsilon=where)


def _withstanding(shown: ShownAttacks, point: Robust) -> str:
    """Return how many pictures withstand the attack, or what the only one does."""
    plain = shown.request.target is None
    if point.of == 1 and plain:
        held, changed = (
            tr("The one picture keeps its class"),
            tr("The one picture changes its class"),
        )
        return held if point.held else changed
    if point.of == 1:
        held = tr("The one picture does not reach the target")
        return held if point.held else tr("The one picture reaches the target")
    counts = {"held": fmt.count(point.held), "total": fmt.count(point.of)}
    if plain:
        return ntr(
            "{held} of {total} pictures keeps its class",
            "{held} of {total} pictures keep their class",
            point.held,
            **counts,
        )
    return ntr(
        "{held} of {total} pictures does not reach the target",
        "{held} of {total} pictures do not reach the target",
        point.held,
        **counts,
    )


def _bare(epsilon: float, norm: str, unit: EpsilonUnit) -> str:
    return size(epsilon, norm, unit).removesuffix(" / 255")


def _said(one: Robust) -> str:
    return tr(
        "{held} of {total}, {share} (95 %: {low} to {high})",
        held=one.held,
        total=one.of,
        share=fmt.percent(one.share),
        low=fmt.percent(one.low),
        high=fmt.percent(one.high),
    )


def said_under(state: AppState, shown: ShownAttacks, row: AttackRow) -> str:
    """Return the figure under a tile: where it gives way, or what it is sorted by."""
    if not row.counts:
        return ""
    order = column(state, shown)
    if order.key not in ("file", "class", "after", "truth", "flip"):
        return order.text(row)
    return HOLDS if row.flip is None else f"ε {size(row.flip, shown.result.norm, shown.unit)}"


def label(state: AppState, row: AttackRow) -> str:
    """Return the classes under a tile, before and after, or why there is nothing."""
    if row.predicted is None or row.problem:
        return tr("not attacked")
    if trust.nameless(state.shared.facts):
        return ""
    if row.after is None or row.flip is None:
        return row.predicted.label
    return f"{row.predicted.label} → {row.after.label}"


def told(shown: ShownAttacks, row: AttackRow) -> str:
    """Return all that is known of a picture, a line each."""
    if row.problem:
        return "\n".join((row.path, row.problem, tr("Click to try to open it.")))
    lines = [
        f"{one.title}, {one.unit}: {one.text(row)}"
        for one in columns(shown)[1:]
        if one.text(row) != fmt.NONE
    ]
    return "\n".join(filter(None, (row.path, *lines, row.note, tr("Click to see it large."))))


def skipped(shown: ShownAttacks) -> str:
    """Return how many pictures were not attacked, and why one was not; empty where all were."""
    bad = [row for row in shown.result.rows if not row.counts]
    if not bad:
        return ""
    return ntr(
        "{count} not attacked: {why}",
        "{count} not attacked, such as: {why}",
        len(bad),
        count=fmt.count(len(bad)),
        why=bad[0].problem or bad[0].note,
    )


def opening(state: AppState, shown: ShownAttacks, row: AttackRow) -> dict[str, object]:
    """Return what to select so that a picture is attacked as it was here when it gave way.

    That begins once it is open, not with the picture that is in use until then. One that never
    gave way is attacked at the largest of the epsilons.
    """
    request, begun = shown.request, state.selection.attack_folder
    alike = begun is not None and (
        (begun.method, begun.parameters) == (request.method, request.parameters)
    )
    parameters = request.at(request.epsilons[-1] if row.flip is None else row.flip)
    return {
        "attack_method": request.method,
        "attack_parameters": parameters,
        "attack_opened": parameters if alike else None,  # of another attack it asks something new
        "attack_scaled": False,
        "target": request.target,
        "attack_started": False,
        "attack_awaited": ImageRef(path=row.path, reduced=True),  # as it was read here
    }
