"""The parts of a folder's pictures that excite a channel most."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter

import numpy as np
import numpy.typing as npt
import torch

from cnnviz_gui.core import images, listing, patch_cache, preprocess
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import ImageError, LayerError, RequestError
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.layer_requests import TopPatches
from cnnviz_gui.core.layer_results import ChannelPatches, Patch
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.patch_cache import LayerPeaks, Peaks, State
from cnnviz_gui.core.receptive import field_box
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import ByteArray, FloatArray, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.together import Together
from cnnviz_gui.texts import tr

_MOST = 200
_MOST_BYTES = 64 << 20
"""Of the maps of one pass."""
_SHOW_EVERY = 0.25
_SAVE_EVERY = 30.0
"""Seconds; a scan that is cut off loses no more."""
_NOT_NUMBERS = tr("the network answers with values that are not numbers")


def run(request: TopPatches, session: Session, ctx: Context) -> ChannelPatches:
    """Return the patches that excite a channel most, one of each picture, streaming.

    What was found of all channels of the layer is kept on disk, so that another channel costs no
    pass, and a scan that was stopped goes on where it was.

    Raises
    ------
    RequestError
        The count is out of range.
    LayerError
        No such layer or channel, or its output is neither maps nor a vector.
    ImageError
        There is no such folder, or no picture in it.
    """
    if not 1 <= request.count <= _MOST:
        raise RequestError(
            tr("{count} patches cannot be listed.", count=request.count),
            tr("Choose a number from 1 to {most}.", most=_MOST),
        )
    classifier = session.classifier(request.model, ctx)
    row = _row(classifier, request)
    listed = listing.in_folder(request.folder, Part(ctx, (0, 0)))  # there is no end to see yet
    facts = classifier.facts
    peaks = _known(request, row, facts, session)
    found = _Found(request, row, facts, len(listed.paths), listed.truncated)
    new: list[tuple[str, State]] = []
    for path in listed.paths:
        state = patch_cache.state_of(path)
        known = None if state is None else peaks.known.get((path, state))
        if known is not None:
            found.add(path, known, None)
        else:
            new.append((path, state or (0, 0, 0)))
    if found.looked_at:
        ctx.partial(found.result(ctx))
    try:
        _look(new, found, peaks, _Looker(session, classifier, row), ctx)
    finally:
        session.remember(("peaks", peaks.name), peaks, peaks.nbytes)
    return found.result(ctx)


def _known(request: TopPatches, row: LayerFacts, facts: ModelFacts, session: Session) -> LayerPeaks:
    """Return what was found before, read anew where the file is another than this session's."""
    name = patch_cache.name_of(request.model, facts, row.name, session.half)
    known = session.recall(("peaks", name))
    if isinstance(known, LayerPeaks) and known.is_current():
        return known
    return patch_cache.load(name, row.output_shape)


def _row(classifier: Classifier, request: TopPatches) -> LayerFacts:
    classifier.place(request.layer)  # refuses one that does not exist
    row = classifier.facts.layer(request.layer)
    if row is None:
        raise LayerError(
            tr("{layer!r} runs several times.", layer=request.layer), tr("Choose one of its runs.")
        )
    if not 0 <= request.channel < row.output_shape[0]:
        raise LayerError(
            tr("{layer!r} has no channel {channel}.", layer=request.layer, channel=request.channel),
            tr("Choose one from 0 to {last}.", last=row.output_shape[0] - 1),
        )
    return row


def _look(
    new: Sequence[tuple[str, State]],
    found: _Found,
    peaks: LayerPeaks,
    looker: _Looker,
    ctx: Context,
) -> None:
    """Look at pictures that are not known, show the best so far, keep what was found."""
    shown = saved = perf_counter()
    fresh = False
    try:
        for key, seen, view, problem in looker.look(new, found, ctx):
            if seen is None:
                found.skip(key[0], problem)
                continue
            found.add(key[0], seen, view)
            peaks.known[key] = seen
            fresh = True
            if perf_counter() - shown > _SHOW_EVERY:
                ctx.partial(found.result(ctx))
                shown = perf_counter()
            if perf_counter() - saved > _SAVE_EVERY:
                peaks.save()
                saved = perf_counter()
    finally:
        if fresh:
            peaks.save()


_Seen = tuple[tuple[str, State], Peaks | None, ByteArray | None, str]
_Waiting = tuple[tuple[str, State], ByteArray]
_Highest = tuple[FloatArray, npt.NDArray[np.int32]]
"""Of each picture and channel (N, C): the highest value, and its cell."""


