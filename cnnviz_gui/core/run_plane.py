"""The plane through a picture: what the network says along an attack and across it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from cnnviz_gui.core import run_attack, scores, subject
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import Iterate
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import MethodError, RequestError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.heatmaps.gathering import Pace, in_passes
from cnnviz_gui.core.plane_found import Found, Setting, order
from cnnviz_gui.core.plane_requests import Plane, PlaneParams, PlanePicture
from cnnviz_gui.core.plane_results import PlanePictureResult, PlaneResult
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.result import AttackResult, FloatArray, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.subject import Subject
from cnnviz_gui.texts import tr

_ANGLES = 180
_PARALLEL = 1e-4
"""A direction of which less than this share is left beside the attack's has no part across."""
_TOP = 5
_DRAWING = 30
"""Of the time that passes, at most one part in so many is for drawing what is known so far."""


@dataclass(frozen=True, slots=True, eq=False)
class _Axes:
    """The picture and the two directions through it, each (1, 3, H, W)."""

    clean: Subject
    along: Tensor
    across: Tensor
    named: str
    attacked: AttackResult

    def pictures(self, places: Sequence[tuple[float, float]]) -> Tensor:
        """Return the pictures at (a, b), new (N, 3, H, W), not clipped."""
        device = self.along.device
        a, b = torch.tensor(places, device=device).reshape(-1, 2, 1, 1, 1).unbind(1)
        return (self.clean.image + a * self.along).addcmul_(b, self.across)


def run(request: Plane, session: Session, ctx: Context) -> PlaneResult:
    """Return the classes over the plane, coarse to fine; one that was stopped is gone on with.

    Raises
    ------
    MethodError
        The attack found nothing, or nothing lies across it.
    RequestError
        Another picture is to lie across, and none is named.
    """
    key = ("plane", _exact(request, session, ctx))
    kept = session.recall(key)
    if isinstance(kept, PlaneResult):
        return kept
    own_seconds = session.stopwatch.start()
    begun = session.recall(("plane begun", key))
    points = list(order(int(request.parameters.points)))
    before = Part(ctx, (begun.done if isinstance(begun, Found) else 0, len(points)))
    axes = _axes(request, session, before)
    if isinstance(begun, Found):
        found = begun
    else:
        found = Found(request.parameters, _setting(request, axes, session, before))
        session.remember(("plane begun", key), found, found.nbytes)
    network, shown = axes.clean.network, _Shown(found, ctx)

    def passed(numbers: Sequence[int]) -> Tensor:
        places = [found.place(*points[number]) for number in numbers]
        return network.logits(axes.pictures(places).clamp_(0, 1), ctx)

    try:
        for numbers, logits in in_passes(network, range(found.done, len(points)), passed, ctx):
            found.note([points[number] for number in numbers], logits)
            shown.perhaps()
    finally:
        found.seconds += own_seconds()
    result = dataclasses.replace(found.result(), seconds=found.seconds)
    drawn = result.drawing
    size = 3 * result.confidence.nbytes + 3 * drawn.loss.nbytes + drawn.borders.nbytes
    session.remember(key, result, size + drawn.contours.nbytes)
    return result


class _Shown:
    """Shows what is known of a plane, the more seldom the longer drawing it takes."""

    def __init__(self, found: Found, ctx: Context) -> None:
        self._found, self._ctx = found, ctx
        self._pace, self._rest = Pace(), 0.0

    def perhaps(self) -> None:
        """Show it if it is time, and if there is anything to show."""
        now = perf_counter()
        if not self._pace.due() or now < self._rest or not self._found.grid():
            return
        self._ctx.partial(self._found.result())
        self._rest = perf_counter() + _DRAWING * (perf_counter() - now)


