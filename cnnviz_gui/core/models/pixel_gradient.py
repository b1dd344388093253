"""A function of the logits, differentiated to the pixels."""

from __future__ import annotations

import torch
from torch import Tensor

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.models import rectifiers
from cnnviz_gui.core.models.hooks import cancellable
from cnnviz_gui.core.models.pixels import PixelNetwork
from cnnviz_gui.core.models.rectifiers import Rule
from cnnviz_gui.core.models.split import Objective
from cnnviz_gui.texts import tr


def differentiate(
    network: PixelNetwork, x: Tensor, objective: Objective, ctx: Context, rule: Rule, title: str
) -> tuple[Tensor, Tensor]:
    """Return d sum(objective(logits)) / dx (N, 3, H, W), and the logits (N, K), detached.

    Raises
    ------
    MethodError
        The network computes without a graph, or has no ReLU where the rule is one for them.
    """
    recorded = network.replay.of(network, x, ctx) if rule == "gradient" else None
    leaf = x.detach().requires_grad_()
    # A recorded pass calls no layer, and takes less time than there is between two of others.
    with torch.enable_grad(), cancellable(() if recorded else network.asked, ctx) as watch:
        logits = network(leaf) if recorded is None else recorded(leaf).clone()
        if not logits.requires_grad:
            raise MethodError(
                tr("No gradient passes through {title}: it computes without one.", title=title),
                tr("Only its predictions can be shown."),
            )
        value = objective(logits).sum()
        if rectifiers.follow(rule, value) == 0 and rule != "gradient":
            raise MethodError(
                tr("{title} has no ReLU.", title=title), tr("Choose saliency, which needs none.")
            )
        with watch.asking(ctx):
            (gradient,) = torch.autograd.grad(value, leaf)
    if recorded is not None:
        gradient = gradient.clone()
    return gradient.contiguous(), logits.detach()
