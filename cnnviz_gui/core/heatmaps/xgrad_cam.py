"""XGrad-CAM: a layer's maps, each weighted by its gradient where the map itself is strong."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import needs
from cnnviz_gui.core.heatmaps.layer_map import keep_negative, weighted_map
from cnnviz_gui.core.heatmaps.score import score
from cnnviz_gui.core.heatmaps.upsample import upsampling
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class XGradCamParams(Params):
    """Parameters of XGrad-CAM."""

    score: str = score()
    keep_negative: bool = keep_negative()
    upsampling: str = upsampling()


@heatmap(
    "xgrad-cam",
    family="layer",
    title="XGrad-CAM",
    summary=tr(
        "As Grad-CAM, but the mean gradient of a map counts each cell by the map's own value."
    ),
    formula="ReLU(Σₖ αₖ Aₖ),  αₖ = Σ (Aₖ ⊙ ∂y_c / ∂Aₖ) / Σ Aₖ",
    paper="Fu et al. 2020, Axiom-based Grad-CAM, arXiv:2008.02312, equation 9",
    guide=Guide(
        can=tr(
            "Where the evidence lies, with weights chosen so that they satisfy sensitivity"
            " and conservation as nearly as a sum over maps can."
        ),
        cannot=tr(
            "More than Grad-CAM about detail; the axioms hold exactly only for a network"
            " that is linear above the layer."
        ),
        use=tr("Beside Grad-CAM, to see whether a map depends on how the gradients are averaged."),
    ),
    params=XGradCamParams,
    needs=needs.maps,
    uses_layer=True,
)
def xgrad_cam(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: XGradCamParams,
    ctx: Context,
) -> HeatmapValue:
    """Return the weighted sum of the layer's maps; one that adds up to zero has no weight.

    All cells together are the gradient times the activation, summed: what the score would lose, to
    first order, were the layer silent.

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
        _shares,
        score=params.score,
        made_for_relu="XGrad-CAM",
    )


def _shares(gradient: Tensor, features: Tensor) -> Tensor:
    sums = features.sum((2, 3), keepdim=True)
    shares = (gradient * features).sum((2, 3), keepdim=True) / sums
    return torch.where(sums == 0, 0.0, shares)
