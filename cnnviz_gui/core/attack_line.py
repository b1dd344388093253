"""Attacks that differ in one number, whose images come of one computation: judged many at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core import run_attack, subject
from cnnviz_gui.core.attacks.aim import Iterate
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.heatmaps.gathering import at_once, in_passes
from cnnviz_gui.core.registry import Method, method
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.result import AttackResult
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.subject import Subject


@dataclass(frozen=True, slots=True, eq=False)
class _Common:
    """What all attacks of a line share: computed once."""

    images: Callable[[Sequence[float]], Tensor]
    """From M places to the images (M, 3, H, W) there."""
    forwards: int
    backwards: int
    seconds: float
    report: run_attack.Report
    """Of any attack on the picture."""


class Line:
    """Attacks along one axis: multiples of one perturbation, or epsilons of one direction.

    Where memory runs out, or nothing is asked that is not remembered, it costs what it must and no
    more: the common part is computed when the first image is needed.
    """

    def __init__(self, request: Attack, chosen: Method, session: Session, clean: Subject) -> None:
        self.at_once = at_once(clean.network)
        """How many results to ask for together."""
        self._request = request
        self._chosen = chosen
        self._session = session
        self._clean = clean
        self._common: _Common | None = None

    def results(self, attacks: Sequence[Attack], ctx: Context) -> list[AttackResult]:
        """Return the results of ``attacks``, in order, those that are remembered among them.

        Each tells what it would have cost alone; its seconds are its share of what was computed
        together.
        """
        found = {at: run_attack.recalled(one, self._session, ctx) for at, one in enumerate(attacks)}
        missing = [at for at, result in found.items() if result is None]
        if missing:
            common = self._shared(ctx)
            asked = [attacks[at] for at in missing]
            for at, result in zip(missing, self._judged(asked, common, ctx), strict=True):
                found[at] = result
                run_attack.remember(attacks[at], result, self._session, ctx)
        return [result for result in found.values() if result is not None]

    def _shared(self, ctx: Context) -> _Common:
        if self._common is None:
            report = run_attack.Report(self._request, self._clean, self._session)
            self._common = (self._multiples if self._scaled else self._epsilons)(report, ctx)
        return self._common

    @property
    def _scaled(self) -> bool:
        return self._request.scale is not None

    def _multiples(self, report: run_attack.Report, ctx: Context) -> _Common:
        alone = dataclasses.replace(self._request, scale=None)
        whole = run_attack.run(alone, self._session, Part(ctx))
        image = self._clean.image
        return _Common(
            lambda scales: run_attack.scaled_images(image, whole, scales),
            whole.forwards,
            whole.backwards,
            whole.seconds,
            report,
        )

    def _epsilons(self, report: run_attack.Report, ctx: Context) -> _Common:
        own_seconds = self._session.stopwatch.start()
        network, request = self._clean.network, self._request
        assert self._chosen.at_epsilons is not None
        forwards, backwards = network.forwards, network.backwards
        images = self._chosen.at_epsilons(
            network,
            self._clean.image,
            subject.class_tensor(self._clean.winner, network.device),
            None
            if request.target is None
            else subject.class_tensor(request.target, network.device),
            request.parameters,
            ctx,
        )
        spent = network.forwards - forwards, network.backwards - backwards
        return _Common(images, *spent, own_seconds(), report)

    def _judged(
        self, attacks: Sequence[Attack], common: _Common, ctx: Context
    ) -> list[AttackResult]:
        clean, results = self._clean, list[AttackResult]()

        def passed(numbers: Sequence[int]) -> list[AttackResult]:
            own_seconds = self._session.stopwatch.start()
            some = [attacks[number] for number in numbers]
            images = common.images([one.place for one in some])
            if not self._scaled:
                images = run_attack.inside(images, clean.image, some)
            logits = clean.network.logits(images, ctx)
            each = own_seconds() / len(numbers)
            return [
                self._result(attacks[number], Iterate(image[None], own[None]), common, each)
                for number, image, own in zip(numbers, images, logits, strict=True)
            ]

        together = range(len(attacks))
        for _, some in in_passes(clean.network, together, passed, ctx, count=len(attacks)):
            results += some
        return results

    def _result(
        self, attack: Attack, found: Iterate, common: _Common, seconds: float
    ) -> AttackResult:
        # Without a budget an attack asks nothing.
        spent = self._scaled or attack.place > 0
        return dataclasses.replace(
            common.report.about(attack).last(found),
            forwards=common.forwards if spent else 0,
            backwards=common.backwards if spent else 0,
            seconds=(common.seconds if spent else 0.0) + seconds,
        )


def line_of(request: Attack, session: Session, ctx: Context) -> Line | None:
    """Return the line on which an attack lies, None where each of its places is an attack anew.

    Batches of iterative attacks are no such line: how a gradient is rounded depends on how many are
    computed together, a sign turns where it is all but zero, and the steps after it go elsewhere.
    On a CPU they would not be faster either.

    Raises
    ------
    MethodError, ParameterError, TargetError
        As for the attack.
    """
    chosen = method("attack", request.method)
    classifier = session.classifier(request.model, ctx)
    subject.require(classifier.facts, chosen, request.parameters, request.target)
    if request.scale is None and chosen.at_epsilons is None:
        return None
    clean = subject.of_picture(session, request.model, request.image, ctx)
    return Line(request, chosen, session, clean)
