"""Grad-CAM: a layer's maps, each weighted by how much the score rises with it."""

from __future__ import annotations

from dataclasses import dataclass

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
class GradCamParams(Params):
    """Parameters of Grad-CAM; the course's variant is the probability with negative values kept."""

    score: str = score()
    keep_negative: bool = keep_negative(
        more=tr(
            "With the probability as score this is the lecture's heat map, Σᵢ (Σ ∂p/∂Aᵢ) ·"
            " Aᵢ; that adds the gradients where their mean is taken here, which is a"
            " constant factor."
        )
    )
    upsampling: str = upsampling()


@heatmap(
    "grad-cam",
    family="layer",
    title="Grad-CAM",
    summary=tr(
        "The maps of a layer, each weighted by its mean gradient, summed; positive part only."
    ),
    formula="ReLU(Σₖ αₖ Aₖ),  αₖ = mean over the cells of ∂y_c / ∂Aₖ",
    paper="Selvaraju et al. 2017, Grad-CAM, arXiv:1610.02391, equations 1 and 2",
    guide=Guide(
        can=tr(
            "Roughly where the evidence for a class lies, at the resolution of the layer;"
            " different classes give different maps."
        ),
        cannot=tr(
            "Which pixels matter, or how much: the mean gradient smears a channel over all"
            " its cells, so places can light up that lowered the score. What speaks against"
            " the class is cut off by the ReLU. At early layers the mean gradient says"
            " little."
        ),
        use=tr(
            "As the first look at a prediction, at the last convolution. A blank map means"
            " that all weighted evidence is negative; the page says so."
        ),
    ),
    params=GradCamParams,
    needs=needs.maps,
    uses_layer=True,
)
def grad_cam(
    classifier: Network, image: Tensor, target: int, layer: str, params: GradCamParams, ctx: Context
) -> HeatmapValue:
    """Return the weighted sum of the layer's maps.

    Parameters
    ----------
    image
        float32 (1, 3, H, W) in [0, 1].
    layer
        Any layer whose output is a stack of maps.

    Returns
    -------
    A map (H, W), up-sampled from the layer's (h, w), which is its ``coarse``; >= 0 unless negative
    values are kept. Not scaled to [0, 1].

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
        _mean,
        score=params.score,
    )


def _mean(gradient: Tensor, features: Tensor) -> Tensor:
    return gradient.mean((2, 3), keepdim=True)
