"""Why this class rather than that one: a network asked about two of its classes only."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.errors import TargetError
from cnnviz_gui.core.models.rectifiers import Rule
from cnnviz_gui.core.models.split import Cut, Objective
from cnnviz_gui.core.subject import require_class
from cnnviz_gui.texts import tr

TARGET = 0
"""The index of the class that is explained, among the two."""
_NO_CONTEXT = NullContext()


class Contrast:
    """A ``Network`` of two classes: that which is explained, and the one it is set against.

    Their logits are the difference of the two and 0. So whatever a method does with a logit it does
    with the difference, and a probability is that of the first, given that it is one of the two.
    """

    def __init__(self, network: Network, target: int, against: int) -> None:
        labels = (network.facts.labels[target], network.facts.labels[against])
        self.facts = dataclasses.replace(network.facts, labels=labels)
        self.device = network.device
        self._network = network
        self._target, self._against = target, against

    def logits(self, x: Tensor, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return the two logits (N, 2)."""
        return self._between(self._network.logits(x, ctx))

    def gradient(
        self,
        x: Tensor,
        objective: Objective,
        ctx: Context = _NO_CONTEXT,
        rule: Rule = "gradient",
    ) -> tuple[Tensor, Tensor]:
        """Return d sum(objective(logits)) / dx (N, 3, H, W), and the logits (N, 2)."""
        gradient, logits = self._network.gradient(x, self._of(objective), ctx, rule)
        return gradient, self._between(logits)

    def cut(self, x: Tensor, layer: str, ctx: Context = _NO_CONTEXT) -> Cut:
        """Pass x forward and keep the graph from ``layer`` to the logits."""
        return _ContrastCut(self._network.cut(x, layer, ctx), self._between, self._of)

    def feature_maps(
        self, x: Tensor, layers: Sequence[str], ctx: Context = _NO_CONTEXT
    ) -> dict[str, Tensor]:
        """Return the exact outputs of ``layers``."""
        return self._network.feature_maps(x, layers, ctx)

    def filters(self, layer: str) -> tuple[Tensor | None, Tensor | None]:
        """Return weight and bias of a convolution."""
        return self._network.filters(layer)

    def _between(self, logits: Tensor) -> Tensor:
        difference = logits[:, self._target] - logits[:, self._against]
        return torch.stack([difference, torch.zeros_like(difference)], 1)

    def _of(self, objective: Objective) -> Objective:
        return lambda logits: objective(self._between(logits))


def about(network: Network, target: int, against: int | None) -> tuple[Network, int]:
    """Return the network to ask, and the index of the target in it.

    Raises
    ------
    TargetError
        There is no class ``against``, or it is the target itself.
    """
    if against is None:
        return network, target
    require_class(network.facts, against)
    if against == target:
        label = network.facts.labels[target]
        raise TargetError(
            tr("Nothing tells {label} from itself.", label=label),
            tr("Set it against another class, or against none."),
        )
    return Contrast(network, target, against), TARGET


class _ContrastCut(Cut):
    """A cut of the network itself, seen as one of two classes."""

    def __init__(
        self,
        cut: Cut,
        between: Callable[[Tensor], Tensor],
        of: Callable[[Objective], Objective],
    ) -> None:
        self.features, self.logits = cut.features, between(cut.logits)
        self._cut, self._objective = cut, of

    def gradient(self, objective: Objective, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return d sum(objective(logits)) / d features, of the shape of ``features``."""
        return self._cut.gradient(self._objective(objective), ctx)
