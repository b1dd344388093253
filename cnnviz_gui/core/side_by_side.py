"""Pictures that pass a network together, each asked about by a method that knows of one only.

What a method asks of its picture, it asks by a function of the logits. So a method is begun for one
picture after the other up to its first question; all questions are answered by one pass, and the
method is begun anew with its answer at hand. That is wrong for a method that alters what a pass is
while it asks, so one that may is asked about one picture at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Asked
from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.cuts import CutMemory
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.rectifiers import Rule
from cnnviz_gui.core.models.split import Cut, Objective
from cnnviz_gui.core.request import ChannelEdit

_NO_CONTEXT = NullContext()
_Value = TypeVar("_Value")
_Kind = tuple[str, Rule]
"""The gradient to the maps of a layer, or to the pixels, and what passes back through a ReLU."""
_TO_MAPS: _Kind = ("maps", "gradient")


class SideBySide:
    """Some pictures before one network.

    Parameters
    ----------
    images
        float32 (N, 3, S, S) in [0, 1], on the network's device.
    layer
        Where a method will cut; empty where it does not.
    shared
        The method asks of a picture but functions of its logits.

    Attributes
    ----------
    logits
        float32 (N, K).
    networks
        For each picture the network to ask.
    """

    def __init__(
        self,
        classifier: Classifier,
        images: Tensor,
        layer: str,
        edits: Sequence[ChannelEdit],
        ctx: Context,
        *,
        shared: bool,
    ) -> None:
        self._classifier = classifier
        self._images = images
        self._edits = edits
        self.layer = layer
        self.shared = shared
        self.cut: Cut | None = None
        with classifier.edited(edits, ctx):
            if layer and shared:
                self.cut = classifier.cut(images, layer, ctx)
                self.logits = self.cut.logits
            else:
                self.logits = classifier.logits(images, ctx)
        self.networks = [_OneOf(self, classifier, number) for number in range(len(images))]

    def image(self, number: int) -> Tensor:
        """Return a picture, float32 (1, 3, S, S)."""
        return self.networks[number].image

    def each(self, run: Callable[[int], _Value], ctx: Context) -> list[_Value]:
        """Return what ``run`` gives for each picture, by number."""
        found: dict[int, _Value] = {}
        waiting: dict[_Kind, dict[int, Objective]] = {}
        for number in range(len(self._images)):
            try:
                found[number] = run(number)
            except _LaterError as later:
                waiting.setdefault(later.kind, {})[number] = later.objective
        for kind, asked in waiting.items():
            answer = self._answer(kind, asked, ctx)
            for number in asked:
                self.networks[number].answer = kind, answer[number : number + 1]
                found[number] = run(number)
        return [found[number] for number in range(len(self._images))]

    def _answer(self, kind: _Kind, asked: dict[int, Objective], ctx: Context) -> Tensor:
        """Return the gradients for all pictures, those that did not ask included."""

        def objective(logits: Tensor) -> Tensor:
            values = (of(logits[number : number + 1]) for number, of in asked.items())
            return torch.stack([value.sum() for value in values])

        with self._classifier.edited(self._edits, ctx):
            if kind == _TO_MAPS:
                assert self.cut is not None
                return self.cut.gradient(objective, ctx)
            return self._classifier.gradient(self._images, objective, ctx, kind[1])[0]


class _LaterError(Exception):
    """A method asks what is answered for all pictures at once."""

    def __init__(self, kind: _Kind, objective: Objective) -> None:
        super().__init__()
        self.kind = kind
        self.objective = objective


class _OneOf(Asked):
    """The network as the method sees it that is asked about one of the pictures.

    A second question is answered by itself.
    """

    def __init__(self, all_of: SideBySide, classifier: Classifier, number: int) -> None:
        self.image = all_of._images[number : number + 1]
        super().__init__(classifier, self.image, number, CutMemory(), all_of._edits)
        self._all = all_of
        self._number = number
        self.answer: tuple[_Kind, Tensor] | None = None

    def given(self, kind: _Kind, objective: Objective) -> Tensor | None:
        """Return the answer to the first question; None for one that is answered by itself."""
        if not self._all.shared:
            return None
        if self.answer is None:
            raise _LaterError(kind, objective)
        known, answer = self.answer
        self.answer = (("", "gradient"), answer)
        return answer if known == kind else None

    def logits(self, x: Tensor, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return the logits (N, K)."""
        if x is self.image and self._all.shared:
            return self._all.logits[self._number : self._number + 1]
        return super().logits(x, ctx)

    def gradient(
        self,
        x: Tensor,
        objective: Objective,
        ctx: Context = _NO_CONTEXT,
        rule: Rule = "gradient",
    ) -> tuple[Tensor, Tensor]:
        """Return d sum(objective(logits)) / dx (N, 3, H, W), and the logits (N, K)."""
        if x is self.image:
            gradient = self.given(("pixels", rule), objective)
            if gradient is not None:
                return gradient, self.logits(x)
        return super().gradient(x, objective, ctx, rule)

    def cut(self, x: Tensor, layer: str, ctx: Context = _NO_CONTEXT) -> Cut:
        """Return the cut of x at ``layer``, its part of that of all where it is the picture."""
        if x is self.image and layer == self._all.layer and self._all.cut is not None:
            return _Part(self._all.cut, self._number, self)
        return super().cut(x, layer, ctx)


class _Part(Cut):
    """What a cut of several pictures is of one of them."""

    def __init__(self, cut: Cut, number: int, network: _OneOf) -> None:
        self.features = cut.features[number : number + 1]
        self.logits = cut.logits[number : number + 1]
        self._of_all, self._number, self._network = cut, number, network

    def gradient(self, objective: Objective, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return d sum(objective(logits)) / d features, of the shape of ``features``."""
        gradient = self._network.given(_TO_MAPS, objective)
        if gradient is not None:
            return gradient
        one = slice(self._number, self._number + 1)
        return self._of_all.gradient(lambda logits: objective(logits[one]), ctx)[one]
