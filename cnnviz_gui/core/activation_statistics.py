"""How every layer answers to several pictures: distribution, sparsity, dead channels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from cnnviz_gui.core import images, listing, preprocess
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import ImageError, LayerError, RequestError
from cnnviz_gui.core.layer_requests import ActivationStatistics
from cnnviz_gui.core.layer_results import LayerActivity, NetworkActivity
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.moments import Moments, of_rows
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr

MOST_BINS = 64
_SAMPLE = 1 << 15
"""Activations of a layer that are put into its histogram, a picture; all else counts all."""
_SHOW_EVERY_S = 0.2


def run(request: ActivationStatistics, session: Session, ctx: Context) -> NetworkActivity:
    """Return the statistics of every layer that gives maps or a vector; streams.

    One pass a picture, and of a pass no more than one layer's activations are held at a time.

    Raises
    ------
    ImageError
        There is no such folder, or no picture that can be read.
    LayerError
        The network has no layers that can be watched.
    RequestError
        No picture is named.
    """
    classifier = session.classifier(request.model, ctx)
    rows = [row for row in classifier.facts.layers if len(row.output_shape) in (1, 3)]
    if not rows:
        title = classifier.facts.title
        raise LayerError(
            tr("{title} has no layers that can be watched.", title=title),
            tr("Choose another network."),
        )
    refs, truncated = _pictures(request, ctx)
    layers = [row.name for row in rows]
    counted = _Counted(layers, len(refs), truncated)
    at_hand = frozenset(request.images)
    shown = perf_counter()
    for number, ref in enumerate(refs):
        ctx.step(number, len(refs))
        try:
            part = Part(ctx, (number, len(refs)))
            if ref in at_hand:
                pixels = session.input(request.model, ref, part)
            else:
                pixels = _seen_once(ref, classifier, part)
        except ImageError as error:
            counted.skip(ref.path, error.message)
            continue
        counted.add(_looks(classifier, pixels, layers, ctx))
        if perf_counter() - shown > _SHOW_EVERY_S and number + 1 < len(refs):
            shown = perf_counter()
            ctx.partial(counted.result())
    if not counted.pictures:
        # a reason ends with its own full stop
        said = (
            tr("None of the 1 pictures can be read: {reason}", reason=counted.skipped[0][1])
            if len(refs) == 1
            else tr("None of the {count} pictures can be read.", count=len(refs))
        )
        raise ImageError(said, tr("Choose other pictures."))
    return counted.result()


def _pictures(request: ActivationStatistics, ctx: Context) -> tuple[list[ImageRef], bool]:
    refs, truncated = list(request.images), False
    if request.folder:
        listed = listing.in_folder(request.folder, Part(ctx, (0, 0)))  # there is no end to see yet
        refs += [ImageRef(path=path, reduced=True) for path in listed.paths]
        truncated = listed.truncated
    if not refs:
        raise RequestError(
            tr("Statistics need a picture."), tr("Name pictures or a folder of them.")
        )
    return refs, truncated


def _seen_once(ref: ImageRef, classifier: Classifier, ctx: Context) -> Tensor:
    """Return a picture of a folder, which must not push out what is remembered."""
    view = preprocess.network_view(images.load(ref, ctx), classifier.facts)
    pixels = torch.tensor(view, device=classifier.device).permute(2, 0, 1)
    return pixels[None].contiguous().float() / 255


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What is noted of a layer's answer to one picture."""

    cells: int
    """Of a channel."""
    low: Tensor
    high: Tensor
    sums: Tensor
    """(C,) each, on the CPU."""
    moments: Moments
    zeros: int
    sample: Tensor
    """(n,), finite, on the CPU."""


def _looks(
    classifier: Classifier, pixels: Tensor, layers: list[str], ctx: Context
) -> dict[str, _Look]:
    """Pass a picture and note each layer's answer as it comes by."""
    found: dict[str, _Look] = {}
    last: tuple[Tensor, int, _Look] | None = None

    def note(layer: str, maps: Tensor) -> None:
        nonlocal last
        # A block gives what the last layer in it gave; while it is held no other can be there.
        same = last is not None and maps.data_ptr() == last[0].data_ptr()
        same = same and last is not None and maps.shape == last[0].shape
        if not same or last is None or maps._version != last[1]:
            last = maps, maps._version, _look(maps)
        found[layer] = last[2]

    classifier.visit(pixels, layers, note, ctx)
    return found


def _look(maps: Tensor) -> _Look:
    table = maps[0].reshape(maps.shape[1], -1).float()
    cells = table.shape[1]
    low, high = table.amin(1).cpu(), table.amax(1).cpu()  # both at once take ten times as long
    whole = bool(torch.isfinite(low).all() and torch.isfinite(high).all())
    kept = torch.isfinite(table) if not whole else None
    zeros = table.numel() - _nonzero(table)
    width = maps.shape[3] if maps.dim() == 4 else 1
    sample = table[:, :: _stride(table.numel(), cells, width)].flatten().cpu()
    if kept is not None:
        low = table.masked_fill(~kept, math.inf).amin(1).cpu()
        high = table.masked_fill(~kept, -math.inf).amax(1).cpu()
        table = table.masked_fill(~kept, 0.0)
        sample = sample[torch.isfinite(sample)]
    sums, moments = of_rows(table, kept)
    return _Look(cells, low, high, sums, moments, zeros, sample)


