"""Feature requests: gradient ascent that streams, stops, and goes on where it was."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Hashable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core import subject
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.feature_requests import MOST_STAGES, Feature, however_long
from cnnviz_gui.core.feature_results import FeaturePictures
from cnnviz_gui.core.features import goals, spectrum_file
from cnnviz_gui.core.features.ascent import Ascent
from cnnviz_gui.core.features.canvas import MacoCanvas
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.result import ByteArray, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr

_SHOW_EVERY_S = 0.08
_NEWEST = 0.2
"""Share of the newest step in what a step is said to take."""
_FILM_SIDE = 384
"""As large as the largest preset: all pictures of a film take 21 MB."""
_SEEN = 4
"""Pictures that were shown last and may be gone on from: the ascent is ahead of what is seen."""
_SEEN_LEAST = 2
"""So many of them however large: the last one may be on its way to the screen."""
_SEEN_BYTES = 32 << 20
_FILM_LONGEST = 48
"""Pictures of a film; where it would grow longer, every second one is left out."""


def run(request: Feature, session: Session, ctx: Context) -> FeaturePictures:
    """Return the pictures of a request after all its steps.

    An ascent that was stopped is kept, and the same request, with as many steps or more, goes on
    where it was: what comes out is what one go would have given.

    Raises
    ------
    CnnvizError
        What is asked for does not exist, or does not react, or goes on too often; see
        ``goals.goal``, ``Ascent.step`` and ``exactly``.
    """
    stages = _stages(exactly(request, session, ctx))
    first, begun = _where_to_begin(stages, session)
    total = sum(stage.steps for stage in stages[first:])
    behind = 0
    for stage in stages[first:-1]:
        climb = _climb(stage, begun, session, ctx)
        _go(climb, stage, session, ctx, (behind, total), shows=False)
        begun = climb.seen(stage.steps)
        behind += stage.steps
    own = stages[-1]
    climb = _climb(own, begun, session, ctx)
    _go(climb, own, session, ctx, (behind, total), shows=True)
    answer = climb.ascent.answer(session.classifier(request.model, ctx), ctx)
    return dataclasses.replace(climb.result(own.steps), answer=answer)


def exactly(request: Feature, session: Session, ctx: Context) -> Feature:
    """Return the request with the checksums of its files, so that a changed one counts.

    Raises
    ------
    RequestError, SpectrumError, ImageError
        There is a file where none is used, or it cannot be read.
    """
    image, spectrum = request.image, request.spectrum
    if image is not None:
        image = subject.exactly(session, image, ctx)
    if spectrum is not None:
        if request.parameters.parameterisation != "maco":
            raise RequestError(
                tr("Only MACO keeps the spectrum of a file."),
                tr("Choose MACO, or leave the file out."),
            )
        if not spectrum.sha256:
            found = spectrum_file.read(spectrum, session, ctx)
            spectrum = dataclasses.replace(spectrum, sha256=found.sha256)
    return dataclasses.replace(request, image=image, spectrum=spectrum)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What an ascent had come to after some step."""

    pictures: Tensor
    phases: MacoCanvas | None

    @property
    def nbytes(self) -> int:
        return self.pictures.nbytes + (0 if self.phases is None else self.phases.parameter.nbytes)


