"""Attack requests."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from cnnviz_gui.core import attack_bound, scores, subject
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import Iterate
from cnnviz_gui.core.closeness import Beside
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import MethodError, RequestError
from cnnviz_gui.core.registry import Method, method
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.result import AttackResult, FloatArray, Norms, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.subject import Subject
from cnnviz_gui.texts import tr

_TOP = 5
_ROUNDING = 1e-7
"""How far rounding may take a value of a result: more than the last bit of any in [0, 1]."""
_ROUNDING_SHARE = 1e-6
"""How far it may take a result out of its ball besides, as a share of the radius."""


def run(request: Attack, session: Session, ctx: Context) -> AttackResult:
    """Return the result of an attack, the remembered one where there is one.

    Partial results are ``AttackResult`` too, of the best image so far.
    """
    chosen = method("attack", request.method)
    classifier = session.classifier(request.model, ctx)
    subject.require(classifier.facts, chosen, request.parameters, request.target)
    kept = recalled(request, session, ctx)
    if kept is not None:
        return kept
    result = _compute(request, chosen, session, ctx)
    remember(request, result, session, ctx)
    return result


def anew(request: Attack, session: Session, ctx: Context) -> AttackResult:
    """Return the result of an attack without a scale, computed anew, and remember it.

    Partial results are the ``Iterate`` that the method shows, as they are.
    """
    result = _compute(request, method("attack", request.method), session, ctx, watched=True)
    remember(request, result, session, ctx)
    return result


def exact_fingerprint(request: Attack, session: Session, ctx: Context) -> str:
    """Return the fingerprint with the picture's checksum in it, so that a changed file counts."""
    image = subject.exactly(session, request.image, ctx)
    return dataclasses.replace(request, image=image).fingerprint()


def _compute(
    request: Attack, chosen: Method, session: Session, ctx: Context, *, watched: bool = False
) -> AttackResult:
    if request.scale is not None:
        return _scaled(request, session, ctx)
    own_seconds = session.stopwatch.start()
    clean = subject.of_picture(session, request.model, request.image, ctx)
    report = Report(request, clean, session)
    device = clean.network.device
    target = None if request.target is None else subject.class_tensor(request.target, device)
    adversarial = chosen.run(
        clean.network,
        clean.image,
        subject.class_tensor(clean.winner, device),
        target,
        request.parameters,
        ctx if watched else _Showing(ctx, report.of),
    )
    adversarial = inside(adversarial, clean.image, [request])
    forwards, backwards = clean.network.forwards, clean.network.backwards
    # Judged anew: what the method believes of its result does not count.
    logits = clean.network.logits(adversarial, ctx)
    return dataclasses.replace(
        report.last(Iterate(adversarial, logits)),
        forwards=forwards,
        backwards=backwards,
        seconds=own_seconds(),
    )


def _scaled(request: Attack, session: Session, ctx: Context) -> AttackResult:
    """Return the picture plus a multiple of the perturbation that the attack finds.

    Raises
    ------
    RequestError
        The scale is negative or not finite.
    """
    scale = require_scale(request)
    shown = ctx if scale == 1 else Part(ctx)  # what is not scaled yet is not what was asked for
    whole = run(dataclasses.replace(request, scale=None), session, shown)
    own_seconds = session.stopwatch.start()
    clean = subject.of_picture(session, request.model, request.image, ctx)
    image = scaled_images(clean.image, whole, [scale])
    logits = clean.network.logits(image, ctx)
    return dataclasses.replace(
        Report(request, clean, session).last(Iterate(image, logits)),
        forwards=whole.forwards,
        backwards=whole.backwards,
        seconds=whole.seconds + own_seconds(),
    )


def require_scale(request: Attack) -> float:
    """Return the multiple of a perturbation that is asked for, 1 where it is taken as it is.

    Raises
    ------
    RequestError
        It is negative or not finite.
    """
    scale = 1.0 if request.scale is None else request.scale
    if not 0 <= scale < math.inf:
        raise RequestError(
            tr("A perturbation cannot be scaled by {scale:g}.", scale=scale),
            tr("Choose 0 or a positive number."),
        )
    return scale


def recalled(request: Attack, session: Session, ctx: Context) -> AttackResult | None:
    """Return the remembered result of an attack, None where there is none."""
    kept = session.recall(("attack", exact_fingerprint(request, session, ctx)))
    return kept if isinstance(kept, AttackResult) else None


def remember(request: Attack, result: AttackResult, session: Session, ctx: Context) -> None:
    """Remember the result of an attack."""
    key = ("attack", exact_fingerprint(request, session, ctx))
    session.remember(key, result, 2 * result.adversarial_image.nbytes)


def scaled_images(clean: Tensor, whole: AttackResult, scales: Sequence[float]) -> Tensor:
    """Return an image (1, 3, H, W) plus each multiple of what an attack found, (M, 3, H, W)."""
    found = torch.tensor(whole.adversarial_image)[None].to(clean)
    return multiples(clean, found, scales, whole.norm, whole.epsilon)


def multiples(
    clean: Tensor, found: Tensor, scales: Sequence[float], norm: str, epsilon: float | None
) -> Tensor:
    """Return an image plus each multiple of its way to another, (M, 3, H, W), inside the ball."""
    factors = balls.per_sample(torch.tensor(scales).to(clean))
    moved = (clean + factors * (found - clean)).clamp(0, 1)
    if epsilon is not None:
        radii = [balls.radius(norm, epsilon * scale) for scale in scales]
        moved = balls.settled(norm, torch.tensor(radii, dtype=torch.float64), clean, moved)
    itself = torch.tensor([scale == 1 for scale in scales], device=clean.device)
    return torch.where(balls.per_sample(itself), found, moved)


