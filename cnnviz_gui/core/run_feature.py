"""Feature requests: gradient ascent that streams, stops, and goes on where it was."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.core.feature_results import FeaturePictures
from cnnviz_gui.core.features import goals, spectrum_file
from cnnviz_gui.core.features.ascent import Ascent
from cnnviz_gui.core.features.canvas import MacoCanvas
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.result import ByteArray, frozen
from cnnviz_gui.core.session import Session

_SHOW_EVERY_S = 0.08
_FILM_SIDE = 192
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
        What is asked for does not exist, or does not react; see ``goals.goal``, ``Ascent.step``
        and ``exactly``.
    """
    request = exactly(request, session, ctx)
    climb = _climb(request, session, ctx)
    classifier = session.classifier(request.model, ctx)
    steps, shown = request.parameters.steps, 0.0
    try:
        while climb.ascent.done < steps:
            ctx.step(climb.ascent.done, steps)
            climb.step(classifier, ctx)
            if perf_counter() - shown > _SHOW_EVERY_S and climb.ascent.done < steps:
                shown = perf_counter()
                ctx.partial(climb.partial(steps))
        answer = climb.ascent.answer(classifier, ctx)
    finally:
        session.set_aside(request.model, _key(request), climb, climb.nbytes)
    return dataclasses.replace(climb.result(steps), answer=answer)


def exactly(request: Feature, session: Session, ctx: Context) -> Feature:
    """Return the request with the checksum of its spectrum's file, so that it names its content.

    Raises
    ------
    RequestError, SpectrumError, ImageError
        There is a file where none is used, or it cannot be read.
    """
    spectrum, begin = request.spectrum, request.begin
    if spectrum is not None:
        if request.parameters.parameterisation != "maco":
            raise RequestError(
                "Only MACO keeps the spectrum of a file.", "Choose MACO, or leave the file out."
            )
        if not spectrum.sha256:
            found = spectrum_file.read(spectrum, session, ctx)
            spectrum = dataclasses.replace(spectrum, sha256=found.sha256)
    if begin is not None:
        begin = exactly(begin, session, ctx)
    return dataclasses.replace(request, spectrum=spectrum, begin=begin)


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

    def step(self, classifier: Classifier, ctx: Context) -> None:
        """Go one step and keep what the film needs of it."""
        if not self._film:
            self._shoot()
        self.ascent.step(classifier, ctx)
        if self.ascent.done % self._apart == 0:
            self._shoot()

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
        return self._told(self.ascent.picture(), steps, self._whole_film())

    def _told(self, pictures: Tensor, steps: int, film: ByteArray) -> FeaturePictures:
        ascent = self.ascent
        opacity = ascent.opacity()
        return FeaturePictures(
            pictures=frozen(pictures.permute(0, 2, 3, 1).numpy()),
            opacity=None if opacity is None else frozen(opacity.numpy()),
            curve=frozen(np.array(ascent.curve, np.float32)),
            steps=steps,
            of=ascent.goal.of,
            film=frozen(film),
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

    def _shoot(self) -> None:
        self._film.append((self.ascent.done, self._shot()))
        if len(self._film) > _FILM_LONGEST:
            self._apart *= 2
            self._film = [shot for shot in self._film if shot[0] % self._apart == 0]

    def _shot(self) -> ByteArray:
        """Return the first picture, small, and of one size however it grows."""
        first = self.ascent.picture()[:1]
        side = min(_FILM_SIDE, self.ascent.parameters.size)
        if first.shape[-1] != side:
            first = functional.interpolate(first, (side, side), mode="bilinear", antialias=True)
        return (first[0].permute(1, 2, 0) * 255).round().clamp(0, 255).byte().numpy()

    def _whole_film(self) -> ByteArray:
        shots = [shot for _, shot in self._film]
        if not shots or self._film[-1][0] != self.ascent.done:
            shots.append(self._shot())
        return np.stack(shots)


def _climb(request: Feature, session: Session, ctx: Context) -> Climb:
    kept = session.recall(_key(request))
    if isinstance(kept, Climb) and kept.ascent.done <= request.parameters.steps:
        return kept
    classifier = session.classifier(request.model, ctx)
    seen = None
    if request.image is not None:
        seen = session.input(request.model, request.image, ctx)
    aim = goals.goal(request, classifier, seen, ctx)
    parameters, photograph, answered = request.parameters, seen, False
    phases = None
    if request.begin is not None:
        begun = _begun(request.begin, session, ctx)
        photograph, phases = begun.pictures, begun.phases
        answered = (request.begin.units, request.begin.aim) == (request.units, request.aim)
        parameters = dataclasses.replace(parameters, start="photograph")
    magnitude = None
    if request.spectrum is not None:
        magnitude = spectrum_file.read(request.spectrum, session, ctx).magnitude
    ascent = Ascent(
        classifier, aim, parameters, photograph, magnitude, phases=phases, answered=answered
    )
    return Climb(ascent)


def _begun(request: Feature, session: Session, ctx: Context) -> _Seen:
    """Return the pictures that another request came to, computed again if they are not kept."""
    kept = session.recall(_key(request))
    seen = kept.seen(request.parameters.steps) if isinstance(kept, Climb) else None
    if seen is not None:
        return seen
    climb = _climb(request, session, ctx)
    classifier = session.classifier(request.model, ctx)
    try:
        while climb.ascent.done < request.parameters.steps:
            ctx.step(climb.ascent.done, request.parameters.steps)
            climb.step(classifier, ctx)
    finally:
        session.remember(_key(request), climb, climb.nbytes)
    return _Seen(climb.ascent.picture(), climb.ascent.phases())


def _key(request: Feature) -> tuple[str, str]:
    """Return what names an ascent, however many steps it is to have.

    Where the picture grows the number of steps decides on more than the end.
    """
    parameters = request.parameters
    if not parameters.grows:
        parameters = dataclasses.replace(parameters, steps=1)
    return "feature", dataclasses.replace(request, parameters=parameters).fingerprint()
