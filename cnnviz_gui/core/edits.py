"""Channels that are silenced or scaled while a network answers one question."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.nn.attention import SDPBackend, sdpa_kernel

from cnnviz_gui.core.errors import LayerError, ParameterError
from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.models.blueprint import Blueprint
from cnnviz_gui.core.models.layers import Place
from cnnviz_gui.core.models.places import at_places
from cnnviz_gui.core.request import ChannelEdit
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What is done to the output of one run of a module: factors · output + shift."""

    place: Place
    factors: Tensor
    """float32 (N, C), or (1, C) for all pictures of a pass."""
    shift: Tensor | None = None
    """Of the same shape; in a folded copy, so that the factor means the output before the norm."""

    def apply(self, output: Tensor) -> Tensor:
        """Return an edited copy of an output (N, C, h, w), (N, h, w, C) or (N, C)."""
        edited = output * self._along(self.factors, output)
        return edited if self.shift is None else edited + self._along(self.shift, output)

    def _along(self, values: Tensor, output: Tensor) -> Tensor:
        values = values.to(output)
        cells = [1] * (output.dim() - 2)
        count, channels = values.shape
        return values.reshape(
            (count, *cells, channels) if self.place.channels_end else (count, channels, *cells)
        )


@dataclass(frozen=True, slots=True)
class Push:
    """Lets every cell of a channel grow at speed 1, for derivatives in forward mode."""

    place: Place
    channel: int

    def apply(self, output: Tensor) -> Tensor:
        """Return the output with its speed."""
        speed = torch.zeros_like(output)
        last = self.place.channels_end or output.dim() == 2
        speed.movedim(-1 if last else 1, 0)[self.channel] = 1
        moving: Tensor = forward_ad.make_dual(output, speed)  # type: ignore[no-untyped-call]
        return moving


def effective(edits: Sequence[ChannelEdit]) -> tuple[ChannelEdit, ...]:
    """Return edits that mean the same, each channel once, in a fixed order: a key for caches.

    Several edits of one channel are multiplied; what leaves a channel as it is, is left out.

    Raises
    ------
    ParameterError
        A factor is not a finite number.
    """
    factors: dict[tuple[str, int], float] = defaultdict(lambda: 1.0)
    for edit in edits:
        if not math.isfinite(edit.factor):
            raise ParameterError(
                tr(
                    "Channel {channel} of {layer!r} cannot be multiplied by {factor}.",
                    channel=edit.channel,
                    layer=edit.layer,
                    factor=edit.factor,
                ),
                tr("Choose a finite number; 0 silences the channel."),
            )
        factors[edit.layer, edit.channel] *= edit.factor
    return tuple(
        ChannelEdit(layer=layer, channel=channel, factor=factor)
        for (layer, channel), factor in sorted(factors.items())
        if factor != 1
    )


def rule(row: LayerFacts, place: Place, each: Sequence[Sequence[ChannelEdit]]) -> Rule:
    """Return what the edits of one layer do together, to each picture of a pass its own.

    Raises
    ------
    LayerError
        The layer has no such channel.
    """
    count = row.output_shape[0]
    factors = torch.ones(len(each), count)
    for number, edits in enumerate(each):
        for edit in edits:
            if not 0 <= edit.channel < count:
                raise LayerError(
                    tr("{name!r} has no channel {channel}.", name=row.name, channel=edit.channel),
                    tr("Choose one from 0 to {last}.", last=count - 1),
                )
            factors[number, edit.channel] *= edit.factor
    return Rule(place, factors)


def for_folded(rule: Rule, blueprint: Blueprint, network: nn.Module) -> Rule:
    """Return the rule for the copy where a norm may be part of the convolution it is about.

    norm(f · y) = f · norm(y) + (1 - f) · norm(0), for each channel.
    """
    path = rule.place.path
    if (path, rule.place.number) not in blueprint.replaced:
        return rule
    inside = [norm for conv, norm in blueprint.pairs if f"{conv}.".startswith(f"{path}.")]
    norm = network.get_submodule(inside[-1])
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None and norm.running_var is not None
    with torch.no_grad():
        nothing = norm(torch.zeros(1, norm.num_features, 1, 1).to(norm.running_mean))
    left = 1 - rule.factors
    return Rule(rule.place, rule.factors, left * nothing.reshape(1, -1).float().cpu())


@contextmanager
def differentiable_attention() -> Iterator[None]:
    """Do without the fast kernels of attention: they have no derivative in forward mode."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


@contextmanager
def applied(network: nn.Module, rules: Sequence[Rule | Push]) -> Iterator[None]:
    """Edit the outputs in one pass of ``network``: the runs of a module are counted from here."""
    with at_places(network, {one.place: one.apply for one in rules}):
        yield