class Climb:
    """An ascent with the film of it."""

    def __init__(self, ascent: Ascent) -> None:
        self.ascent = ascent
        self._film: list[tuple[int, ByteArray]] = []
        self._apart = 1
        """Steps from one picture of the film to the next."""
        self._seen: dict[int, _Seen] = {}
        """The last pictures that were shown, by the steps they are after."""
        self._pace = 0.0
        """Seconds that a step took of late."""

    def step(self, classifier: Classifier, ctx: Context) -> None:
        """Go one step and keep what the film needs of it."""
        done, films = self.ascent.done, self.ascent.done % self._apart == 0
        begun_with: list[Tensor] = []
        self.ascent.step(classifier, ctx, begun_with.append if films else None)
        for pictures in begun_with:
            self._film.append((done, self._small(pictures)))
        if len(self._film) > _FILM_LONGEST:
            self._apart *= 2
            self._film = [shot for shot in self._film if shot[0] % self._apart == 0]

    def note(self, seconds: float) -> None:
        """Note how long the last step took; the first prepares much and is soon forgotten."""
        new = self._pace == 0.0 or self.ascent.done <= 2
        self._pace = seconds if new else (1 - _NEWEST) * self._pace + _NEWEST * seconds

    def partial(self, steps: int) -> FeaturePictures:
        """Return what there is so far, and keep it for an ascent that goes on from it."""
        now = self._seen[self.ascent.done] = self._now()
        while len(self._seen) > self._kept_at_most():
            del self._seen[min(self._seen)]
        return self._told(now.pictures, steps, np.zeros((0, 1, 1, 3), np.uint8))

    def seen(self, done: int) -> _Seen | None:
        """Return the pictures after so many steps, None if they are not kept."""
        return self._now() if done == self.ascent.done else self._seen.get(done)

    def result(self, steps: int) -> FeaturePictures:
        """Return what there is, with the film."""
        pictures = self.ascent.picture()
        return self._told(pictures, steps, self._whole_film(pictures))

    def _told(self, pictures: Tensor, steps: int, film: ByteArray) -> FeaturePictures:
        ascent = self.ascent
        opacity, shown = ascent.opacity(), pictures
        if opacity is not None:
            shown = torch.cat((pictures, opacity[:, None]), 1)
        return FeaturePictures(
            pictures=frozen(pictures.permute(0, 2, 3, 1).numpy()),
            shown=_to_bytes(shown),
            opacity=None if opacity is None else frozen(opacity.numpy()),
            curve=frozen(np.array(ascent.curve, np.float32)),
            steps=steps,
            of=ascent.goal.of,
            film=frozen(film),
            pace=self._pace,
        )

    @property
    def nbytes(self) -> int:
        """Bytes that it holds on to."""
        seen = sum(one.nbytes for one in self._seen.values())
        return self.ascent.nbytes + seen + sum(shot.nbytes for _, shot in self._film)

    def _kept_at_most(self) -> int:
        return min(
            _SEEN, max(_SEEN_LEAST, _SEEN_BYTES // max(s.nbytes for s in self._seen.values()))
        )

    def _now(self) -> _Seen:
        return _Seen(self.ascent.picture(), self.ascent.phases())

    def _small(self, pictures: Tensor) -> ByteArray:
        """Return the first picture, small, and of one size however it grows."""
        first = pictures[:1].clamp(0, 1)
        side = min(_FILM_SIDE, self.ascent.parameters.size)
        if first.shape[-1] != side:
            first = functional.interpolate(first, (side, side), mode="bilinear", antialias=True)
        small: ByteArray = _to_bytes(first)[0]
        return small

    def _whole_film(self, last: Tensor) -> ByteArray:
        return np.stack([*(shot for _, shot in self._film), self._small(last)])


def _to_bytes(pictures: Tensor) -> ByteArray:
    """Return pictures (N, C, H, W) in [0, 1] as uint8 (N, H, W, C)."""
    levels = (pictures * 255).round().byte()
    return frozen(levels.permute(0, 2, 3, 1).cpu().numpy())


@dataclass(frozen=True, slots=True)
class _Stage:
    """A part of a request that has the same parameters throughout."""

    request: Feature
    """What would end with it."""
    key: Hashable
    """Names the ascent, however many steps it is to have."""

    @property
    def steps(self) -> int:
        return self.request.parameters.steps


def _stages(request: Feature) -> list[_Stage]:
    """Return the stages of a request, the last with its own parameters."""
    if len(request.before) > MOST_STAGES:
        raise RequestError(
            tr("The request goes on {n} times.", n=len(request.before)),
            tr(
                "It can {most} times. Make the picture from its start.",
                most=MOST_STAGES,
            ),
        )
    plain = dataclasses.replace(request, before=(), parameters=FeatureParams())
    name, stages = plain.fingerprint(), []
    for place, parameters in enumerate((*request.before, request.parameters)):
        before = request.before[:place]
        ends = dataclasses.replace(request, before=before, parameters=parameters)
        stages.append(_Stage(ends, ("feature", name, however_long(parameters))))
        name = hashlib.sha256(f"{name} {parameters}".encode()).hexdigest()
    return stages


def _where_to_begin(stages: list[_Stage], session: Session) -> tuple[int, _Seen | None]:
    """Return the first stage that has steps left to do, and what it begins with if that is kept."""
    for place in range(len(stages) - 1, -1, -1):
        kept, steps = session.recall(stages[place].key), stages[place].steps
        if not isinstance(kept, Climb):
            continue
        seen = kept.seen(steps) if place < len(stages) - 1 else None
        if seen is not None:
            return place + 1, seen
        if kept.ascent.done <= steps:
            return place, None
    return 0, None


def _climb(stage: _Stage, begun: _Seen | None, session: Session, ctx: Context) -> Climb:
    """Return the ascent of a stage, the one that is kept or a new one."""
    kept = session.recall(stage.key)
    if isinstance(kept, Climb) and kept.ascent.done <= stage.steps:
        return kept
    request, parameters = stage.request, stage.request.parameters
    classifier = session.classifier(request.model, ctx)
    photograph = None
    if request.image is not None:
        photograph = session.input(request.model, request.image, ctx)
    aim = goals.goal(request, classifier, photograph, ctx)
    magnitude = phases = None
    if request.spectrum is not None:
        magnitude = spectrum_file.read(request.spectrum, session, ctx).magnitude
    if begun is not None:
        photograph, phases = begun.pictures, begun.phases
        parameters = dataclasses.replace(parameters, start="photograph")
    ascent = Ascent(
        classifier,
        aim,
        parameters,
        photograph,
        magnitude,
        phases=phases,
        answered=begun is not None,
    )
    return Climb(ascent)


def _go(
    climb: Climb,
    stage: _Stage,
    session: Session,
    ctx: Context,
    progress: tuple[int, int],
    *,
    shows: bool,
) -> None:
    """Do what steps are left of a stage, and keep the ascent for the next time.

    Where results were forgotten meanwhile, by a job inside a step, so is the ascent.

    Parameters
    ----------
    progress
        Steps before the stage's, and of all.
    shows
        It is the last stage: what it comes to is what was asked for.
    """
    classifier = session.classifier(stage.request.model, ctx)
    (behind, total), steps, shown = progress, stage.steps, 0.0
    forgotten = session.forgotten
    try:
        while climb.ascent.done < steps:
            ctx.step(behind + climb.ascent.done, total)
            took = session.stopwatch.start()
            climb.step(classifier, ctx)
            climb.note(took())
            if shows and perf_counter() - shown > _SHOW_EVERY_S and climb.ascent.done < steps:
                shown = perf_counter()
                ctx.partial(climb.partial(steps))
    finally:
        kept = session.forgotten == forgotten
        if kept and (shows or climb.ascent.done < steps):
            session.set_aside(stage.request.model, stage.key, climb, climb.nbytes)
