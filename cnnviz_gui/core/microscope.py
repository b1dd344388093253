"""The convolution microscope: one cell of a map, from the numbers it is made of."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from cnnviz_gui.core import edits as editing
from cnnviz_gui.core import subject
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.layer_requests import ExamineCell
from cnnviz_gui.core.layer_results import CellArithmetic, NormArithmetic
from cnnviz_gui.core.models import conv_steps
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.conv_steps import Activation, ConvSteps
from cnnviz_gui.core.request import ChannelEdit
from cnnviz_gui.core.result import frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr


def run(request: ExamineCell, session: Session, ctx: Context) -> CellArithmetic:
    """Return the arithmetic of one cell; what the layer reads and shows is remembered.

    Raises
    ------
    LayerError
        The layer is no convolution, has no such cell, or does what cannot be written out.
    """
    classifier = session.classifier(request.model, ctx)
    exact = subject.exactly(session, request.image, ctx)
    edits = editing.effective(request.edits)
    elsewhere = tuple(edit for edit in edits if edit.layer != request.layer)
    _require_whole(request.layer, elsewhere, classifier.facts)
    key = ("steps", request.model, exact, request.layer, elsewhere)
    steps = session.recall(key)
    if not isinstance(steps, ConvSteps):
        x = session.input(request.model, request.image, ctx)
        with classifier.edited(elsewhere, ctx):
            steps = conv_steps.watch(classifier, x, request.layer, ctx)
        session.remember(key, steps, steps.nbytes)
    written = examine(steps, request, source(classifier, request.layer))
    here = {edit.channel: edit.factor for edit in edits if edit not in elsewhere}
    factor = here.get(request.channel, 1.0)
    return dataclasses.replace(written, factor=factor, shown=written.shown * factor)


def examine(steps: ConvSteps, request: ExamineCell, source: str) -> CellArithmetic:
    """Return the arithmetic of one cell of a convolution that was watched; float64 throughout.

    Raises
    ------
    LayerError
        There is no such cell, or the steps follow each other in an order that has no name here.
    """
    channel, row, column = request.channel, request.row, request.column
    _require_cell(steps, request)
    patch, first, corner = _patch(steps, channel, row, column)
    kernel = steps.weight[channel].cpu()
    total = float((patch.double() * kernel.double()).sum())
    bias = None if steps.bias is None else float(steps.bias[channel])
    value = total + (bias or 0.0)
    norm, activation = None, ""
    for step in steps.steps:
        if isinstance(step, Activation):
            number = torch.tensor([value], dtype=torch.float64)
            value = float(step.apply(number, channel))
            activation = f"{activation}, {step.name}" if activation else step.name
            continue
        if norm is not None or activation:
            raise LayerError(
                tr("In {layer!r} a norm follows where none is expected.", layer=request.layer),
                tr("Choose the convolution itself."),
            )
        norm = _normalised(step, value, channel, row, column)
        value = norm.value
    return CellArithmetic(
        layer=request.layer,
        channel=channel,
        row=row,
        column=column,
        source=source,
        patch=frozen(patch.numpy()),
        kernel=frozen(kernel.numpy().copy()),
        first_channel=first,
        corner=corner,
        dilation=steps.dilation,
        sum=total,
        bias=bias,
        norm=norm,
        activation=activation,
        value=value,
        factor=1.0,
        shown=float(steps.shown[channel, row, column]),
    )


def source(classifier: Classifier, layer: str) -> str:
    """Return the row whose maps a convolution, or the one of a unit, reads; empty for the picture.

    Where it reads those of several rows in turn, the first counts.
    """
    facts, place = classifier.facts, classifier.place(layer)
    row = facts.layer(layer)
    for each in facts.layers:
        other = classifier.blueprint.places[each.name]
        inside = each.name == layer or each.parent == layer
        if inside and other.path == place.conv:
            row = each
    return row.inputs[0] if row is not None and row.inputs else ""


def _require_whole(layer: str, edits: Sequence[ChannelEdit], facts: ModelFacts) -> None:
    """Refuse a unit with an edit between its convolution and its end."""
    rows = facts.inside(layer)
    inside = next((edit.layer for edit in edits if edit.layer in rows), None)
    if inside is not None:
        raise LayerError(
            tr(
                "Channels of {inside!r}, which is part of {layer!r}, are silenced or scaled.",
                inside=inside,
                layer=layer,
            ),
            tr("Restore them, or look at {inside!r} itself.", inside=inside),
        )


def _require_cell(steps: ConvSteps, request: ExamineCell) -> None:
    wanted = (request.channel, request.row, request.column)
    sizes = tuple(steps.shown.shape)
    if all(0 <= index < size for index, size in zip(wanted, sizes, strict=True)):
        return
    channels, high, wide = sizes
    raise LayerError(
        tr(
            "{layer!r} has no cell at channel {channel}, row {row}, column {column}.",
            layer=request.layer,
            channel=wanted[0],
            row=wanted[1],
            column=wanted[2],
        ),
        tr(
            "It has {channels} channels of {high} rows and {wide} columns, counted from 0.",
            channels=channels,
            high=high,
            wide=wide,
        ),
    )


def _patch(
    steps: ConvSteps, channel: int, row: int, column: int
) -> tuple[Tensor, int, tuple[int, int]]:
    """Return what the kernel lies on, its first channel, and where its first cell is.

    The last counts from the first cell that the convolution's module was given.
    """
    width = steps.weight.shape[1]
    first = channel // (len(steps.weight) // steps.groups) * width
    starts = [
        index * stride - padding
        for index, stride, padding in zip((row, column), steps.stride, steps.padding, strict=True)
    ]
    lines, columns = (
        torch.arange(size) * step + start
        for size, step, start in zip(steps.weight.shape[2:], steps.dilation, starts, strict=True)
    )
    given = steps.given[first : first + width]
    high, wide = given.shape[1:]
    cut = given[:, lines.clamp(0, high - 1).to(given.device)]
    cut = cut[:, :, columns.clamp(0, wide - 1).to(given.device)].float().cpu()
    beyond_lines = (lines < 0) | (lines >= high)
    beyond_columns = (columns < 0) | (columns >= wide)
    cut[:, beyond_lines[:, None] | beyond_columns] = 0.0
    corner = starts[0] - steps.around[0], starts[1] - steps.around[1]
    return cut, first, corner


def _normalised(
    step: conv_steps.Norm | conv_steps.LayerNorm, value: float, channel: int, row: int, column: int
) -> NormArithmetic:
    mean, variance = step.at(channel, row, column)
    weight = 1.0 if step.weight is None else float(step.weight[channel])
    bias = 0.0 if step.bias is None else float(step.bias[channel])
    scaled = (value - mean) / math.sqrt(variance + step.eps)
    return NormArithmetic(mean, variance, step.eps, weight, bias, scaled * weight + bias)
