"""What is shown of a race of attacks: pure functions of selection and findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.race_requests import NORMS, AttackRace
from cnnviz_gui.core.race_results import RaceResult, Runner, order
from cnnviz_gui.state import trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.border_view import called, exact, of_norm
from cnnviz_gui.state.folder_rows import Column, in_order
from cnnviz_gui.state.race_plan import LANE, race_request
from cnnviz_gui.texts import tr

_GIVING_WAY = ("l1", "ssim", "l2", "seconds", "linf", "aim", "forwards", "backwards")
_HEAD = 14
"""Letters of a name of a class above its column."""


@dataclass(frozen=True, slots=True)
class ShownRace:
    """The race on screen."""

    result: RaceResult
    request: AttackRace
    current: bool
    """It is what the selection asks for."""

    @property
    def complete(self) -> bool:
        """Whether every attack is through."""
        return self.result.finished == len(self.result.runners)


@dataclass(frozen=True, slots=True)
class RaceRow:
    """One attack."""

    place: int
    """In the result."""
    rank: int
    title: str
    note: str
    """What the budget set, or where the attack is."""
    outcome: str
    where: str
    """Said below the outcome, if it does not lie in the ball."""
    token: str
    """The colour of the outcome."""
    runner: Runner
    told: str
    """All that is known, for the mouse that rests on it."""

    @property
    def problem(self) -> str:
        """Why there is no result."""
        return self.runner.problem


def shown_race(state: AppState) -> ShownRace | None:
    """Return the race on the picture and network in use, for whatever settings it was last."""
    finding, selection = state.finding(LANE), state.selection
    request, value = finding.request, finding.value
    if not isinstance(request, AttackRace) or not isinstance(value, RaceResult):
        return None
    if (request.model, request.image) != (selection.model, selection.image):
        return None
    return ShownRace(value, request, request == race_request(state))


def rows(state: AppState, shown: ShownRace) -> tuple[RaceRow, ...]:
    """Return the rows as they are sorted."""
    ranked = order(shown.result.runners, shown.request.target is not None)
    made = tuple(_row(state, shown, place, rank) for rank, place in enumerate(ranked, 1))
    return in_order(made, column(state, shown), falling=state.display.race_falling)


def column(state: AppState, shown: ShownRace) -> Column[RaceRow]:
    """Return the column by which the rows are sorted; the rank where there is no such."""
    there = {one.key: one for one in columns(state, shown)}
    return there.get(state.display.race_order, there["rank"])


def columns(state: AppState, shown: ShownRace) -> tuple[Column[RaceRow], ...]:
    """Return what is told of each attack."""
    aim = _aim(state, shown)
    targeted = shown.request.target is not None
    aimed = tr(
        "Of {label}, the class of the picture itself, on the adversarial picture.", label=aim
    )
    if targeted:
        aimed = tr("Of {label}, the class to reach, on the adversarial picture.", label=aim)

    def number(
        key: str,
        title: str,
        unit: str,
        help: str,
        value: Callable[[Runner], float | None],
        said: Callable[[float], str] = fmt.significant,
    ) -> Column[RaceRow]:
        def of(row: RaceRow) -> float | None:
            return value(row.runner) if row.runner.winner is not None else None

        def text(row: RaceRow) -> str:
            found = of(row)
            return fmt.NONE if found is None else said(found)

        return Column(key, title, unit, text, of, help, largest_first=False)

    def rank(row: RaceRow) -> int | None:
        return row.rank if row.runner.winner is not None else None

    return (
        Column(
            "rank",
            "#",
            "",
            lambda row: fmt.NONE if rank(row) is None else str(row.rank),
            rank,
            tr("Success inside the ball first, then outside, then none; the smaller perturbation"
               " first, then what is left of the label."),
            largest_first=False,
        ),
        Column(
            "attack", tr("Attack"), tr("each change amplified"),
            lambda row: row.title, lambda row: row.title,
            tr("The attack, and what the budget set of its settings."),
            number=False, largest_first=False,
        ),
        Column(
            "outcome", tr("Result"), "", lambda row: row.outcome, lambda row: row.outcome or None,
            tr("The class that the adversarial picture is taken for."),
            number=False, largest_first=False,
        ),
        number("aim", _head(aim), tr("probability"), aimed,
               lambda one: one.aim.probability if one.aim else None, fmt.percent),
        number("linf", "L∞", tr("in 255ths"), tr("The largest change of any value."),
               lambda one: one.norms.linf * 255 if one.norms else None),
        number("l2", "L2", tr("of [0, 1]"), tr("The root of the sum of squared changes."),
               lambda one: one.norms.l2 if one.norms else None),
        number("l1", "L1", tr("of [0, 1]"), tr("The sum of all changes."),
               lambda one: one.norms.l1 if one.norms else None),
        number("ssim", "SSIM", tr("1 is equal"), tr("Structural similarity to the clean picture."),
               lambda one: one.closeness.ssim if one.closeness else None, _ssim),
        number("backwards", tr("Backward"), tr("gradients"), tr("Gradients that it asked for."),
               lambda one: one.backwards, _count),
        number("forwards", tr("Forward"), tr("queries"), tr("How often it asked the network."),
               lambda one: one.forwards, _count),
        number("seconds", tr("Time"), "", tr("How long it took here."),
               lambda one: one.seconds, fmt.duration),
    )  # fmt: skip


def _aim(state: AppState, shown: ShownRace) -> str:
    """Return the class whose probability is told of each attack."""
    target, facts = shown.request.target, state.shared.facts
    if target is None:
        return called(shown.result.label, facts)
    aim = next((one.aim for one in shown.result.runners if one.aim is not None), None)
    return tr("class {number}", number=target) if aim is None else called(aim, facts)


def _head(name: str) -> str:
    """Return a name as the head of a column: a long one is cut, and whole in its tooltip."""
    return name if len(name) <= _HEAD else f"{name[: _HEAD - 1].rstrip()}…"


def giving_way(shown: ShownRace) -> tuple[str, ...]:
    """Return the columns that are left out, one after the other, where there is too little room.

    The norm of the race always stays.
    """
    return tuple(key for key in _GIVING_WAY if key != shown.request.parameters.norm)


def _ssim(value: float) -> str:
    return "> 0.999" if 0.9995 <= value < 1 else f"{value:.3f}".replace("-", fmt.MINUS)


def _count(value: float) -> str:
    return fmt.count(int(value))


def _row(state: AppState, shown: ShownRace, place: int, rank: int) -> RaceRow:
    one, facts = shown.result.runners[place], state.shared.facts
    method = state.shared.method("attack", one.method)
    title = method.title if method is not None else one.method
    outcome, where, token = "", "", "text2"
    if one.winner is not None:
        outcome, token = called(one.winner, facts), "text2"
        if one.success:
            outcome, token = f"→ {outcome}", "adversarial"
        if one.success and not one.inside:
            where, token = tr("outside ε"), "warning"
    note = one.note
    if not one.done:
        note = _not_done(state, shown, place)
    return RaceRow(
        place=place,
        rank=rank,
        title=title,
        note=note,
        outcome=outcome,
        where=where,
        token=token,
        runner=one,
        told=_told(title, one, shown, state),
    )


def _not_done(state: AppState, shown: ShownRace, place: int) -> str:
    """Return where an attack is that has no result yet."""
    finding = state.finding(LANE)
    if not finding.at_work or finding.asked != shown.request:
        return tr("not run")
    first = next(n for n, other in enumerate(shown.result.runners) if not other.done)
    return tr("running…") if place == first and finding.status == "partial" else tr("waiting")


def _told(title: str, one: Runner, shown: ShownRace, state: AppState) -> str:
    if one.problem:
        return f"{title}\n{one.problem} {one.advice}".strip()
    if one.winner is None or one.norms is None or one.aim is None:
        return title
    norm, facts = shown.request.parameters.norm, state.shared.facts
    size, most = exact(float(f"{one.size:.4g}"), norm), shown.request.parameters.epsilon
    where = tr("inside") if one.inside else tr("outside of {epsilon}", epsilon=of_norm(most, norm))
    won = f"{called(one.winner, facts)} {fmt.percent(one.winner.probability)}"
    left = f"{called(one.aim, facts)} {fmt.percent(one.aim.probability)}"
    cost = tr(
        "{forwards} forward, {backwards} backward",
        forwards=fmt.count(one.forwards),
        backwards=fmt.count(one.backwards),
    )
    lines = [
        f"{title}, {one.note}" if one.note else title,
        f"{won}; {left}",
        f"{NORMS[norm]} {size}, {where}",
        tr("Perturbation shown to ± {bound}", bound=fmt.of255(one.bound)),
        f"{cost}, {fmt.duration(one.seconds)}",
        tr("Double-click to see it large."),
    ]
    return "\n".join(lines)


def ready(state: AppState) -> ShownRace | None:
    """Return the race whose table can be taken: the one asked for, as far as it has come."""
    shown = shown_race(state)
    return shown if shown is not None and shown.current and shown.result.finished else None


def table(state: AppState) -> str:
    """Return the race on screen as CSV; empty where none is, or another is asked for."""
    from cnnviz_gui.core import race_table  # numpy comes with it

    shown = ready(state)
    if shown is None:
        return ""
    request = shown.request
    return race_table.text(
        shown.result,
        picture=request.image.path.replace("\\", "/").rpartition("/")[2],
        network=str(request.model),
        target=request.target,
        budget=request.parameters,
    )


def progress(state: AppState) -> str:
    """Return how far the race is, empty once it is over."""
    shown = shown_race(state)
    if shown is None or shown.complete:
        return ""
    rows = len(shown.result.runners)
    done, rows = state.finding(LANE).counted(shown.result.finished, rows)
    return tr("{done} of {total} attacks", done=done, total=rows)


def budget(state: AppState) -> str:
    """Return the budget in a line."""
    race = state.selection.race_parameters
    epsilon = of_norm(race.epsilon, race.norm)
    gradients, queries = fmt.count(race.gradients), fmt.count(race.queries)
    said = tr(
        "ε {epsilon} ({norm}), {gradients} gradients or {queries} queries",
        epsilon=epsilon,
        norm=NORMS[race.norm],
        gradients=gradients,
        queries=queries,
    )
    mark = trust.mark(state.shared.facts)
    return f"{mark}, {said}" if mark else said


def choice(state: AppState, place: int) -> dict[str, Any] | None:
    """Return what to select so that a row is seen as pictures; None where there is nothing."""
    shown = shown_race(state)
    if shown is None or not 0 <= place < len(shown.result.runners):
        return None
    one = shown.result.runners[place]
    if one.winner is None:
        return None
    return {
        "attack_method": one.method,
        "attack_parameters": one.parameters,
        "attack_scaled": False,
        "attack_scale": 1.0,
        "attack_started": True,
        "target": shown.request.target,
    }
