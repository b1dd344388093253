"""Grad-CAM++: a layer's maps, each weighted by its positive gradients, all places counted alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import needs
from cnnviz_gui.core.heatmaps.layer_map import keep_negative, weighted_map
from cnnviz_gui.core.heatmaps.upsample import upsampling
from cnnviz_gui.core.params import Params, choice
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import ptr, tr

_DAMPING = 1e-6


@dataclass(frozen=True, slots=True)
class GradCamPlusPlusParams(Params):
    """Parameters of Grad-CAM++.

    The score is the exponential of the logit, whose higher derivatives the paper needs; of that
    only powers of the logit's gradient are left.
    """

    damping: str = choice(
        "usual",
        {"usual": tr("One millionth"), "none": ptr("added to the denominator", "None")},
        label=tr("Damping"),
        help=tr(
            "Added to the denominator, as is usual in code; the formula of the paper has none."
        ),
    )
    keep_negative: bool = keep_negative()
    upsampling: str = upsampling()


@heatmap(
    "grad-cam-plus-plus",
    family="layer",
    title="Grad-CAM++",
    summary=tr("As Grad-CAM, but several objects of a class count alike, be they large or small."),
    formula="ReLU(Σₖ wₖ Aₖ),  wₖ = Σ α ReLU(g),  α = g² / (2 g² + g³ Σ Aₖ + ε),  g = ∂y_c / ∂Aₖ",
    paper="Chattopadhay et al. 2018, Grad-CAM++, arXiv:1710.11063, equations 5 and 19",
    guide=Guide(
        can=tr(
            "Where several objects of the class lie, also where Grad-CAM shows only the largest."
        ),
        cannot=tr(
            "Anything finer than the layer's cells. Its weights are derived for an"
            " exponential of the score and have no better claim to truth than Grad-CAM's;"
            " negative gradients are left out."
        ),
        use=tr("For pictures with several instances of a class; compare with Grad-CAM in Grid."),
    ),
    params=GradCamPlusPlusParams,
    needs=needs.maps,
    uses_layer=True,
)
def grad_cam_plus_plus(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: GradCamPlusPlusParams,
    ctx: Context,
) -> HeatmapValue:
    """Return the weighted sum of the layer's maps.

    Raises
    ------
    LayerError
        The layer's output has no space.
    """
    return weighted_map(
        classifier,
        image,
        target,
        layer,
        params,
        ctx,
        partial(_weights, damping=params.damping),
        score="logit",
        rising=True,
        made_for_relu="Grad-CAM++",
    )


def _weights(gradient: Tensor, features: Tensor, *, damping: str) -> Tensor:
    alpha = _alpha(gradient, features, damping)
    return (alpha * gradient.relu()).sum((2, 3), keepdim=True)


def _alpha(gradient: Tensor, features: Tensor, damping: str) -> Tensor:
    """Return the share of each cell (1, C, h, w); zero where the gradient is."""
    sums = features.sum((2, 3), keepdim=True)
    if damping == "none":  # divided by g², which would be lost to rounding where g is small
        below = 2 + sums * gradient
        alpha = 1 / below
    else:
        square = gradient.square()
        below = 2 * square + sums * square * gradient + _DAMPING
        alpha = square / below
    return torch.where((gradient == 0) | (below == 0), 0.0, alpha)
