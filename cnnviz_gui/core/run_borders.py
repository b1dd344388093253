"""How near each border is: the smallest epsilon of an attack, by doubling and halving."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from cnnviz_gui.core import scores, subject
from cnnviz_gui.core.attack_bound import measure_of
from cnnviz_gui.core.attacks.balls import NORMS
from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.border_results import BordersResult
from cnnviz_gui.core.border_search import NBYTES, begun, canonical
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import MethodError, RequestError
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr


def run(request: Borders, session: Session, ctx: Context) -> BordersResult:
    """Return how near the border to each of the likeliest other classes is.

    Raises
    ------
    MethodError
        The attack cannot be driven towards a class, or the network has no other class.
    """
    chosen = method("attack", request.attack.method)
    clean = subject.of_picture(session, request.attack.model, request.attack.image, ctx)
    if not chosen.targets:
        raise MethodError(
            tr("{title} cannot be driven towards a class.", title=chosen.title),
            tr("Choose another attack, or compare the attacks instead of the classes."),
        )
    subject.require_another_class(clean.network.facts)
    others = [
        index
        for index in scores.best(clean.logits, request.parameters.classes + 1)
        if index != clean.winner
    ][: request.parameters.classes]
    attacks = [dataclasses.replace(request.attack, target=index) for index in others]
    return _all(request, attacks, measure_of(request.attack.parameters), session, ctx)


def by_attack(request: AttackBorders, session: Session, ctx: Context) -> BordersResult:
    """Return how far each attack has to go.

    Raises
    ------
    RequestError
        No attack is named, or the norm is unknown.
    """
    if not request.methods:
        raise RequestError(tr("No attack is named."), tr("Name at least one."))
    if request.norm not in NORMS:
        raise RequestError(
            tr("There is no norm {norm!r}.", norm=request.norm),
            tr("Choose one of: {known}.", known=", ".join(NORMS)),
        )
    attacks = [
        Attack(
            model=request.model,
            image=request.image,
            method=use.method,
            parameters=use.parameters,
            target=request.target,
        )
        for use in request.methods
    ]
    return _all(request, attacks, request.norm, session, ctx)


def _all(
    request: Borders | AttackBorders,
    attacks: Sequence[Attack],
    norm: str,
    session: Session,
    ctx: Context,
) -> BordersResult:
    """Let all searches go on in turn, so that every bracket is rough first and then narrows."""
    first = attacks[0]
    clean = subject.of_picture(session, first.model, first.image, ctx)
    for attack in attacks:
        subject.require_class(clean.network.facts, attack.target)
    key = ("borders", _exact(request, first, session, ctx))
    kept = session.recall(key)
    if isinstance(kept, BordersResult):
        return kept
    own_seconds = session.stopwatch.start()
    searches = [begun(attack, norm, session, ctx) for attack in attacks]

    def so_far() -> BordersResult:
        rows = (
            search.border(None if attack.target is None else clean.score(attack.target))
            for attack, search in zip(attacks, searches, strict=True)
        )
        return BordersResult(rows=tuple(rows), label=clean.score(clean.winner))

    if any(search.trials for search in searches):
        ctx.partial(so_far())
    while open_ := [search for search in searches if search.wanted is not None]:
        for search in open_:
            done = sum(one.runs for one in searches)
            total = sum(one.runs if one.wanted is None else one.limit for one in searches)
            search.go(session, Part(ctx, (done, total)))
            ctx.partial(so_far())
    result = dataclasses.replace(so_far(), seconds=own_seconds())
    session.remember(key, result, NBYTES * len(searches))
    return result


def _exact(request: Borders | AttackBorders, first: Attack, session: Session, ctx: Context) -> str:
    """Return the fingerprint with the picture's checksum in it."""
    image = subject.exactly(session, first.image, ctx)
    if isinstance(request, AttackBorders):
        return dataclasses.replace(request, image=image).fingerprint()
    attack = canonical(dataclasses.replace(request.attack, image=image, target=None))
    return dataclasses.replace(request, attack=attack).fingerprint()
