"""The weights of a layer, prepared as they are looked at: never more than a screen can show."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.layer_requests import InspectFilters
from cnnviz_gui.core.layer_results import Distribution, LayerFilters
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.moments import Moments, of_rows
from cnnviz_gui.core.result import FloatArray, frozen
from cnnviz_gui.core.session import Session

SIDE = 1024
"""Rows and columns of a matrix that are sent at most; what is more is joined to blocks."""
BINS = 48
_FINER = 32
_SAMPLE = 1 << 23
_AT_A_TIME = 1 << 22
"""Weights looked at between two steps: some milliseconds."""

_Form = Literal["none", "colour", "slices", "single", "matrix"]


@dataclass(frozen=True, slots=True, eq=False)
class _Summary:
    """What does not change with the part that is looked at."""

    norms: Tensor
    bound: float
    reach: float
    weights: Distribution
    biases: Distribution | None


def run(request: InspectFilters, session: Session, ctx: Context) -> LayerFilters:
    """Return a part of a layer's weights, with what is known of them all.

    Raises
    ------
    LayerError
        No such layer. One without weights that can be shown has the form ``none``.
    """
    classifier = session.classifier(request.model, ctx)
    weight, bias, groups = _weights(classifier, request.layer)
    if weight is None:
        return LayerFilters(layer=request.layer, form="none")
    form, table = form_of(tuple(weight.shape)), weight.flatten(1)
    key = ("filters", request.model, request.layer)
    known = session.recall(key)
    if not isinstance(known, _Summary):
        known = _summary(table, bias, ctx)
        session.remember(key, known, known.norms.nbytes + 16 * BINS)
    common = LayerFilters(
        layer=request.layer,
        form=form,
        shape=tuple(weight.shape),
        groups=groups,
        norms=_array(known.norms),
        bound=known.bound,
        reach=known.reach,
        weights=known.weights,
        bias=None if bias is None else _array(bias),
        biases=known.biases,
    )
    if form == "matrix":
        return _with_matrix(common, table, request, known.norms, ctx)
    return _with_kernels(common, weight, request)


def form_of(shape: tuple[int, ...]) -> _Form:
    """Return how weights (out, in / groups, kh, kw) or (out, in) are shown best."""
    if len(shape) == 2 or (shape[2:] == (1, 1) and shape[1] > 1):
        return "matrix"
    if shape[1] == 1:
        return "single"
    return "colour" if shape[1] == 3 else "slices"


def _weights(classifier: Classifier, layer: str) -> tuple[Tensor | None, Tensor | None, int]:
    """Return weight, bias and groups; of a linear layer not a copy, for it may be huge."""
    weight, bias = classifier.filters(layer)
    if weight is not None:
        row = classifier.facts.layer(layer)
        return weight, bias, (row.groups if row is not None else None) or 1
    row = classifier.facts.layer(layer)
    if row is not None and row.operation:
        return None, None, 1
    module = classifier.module(layer)
    if not isinstance(module, nn.Linear):
        return None, None, 1
    return module.weight.detach(), None if module.bias is None else module.bias.detach(), 1


def _with_kernels(common: LayerFilters, weight: Tensor, request: InspectFilters) -> LayerFilters:
    view: Literal["whole", "filter", "input"] = request.view
    index = 0
    if common.form == "single" or (common.form == "colour" and view == "whole"):
        view = "whole"
        kernels = weight[:, 0] if common.form == "single" else weight
    else:
        view = "filter" if view == "filter" else "input"
        index = min(max(request.index, 0), weight.shape[0 if view == "filter" else 1] - 1)
        kernels = weight[index] if view == "filter" else weight[:, index]
    norms = kernels.flatten(1).float().norm(dim=1)
    return dataclasses.replace(
        common,
        view=view,
        index=index,
        kernels=_array(kernels),
        kernel_norms=_array(norms),
    )


def _with_matrix(
    common: LayerFilters, table: Tensor, request: InspectFilters, norms: Tensor, ctx: Context
) -> LayerFilters:
    high, wide = table.shape
    top, left, bottom, right = request.window or (0, 0, high, wide)
    top, left = min(max(top, 0), high - 1), min(max(left, 0), wide - 1)
    bottom, right = min(max(bottom, top + 1), high), min(max(right, left + 1), wide)
    rows = torch.arange(high, device=table.device)
    if request.order == "norm":
        rows = torch.argsort(norms, descending=True, stable=True)
    step = _step(bottom - top), _step(right - left)
    blocks = _blocks(table[:, left:right], rows[top:bottom], step, ctx)
    return dataclasses.replace(
        common,
        matrix=_array(blocks),
        window=(top, left, bottom, right),
        step=step,
        rows=frozen(rows.cpu().numpy()),
    )


def _step(length: int) -> int:
    """Return the least power of two that leaves no more than ``SIDE`` blocks."""
    step = 1
    while step * SIDE < length:
        step *= 2
    return step


def _blocks(table: Tensor, rows: Tensor, step: tuple[int, int], ctx: Context) -> Tensor:
    """Return of each block of weights the one of largest magnitude, with its sign."""
    wide = table.shape[1]
    down = max(1, _AT_A_TIME // (wide * step[0])) * step[0]
    pieces: list[Tensor] = []
    for start in range(0, len(rows), down):
        ctx.step(start, len(rows))
        piece = table[rows[start : start + down]].float()
        if step != (1, 1):
            beyond = (0, -wide % step[1], 0, -len(piece) % step[0])
            piece = nn.functional.pad(piece, beyond)
            down_by, by = step
            parts = piece.reshape(len(piece) // down_by, down_by, -1, by)
            most, least = parts.amax(dim=(1, 3)), parts.amin(dim=(1, 3))
            piece = torch.where(most >= -least, most, least)
        pieces.append(piece)
    return torch.cat(pieces)


def _summary(table: Tensor, bias: Tensor | None, ctx: Context) -> _Summary:
    """Look at all weights, a few million at a time."""
    norms: list[Tensor] = []
    low, high, moments = float("inf"), float("-inf"), Moments()
    for done, piece in _pieces(table, _AT_A_TIME):
        ctx.step(done, table.numel())
        norms.append(piece.norm(dim=1))
        kept = None if _finite(piece) else torch.isfinite(piece)
        numbers = piece if kept is None else piece[kept]
        if numbers.numel():
            least, most = (float(end) for end in torch.aminmax(numbers))
            low, high = min(low, least), max(high, most)
            rows = piece if kept is None else piece.masked_fill(~kept, 0.0)
            moments.add(of_rows(rows, kept)[1])
    if not moments.count:
        low = high = 0.0
    counts = _sampled(table, low, high, ctx)
    return _Summary(
        torch.cat(norms),
        max(abs(low), abs(high)),
        _reach(counts, low, high),
        Distribution(_shares(counts), low, high, moments.mean, moments.std),
        None if bias is None else distribution(bias.float()),
    )


def _pieces(table: Tensor, at_a_time: int) -> Iterator[tuple[int, Tensor]]:
    """Yield how many weights came before, and some rows as float32."""
    down = max(1, at_a_time // table.shape[1])
    for start in range(0, len(table), down):
        yield start * table.shape[1], table[start : start + down].float()


def _finite(numbers: Tensor) -> bool:
    """Tell whether all are numbers, far sooner than by asking each."""
    return all(isfinite(float(end)) for end in torch.aminmax(numbers))


def _sampled(table: Tensor, low: float, high: float, ctx: Context) -> Tensor:
    """Count the weights in fine intervals, those of every n-th filter where they are very many."""
    counts = torch.zeros(BINS * _FINER).double()
    sample = table[:: max(1, table.numel() // _SAMPLE)]
    for done, piece in _pieces(sample, _AT_A_TIME // 4):
        ctx.step(done, sample.numel())
        counts += _counts(piece, low, high)
    return counts


def distribution(numbers: Tensor) -> Distribution:
    """Return how a few numbers are spread, those that are not finite left out."""
    kept = numbers[torch.isfinite(numbers)].double()
    if not len(kept):
        return Distribution(_shares(torch.zeros(BINS * _FINER)), 0.0, 0.0, 0.0, 0.0)
    low, high = (float(end) for end in torch.aminmax(kept))
    std = float(kept.std(correction=0))
    return Distribution(_shares(_counts(kept, low, high)), low, high, float(kept.mean()), std)


def _counts(numbers: Tensor, low: float, high: float) -> Tensor:
    flat = numbers.flatten().float().cpu()
    if not _finite(flat):
        flat = flat[torch.isfinite(flat)]
    if not high > low:
        return torch.eye(BINS * _FINER, dtype=torch.float64)[0] * len(flat)
    return torch.histc(flat, BINS * _FINER, low, high).double()


def _reach(counts: Tensor, low: float, high: float) -> float:
    """Return the magnitude that 999 of 1000 weights do not exceed, to the width of an interval."""
    edges = torch.linspace(low, high, len(counts) + 1, dtype=torch.float64)
    farther = torch.maximum(edges[:-1].abs(), edges[1:].abs())
    sizes, order = farther.sort()
    shares = counts[order].cumsum(0) / counts.sum().clamp(min=1.0)
    return float(sizes[min(int((shares < 0.999).sum()), len(sizes) - 1)])


def _shares(counts: Tensor) -> FloatArray:
    shares = counts.reshape(BINS, _FINER).sum(1) / counts.sum().clamp(min=1.0)
    return frozen(shares.float().cpu().numpy())


def _array(tensor: Tensor) -> FloatArray:
    return frozen(tensor.detach().float().cpu().numpy())
