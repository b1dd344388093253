"""Attack-step requests: the images an attack comes by, recorded while it runs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from cnnviz_gui.core import run_attack, scores, subject
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.attack_step_results import AttackTrajectory, HalfArray, Unit
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import LOSSES, Aim, Iterate, Loss
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmaps.gathering import Pace
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.result import AttackResult, FloatArray, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.subject import Subject

_MOST_PICTURES = 100
_MOST_BYTES = 64 << 20
"""Of all pictures that are kept."""
_LEAST_PICTURES = 10
_LAST_BITS = 1e-6
_GROWN = 50
"""A record is shown again when it has grown by one in so many."""
_OF_THE_MARGIN = ("smallest", "score", "decision")
"""Families that lower the margin of the logits; with scores alone, only away from a class."""


def run(request: AttackSteps, session: Session, ctx: Context) -> AttackTrajectory:
    """Return what the attack does step by step; it is remembered, and its result with it.

    The attack is run as ever, and only watched: it is asked for nothing that it does not do anyway.
    """
    attack = dataclasses.replace(request.attack, scale=None)
    key = ("attack steps", run_attack.exact_fingerprint(attack, session, ctx))
    kept = session.recall(key)
    if isinstance(kept, AttackTrajectory):
        return kept
    own_seconds = session.stopwatch.start()
    chosen = method("attack", attack.method)
    classifier = session.classifier(attack.model, ctx)
    subject.require(classifier.facts, chosen, attack.parameters, attack.target)
    clean = subject.of_picture(session, attack.model, attack.image, ctx)
    watching = _Watching(ctx, _Record(attack, clean))
    result = run_attack.anew(attack, session, watching)
    found = watching.ended(result, own_seconds())
    nbytes = sum(picture.nbytes for _, picture in found.pictures) + 80 * len(found.numbers)
    nbytes += found.probabilities.nbytes
    session.remember(key, found, nbytes)
    return found


class _Watching:
    """Records the iterates that a method shows, under the number of the step it is at."""

    def __init__(self, outer: Context, record: _Record) -> None:
        self._outer = outer
        self._record = record
        self._pace = Pace()
        self._done = 0
        self._total = 1
        self._next = 1

    def check(self) -> None:
        self._outer.check()

    def step(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        self._outer.step(done, total)

    def partial(self, value: object) -> None:
        if not isinstance(value, Iterate):
            return  # of what is done before the attack
        count = self._record.take(self._done, value)
        # A record of many thousands takes its time to be put together: more seldom as it grows.
        if count >= self._next and self._pace.due():
            self._next = count + max(1, count // _GROWN)
            self._outer.partial(self._record.so_far(self._total))

    def ended(self, result: AttackResult, seconds: float) -> AttackTrajectory:
        """Return the whole way, whose end is the result."""
        self._record.end(result, self._total, self._outer)
        self._record.until(self._done)
        found = self._record.so_far(self._total)
        return dataclasses.replace(found, result=result, seconds=seconds)


@dataclass(frozen=True, slots=True)
class _Row:
    """The numbers of one image."""

    number: int
    loss: float
    label_probability: float
    other_probability: float
    other: int
    winner: int
    winner_probability: float
    success: bool
    norms: tuple[float, float, float]


class _Record:
    """The images of one attack: numbers of all, pictures of some."""

    def __init__(self, attack: Attack, clean: Subject) -> None:
        self._clean = clean
        self._label = clean.winner
        self._target = attack.target
        towards = None if self._target is None else _class(self._target)
        self._aim = Aim(_class(self._label), towards, _loss(attack))
        # A cross-entropy towards a target falls, as a margin does: a loss is told as it is defined.
        self._rises = self._aim.loss == "dlr" or (
            self._aim.loss == "cross-entropy" and self._target is None
        )
        self._unit: Unit = "query" if "queries" in attack.parameters.values() else "step"
        self._pixels: FloatArray = frozen(clean.image[0].cpu().numpy())
        self._rows: list[_Row] = []
        self._pictures: dict[int, HalfArray] = {}
        self._probabilities: dict[int, FloatArray] = {}
        """Of the same places."""
        self._stride = 1
        room = _MOST_BYTES // (2 * self._pixels.size)
        self._most = min(_MOST_PICTURES, max(_LEAST_PICTURES, room))
        self._first: int | None = None
        self._offered: tuple[int, Tensor] | None = None
        """Place and image of the best one, where the method chooses among those on its way."""
        self._passed: tuple[int, Tensor] | None = None
        """The last one of a method that does not."""
        self._best = 0

    def take(self, number: int, shown: Iterate) -> int:
        """Record one image, and whether it is the one that would be returned; count them."""
        walked = shown.walked or shown
        place = self._add(number, walked.image[:1], scores.as_list(walked.logits[:1]))
        if shown.walked is None:
            self._passed = place, walked.image[:1]
            self._best = place
        else:
            if self._offered is None or torch.equal(shown.image[:1], walked.image[:1]):
                self._offered = place, walked.image[:1]
            self._best = self._offered[0]
        self._thin(place)
        return len(self._rows)

    def end(self, result: AttackResult, total: int, ctx: Context) -> None:
        """Find the place of the image that is returned; add it where it was not shown."""
        image = torch.tensor(result.adversarial_image)[None].to(self._clean.image)
        judged = scores.as_list(self._clean.network.logits(image, ctx))
        if not self._rows:  # one that shows nothing goes from the picture to its end
            self._add(0, self._clean.image, self._clean.logits)
        for kept in (self._offered, self._passed):
            # What is returned was settled into its ball, by the last bit of some values.
            if kept is not None and torch.allclose(kept[1], image, rtol=0, atol=_LAST_BITS):
                self._best = kept[0]
                break
        else:
            self._best = self._add(total, image, judged)
        row = self._rows[self._best]
        own = result.norms
        row = self._row(row.number, (own.linf, own.l2, own.l1), judged)
        after = {score.index: score.probability for score in result.adversarial}
        label = after.get(self._label, row.label_probability)
        self._probabilities[self._best] = _probabilities(judged)
        self._rows[self._best] = dataclasses.replace(
            row, label_probability=label, success=result.success
        )
        self._first = next((at for at, one in enumerate(self._rows) if one.success), None)
        self._thin(self._best)

    def until(self, queries: int) -> None:
        """Let the last image stand until the last query, which only found nothing better."""
        last = len(self._rows) - 1
        if self._unit == "query" and queries > self._rows[last].number:
            self._rows.append(dataclasses.replace(self._rows[last], number=queries))
            self._pictures[last + 1] = self._pictures[last]
            self._probabilities[last + 1] = self._probabilities[last]

    def so_far(self, total: int) -> AttackTrajectory:
        """Return what is recorded."""
        rows, labels = self._rows, self._clean.network.facts.labels
        target = self._target
        named = sorted({index for row in rows for index in (row.other, row.winner)})
        norms = np.array([row.norms for row in rows], np.float64).reshape(-1, 3)
        return AttackTrajectory(
            numbers=_column([row.number for row in rows], np.int32),
            unit=self._unit,
            expected=max(total, rows[-1].number),
            loss=_column([row.loss for row in rows]),
            loss_name=self._aim.loss,
            rises=self._rises,
            label=self._clean.score(self._label),
            target=None if target is None else self._clean.score(target),
            label_probability=_column([row.label_probability for row in rows]),
            other_probability=_column([row.other_probability for row in rows]),
            others=_column([row.other for row in rows], np.int32),
            winners=_column([row.winner for row in rows], np.int32),
            winner_probability=_column([row.winner_probability for row in rows]),
            names=tuple((index, labels[index]) for index in named),
            success=_column([row.success for row in rows], np.bool_),
            linf=frozen(norms[:, 0]),
            l2=frozen(norms[:, 1]),
            l1=frozen(norms[:, 2]),
            best=self._best,
            clean_image=self._pixels,
            pictures=tuple(sorted(self._pictures.items())),
            probabilities=frozen(
                np.stack([self._probabilities[place] for place in sorted(self._pictures)])
            ),
            clean_probabilities=_probabilities(self._clean.logits),
        )

    def _add(self, number: int, image: Tensor, logits: Tensor) -> int:
        """Record an image (1, 3, H, W) and its logits (K,); return its place."""
        place = len(self._rows)
        if self._rows:
            number = max(number, self._rows[-1].number + 1)
        change = image.detach() - self._clean.image
        norms = tuple(map(float, balls.sizes(self._clean.image, image).values()))
        self._rows.append(self._row(number, cast(tuple[float, float, float], norms), logits))
        if self._rows[-1].success and self._first is None:
            self._first = place
        self._probabilities[place] = _probabilities(logits)
        self._pictures[place] = frozen(change[0].to("cpu", torch.float16, copy=True).numpy())
        return place

    def _row(self, number: int, norms: tuple[float, float, float], logits: Tensor) -> _Row:
        """Return the numbers of an image by its logits (K,)."""
        probabilities = logits.softmax(0)
        ranked = scores.best(logits, 2)
        strongest = next(index for index in ranked if index != self._label)
        other = strongest if self._target is None else self._target
        gain = float(self._aim.gain(logits[None]))
        return _Row(
            number=number,
            loss=gain if self._rises else -gain,
            label_probability=float(probabilities[self._label]),
            other_probability=float(probabilities[other]),
            other=other,
            winner=ranked[0],
            winner_probability=float(probabilities[ranked[0]]),
            success=bool(self._aim.reached(logits[None])),
            norms=norms,
        )

    def _thin(self, place: int) -> None:
        """Keep every so many of the pictures, the last one, the best, the first that succeeds."""
        while place // self._stride >= self._most:
            self._stride *= 2
        pinned = {place, len(self._rows) - 1, self._best, self._first}
        self._pictures = {
            at: picture
            for at, picture in self._pictures.items()
            if at % self._stride == 0 or at in pinned
        }
        self._probabilities = {at: self._probabilities[at] for at in self._pictures}


def _loss(attack: Attack) -> Loss:
    """Return the loss whose curve is drawn: the one that is chosen, else that of the family."""
    named = str(attack.parameters.values().get("loss", ""))
    if named in LOSSES:
        return cast(Loss, named)
    family = method("attack", attack.method).family
    margin = family in _OF_THE_MARGIN and (family != "score" or attack.target is None)
    return "margin" if margin else "cross-entropy"


def _probabilities(logits: Tensor) -> FloatArray:
    """Return those of all classes (K,) in single precision, by the logits (K,)."""
    return frozen(logits.softmax(0).to(torch.float32).numpy())


def _class(index: int) -> Tensor:
    return torch.tensor([index])


def _column(values: list[Any], kind: Any = np.float64) -> Any:
    return frozen(np.array(values, kind))
