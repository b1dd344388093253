"""What a picture is to bring about in the network: values that gradient ascent makes grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.feature_requests import Unit
from cnnviz_gui.core.features.forward import Outputs
from cnnviz_gui.texts import tr

Objective = Callable[[Outputs], Tensor]
"""From the outputs for N views to N values."""
_COSINE_FLOOR = 0.1
"""Least weight of a cell whose activation points elsewhere."""


def excite(units: Sequence[Unit]) -> Objective:
    """Return the weighted sum of the units' answers."""

    def value(outputs: Outputs) -> Tensor:
        return torch.stack([unit.weight * answer(outputs, unit) for unit in units]).sum(0)

    return value


def each(units: Sequence[Unit], views: int) -> Objective:
    """Return for the views of picture i the answer of unit i: a batch of channels of one layer."""
    channels = torch.tensor([unit.channel or 0 for unit in units]).repeat_interleave(views)
    weights = torch.tensor([unit.weight for unit in units]).repeat_interleave(views)

    def value(outputs: Outputs) -> Tensor:
        found = answer(outputs, units[0], channels)
        return found * weights.to(found)

    return value


def blend(units: Sequence[Unit], pictures: int, views: int) -> Objective:
    """Return a walk from the first unit to the second, one stop a picture."""
    share = torch.linspace(0, 1, pictures).repeat_interleave(views)

    def value(outputs: Outputs) -> Tensor:
        first, second = (unit.weight * answer(outputs, unit) for unit in units)
        along = share.to(first)
        return (1 - along) * first + along * second

    return value


def differ(unit: Unit, weight: float, views: int) -> Objective:
    """Return the unit's answer less ``weight`` times the likeness of the pictures' styles.

    The style is the Gram matrix of the layer's maps, the likeness its cosine with those of the
    other pictures (Olah et al. 2017, diversity).
    """

    def value(outputs: Outputs) -> Tensor:
        maps = outputs[unit.layer].flatten(2) if outputs[unit.layer].dim() == 4 else None
        if maps is None:
            said = tr("'the logits' has no maps to compare pictures by.")
            if unit.layer:
                said = tr("{layer!r} has no maps to compare pictures by.", layer=unit.layer)
            raise LayerError(said, tr("Choose a layer with maps."))
        grams = functional.normalize((maps @ maps.transpose(1, 2)).flatten(1), dim=1)
        like = grams @ grams.T
        pictures = torch.arange(len(like), device=like.device) // views
        others = (pictures[:, None] != pictures[None]).to(like)
        return unit.weight * answer(outputs, unit) - weight * (like * others).sum(1) / views

    return value


def direction(layer: str, wanted: Tensor) -> Objective:
    """Return the dot product with ``wanted`` (C,) or (C, h, w) times its cosine: a caricature.

    Of one vector the mean over all cells, of maps cell by cell.
    """

    def answered(outputs: Outputs) -> Tensor:
        found = outputs[layer]
        maps = found.flatten(2) if found.dim() == 4 else found[..., None]
        aimed = _fitted(wanted, found).flatten(1) if wanted.dim() == 3 else wanted[:, None]
        along = (maps * aimed).sum(1)
        cosine = along / (maps.norm(dim=1) * aimed.norm(dim=0) + 1e-6)
        value: Tensor = (along * cosine.clamp_min(_COSINE_FLOOR)).mean(1)
        return value

    return answered


def imitate(layer: str, wanted: Tensor) -> Objective:
    """Return minus the relative squared distance from ``wanted`` (C, h, w) or (C,).

    Mahendran and Vedaldi 2015, feature inversion.
    """

    def value(outputs: Outputs) -> Tensor:
        aimed = _fitted(wanted, outputs[layer]) if wanted.dim() == 3 else wanted
        distance: Tensor = (outputs[layer] - aimed).square().flatten(1).sum(1)
        return -distance / aimed.square().sum().clamp_min(1e-12)

    return value


def answer(outputs: Outputs, unit: Unit, channels: Tensor | None = None) -> Tensor:
    """Return (N,): a channel's mean or its value at a cell, half the mean square of a layer.

    With ``channels`` (N,), of view i that of channel i.
    """
    found = outputs[unit.layer]
    if unit.channel is None:
        return found.square().flatten(1).mean(1) / 2
    if channels is None:
        chosen = found[:, unit.channel]
    else:
        chosen = found[torch.arange(len(channels)), channels.to(found.device)]
    if chosen.dim() == 1:
        return chosen
    if unit.cell is None:
        return chosen.mean((1, 2))
    high, wide = chosen.shape[1:]
    row, column = (high // 2, wide // 2) if unit.cell == "centre" else unit.cell
    return chosen[:, min(row, high - 1), min(column, wide - 1)]


def _fitted(wanted: Tensor, found: Tensor) -> Tensor:
    """Return maps (C, h, w) as large as those found: a picture grows through its octaves."""
    if wanted.shape[1:] == found.shape[2:]:
        return wanted
    size = (found.shape[2], found.shape[3])
    return functional.interpolate(wanted[None], size, mode="bilinear", antialias=True)[0]
