"""A network split at a layer: the maps there, the logits, and the graph between them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.models.hooks import Watch

Objective = Callable[[Tensor], Tensor]
_NO_CONTEXT = NullContext()


class Cut:
    """One pass, cut at a layer: the layer's maps, the logits, and the graph between them.

    Attributes
    ----------
    features
        float32 (N, C, h, w) or (N, C): the output of the layer, a detached copy.
    logits
        float32 (N, K), detached.
    """

    def __init__(
        self,
        leaf: Tensor,
        logits: Tensor,
        channels_end: bool,
        watch: Watch,
        count: Callable[[], None],
    ) -> None:
        self._leaf = leaf
        self._logits = logits
        self._channels_end = channels_end
        self._watch = watch
        self._count = count
        self.features = self._as_maps(leaf.detach())
        self.logits = logits.detach()

    def gradient(self, objective: Objective, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return d sum(objective(logits)) / d features, of the shape of ``features``.

        The graph is kept, so that a further class costs one backward pass of the head.
        """
        ctx.check()
        with torch.enable_grad(), self._watch.asking(ctx):
            value = objective(self._logits).sum()
            (gradient,) = torch.autograd.grad(value, self._leaf, retain_graph=True)
        self._count()
        return self._as_maps(gradient)

    def _as_maps(self, tensor: Tensor) -> Tensor:
        return (tensor.permute(0, 3, 1, 2) if self._channels_end else tensor).contiguous()
