"""Several attacks on one picture under one budget."""

from __future__ import annotations

import dataclasses

import numpy as np

from cnnviz_gui.core import race_budget, render, run_attack, subject
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import MethodError, RequestError
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.race_requests import AttackRace
from cnnviz_gui.core.race_results import RaceResult, Runner
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.result import AttackResult, ByteArray, FloatArray, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr

_SIDE = 96
"""Of the small pictures, at most."""
_USUAL_PERCENT = 99
"""Under L2 a few pixels change much more than the rest, which would not be seen beside them."""
_ROUNDING = 1e-7
"""Of float32 images; as much as an attack itself is allowed."""


def run(request: AttackRace, session: Session, ctx: Context) -> RaceResult:
    """Return a row for each attack; one that cannot run has the sentence in its place.

    A row is what the attack alone gives with the parameters that the row tells. The rows that are
    remembered are there at once: an attack without an epsilon is the same in a race with another.

    Raises
    ------
    RequestError
        No attack is named.
    """
    if not request.methods:
        raise RequestError(tr("No attack is named."), tr("Name at least one."))
    clean = subject.of_picture(session, request.model, request.image, ctx)
    subject.require_class(clean.network.facts, request.target)
    image = subject.exactly(session, request.image, ctx)
    key = ("race", dataclasses.replace(request, image=image).fingerprint())
    kept = session.recall(key)
    if isinstance(kept, RaceResult):
        return kept
    own_seconds = session.stopwatch.start()
    runners = [_runner(request, use, session, ctx, compute=False) for use in request.methods]
    label = clean.score(clean.winner)
    left = [place for place, runner in enumerate(runners) if not runner.done]
    for done, place in enumerate(left, len(runners) - len(left)):
        ctx.partial(RaceResult(runners=tuple(runners), label=label))
        part = Part(ctx, (done, len(runners)))
        part.step(0, 1)
        runners[place] = _runner(request, request.methods[place], session, part)
    result = RaceResult(runners=tuple(runners), label=label, seconds=own_seconds())
    session.remember(key, result, len(runners) * 7 * _SIDE**2)
    return result


def _runner(
    request: AttackRace, use: MethodUse, session: Session, ctx: Context, *, compute: bool = True
) -> Runner:
    """Return the row of an attack; without ``compute`` it may not be done."""
    chosen, race = method("attack", use.method), request.parameters
    targeted = request.target is not None
    parameters = use.parameters
    try:
        parameters, note = race_budget.fitted(chosen, parameters, race, targeted)
        attack = Attack(
            model=request.model,
            image=request.image,
            method=use.method,
            parameters=parameters,
            target=request.target,
        )
        key = ("runner", run_attack.exact_fingerprint(attack, session, ctx), race.norm)
        kept = session.recall(key)
        if not isinstance(kept, Runner):
            found = run_attack.recalled(attack, session, ctx)
            if found is None and not compute:
                return Runner(method=use.method, parameters=use.parameters)
            kept = _told(attack, found or run_attack.run(attack, session, ctx), race.norm)
            session.remember(key, kept, 7 * _SIDE**2)
    except MethodError as error:
        return Runner(
            method=use.method,
            parameters=parameters,
            done=True,
            problem=error.message,
            advice=error.advice,
        )
    rounding = _ROUNDING * (255 if race.norm == "linf" else 1)
    inside = kept.size <= race.epsilon * (1 + 1e-6) + rounding
    return dataclasses.replace(kept, inside=inside, note=note)


def _told(attack: Attack, found: AttackResult, norm: str) -> Runner:
    label = found.clean[0].index
    after = {score.index: score for score in found.adversarial}
    sizes = {"linf": found.norms.linf * 255, "l2": found.norms.l2, "l1": found.norms.l1}
    picture, change, bound = _small(found)
    return Runner(
        method=attack.method,
        parameters=attack.parameters,
        done=True,
        success=found.success,
        size=sizes[norm],
        winner=found.adversarial[0],
        aim=after[label] if found.target is None else found.target,
        norms=found.norms,
        closeness=found.closeness,
        forwards=found.forwards,
        backwards=found.backwards,
        seconds=found.seconds,
        picture=picture,
        change=change,
        bound=bound * 255,
    )


def _small(found: AttackResult) -> tuple[ByteArray, FloatArray, float]:
    """Return every so-manieth pixel of the image, and of the change as a share of its bound."""
    strongest = render.strongest_colour(found.adversarial_image - found.clean_image)
    bound = float(np.percentile(np.abs(strongest), _USUAL_PERCENT))
    bound = bound or render.signed_range(strongest)
    height, width = strongest.shape
    step = -(-max(height, width) // _SIDE)
    levels = (found.adversarial_image[:, ::step, ::step] * 255).round().astype(np.uint8)
    change = (strongest[::step, ::step] / (bound or 1.0)).clip(-1, 1).astype(np.float32)
    return frozen(levels.transpose(1, 2, 0)), frozen(change), bound
