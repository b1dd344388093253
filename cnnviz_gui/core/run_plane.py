"""The plane through a picture: what the network says along an attack and across it."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core import run_attack, scores, subject
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import Iterate
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import MethodError, RequestError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.heatmaps.gathering import Pace, in_passes
from cnnviz_gui.core.plane_requests import Plane, PlaneParams, PlanePicture
from cnnviz_gui.core.plane_results import UNKNOWN, PlanePictureResult, PlaneResult
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.result import AttackResult, FloatArray, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.subject import Subject

_COARSEST = 5
_ANGLES = 180
_PARALLEL = 1e-4
"""A direction of which less than this share is left beside the attack's has no part across."""
_TOP = 5


@dataclass(frozen=True, slots=True, eq=False)
class _Axes:
    """The picture and the two directions through it, each (1, 3, H, W)."""

    clean: Subject
    along: Tensor
    across: Tensor
    named: str
    attacked: AttackResult

    def pictures(self, places: Sequence[tuple[float, float]]) -> Tensor:
        """Return the pictures at (a, b), (N, 3, H, W), not clipped."""
        device = self.along.device
        a, b = torch.tensor(places, device=device).reshape(-1, 2, 1, 1, 1).unbind(1)
        return self.clean.image + a * self.along + b * self.across


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
    order = list(_order(int(request.parameters.points)))
    before = Part(ctx, (begun.done if isinstance(begun, _Found) else 0, len(order)))
    axes = _axes(request, session, before)
    if isinstance(begun, _Found):
        found = begun
    else:
        path = _path(request, axes, session, before)
        found = _Found(request.parameters, path, _ball(axes.attacked, axes))
        session.remember(("plane begun", key), found, found.nbytes)
    network, pace = axes.clean.network, Pace()
    label = axes.clean.winner

    def passed(numbers: Sequence[int]) -> Tensor:
        places = [found.place(*order[number]) for number in numbers]
        return network.logits(axes.pictures(places).clamp(0, 1), ctx)

    for numbers, logits in in_passes(network, range(found.done, len(order)), passed, ctx):
        found.note([order[number] for number in numbers], logits, label)
        if pace.due():
            ctx.partial(found.result(axes))
    result = dataclasses.replace(found.result(axes), seconds=own_seconds())
    session.remember(key, result, 3 * result.confidence.nbytes)
    return result


def picture(request: PlanePicture, session: Session, ctx: Context) -> PlanePictureResult:
    """Return the picture at one point of the plane."""
    if not (math.isfinite(request.along) and math.isfinite(request.across)):
        raise RequestError("A point of the plane has two finite numbers.")
    axes = _axes(request.plane, session, ctx)
    exact = axes.pictures([(request.along, request.across)])
    image = exact.clamp(0, 1)
    logits = scores.as_list(axes.clean.network.logits(image, ctx))
    levels = (image[0].permute(1, 2, 0) * 255).round().to(torch.uint8).cpu().numpy()
    return PlanePictureResult(
        picture=frozen(levels),
        scores=scores.scores(logits, scores.best(logits, _TOP), axes.clean.network.facts.labels),
        clipped=float((exact != image).float().mean()),
    )


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
            "The attack found no perturbation, so the plane has no direction.",
            "Choose a larger epsilon, more steps or another attack.",
        )
    raw, named = _raw(request, attacked, clean, session, ctx)
    across = raw - (raw * along).sum() / (along * along).sum() * along
    if not bool(raw.any()):
        raise MethodError(
            f"The attack towards {named} found no perturbation, so nothing lies across.",
            "Choose another class, more steps, or a random direction.",
        )
    if float(across.norm()) <= _PARALLEL * float(raw.norm()):
        raise MethodError(
            "What is to lie across the attack points the same way as it.",
            "Choose another class, another picture, or a random direction.",
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
            raise RequestError("There is no other picture to lie across.", "Open a second picture.")
        other = session.input(request.attack.model, request.other_image, ctx)
        return other.to(clean.image) - clean.image, PurePath(request.other_image.path).name
    rival = _rival(request, attacked, clean, facts)
    towards = dataclasses.replace(request.attack, target=rival, scale=None)
    return _change(run_attack.run(towards, session, Part(ctx)), clean), facts.labels[rival]


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
            "There is no third class whose attack could lie across.",
            "Choose a random direction.",
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


class _Found:
    """What is known of a plane so far; outlives the job that began it."""

    def __init__(self, parameters: PlaneParams, path: FloatArray, ball: FloatArray) -> None:
        self.done = 0
        self._reach = parameters.reach
        self._side = int(parameters.points)
        self._path, self._ball = path, ball
        shape = self._side, self._side
        self._classes = np.full(shape, UNKNOWN, dtype=np.int32)
        self._confidence = np.full(shape, np.nan, dtype=np.float32)
        self._loss = np.full(shape, np.nan, dtype=np.float32)
        self.nbytes = 3 * self._classes.nbytes

    def place(self, row: int, column: int) -> tuple[float, float]:
        """Return (a, b) of a point."""
        last = self._side - 1
        return self._reach * (2 * column / last - 1), self._reach * (2 * row / last - 1)

    def note(self, points: Sequence[tuple[int, int]], logits: Tensor, label: int) -> None:
        """Take the logits (N, K) of the next points."""
        self.done += len(points)
        rows, columns = np.array(points).T
        probabilities = logits.double().softmax(1).max(1)
        self._classes[rows, columns] = probabilities.indices.cpu().numpy()
        self._confidence[rows, columns] = probabilities.values.cpu().numpy()
        wanted = torch.full((len(logits),), label, device=logits.device)
        losses = functional.cross_entropy(logits.double(), wanted, reduction="none")
        self._loss[rows, columns] = losses.cpu().numpy()

    def result(self, axes: _Axes) -> PlaneResult:
        """Return it, with arrays of its own."""
        labels = axes.clean.network.facts.labels
        known = self._classes[self._classes != UNKNOWN].tolist()
        return PlaneResult(
            classes=frozen(self._classes.copy()),
            confidence=frozen(self._confidence.copy()),
            loss=frozen(self._loss.copy()),
            names=tuple((index, labels[index]) for index, _ in Counter(known).most_common()),
            label=axes.clean.score(axes.clean.winner),
            reach=self._reach,
            across=axes.named,
            lengths=(float(axes.along.norm()), float(axes.across.norm())),
            ball=self._ball,
            path=self._path,
            expected=self._side**2,
        )


def _order(side: int) -> Iterator[tuple[int, int]]:
    """Yield (row, column) of every point once: a coarse grid first, then what lies between."""
    stride = (side - 1) // (_COARSEST - 1)
    for row in range(0, side, stride):
        for column in range(0, side, stride):
            yield row, column
    while stride > 1:
        stride //= 2
        for row in range(0, side, stride):
            for column in range(0, side, stride):
                if row % (2 * stride) or column % (2 * stride):
                    yield row, column