def _nonzero(table: Tensor) -> int:
    if table.device.type == "cpu":  # numpy counts ten times as fast
        return int(np.count_nonzero(table.numpy()))
    return int(torch.count_nonzero(table))


def _stride(numbers: int, cells: int, width: int) -> int:
    """Return a step through the cells that leaves few enough and meets every column of a map."""
    step = min(max(1, numbers // _SAMPLE), cells)
    while step > 1 and math.gcd(step, width) > 1:
        step += 1
    return step


@dataclass(slots=True, eq=False)
class _Bins:
    """A histogram that widens as it must: intervals of a power of two, joined by pairs."""

    width: float = 0.0
    first: int = 0
    """Number of the first interval; number k begins at k times the width."""
    counts: Tensor = field(default_factory=lambda: torch.zeros(0, dtype=torch.float64))

    def add(self, numbers: Tensor, least: float, most: float) -> None:
        """Count finite numbers (n,), a sample of some whose least and largest are told."""
        if not len(numbers):
            return
        self._cover(least, most)
        start, end = self.first * self.width, (self.first + len(self.counts)) * self.width
        self.counts += torch.histc(numbers, len(self.counts), start, end)

    def _cover(self, low: float, high: float) -> None:
        if not self.width:
            span = (high - low) or abs(high) or 1.0
            self.width = 2.0 ** math.ceil(math.log2(span / (MOST_BINS - 2)))
            self.first = math.floor(low / self.width)
        while True:
            first = min(self.first, math.floor(low / self.width))
            end = max(self.first + len(self.counts), math.floor(high / self.width) + 1)
            if end - first <= MOST_BINS:
                break
            self._widen()
        grown = torch.zeros(end - first, dtype=torch.float64)
        begin = self.first - first
        grown[begin : begin + len(self.counts)] = self.counts
        self.first, self.counts = first, grown

    def _widen(self) -> None:
        odd = self.first % 2
        padded = torch.nn.functional.pad(self.counts, (odd, (len(self.counts) + odd) % 2))
        self.counts = padded.reshape(-1, 2).sum(1)
        self.first = (self.first - odd) // 2
        self.width *= 2


@dataclass(slots=True, eq=False)
class _Tally:
    """What is known of one layer so far, or of several that give the same."""

    bins: _Bins = field(default_factory=_Bins)
    cells: int = 0
    low: Tensor | None = None
    high: Tensor | None = None
    sums: Tensor | None = None
    moments: Moments = field(default_factory=Moments)
    zeros: int = 0

    def add(self, look: _Look) -> None:
        """Take the answer to one more picture."""
        first = self.low is None or self.high is None or self.sums is None
        self.low = look.low if first else torch.minimum(self.low, look.low)  # type: ignore[arg-type]
        self.high = look.high if first else torch.maximum(self.high, look.high)  # type: ignore[arg-type]
        self.sums = look.sums if first else self.sums + look.sums  # type: ignore[operator]
        self.cells += look.cells
        self.moments.add(look.moments)
        self.zeros += look.zeros
        self.bins.add(look.sample, float(look.low.min()), float(look.high.max()))

    def result(self, layer: str) -> LayerActivity:
        """Return it under the name of a layer; not before the first picture."""
        assert self.low is not None and self.high is not None and self.sums is not None
        channels = len(self.sums)
        counts, bins = self.bins.counts, self.bins
        least, most = float(self.low.min()), float(self.high.max())
        return LayerActivity(
            layer=layer,
            counts=frozen((counts / counts.sum().clamp(min=1.0)).float().numpy()),
            low=bins.first * bins.width,
            high=(bins.first + len(counts)) * bins.width,
            least=least if math.isfinite(least) else 0.0,
            most=most if math.isfinite(most) else 0.0,
            mean=self.moments.mean,
            std=self.moments.std,
            zeros=self.zeros / max(self.cells * channels, 1),
            dead=tuple(((self.low == 0) & (self.high == 0)).nonzero()[:, 0].tolist()),
            channels=channels,
            channel_means=frozen((self.sums / max(self.cells, 1)).float().numpy()),
        )


@dataclass(slots=True, eq=False)
class _Counted:
    """All layers so far."""

    layers: list[str]
    total: int
    truncated: bool
    pictures: int = 0
    tallies: dict[str, _Tally] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def add(self, looks: dict[str, _Look]) -> None:
        """Take what was noted of one more picture."""
        if not self.tallies:
            shared = {id(look): _Tally() for look in looks.values()}
            self.tallies = {layer: shared[id(look)] for layer, look in looks.items()}
        added: set[int] = set()
        for layer, look in looks.items():
            tally = self.tallies[layer]
            if id(tally) not in added:
                added.add(id(tally))
                tally.add(look)
        self.pictures += 1

    def skip(self, path: str, reason: str) -> None:
        """Note a picture that cannot be read."""
        self.skipped.append((path, reason))

    def result(self) -> NetworkActivity:
        """Return the layers in order of execution."""
        return NetworkActivity(
            layers=tuple(
                self.tallies[layer].result(layer) for layer in self.layers if layer in self.tallies
            ),
            looked_at=self.pictures + len(self.skipped),
            total=self.total,
            skipped=tuple(self.skipped),
            truncated=self.truncated,
        )
