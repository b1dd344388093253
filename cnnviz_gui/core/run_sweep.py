"""Sweep requests: one attack at many epsilons, or along one perturbation, coarse to fine."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator

from cnnviz_gui.core import run_attack
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.request import Attack, Sweep
from cnnviz_gui.core.result import AttackResult, SweepPoint, SweepResult
from cnnviz_gui.core.session import Session

_MOST_POINTS = 1001


def run(request: Sweep, session: Session, ctx: Context) -> SweepResult:
    """Return all points; each is what the attack alone gives at that place.

    The ends come first, then what brackets the first flip, then the middle of the widest gap.
    """
    _require(request)
    found: dict[int, SweepPoint] = {}
    flips: dict[int, bool] = {}
    for index in _order(request.points, flips):
        ctx.step(len(found), request.points)
        attack = at(request, index)
        part = Part(ctx, (len(found), request.points))
        found[index] = _point(attack.place, run_attack.run(attack, session, part))
        flips[index] = found[index].success
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
            f"{request.attack.method!r} has no epsilon to sweep.",
            "Choose an attack with a budget, or give it a scale to sweep along its perturbation.",
        )
    if not 2 <= request.points <= _MOST_POINTS:
        raise RequestError(
            f"A sweep cannot have {request.points} points.",
            f"Choose a number from 2 to {_MOST_POINTS}.",
        )
    if not 0 < request.maximum < math.inf:
        raise RequestError(
            f"A sweep cannot go to {request.maximum:g}.", "Choose a number above zero."
        )
    at(request, request.points - 1)  # the parameters say how large epsilon may be


def _order(points: int, flips: dict[int, bool]) -> Iterator[int]:
    """Yield every index once; ``flips`` says which of those yielded so far succeeded."""
    yield 0
    yield points - 1
    while len(flips) < points:
        known = sorted(flips)
        gaps = [(b - a, a, b) for a, b in itertools.pairwise(known) if b - a > 1]
        first = next((i for i in known if flips[i]), None)
        bracket = [gap for gap in gaps if gap[2] == first]
        width, low, _ = bracket[0] if bracket else max(gaps, key=lambda gap: (gap[0], -gap[1]))
        yield low + width // 2


def _point(place: float, result: AttackResult) -> SweepPoint:
    winner = result.clean[0].index
    after = {score.index: score.probability for score in result.adversarial}
    other = next(score.index for score in result.adversarial if score.index != winner)
    target = other if result.target is None else result.target.index
    return SweepPoint(
        epsilon=place,
        success=result.success,
        label_probability=after[winner],
        target_probability=after[target],
        result=result,
    )


def _result(request: Sweep, found: dict[int, SweepPoint]) -> SweepResult:
    points = tuple(found[index] for index in sorted(found))
    return SweepResult(
        points=points,
        expected=request.points,
        maximum=request.maximum,
        first_flip=next((point.epsilon for point in points if point.success), None),
    )