class _Looker:
    """Looks at files a few at a time, as many as are quick together."""

    def __init__(self, session: Session, classifier: Classifier, row: LayerFacts) -> None:
        self._session = session
        self._classifier = classifier
        self._row = row
        room = _MOST_BYTES // (4 * int(np.prod(row.output_shape)))
        self._together = Together(classifier.device, room)

    def look(
        self, new: Sequence[tuple[str, State]], found: _Found, ctx: Context
    ) -> Iterator[_Seen]:
        """Yield what was found out of each file."""
        waiting: list[_Waiting] = []
        for number, key in enumerate(new, 1):
            done = found.looked_at + len(waiting)
            ctx.step(done, found.total)
            try:
                part = Part(ctx, (done, found.total))
                picture = images.load(ImageRef(path=key[0], reduced=True), part)
            except ImageError as error:
                yield key, None, None, error.message
            else:
                waiting.append((key, preprocess.network_view(picture, self._classifier.facts)))
            if len(waiting) >= self._together.count or number == len(new):
                for part_of, peaks in self._together.passes(waiting, self._peaks(ctx)):
                    yield from _seen(part_of, *peaks)
                waiting = []

    def _peaks(self, ctx: Context) -> Callable[[Sequence[_Waiting]], _Highest]:
        def compute(waiting: Sequence[_Waiting]) -> _Highest:
            pixels = torch.from_numpy(np.stack([view for _, view in waiting]))
            x = pixels.to(self._classifier.device).permute(0, 3, 1, 2).contiguous().float() / 255
            name = self._row.name
            with self._session.forward_only():
                maps = self._classifier.feature_maps(x, [name], ctx)[name].float()
            best = maps.reshape(*maps.shape[:2], -1).max(2)
            return best.values.cpu().numpy(), best.indices.to(torch.int32).cpu().numpy()

        return compute


def _seen(
    waiting: Sequence[_Waiting], values: FloatArray, cells: npt.NDArray[np.int32]
) -> Iterator[_Seen]:
    for (key, view), value, cell in zip(waiting, values, cells, strict=True):
        if np.isfinite(value).all():
            yield key, Peaks(value.copy(), cell.copy()), view, ""
        else:
            yield key, None, None, _NOT_NUMBERS


class _Found:
    """The best so far."""

    def __init__(
        self, request: TopPatches, row: LayerFacts, facts: ModelFacts, total: int, truncated: bool
    ) -> None:
        self._request = request
        self._row = row
        self._facts = facts
        self._truncated = truncated
        self._best: list[tuple[float, str, int]] = []
        self._patches: dict[str, Patch] = {}
        self._skipped: list[tuple[str, str]] = []
        self.total = total
        self.looked_at = 0

    def add(self, path: str, peaks: Peaks, view: ByteArray | None) -> None:
        """Take one more picture; ``view`` is what the network saw of it, where it is at hand."""
        self.looked_at += 1
        channel = self._request.channel
        value, cell = float(peaks.values[channel]), int(peaks.cells[channel])
        if value == 0:  # the channel is silent here: no part of the picture excites it
            return
        entry = (value, path, cell)
        if len(self._best) < self._request.count:
            heapq.heappush(self._best, entry)
        elif entry <= self._best[0]:
            return
        else:
            self._patches.pop(heapq.heapreplace(self._best, entry)[1], None)
        if view is not None:
            self._patches[path] = self._patch(path, value, cell, view)

    def skip(self, path: str, why: str) -> None:
        """Note a picture that cannot be used."""
        self.looked_at += 1
        self._skipped.append((path, why))

    def result(self, ctx: Context) -> ChannelPatches:
        """Return the best, the strongest first."""
        patches = []
        for value, path, cell in sorted(self._best, key=lambda entry: (-entry[0], entry[1])):
            patch = self._patches.get(path)
            if patch is None:
                try:
                    part = Part(ctx, (self.looked_at, self.total))
                    picture = images.load(ImageRef(path=path, reduced=True), part)
                except ImageError:  # it went away since it was looked at
                    continue
                view = preprocess.network_view(picture, self._facts)
                patch = self._patches[path] = self._patch(path, value, cell, view)
            patches.append(patch)
        return ChannelPatches(
            layer=self._request.layer,
            channel=self._request.channel,
            patches=tuple(patches),
            looked_at=self.looked_at,
            total=self.total,
            skipped=tuple(self._skipped),
            truncated=self._truncated,
        )

    def _patch(self, path: str, value: float, cell: int, view: ByteArray) -> Patch:
        shape = self._row.output_shape
        row, column = divmod(cell, shape[2]) if len(shape) == 3 else (0, 0)
        left, top, right, bottom = self._box(row, column)
        rows, columns = self._inside(top, bottom), self._inside(left, right)
        pixels = frozen(view[rows, columns].copy())
        return Patch(path, value, row, column, (left, top, right, bottom), pixels)

    def _inside(self, first: int, end: int) -> slice:
        """Return the part of an interval that lies on the input, at least one pixel."""
        side = self._facts.input_size
        start = min(max(first, 0), side - 1)
        return slice(start, max(min(end, side), start + 1))

    def _box(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Return the receptive field of a cell; the whole input where it has no bounds."""
        box, side = field_box(self._row, row, column), self._facts.input_size
        if box is None:
            return 0, 0, side, side
        left, top, right, bottom = (round(edge) for edge in box)
        return left, top, right, bottom
