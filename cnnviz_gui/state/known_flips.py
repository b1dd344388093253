"""Where the attack in use first succeeds: by its sweep, and by all else that is known of it."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.border_results import Border, BordersResult
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.result import AttackResult, SweepPoint, SweepResult
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import at_zero, has_epsilon, norm_of
from cnnviz_gui.state.attacks_compared import alike
from cnnviz_gui.state.border_plan import LANE, SMALLEST_LANE

_NEAR = 1.5
"""The first flip is known where what fails below it is within so many points of the sweep."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is known along the axis."""

    points: tuple[SweepPoint, ...]
    """By place: those of the sweep and, where it narrows the first flip, the attack on screen."""
    first: float | None
    """The first place at which it succeeds, once it is known closely."""
    held: tuple[tuple[float, float], ...]
    """Stretches beyond it where the attack fails again."""


def found(state: AppState, attack: Attack, sweep: SweepResult) -> Found:
    """Return all that is known of an attack at the left end of its axis, and of its sweep."""
    won = {at: one for at, one in tried(state, attack).items() if at <= sweep.maximum}
    won |= {point.epsilon: point.success for point in sweep.points}
    points, exact = sweep.points, _on_screen(state, attack, sweep)
    if exact is not None and _tells(exact, won):
        points = (*points, exact)
        won[exact.epsilon] = exact.success
    first = _settled(won, sweep.maximum / max(1, sweep.expected - 1))
    ordered = tuple(sorted(points, key=lambda point: point.epsilon))
    return Found(ordered, first, () if first is None else _held(won))


def _on_screen(state: AppState, attack: Attack, sweep: SweepResult) -> SweepPoint | None:
    """Return the attack itself as a point of the axis, unless the sweep has it."""
    finding = state.finding("attack")
    asked, result = finding.request, finding.value
    if not isinstance(asked, Attack) or not isinstance(result, AttackResult):
        return None
    place = asked.place
    if finding.status != "done" or at_zero(asked) != attack or not 0 <= place <= sweep.maximum:
        return None
    if any(point.epsilon == place for point in sweep.points):
        return None
    own, target, third = result.chances
    return SweepPoint(
        epsilon=place,
        success=result.success,
        label_probability=own,
        target_probability=target,
        result=result,
        other_probability=third,
    )


def _tells(point: SweepPoint, won: Mapping[float, bool]) -> bool:
    """Return whether a point narrows where the first success is.

    The others are not taken in: the curves would be drawn anew wherever the slider goes.
    """
    place = point.epsilon
    others = {at: success for at, success in won.items() if at != place}
    first = min((at for at, success in others.items() if success), default=None)
    if point.success:
        return first is None or place < first
    return first is not None and max((at for at in others if at < first), default=0) < place < first


def _settled(won: Mapping[float, bool], step: float) -> float | None:
    """Return the first success, if little is left to compute between it and what fails below."""
    first = min((at for at, success in won.items() if success), default=None)
    if first is None:
        return None
    below = max((at for at in won if at < first), default=first)
    return first if first - below < _NEAR * step else None


def _held(won: Mapping[float, bool]) -> tuple[tuple[float, float], ...]:
    """Return where the attack fails beyond its first success, from middle to middle of places."""
    places = sorted(won)
    flipped = [won[place] for place in places]
    if True not in flipped:
        return ()
    edges = [places[0], *((a + b) / 2 for a, b in itertools.pairwise(places)), places[-1]]
    stretches: list[tuple[float, float]] = []
    for index in range(flipped.index(True), len(places)):
        if flipped[index]:
            continue
        low, high = edges[index], edges[index + 1]
        if stretches and stretches[-1][1] == low:
            low = stretches.pop()[0]
        stretches.append((low, high))
    return tuple(stretches)


def tried(state: AppState, attack: Attack) -> dict[float, bool]:
    """Return the epsilons that searches for borders tried with this attack: whether it succeeded.

    Nothing for a scaled perturbation, whose axis is no epsilon.
    """
    if attack.scale is not None or not has_epsilon(attack.parameters):
        return {}
    known: dict[float, bool] = {}
    for lane in (SMALLEST_LANE, LANE):
        finding = state.finding(lane)
        if isinstance(finding.value, BordersResult):
            for row in _rows(finding.request, finding.value, attack):
                known |= _of_row(row)
    return known


def _rows(request: object, found: BordersResult, attack: Attack) -> Iterator[Border]:
    """Yield the rows of a search that ran just this attack."""
    if isinstance(request, Borders):
        if request.attack == dataclasses.replace(at_zero(attack), target=None):
            reach = attack.target
            yield from (one for one in found.rows if one.target and one.target.index == reach)
    elif isinstance(request, AttackBorders):
        norm = norm_of(attack.parameters)
        use = MethodUse(method=attack.method, parameters=alike(attack.parameters, norm))
        same = (attack.model, attack.image, attack.target, norm)
        if (request.model, request.image, request.target, request.norm) == same:
            pairs = zip(request.methods, found.rows, strict=False)
            yield from (row for one, row in pairs if one == use)


def _of_row(row: Border) -> dict[float, bool]:
    if row.own or row.problem or not row.runs:
        return {}
    known = {place: False for place in (row.failed, *row.beyond) if place}
    return known if row.reached is None else known | {row.reached: True}