def picture(request: PlanePicture, session: Session, ctx: Context) -> PlanePictureResult:
    """Return the picture at one point of the plane."""
    if not (math.isfinite(request.along) and math.isfinite(request.across)):
        raise RequestError(tr("A point of the plane has two finite numbers."))
    axes = _axes(request.plane, session, ctx)
    exact = axes.pictures([(request.along, request.across)])
    image = exact.clamp(0, 1)
    logits = scores.as_list(axes.clean.network.logits(image, ctx))
    levels = (image[0].permute(1, 2, 0) * 255).round().to(torch.uint8).cpu().numpy()
    return PlanePictureResult(
        picture=frozen(levels),
        scores=scores.scores(logits, scores.best(logits, _TOP), _names(axes.clean.network.facts)),
        clipped=float((exact != image).float().mean()),
    )


def _names(facts: ModelFacts) -> tuple[str, ...]:
    """Return what the classes are called; without a classifier they are but outputs."""
    if facts.trained and facts.headless:
        return tuple(tr("output {index}", index=index) for index in range(len(facts.labels)))
    return tuple(facts.labels)


def _exact(request: Plane, session: Session, ctx: Context) -> str:
    """Return the fingerprint with the checksums of the pictures in it."""
    image = subject.exactly(session, request.attack.image, ctx)
    other = request.other_image
    return dataclasses.replace(
        request,
        attack=dataclasses.replace(request.attack, image=image),
        other_image=None if other is None else subject.exactly(session, other, ctx),
    ).fingerprint()


def _axes(request: Plane, session: Session, ctx: Context) -> _Axes:
    attack = dataclasses.replace(request.attack, scale=None)
    attacked = run_attack.run(attack, session, Part(ctx))
    clean = subject.of_picture(session, attack.model, attack.image, ctx)
    along = _change(attacked, clean)
    if not bool(along.any()):
        raise MethodError(
            tr("The attack found no perturbation, so the plane has no direction."),
            tr("Choose a larger epsilon, more steps or another attack."),
        )
    raw, named = _raw(request, attacked, clean, session, ctx)
    across = raw - (raw * along).sum() / (along * along).sum() * along
    if not bool(raw.any()):
        raise MethodError(
            tr(
                "The attack towards {named} found no perturbation, so nothing lies across.",
                named=named,
            ),
            tr("Choose another class, more steps, or a random direction."),
        )
    if float(across.norm()) <= _PARALLEL * float(raw.norm()):
        raise MethodError(
            tr("What is to lie across the attack points the same way as it."),
            tr("Choose another class, another picture, or a random direction."),
        )
    if request.parameters.across != "image":
        across = across * (along.norm() / across.norm())
    return _Axes(clean, along, across, named, attacked)


def _change(attacked: AttackResult, clean: Subject) -> Tensor:
    adversarial = torch.tensor(attacked.adversarial_image)[None].to(clean.image)
    return adversarial - clean.image


def _raw(
    request: Plane, attacked: AttackResult, clean: Subject, session: Session, ctx: Context
) -> tuple[Tensor, str]:
    """Return the second direction as it comes, and what it is called."""
    facts = clean.network.facts
    if request.parameters.across == "random":
        generator = torch.Generator().manual_seed(request.parameters.seed)
        shape = (1 if facts.channels == 1 else 3, *clean.image.shape[2:])
        noise = torch.randn(shape, generator=generator).to(clean.image)
        return noise.expand_as(clean.image), "random"
    if request.parameters.across == "image":
        if request.other_image is None:
            raise RequestError(
                tr("There is no other picture to lie across."), tr("Open a second picture.")
            )
        other = session.input(request.attack.model, request.other_image, ctx)
        return other.to(clean.image) - clean.image, PurePath(request.other_image.path).name
    rival = _rival(request, attacked, clean, facts)
    towards = dataclasses.replace(request.attack, target=rival, scale=None)
    return _change(run_attack.run(towards, session, Part(ctx)), clean), _names(facts)[rival]


def _rival(request: Plane, attacked: AttackResult, clean: Subject, facts: ModelFacts) -> int:
    """Return the class whose attack lies across."""
    if request.other is not None:
        subject.require_class(facts, request.other)
        return request.other
    reached = {clean.winner, attacked.adversarial[0].index, request.attack.target}
    likely = scores.best(clean.logits, min(len(facts.labels), 4))
    rival = next((index for index in likely if index not in reached), None)
    if rival is None:
        raise MethodError(
            tr("There is no third class whose attack could lie across."),
            tr("Choose a random direction."),
        )
    return rival


