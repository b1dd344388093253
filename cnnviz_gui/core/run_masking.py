"""Masked gradients: whether an attack that fails says more of the network than of itself."""

from __future__ import annotations

import dataclasses
from typing import cast

from cnnviz_gui.core import run_attack, subject
from cnnviz_gui.core.attacks.aim import LOSSES, Aim, Loss
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part, Share
from cnnviz_gui.core.masking import ALL, QUICK, Case
from cnnviz_gui.core.masking_requests import Masking
from cnnviz_gui.core.masking_results import Check, MaskingResult
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.session import Session

_BLIND = ("score", "decision")
"""Families of attacks that ask for no gradient."""
_SIZE = 8192
"""Bytes that a result takes, about."""


def run(request: Masking, session: Session, ctx: Context) -> MaskingResult:
    """Return the signs of masked gradients that were looked for, found or not.

    An attack with a scale is judged as the attack that found its perturbation. Each sign is
    remembered by itself, so that what was stopped goes on where it was.

    Raises
    ------
    CnnvizError
        There is no such attack, or it cannot be computed.
    """
    attack = dataclasses.replace(request.attack, scale=None)
    attacked = run_attack.run(attack, session, Part(ctx))
    name = run_attack.exact_fingerprint(attack, session, ctx)
    key = ("masking", name, request.checks, request.parameters)
    kept = session.recall(key)
    if isinstance(kept, MaskingResult):
        return kept
    own_seconds = session.stopwatch.start()
    clean = subject.of_picture(session, attack.model, attack.image, ctx)
    network = clean.network
    target = attack.target
    label = subject.class_tensor(clean.winner, network.device)
    aimed = None if target is None else subject.class_tensor(target, network.device)
    case = Case(
        network,
        clean.image,
        Aim(label, aimed, _loss(attack)),
        run_attack.norm_of(attack),
        run_attack.epsilon_of(attack),
        attacked.success,
        request.parameters,
        uses_gradients=method("attack", attack.method).family not in _BLIND,
    )
    ctx.step(0, 1000)
    if case.uses_gradients:
        case.differentiate(ctx)
    probes = QUICK if request.checks == "quick" else ALL
    checks: list[Check] = []

    def result() -> MaskingResult:
        return MaskingResult(
            checks=tuple(checks),
            expected=len(probes),
            success=attacked.success,
            forwards=network.forwards,
            backwards=network.backwards,
        )

    for place, probe in enumerate(probes):
        part = Share(ctx, *(1000 * end // len(probes) for end in (place, place + 1)))
        own_key = ("masking-check", name, request.parameters, probe.__name__)
        check = session.recall(own_key)
        if not isinstance(check, Check):
            check = probe(case, part)
            session.remember(own_key, check, _SIZE)
        checks.append(check)
        ctx.partial(result())
    found = dataclasses.replace(result(), seconds=own_seconds())
    session.remember(key, found, _SIZE)
    return found


def _loss(attack: Attack) -> Loss:
    """Return what an attack raises: what it is told, or what its kind does."""
    told = attack.parameters.values().get("loss")
    if told in LOSSES:
        return cast(Loss, told)
    # those that look for the smallest perturbation follow differences of logits
    return "margin" if method("attack", attack.method).family == "smallest" else "cross-entropy"
