"""Sweep requests: one attack at many epsilons, or along one perturbation, coarse to fine."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator

from cnnviz_gui.core import attack_line, run_attack
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.request import Attack, Sweep
from cnnviz_gui.core.result import AttackResult, SweepPoint, SweepResult
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr

_MOST_POINTS = 1001


def run(request: Sweep, session: Session, ctx: Context) -> SweepResult:
    """Return all points; each is what the attack alone gives at that place.

    The ends come first, then what brackets the first flip, then the middle of the widest gap: one
    after the other, or so many together as pass the network at once where the attack's images at
    all places come of one computation.
    """
    _require(request)
    found: dict[int, SweepPoint] = {}
    flips: dict[int, bool] = {}
    line = attack_line.line_of(request.attack, session, Part(ctx, (0, request.points)))
    for indices in _order(request.points, flips, 1 if line is None else line.at_once):
        ctx.step(len(found), request.points)
        attacks = [at(request, index) for index in indices]
        part = Part(ctx, (len(found), request.points))
        if line is None:
            results = [run_attack.run(attack, session, part) for attack in attacks]
        else:
            results = line.results(attacks, part)
        for index, attack, result in zip(indices, attacks, results, strict=True):
            found[index] = _point(attack.place, result)
            flips[index] = result.success
        ctx.partial(_result(request, found))
    return _result(request, found)


def at(request: Sweep, index: int) -> Attack:
    """Return the attack at point ``index`` of the sweep."""
    place = request.maximum * index / (request.points - 1)
    if request.attack.scale is not None:
        return dataclasses.replace(request.attack, scale=place)
    parameters = dataclasses.replace(request.attack.parameters, **{"epsilon": place})
    return dataclasses.replace(request.attack, parameters=parameters)


def _require(request: Sweep) -> None:
    if request.attack.scale is None and "epsilon" not in request.attack.parameters.values():
        raise RequestError(
            tr("{method!r} has no epsilon to sweep.", method=request.attack.method),
            tr(
                "Choose an attack with a budget, or give it a scale to sweep along its"
                " perturbation."
            ),
        )
    if not 2 <= request.points <= _MOST_POINTS:
        raise RequestError(
            tr("A sweep cannot have {points} points.", points=request.points),
            tr("Choose a number from 2 to {most}.", most=_MOST_POINTS),
        )
    if not 0 < request.maximum < math.inf:
        raise RequestError(
            tr("A sweep cannot go to {maximum:g}.", maximum=request.maximum),
            tr("Choose a number above zero."),
        )
    at(request, request.points - 1)  # the parameters say how large epsilon may be


def _order(points: int, flips: dict[int, bool], count: int) -> Iterator[list[int]]:
    """Yield every index once, ``count`` at a time; ``flips`` says which of those succeeded."""
    while len(flips) < points:
        chosen: list[int] = []
        while len(chosen) < min(count, points - len(flips)):
            chosen.append(_next(points, flips, chosen))
        yield chosen


def _next(points: int, flips: dict[int, bool], chosen: list[int]) -> int:
    """Return the index to compute after those that are computed and those that are chosen."""
    taken = sorted({*flips, *chosen})
    if points - 1 not in taken:
        return points - 1 if taken else 0
    gaps = [(b - a, a, b) for a, b in itertools.pairwise(taken) if b - a > 1]
    known = sorted(flips)
    first = next((index for index in known if flips[index]), None)
    before = max((index for index in known if first is not None and index < first), default=0)
    bracket = [gap for gap in gaps if first is not None and before <= gap[1] and gap[2] <= first]
    width, low, _ = max(bracket or gaps, key=lambda gap: (gap[0], -gap[1]))
    return low + width // 2


def _point(place: float, result: AttackResult) -> SweepPoint:
    own, target, third = result.chances
    return SweepPoint(
        epsilon=place,
        success=result.success,
        label_probability=own,
        target_probability=target,
        result=result,
        other_probability=third,
    )


def _result(request: Sweep, found: dict[int, SweepPoint]) -> SweepResult:
    points = tuple(found[index] for index in sorted(found))
    return SweepResult(
        points=points,
        expected=request.points,
        maximum=request.maximum,
        first_flip=next((point.epsilon for point in points if point.success), None),
    )
