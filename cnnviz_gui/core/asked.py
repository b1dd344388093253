"""A network as one job sees it: what it may ask, what it asked, what it need not ask again."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.cuts import CutMemory, held
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.rectifiers import Rule
from cnnviz_gui.core.models.split import Cut, Objective
from cnnviz_gui.core.request import ChannelEdit

_NO_CONTEXT = NullContext()


class Network(Protocol):
    """What a method may ask of a network; see ``Classifier`` for what each of these does."""

    facts: ModelFacts
    device: torch.device

    def logits(self, x: Tensor, ctx: Context = ...) -> Tensor:
        """Return the logits (N, K)."""

    def gradient(
        self, x: Tensor, objective: Objective, ctx: Context = ..., rule: Rule = ...
    ) -> tuple[Tensor, Tensor]:
        """Return d sum(objective(logits)) / dx (N, 3, H, W), and the logits (N, K)."""

    def cut(self, x: Tensor, layer: str, ctx: Context = ...) -> Cut:
        """Pass x forward and keep the graph from ``layer`` to the logits."""

    def feature_maps(
        self, x: Tensor, layers: Sequence[str], ctx: Context = ...
    ) -> dict[str, Tensor]:
        """Return the exact outputs of ``layers``."""

    def filters(self, layer: str) -> tuple[Tensor | None, Tensor | None]:
        """Return weight and bias of a convolution."""


class Asked:
    """A ``Network`` that counts what one job asks of it and remembers cuts of one image.

    The counters of the classifier itself also grow by what a more urgent job asks in between.

    Parameters
    ----------
    image
        The tensor whose cuts are remembered; any other is passed on.
    key
        What names the content of ``image``, and the edits, from one job to the next.
    edits
        In force in every pass that is asked for, and never between two of them: there a more
        urgent job may ask the same network something else.

    Attributes
    ----------
    forwards, backwards
        Images passed forward and backward; backward passes of a cut are not counted.
    """

    def __init__(
        self,
        classifier: Classifier,
        image: Tensor,
        key: Hashable,
        memory: CutMemory,
        edits: Sequence[ChannelEdit] = (),
    ) -> None:
        self.facts = classifier.facts
        self.device = classifier.device
        self.forwards = 0
        self.backwards = 0
        self._classifier = classifier
        self._image = image
        self._key = key
        self._memory = memory
        self._edits = edits

    def logits(self, x: Tensor, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return the logits (N, K)."""
        self.forwards += len(x)
        with self._classifier.edited(self._edits, ctx):
            return self._classifier.logits(x, ctx)

    def gradient(
        self,
        x: Tensor,
        objective: Objective,
        ctx: Context = _NO_CONTEXT,
        rule: Rule = "gradient",
    ) -> tuple[Tensor, Tensor]:
        """Return d sum(objective(logits)) / dx (N, 3, H, W), and the logits (N, K)."""
        self.forwards += len(x)
        self.backwards += len(x)
        with self._classifier.edited(self._edits, ctx):
            return self._classifier.gradient(x, objective, ctx, rule)

    def cut(self, x: Tensor, layer: str, ctx: Context = _NO_CONTEXT) -> Cut:
        """Return the cut of x at ``layer``, a remembered one where there is one."""
        if x is not self._image:
            return self._cut(x, layer, ctx)
        kept = self._memory.get(self._classifier, (self._key, layer))
        if kept is not None:
            return kept
        cut = self._cut(x, layer, ctx)
        nbytes = held(cut, layer, self.facts)
        self._memory.put(self._classifier, (self._key, layer), cut, nbytes)
        return cut

    def feature_maps(
        self, x: Tensor, layers: Sequence[str], ctx: Context = _NO_CONTEXT
    ) -> dict[str, Tensor]:
        """Return the exact outputs of ``layers``."""
        self.forwards += len(x)
        with self._classifier.edited(self._edits, ctx):
            return self._classifier.feature_maps(x, layers, ctx)

    def filters(self, layer: str) -> tuple[Tensor | None, Tensor | None]:
        """Return weight and bias of a convolution."""
        return self._classifier.filters(layer)

    def _cut(self, x: Tensor, layer: str, ctx: Context) -> Cut:
        self.forwards += len(x)
        with self._classifier.edited(self._edits, ctx):
            return self._classifier.cut(x, layer, ctx)
