"""What is shown of how near the borders are: pure functions of selection and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.border_results import Border, BordersResult
from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.race_requests import NORMS
from cnnviz_gui.state import trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import axis_about, with_epsilon
from cnnviz_gui.state.border_plan import LANE, borders_request
from cnnviz_gui.texts import ntr, tr

Status = Literal["searching", "found", "beyond", "none"]
_ROOM = 1.12
"""The axis goes so much further than what is longest on it."""


@dataclass(frozen=True, slots=True)
class ShownBorders:
    """The borders on screen."""

    result: BordersResult
    request: Borders | AttackBorders
    current: bool
    """They are what the selection asks for."""

    @property
    def norm(self) -> str:
        """How all rows are measured."""
        return self.result.rows[0].norm

    @property
    def complete(self) -> bool:
        """Whether every row is finished."""
        return self.result.finished == len(self.result.rows)


@dataclass(frozen=True, slots=True)
class BorderBar:
    """One row of the chart."""

    place: int
    """Of the row in the result."""
    name: str
    note: str
    """What is to be known beside the name, in a few words."""
    low: float
    """Nothing succeeds up to here."""
    high: float | None
    """From here on it does; None where that is not known."""
    said: str
    probability: str
    """Of the class that wins there."""
    runs: str
    status: Status
    told: str
    """All that is known, for the mouse that rests on it."""


def shown_borders(state: AppState) -> ShownBorders | None:
    """Return the borders of the picture and network in use, by class or by attack as is chosen."""
    finding, selection = state.finding(LANE), state.selection
    request, value = finding.request, finding.value
    if not isinstance(value, BordersResult) or not value.rows:
        return None
    if selection.borders_by == "classes":
        if not isinstance(request, Borders):
            return None
        of = request.attack.model, request.attack.image
    else:
        if not isinstance(request, AttackBorders):
            return None
        of = request.model, request.image
    if of != (selection.model, selection.image):
        return None
    return ShownBorders(value, request, request == borders_request(state))


def bars(state: AppState, shown: ShownBorders) -> tuple[BorderBar, ...]:
    """Return the rows, the nearest border first; what has none comes last."""
    rows = sorted(enumerate(shown.result.rows), key=lambda one: _distance(one[1]))
    return tuple(_bar(state, shown, place, row) for place, row in rows)


def _distance(row: Border) -> tuple[int, float]:
    if row.problem:
        return 2, 0.0
    if not row.runs:
        return 1, 0.0
    return 0, row.failed + row.maximum if row.reached is None else row.reached


def _bar(state: AppState, shown: ShownBorders, place: int, row: Border) -> BorderBar:
    facts = state.shared.facts
    return BorderBar(
        place=place,
        name=_name(state, shown, row),
        note=row.problem or _note(shown, row, facts),
        low=row.failed,
        high=row.reached,
        said=_said(row),
        probability="" if row.winner is None else fmt.percent(row.winner.probability),
        runs="" if row.problem else fmt.count(row.runs),
        status=_status(row),
        told=_told(state, shown, row),
    )


def _status(row: Border) -> Status:
    if row.problem:
        return "none"
    if not row.finished:
        return "searching"
    if row.own and row.reached is None:
        return "none"
    return "beyond" if row.reached is None else "found"


def _name(state: AppState, shown: ShownBorders, row: Border) -> str:
    if isinstance(shown.request, Borders):
        return called(row.target, state.shared.facts)
    method = state.shared.method("attack", row.method)
    return method.title if method is not None else row.method


def _note(shown: ShownBorders, row: Border, facts: ModelFacts | None) -> str:
    if row.finished and row.own and row.reached is None:
        return tr("It did not succeed.")
    if row.own and row.norms is not None:
        other = "" if shown.norm == "l2" else f" · L2 {fmt.significant(row.norms.l2)}"
        return tr("its own distance") + other
    if row.beyond:
        return tr("success does not last")
    if isinstance(shown.request, Borders):
        return (
            ""
            if row.target is None
            else tr("now {share}", share=fmt.percent(row.target.probability))
        )
    return "" if row.winner is None else tr("to {label}", label=called(row.winner, facts))


def _said(row: Border) -> str:
    """Return the smallest epsilon, or what is known of it."""
    if row.reached is None:
        if row.problem or row.own:
            return fmt.NONE
        return f"> {of_norm(row.failed, row.norm)}" if row.failed else "…"
    return f"{'' if row.narrow else '≤ '}{of_norm(row.reached, row.norm)}"


def _told(state: AppState, shown: ShownBorders, row: Border) -> str:
    facts = state.shared.facts
    lines = [_name(state, shown, row)]
    if row.target is not None and isinstance(shown.request, Borders):
        lines[0] = tr("{label}, class {number}", label=lines[0], number=row.target.index)
    if row.problem:
        return "\n".join((*lines, row.problem, row.advice)).strip()
    if row.reached is None:
        lines.append(_failing(row))
    elif row.own:
        lines.append(
            tr(
                "Went {distance}: an attack without epsilon, one run.",
                distance=exact(row.reached, row.norm),
            )
        )
    else:
        reached, failed = exact(row.reached, row.norm), exact(row.failed, row.norm)
        both = tr("Succeeds at {epsilon}, fails at {failed}.", epsilon=reached, failed=failed)
        lines.append(both if row.failed else tr("Succeeds at {epsilon}.", epsilon=reached))
    if row.beyond:
        places = ", ".join(exact(place, row.norm) for place in row.beyond)
        lines.append(
            tr("Fails again at {places}: success does not grow with epsilon.", places=places)
        )
    elif row.finished and not row.own and row.reached is not None and row.most <= row.reached:
        lines.append(tr("No larger epsilon was tried: whether success lasts is not known."))
    if row.winner is not None and row.norms is not None:
        won = f"{called(row.winner, facts)} {fmt.percent(row.winner.probability)}"
        sizes = f"L∞ {fmt.of255(row.norms.linf * 255)}, L2 {fmt.significant(row.norms.l2)}"
        sizes = f"{sizes}, L1 {fmt.significant(row.norms.l1)}"
        lines.append(tr("There: {label}; {sizes}", label=won, sizes=sizes))
    forwards, backwards = fmt.count(row.forwards), fmt.count(row.backwards)
    cost = tr("{forwards} forward, {backwards} backward", forwards=forwards, backwards=backwards)
    lines.append(ntr("{n} run: {cost}", "{n} runs: {cost}", row.runs, cost=cost))
    if row.reached is not None:
        lines.append(tr("Click to see it."))
    return "\n".join(lines)


def _failing(row: Border) -> str:
    if not row.runs:
        return tr("Not tried yet.")
    if row.own:
        return tr("It did not succeed.")
    most = exact(row.failed, row.norm)
    if not row.finished:
        return tr("Fails up to {most}.", most=most)
    return tr(
        "Fails at all {runs} epsilons tried, up to {most}, the largest it has.",
        runs=row.runs,
        most=most,
    )


def called(score: Score | None, facts: ModelFacts | None) -> str:
    """Return the name of a class, its number where names mean nothing."""
    if score is None:
        return fmt.NONE
    return tr("class {number}", number=score.index) if trust.nameless(facts) else score.label


def of_norm(distance: float, norm: str) -> str:
    """Return a distance as the axis measures it: ``1.25 / 255`` for L∞."""
    return fmt.of255(distance) if norm == "linf" else fmt.epsilon(distance)


def exact(distance: float, norm: str) -> str:
    """Return the same with all digits that are known."""
    return f"{fmt.plain(distance)} / 255" if norm == "linf" else fmt.plain(distance)


def axis_end(shown: ShownBorders) -> float:
    """Return the right end of the axis."""
    rows = [row for row in shown.result.rows if not row.problem]
    reached = [row.reached for row in rows if row.reached is not None]
    tried = [row.failed for row in rows if not row.finished]
    longest = max((*reached, *tried), default=0.0)
    longest = longest or max((row.maximum for row in rows), default=1.0)
    return longest * _ROOM or 1.0


def axis_title(shown: ShownBorders) -> str:
    """Return what the axis measures."""
    what = tr("distance") if all(row.own for row in shown.result.rows) else tr("smallest epsilon")
    return (
        tr("{what}, in 255ths (L∞)", what=what)
        if shown.norm == "linf"
        else f"{what} ({NORMS[shown.norm]})"
    )


def progress(state: AppState) -> str:
    """Return how far the search is, empty once it is complete.

    A border whose figure is there is known: what is still run tells whether success lasts beyond.
    """
    shown = shown_borders(state)
    if shown is None or shown.complete:
        return ""
    rows = shown.result.rows
    known, runs = sum(row.finished or row.narrow for row in rows), sum(row.runs for row in rows)
    said = ntr(
        "{known} of {total} borders known, {n} run",
        "{known} of {total} borders known, {n} runs",
        runs,
        known=known,
        total=len(rows),
    )
    return tr("{said}; does success last?", said=said) if known == len(rows) else said


def verdict(state: AppState) -> str:
    """Return what the chart says in a sentence, once it is complete; empty before."""
    shown = shown_borders(state)
    if shown is None or not shown.complete or not shown.current:
        return ""
    facts = state.shared.facts
    nearest = next((bar for bar in bars(state, shown) if bar.high is not None), None)
    by_class = isinstance(shown.request, Borders)
    if nearest is None:
        said = (
            tr("None of these borders was reached.") if by_class else tr("None of these succeeded.")
        )
    elif by_class:
        who = called(shown.result.label, facts)
        said = tr(
            "From {label}, the nearest of these is {nearest}: {epsilon}.",
            label=who,
            nearest=nearest.name,
            epsilon=nearest.said,
        )
    else:
        equal = [bar.name for bar in bars(state, shown) if bar.said == nearest.said]
        said = tr("{attack} comes nearest: {epsilon}.", attack=nearest.name, epsilon=nearest.said)
        if len(equal) > 1:
            who = tr("{some} and {last}", some=", ".join(equal[:-1]), last=equal[-1])
            said = tr("{attacks} come nearest: {epsilon}.", attacks=who, epsilon=nearest.said)
    lasting = [row for row in shown.result.rows if row.beyond]
    if lasting:
        more = tr("Success does not grow with epsilon everywhere: hover the bars that say so.")
        said = f"{said} {more}"
    untrained = facts is not None and not facts.trained
    return tr("{said} The network is untrained.", said=said) if untrained else said


def choice(state: AppState, place: int) -> dict[str, Any] | None:
    """Return what to select so that a row is seen as pictures; None where there is nothing."""
    shown = shown_borders(state)
    if shown is None or not 0 <= place < len(shown.result.rows):
        return None
    row, request = shown.result.rows[place], shown.request
    if row.reached is None or row.problem:
        return None
    if isinstance(request, Borders):
        parameters = request.attack.parameters
    else:
        parameters = request.methods[place].parameters
    if not row.own:
        parameters = with_epsilon(parameters, row.reached)
    changes: dict[str, Any] = {
        "attack_method": row.method,
        "attack_parameters": parameters,
        "attack_scaled": False,
        "attack_scale": 1.0,
        "attack_started": True,
    }
    if not row.own:
        changes["sweep_maximum"] = axis_about(state.selection, parameters)
    if isinstance(request, Borders):
        changes["target"] = None if row.target is None else row.target.index
    else:
        changes["target"] = request.target
    return changes


def smallest_said(state: AppState, found: BordersResult) -> str:
    """Return what was found of the smallest epsilon of one attack, a sentence."""
    (row,) = found.rows
    method = state.shared.method("attack", row.method)
    title = method.title if method is not None else row.method
    if row.problem:
        return f"{row.problem} {row.advice}".strip()
    if row.reached is None:
        most = of_norm(row.maximum, row.norm)
        return tr(
            "{attack} does not succeed up to {most}, the largest epsilon it has.",
            attack=title,
            most=most,
        )
    place = exact(row.reached, row.norm)
    values = {
        "attack": title,
        "epsilon": place if row.narrow else tr("at most {epsilon}", epsilon=place),
        "runs": row.runs,
        "failed": exact(row.failed, row.norm),
    }
    said = tr("The smallest epsilon of {attack} is {epsilon} ({runs} runs).", **values)
    if row.failed:
        said = tr(
            "The smallest epsilon of {attack} is {epsilon} ({runs} runs), it fails at {failed}.",
            **values,
        )
    if row.beyond:
        again = ", ".join(exact(one, row.norm) for one in row.beyond)
        more = tr("It fails again at {places}: success does not grow with epsilon.", places=again)
        said = f"{said} {more}"
    return said


def at_smallest(state: AppState, found: BordersResult) -> dict[str, Any]:
    """Return what to select so that the slider stands at the smallest epsilon; none where none."""
    (row,) = found.rows
    parameters = state.selection.attack_parameters
    if row.reached is None or parameters is None:
        return {}
    return {
        "attack_parameters": with_epsilon(parameters, row.reached),
        "attack_scaled": False,
        "attack_started": True,
    }