class _Watching:
    """A context that notes where the iterates of an attack lie in the plane."""

    def __init__(self, outer: Context, axes: _Axes) -> None:
        self.path: list[tuple[float, float]] = [(0.0, 0.0)]
        self._outer = outer
        self._axes = axes

    def check(self) -> None:
        self._outer.check()

    def step(self, done: int, total: int) -> None:
        self._outer.step(done, total)

    def partial(self, value: object) -> None:
        if isinstance(value, Iterate):
            self.add(value.image[:1])

    def add(self, image: Tensor) -> None:
        """Note the point of the plane that is nearest to an image."""
        change = image - self._axes.clean.image
        point = [
            float((change * axis).sum() / (axis * axis).sum())
            for axis in (self._axes.along, self._axes.across)
        ]
        if max(abs(point[0] - self.path[-1][0]), abs(point[1] - self.path[-1][1])) > 1e-6:
            self.path.append((point[0], point[1]))


def _path(request: Plane, axes: _Axes, session: Session, ctx: Context) -> FloatArray:
    """Run the attack again and return where it went, (T, 2); once for all planes so lying."""
    usual = PlaneParams(across=request.parameters.across, seed=request.parameters.seed)
    alike = dataclasses.replace(request, parameters=usual)
    key = ("plane path", _exact(alike, session, ctx))
    kept = session.recall(key)
    if isinstance(kept, np.ndarray):
        return kept
    attack, watching = request.attack, _Watching(ctx, axes)
    clean, device = axes.clean, axes.clean.network.device
    target = None if attack.target is None else subject.class_tensor(attack.target, device)
    label = subject.class_tensor(clean.winner, device)
    run = method("attack", attack.method).run
    watching.add(run(clean.network, clean.image, label, target, attack.parameters, watching))
    path = frozen(np.array(watching.path, dtype=np.float32))
    session.remember(key, path, path.nbytes)
    return path


def _setting(request: Plane, axes: _Axes, session: Session, ctx: Context) -> Setting:
    """Return what is known before any point is classified."""
    clean, attacked, reach = axes.clean, axes.attacked, request.parameters.reach
    lengths = float(axes.along.norm()), float(axes.across.norm())
    units = 1.0, lengths[1] / lengths[0]
    if attacked.epsilon is not None:
        radius = balls.radius(attacked.norm, attacked.epsilon)
        sizes = [float(balls.size(attacked.norm, axis)) for axis in (axes.along, axes.across)]
        units = sizes[0] / radius, sizes[1] / radius
    corners = axes.pictures([(a, b) for a in (-reach, reach) for b in (-reach, reach)])
    cut = ((corners < 0) | (corners > 1)).float().flatten(1).mean(1)
    return Setting(
        label=dataclasses.replace(
            clean.score(clean.winner), label=_names(clean.network.facts)[clean.winner]
        ),
        labels=_names(clean.network.facts),
        across=axes.named,
        lengths=lengths,
        epsilon=attacked.epsilon,
        norm=attacked.norm,
        units=units,
        clipped=float(cut.max()),
        ball=_ball(attacked, axes),
        path=_path(request, axes, session, ctx),
    )


def _ball(attacked: AttackResult, axes: _Axes) -> FloatArray:
    """Return where rays from the picture leave the ball of the attack, (M, 2) in (a, b)."""
    if attacked.epsilon is None:
        return frozen(np.zeros((0, 2), dtype=np.float32))
    radius = balls.radius(attacked.norm, attacked.epsilon)
    angles = np.linspace(0, 2 * math.pi, _ANGLES, endpoint=False)
    edge = []
    for angle in angles:
        ray = math.cos(angle) * axes.along + math.sin(angle) * axes.across
        far = radius / max(float(balls.size(attacked.norm, ray)), 1e-12)
        edge.append((far * math.cos(angle), far * math.sin(angle)))
    return frozen(np.array(edge, dtype=np.float32))
