"""Sheets of features: a small picture of each channel of a layer, a few channels at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core import feature_cache
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.feature_cache import Shelf
from cnnviz_gui.core.feature_requests import FeatureSheet, Unit
from cnnviz_gui.core.feature_results import SheetOfFeatures
from cnnviz_gui.core.features import forward, goals, objectives
from cnnviz_gui.core.features.ascent import Ascent, Goal, octaves
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.result import ByteArray, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.together import Together
from cnnviz_gui.texts import tr

SIDE = 112
"""Of a small picture, in pixels, at most."""
_AT_ONCE = 4
"""Channels that climb together on a CPU: more are hardly faster, and are shown later."""
_AT_ONCE_ELSEWHERE = 32
_SHOW_EVERY_S = 0.2

_Small = tuple[ByteArray, float]
"""Picture and activation."""


def run(request: FeatureSheet, session: Session, ctx: Context) -> SheetOfFeatures:
    """Return a picture of each channel, those known already first of all.

    Each is what the channel's picture alone would be, made small, and is kept on disk when it is
    done: cancelled and asked again, a sheet goes on with the channels that are left. One that does
    not react has a plain picture and activation 0. Nothing is computed where only those that are
    kept are wanted.

    Raises
    ------
    CnnvizError
        No such layer or channel, or the sheet is to begin with a photograph.
    """
    classifier = session.classifier(request.model, ctx)
    channels = tuple(dict.fromkeys(request.channels))
    _require(request, channels, classifier)
    side = min(SIDE, request.parameters.size)
    shelf = feature_cache.shelf(request, classifier.facts, side)
    sheet = _Sheet(request, channels, side, forward.has_bound(classifier, request.layer))
    _fill(sheet, channels, shelf, request, ctx)
    if request.kept_only:
        shelf.touch()
        return sheet.result()
    try:
        left = [channel for channel in channels if channel not in sheet]
        sizes = octaves(request.parameters)
        looked_at = goals.side(classifier, (request.layer,), sizes, ctx) if left else None
        batch = _at_once(classifier, request.parameters.views)
        shown, took, kept = perf_counter(), session.stopwatch.start(), len(sheet)
        for first in range(0, len(left), batch):
            climb = _climber(request, classifier, looked_at, len(sheet), len(channels), ctx)
            passes = Together(classifier.device).passes(left[first : first + batch], climb)
            for part, found in passes:
                for channel, small in zip(part, found, strict=True):
                    shelf.save(channel, *small)
                    sheet.add(channel, small)
            sheet.pace = took() / ((len(sheet) - kept) * request.parameters.steps)
            if perf_counter() - shown > _SHOW_EVERY_S and len(sheet) < len(channels):
                shown = perf_counter()
                ctx.partial(sheet.result())
    finally:
        shelf.tidy()
    return sheet.result()


def _fill(
    sheet: _Sheet, channels: Sequence[int], shelf: Shelf, request: FeatureSheet, ctx: Context
) -> None:
    """Add what is kept, and show it where that is not all."""
    steps, shown = request.parameters.steps, perf_counter()
    for channel in channels:
        ctx.step(len(sheet) * steps, len(channels) * steps)
        kept = shelf.load(channel)
        if kept is not None:
            sheet.add(channel, kept)
            if perf_counter() - shown > _SHOW_EVERY_S:
                shown = perf_counter()
                ctx.partial(sheet.result())
    if 0 < len(sheet) < len(channels):
        ctx.partial(sheet.result())


class _Sheet:
    """What is done so far, in one array that is as large as all will be."""

    def __init__(
        self, request: FeatureSheet, channels: tuple[int, ...], side: int, unbounded: bool
    ) -> None:
        self._layer, self._unbounded = request.layer, unbounded
        self._channels = channels
        self._rows: dict[int, int] = {}
        self._silent: set[int] = set()
        self._pictures = np.zeros((len(channels), side, side, 3), np.uint8)
        self._activations = np.zeros(len(channels), np.float32)
        self.pace = 0.0
        """Seconds that a step of one channel took."""

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, channel: int) -> bool:
        return channel in self._rows

    def add(self, channel: int, small: _Small) -> None:
        row = self._rows[channel] = len(self._rows)
        self._pictures[row], self._activations[row] = picture, answer = small
        # Of a picture that was kept nothing else is known.
        if not answer and picture.min() == picture.max():
            self._silent.add(channel)

    def result(self) -> SheetOfFeatures:
        """Return those that are done, in the order in which they were asked for."""
        done = tuple(channel for channel in self._channels if channel in self._rows)
        rows = [self._rows[channel] for channel in done]
        return SheetOfFeatures(
            layer=self._layer,
            channels=done,
            pictures=frozen(self._pictures[rows]),
            activations=frozen(self._activations[rows]),
            total=len(self._channels),
            silent=tuple(channel for channel in done if channel in self._silent),
            unbounded=self._unbounded,
            pace=self.pace,
        )


def _require(request: FeatureSheet, channels: Sequence[int], classifier: Classifier) -> None:
    if not channels:
        raise RequestError(tr("The sheet names no channel."), tr("Name at least one."))
    if request.parameters.start == "photograph":
        raise RequestError(
            tr("A sheet cannot begin with a photograph: it is kept for any picture."),
            tr("Begin with noise or with grey."),
        )
    for channel in channels:
        goals.require(Unit(layer=request.layer, channel=channel), classifier.facts, classifier)


def _at_once(classifier: Classifier, views: int) -> int:
    most = _AT_ONCE if classifier.device.type == "cpu" else _AT_ONCE_ELSEWHERE
    return max(1, most // views)


def _climber(
    request: FeatureSheet,
    classifier: Classifier,
    looked_at: int | None,
    done: int,
    total: int,
    ctx: Context,
) -> Callable[[Sequence[int]], list[_Small]]:
    """Return what climbs for a few channels together, by views of a side."""
    given, layer = request.parameters, request.layer
    side = min(SIDE, given.size)

    def climb(channels: Sequence[int]) -> list[_Small]:
        units = [Unit(layer=layer, channel=channel) for channel in channels]
        goal = Goal(
            layers=(layer,),
            objective=objectives.each(units, given.views),
            pictures=len(units),
            side=looked_at,
            of=tr("the channels of {layer}", layer=layer)
            if layer
            else tr("the channels of the logits"),
            alike=True,
        )
        ascent = Ascent(classifier, goal, given)
        for step in range(given.steps):
            ctx.step(done * given.steps + step * len(units), total * given.steps)
            ascent.step(classifier, ctx)
            if step >= given.redirect and not any(ascent.reacts):
                break
        return _small(ascent, classifier, channels, side, ctx)

    return climb


def _small(
    ascent: Ascent, classifier: Classifier, channels: Sequence[int], side: int, ctx: Context
) -> list[_Small]:
    pictures, opacity = ascent.picture(), ascent.opacity()
    values = _answers(ascent.goal, classifier, pictures, channels, ctx)
    if opacity is not None:  # a small picture is laid over grey
        pictures = 0.5 + (pictures - 0.5) * opacity[:, None]
    small = _resized(pictures, side)
    pixels = (small.permute(0, 2, 3, 1) * 255).round().clamp(0, 255).byte().numpy()
    pixels[[not reacts for reacts in ascent.reacts]] = 128
    return [
        (frozen(picture), float(value) if reacts else 0.0)
        for picture, value, reacts in zip(pixels, values, ascent.reacts, strict=True)
    ]


def _answers(
    goal: Goal, classifier: Classifier, pictures: Tensor, channels: Sequence[int], ctx: Context
) -> list[float]:
    """Return what each channel answers to its picture as it is, without views.

    Without the ceiling of a ReLU6 too: at it all are equally strong.
    """
    seen = pictures.to(classifier.device)
    if goal.side is not None:
        seen = _resized(seen, goal.side)
    found = forward.unbounded(classifier, seen, goal.layers[0], ctx)
    means = found.flatten(2).mean(2) if found.dim() == 4 else found
    return [float(means[row, channel]) for row, channel in enumerate(channels)]


def _resized(pictures: Tensor, side: int) -> Tensor:
    if pictures.shape[-1] == side:
        return pictures
    return functional.interpolate(pictures, (side, side), mode="bilinear", antialias=True)