class _Showing:
    """Turns the iterates that a method shows into results."""

    def __init__(self, outer: Context, report: Callable[[Iterate], AttackResult]) -> None:
        self._outer = outer
        self._report = report

    def check(self) -> None:
        self._outer.check()

    def step(self, done: int, total: int) -> None:
        self._outer.step(done, total)

    def partial(self, value: object) -> None:
        self._outer.partial(self._report(value) if isinstance(value, Iterate) else value)


class Report:
    """Describes an adversarial image of one request."""

    def __init__(self, request: Attack, clean: Subject, session: Session) -> None:
        self._request = request
        self._clean = clean
        self._ranked = scores.best(clean.logits, _TOP)
        key = ("clean", request.model, request.image)
        kept = session.recall(key)
        self._pixels: FloatArray = _array(clean.image)
        if isinstance(kept, np.ndarray) and np.array_equal(kept, self._pixels):
            self._pixels = kept  # one array for all points of a sweep
        else:
            session.remember(key, self._pixels, self._pixels.nbytes)
        kept = session.recall(("beside", *key))
        if isinstance(kept, Beside) and torch.equal(kept.image, clean.image):
            self._beside = kept
        else:
            self._beside = Beside(clean.image)
            session.remember(("beside", *key), self._beside, self._beside.nbytes)

    def about(self, request: Attack) -> Report:
        """Return the same of another attack on the picture."""
        other = copy.copy(self)
        other._request = request
        return other

    def last(self, found: Iterate) -> AttackResult:
        """Return the result of an attack that has ended."""
        closeness = self._beside.closeness(found.image[:1].detach())
        return dataclasses.replace(self.of(found), closeness=closeness)

    def of(self, found: Iterate) -> AttackResult:
        """Return the result as far as ``found`` tells."""
        request, clean, network = self._request, self._clean, self._clean.network
        after = scores.as_list(found.logits[:1])
        ranked = scores.best(after, _TOP)
        listed = {*self._ranked, *ranked}
        listed |= set() if request.target is None else {request.target}
        winner, attacked = self._ranked[0], ranked[0]
        labels = network.facts.labels
        target = request.target
        epsilon = epsilon_of(request)
        scale = 1.0 if request.scale is None else request.scale
        return AttackResult(
            method=request.method,
            epsilon=None if epsilon is None else epsilon * scale,
            norm=norm_of(request),
            target=None if target is None else scores.scores(after, [target], labels)[0],
            clean=scores.scores(clean.logits, listed, labels),
            adversarial=scores.scores(after, listed, labels),
            clean_image=self._pixels,
            adversarial_image=_array(found.image),
            success=attacked != winner if target is None else attacked == target,
            norms=norms(clean.image, found.image[:1]),
            forwards=network.forwards,
            backwards=network.backwards,
        )


def _array(image: Tensor) -> FloatArray:
    return frozen(image[0].detach().to("cpu", torch.float32).numpy())  # which copies it


def inside(found: Tensor, image: Tensor, requests: Sequence[Attack]) -> Tensor:
    """Return what attacks found, exactly in [0, 1] and in their balls.

    Parameters
    ----------
    found
        Images (N, 3, H, W).
    image
        Where they began, (N, 3, H, W), or (1, 3, H, W) for all of them.
    requests
        N attacks by one method that differ in epsilon alone, or one that stands for all.

    Raises
    ------
    MethodError
        These are no images, or they lie further outside their balls than rounding takes them.
    """
    title = method("attack", requests[0].method).title
    count = max(len(requests), len(image))
    lowest, highest = float(found.min()), float(found.max())  # not a number if one value is not
    if found.shape != (count, *image.shape[1:]) or not math.isfinite(highest - lowest):
        raise MethodError(
            tr("{title} did not give an image.", title=title),
            tr("The gradient is probably not finite: try another network or a smaller step."),
        )
    norm, epsilons = norm_of(requests[0]), [epsilon_of(request) for request in requests]
    allowed = [math.inf if one is None else balls.radius(norm, one) for one in epsilons]
    radii = torch.tensor(allowed, dtype=torch.float64)
    within, sizes = balls.settling(norm, radii, image, found)
    excess = float((sizes.cpu() - radii * (1 + _ROUNDING_SHARE)).max())
    values = image[0].numel()
    rounding = _ROUNDING * {"linf": 1.0, "l2": math.sqrt(values), "l1": values}[norm]
    if lowest < 0 or highest > 1 or excess > rounding:
        raise MethodError(
            tr("{title} left the ball of images it may return.", title=title),
            tr("This is a fault of the method, please report it."),
        )
    return within


def norms(image: Tensor, moved: Tensor) -> Norms:
    """Return the norms of what was added to an image, both (1, 3, H, W)."""
    return Norms(**{norm: float(size) for norm, size in balls.sizes(image, moved).items()})


def norm_of(request: Attack) -> str:
    """Return the norm in which an attack is bounded, or measured."""
    return attack_bound.norm_of(request.parameters)


def epsilon_of(request: Attack) -> float | None:
    """Return the bound of an attack, before any scale; None where it has none."""
    return attack_bound.epsilon_of(request.parameters)
