"""What defences do against an attack: one that knows of none, and one made for each."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core import run_attack, scores, subject
from cnnviz_gui.core.attacks.aim import Aim
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part, Share
from cnnviz_gui.core.defence_requests import MOST_DRAWS, AdaptiveAttacks, Defences
from cnnviz_gui.core.defence_results import (
    AdaptiveResult,
    AdaptiveRow,
    DefenceRow,
    DefencesResult,
    DefendedScore,
    Unattacked,
)
from cnnviz_gui.core.defences.certificate import certify
from cnnviz_gui.core.defences.defended import (
    Answer,
    Defended,
    answer,
    answers,
    view,
    views_of,
)
from cnnviz_gui.core.errors import MethodError, ParameterError, RequestError
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.registry import Method, method
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.result import ByteArray, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.subject import Subject
from cnnviz_gui.texts import tr

_SMALL = 112
"""Side of the small pictures, in pixels."""
_TINY = 1e-300


def run(request: Defences, session: Session, ctx: Context) -> DefencesResult:
    """Return what each defended network says of the clean and the adversarial image.

    A row that was computed before, beside whichever others, is remembered.

    Raises
    ------
    CnnvizError
        There is no such defence, its parameters are another one's, or there is no such attack.
    """
    chosen = _require(request.methods)
    attack = request.attack
    attacked = run_attack.run(attack, session, Part(ctx))
    clean = subject.of_picture(session, attack.model, attack.image, ctx)
    image = torch.tensor(attacked.adversarial_image)[None].to(clean.image)
    name = run_attack.exact_fingerprint(attack, session, ctx)
    classifier = session.classifier(attack.model, ctx)
    after = subject.of_tensor(session, classifier, image, (attack.model, name), ctx)
    counts = [2 * views_of(one).count(use.parameters) for one, use in chosen]
    rows: list[DefenceRow] = []

    def result() -> DefencesResult:
        return DefencesResult(
            clean=clean.score(clean.winner),
            adversarial=after.score(after.winner),
            success=attacked.success,
            rows=tuple(rows),
            expected=len(chosen),
            forwards=sum(row.forwards for row in rows),
        )

    for place, (defence, use) in enumerate(chosen):
        ctx.step(sum(counts[:place]), sum(counts))
        key = ("defence", name, use)
        row = session.recall(key)
        if not isinstance(row, DefenceRow):
            row = _row(defence, use, clean, after, sum(counts[:place]), sum(counts), ctx)
            session.remember(key, row, row.seen.nbytes)
        rows.append(row)
        ctx.partial(result())
    return result()


def attack_knowing(request: AdaptiveAttacks, session: Session, ctx: Context) -> AdaptiveResult:
    """Return what the attack achieves against each defended network, knowing the defence.

    It has the budget and the steps of the attack that knows of none. Of a random defence it takes
    means over ``draws``; it is judged by the very draws that ``run`` is. A defence behind which the
    attack cannot work is told of as such.

    Raises
    ------
    CnnvizError
        As ``run``; or a number of draws that makes no sense.
    """
    chosen = _require(request.methods)
    if not 1 <= request.draws <= MOST_DRAWS:
        raise RequestError(
            tr("A gradient cannot be the mean of {draws} draws.", draws=request.draws),
            tr("Choose a number from 1 to {most}.", most=MOST_DRAWS),
        )
    attack = request.attack
    clean = subject.of_picture(session, attack.model, attack.image, ctx)
    name = run_attack.exact_fingerprint(attack, session, ctx)
    epsilon, scale = run_attack.epsilon_of(attack), run_attack.require_scale(attack)
    subject.require(
        clean.network.facts, method("attack", attack.method), attack.parameters, attack.target
    )
    rows: list[AdaptiveRow] = []
    unattacked: list[Unattacked] = []

    def result() -> AdaptiveResult:
        return AdaptiveResult(
            epsilon=None if epsilon is None else epsilon * scale,
            norm=run_attack.norm_of(attack),
            rows=tuple(rows),
            expected=len(chosen),
            unattacked=tuple(unattacked),
        )

    for place, (defence, use) in enumerate(chosen):
        begin, end = (1000 * ends // len(chosen) for ends in (place, place + 1))
        part = Share(ctx, begin, end)
        part.step(0, 1)
        # what is not random is the same, whatever is set
        key = ("defence-known", name, use, request.draws if views_of(defence).random else 0)
        row = session.recall(key)
        if not isinstance(row, AdaptiveRow):
            own_seconds = session.stopwatch.start()
            plain = session.recall(("defence", name, use))
            before = plain.clean if isinstance(plain, DefenceRow) else None
            try:
                row = _adaptive_row(defence, use, attack, clean, before, request.draws, part)
            except MethodError as error:
                # as where a walk finds no start behind this one; the others may be attacked
                unattacked.append(Unattacked(use=use, problem=str(error)))
                ctx.partial(result())
                continue
            row = dataclasses.replace(row, seconds=own_seconds())
            session.remember(key, row, row.seen.nbytes)
        rows.append(row)
        ctx.partial(result())
    return result()


def _require(uses: Sequence[MethodUse]) -> list[tuple[Method, MethodUse]]:
    chosen = [(method("defence", use.method), use) for use in uses]
    if not chosen:
        raise RequestError(tr("No defence is chosen."), tr("Choose at least one."))
    for one, use in chosen:
        if not isinstance(use.parameters, one.params):
            raise ParameterError(
                tr("The parameters given are not those of {title}.", title=one.title),
                tr("It has: {known}.", known=", ".join(spec.name for spec in one.specs)),
            )
    return chosen


def _row(
    defence: Method,
    use: MethodUse,
    clean: Subject,
    after: Subject,
    done: int,
    total: int,
    ctx: Context,
) -> DefenceRow:
    before = clean.network.forwards
    found: list[DefendedScore] = []
    for seen in (clean, after):
        *_, last = answers(clean.network, defence, use.parameters, seen.image, ctx, done, total)
        done += len(last.winners)
        found.append(_score(defence, use, last, seen.logits, clean))
    without = clean.score(clean.winner)
    return DefenceRow(
        use=use,
        clean=found[0],
        adversarial=found[1],
        kept=found[0].score.index == clean.winner,
        change=found[0].label_probability - without.probability,
        recovered=found[1].score.index == clean.winner != after.winner,
        seen=_small(view(defence, use.parameters, after.image, 0)),
        forwards=clean.network.forwards - before,
    )


def _score(
    defence: Method, use: MethodUse, answer: Answer, undefended: Tensor, clean: Subject
) -> DefendedScore:
    """Describe an answer beside the logits (K,) of the same picture without a defence."""
    chances, index = answer.probabilities, answer.winner
    probability = float(chances[index])
    kind = views_of(defence)
    return DefendedScore(
        score=Score(
            index=index,
            label=clean.network.facts.labels[index],
            probability=probability,
            logit=math.log(max(probability, _TINY)),
        ),
        label_probability=float(chances[clean.winner]),
        distance=float((chances - undefended.softmax(0)).abs().sum()),
        votes=answer.votes,
        views=len(answer.winners),
        certificate=certify(list(answer.winners), float(use.parameters.values()["sigma"]))
        if kind.votes
        else None,
    )


def _adaptive_row(
    defence: Method,
    use: MethodUse,
    attack: Attack,
    clean: Subject,
    before: DefendedScore | None,
    draws: int,
    ctx: Context,
) -> AdaptiveRow:
    """Attack a defended network; ``before`` is what it says of the clean image, if that is known.

    Where the defence itself takes the clean image where the attack wants it, nothing is attacked:
    a perturbation of 0 would be a success.
    """
    network = clean.network
    if before is None:
        said = answer(network, defence, use.parameters, clean.image, Part(ctx, (0, 1)))
        before = _score(defence, use, said, clean.logits, clean)
    forwards, backwards = network.forwards, network.backwards
    moot = _reached(before, attack, clean)
    found = clean.image if moot else _attacked(defence, use, attack, clean, draws, ctx)
    asked = network.forwards - forwards, network.backwards - backwards
    after, logits = before, clean.logits
    if not moot:
        logits = scores.as_list(network.logits(found, ctx))
        said = answer(network, defence, use.parameters, found, Part(ctx, (1, 1)))
        after = _score(defence, use, said, logits, clean)
    return AdaptiveRow(
        use=use,
        clean=before,
        adversarial=after,
        undefended=scores.scores(logits, scores.best(logits, 1), network.facts.labels)[0],
        success=not moot and _reached(after, attack, clean),
        moot=moot,
        norms=run_attack.norms(clean.image, found),
        seen=_small(view(defence, use.parameters, found, 0)),
        forwards=asked[0],
        backwards=asked[1],
        seconds=0.0,
    )


def _attacked(
    defence: Method, use: MethodUse, attack: Attack, clean: Subject, draws: int, ctx: Context
) -> Tensor:
    """Return the image (1, 3, H, W) of the attack that knows the defence."""
    chosen, network, beating = method("attack", attack.method), clean.network, _Beating(ctx)
    label, target = subject.class_tensor(clean.winner, network.device), None
    if attack.target is not None:
        target = subject.class_tensor(attack.target, network.device)
    aim = Aim(label, target)
    found: Tensor = chosen.run(
        Defended(network, defence, use.parameters, draws, beating.again, aim.reached),
        clean.image,
        label,
        target,
        attack.parameters,
        beating,
    )
    found = run_attack.inside(found, clean.image, [attack])
    if attack.scale is None:
        return found
    norm, epsilon = run_attack.norm_of(attack), run_attack.epsilon_of(attack)
    return run_attack.multiples(clean.image, found, [attack.scale], norm, epsilon)


def _reached(said: DefendedScore, attack: Attack, clean: Subject) -> bool:
    """Tell whether what a defended network says is what the attack wants."""
    index = said.score.index
    return index != clean.winner if attack.target is None else index == attack.target


class _Beating(Part):
    """A context that can report again what was reported last, between passes of one step."""

    def __init__(self, outer: Context) -> None:
        super().__init__(outer)
        self._last = (0, 1)

    def step(self, done: int, total: int) -> None:
        """Report progress; a more urgent job may run inside."""
        self._last = (done, total)
        super().step(done, total)

    def again(self) -> None:
        """Report as before; a more urgent job may run inside."""
        super().step(*self._last)


def _small(image: Tensor) -> ByteArray:
    """Return (1, 3, H, W) in [0, 1] as uint8 (h, w, 3), its larger side at most ``_SMALL``."""
    height, width = image.shape[2:]
    share = min(1.0, _SMALL / max(height, width))
    if share < 1:
        size = (max(1, round(share * height)), max(1, round(share * width)))
        image = functional.interpolate(
            image, size, mode="bilinear", align_corners=False, antialias=True
        ).clamp(0, 1)
    levels = (image[0].permute(1, 2, 0) * 255).round().to(torch.uint8)
    return frozen(levels.cpu().numpy())
