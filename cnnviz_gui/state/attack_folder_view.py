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
    last = f"{size(asked.epsilons[-1], asked.norm, unit)} ({NORMS[asked.norm]})"
    said = f"Attack the pictures of {name} with {title}"
    if not asked.budgeted:
        return f"{said}, and see how large a change in L2 each of them needs."
    return f"{said}, each at a rising epsilon up to {last} until it gives way."


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
            f"epsilon {size(keeping.epsilon, norm, unit)}",
            f"{keeps(shown)}: {_said(keeping)}",
        ]
        lines += [] if right is None else [f"still right: {_said(right)}"]
        told = "\n".join(lines)
        points.append(CurvePoint(_bare(keeping.epsilon, norm, unit), keeping, right, told))
    return tuple(points) if found.keeping and found.keeping[0].of else ()


def keeps(shown: ShownAttacks, number: int = 2) -> str:
    """Return what so many pictures do that withstand the attack."""
    if shown.request.target is None:
        return "keeps its class" if number == 1 else "keep their class"
    return "does not reach the target" if number == 1 else "do not reach the target"


def yields(shown: ShownAttacks) -> str:
    """Return what a picture does that does not withstand the attack."""
    return "changes its class" if shown.request.target is None else "reaches the target"


def title(state: AppState, shown: ShownAttacks) -> str:
    """Return the title of the curve, which may be of another attack than the one of the form."""
    method = state.shared.method("attack", shown.request.method)
    name = shown.request.method if method is None else method.title
    mark = trust.mark(state.shared.facts)
    what = "Robust accuracy"
    if shown.request.target is not None:
        what = f"Pictures that do not reach {_target(state, shown.request)}"
    return f"{what}, {name}{mark and f' · {mark}'}"


def _target(state: AppState, request: AttackFolder) -> str:
    facts, target = state.shared.facts, request.target
    of_another = request.model != state.selection.model
    if facts is None or target is None or of_another or trust.nameless(facts):
        return "the target"
    return facts.labels[target] if target < len(facts.labels) else f"class {target}"


def axis(shown: ShownAttacks) -> str:
    """Return what the axis across is."""
    if not shown.request.budgeted:
        return "size of the smallest change found, L2"
    norm = shown.result.norm
    in_255ths = " in 255ths" if norm == "linf" and shown.unit == "255ths" else ""
    return f"epsilon, {NORMS[norm]}{in_255ths}"


def upwards(shown: ShownAttacks) -> str:
    """Return what the axis upwards is, in a word: a low chart has no room for two."""
    return "accuracy" if shown.request.target is None else "pictures"


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
    of = f"{fmt.count(point.held)} of {fmt.count(point.of)} pictures {keeps(shown, point.held)}"
    if point.of == 1:
        of = f"The one picture {keeps(shown, 1) if point.held else yields(shown)}"
    said = (
        f"{of} at {size(point.epsilon, shown.result.norm, shown.unit)}:"
        f" {fmt.percent(point.share)}, with 95 % confidence {fmt.percent(point.low)} to"
        f" {fmt.percent(point.high)}."
    )
    if half.epsilon >= point.epsilon or half.of == 1:
        return said
    where = size(half.epsilon, shown.result.norm, shown.unit)
    return f"{said} From {where} on no more than half hold."


def _bare(epsilon: float, norm: str, unit: EpsilonUnit) -> str:
    return size(epsilon, norm, unit).removesuffix(" / 255")


def _said(one: Robust) -> str:
    interval = f"{fmt.percent(one.low)} to {fmt.percent(one.high)}"
    return f"{one.held} of {one.of}, {fmt.percent(one.share)} (95 %: {interval})"


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
        return "not attacked"
    if trust.nameless(state.shared.facts):
        return ""
    if row.after is None or row.flip is None:
        return row.predicted.label
    return f"{row.predicted.label} → {row.after.label}"


def told(shown: ShownAttacks, row: AttackRow) -> str:
    """Return all that is known of a picture, a line each."""
    if row.problem:
        return f"{row.path}\n{row.problem}\nClick to try to open it."
    lines = [
        f"{one.title}, {one.unit}: {one.text(row)}"
        for one in columns(shown)[1:]
        if one.text(row) != fmt.NONE
    ]
    return "\n".join(filter(None, (row.path, *lines, row.note, "Click to see it large.")))


def skipped(shown: ShownAttacks) -> str:
    """Return how many pictures were not attacked, and why one was not; empty where all were."""
    bad = [row for row in shown.result.rows if not row.counts]
    if not bad:
        return ""
    such = "" if len(bad) == 1 else ", such as"
    return f"{fmt.count(len(bad))} not attacked{such}: {bad[0].problem or bad[0].note}"


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
