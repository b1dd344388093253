"""Grad-CAM: a layer's maps, each weighted by how much the score rises with it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import needs
from cnnviz_gui.core.heatmaps.score import objective, score, why_flat
from cnnviz_gui.core.heatmaps.upsample import upsample, upsampling
from cnnviz_gui.core.params import Params, flag
from cnnviz_gui.core.registry import heatmap


@dataclass(frozen=True, slots=True)
class GradCamParams(Params):
    """Parameters of Grad-CAM; the course's variant is the probability with negative values kept."""

    score: str = score()
    keep_negative: bool = flag(
        False, help="Leave out the ReLU: what speaks against the class is shown too."
    )
    upsampling: str = upsampling()


@heatmap(
    "grad-cam",
    title="Grad-CAM",
    summary="The maps of a layer, each weighted by its mean gradient, summed; positive part only.",
    formula="ReLU(Σₖ αₖ Aₖ),  αₖ = mean over the cells of ∂y_c / ∂Aₖ",
    paper="Selvaraju et al. 2017, Grad-CAM, arXiv:1610.02391, equations 1 and 2",
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
    cut = classifier.cut(image, layer, ctx)
    _require_space(cut.features, layer)
    gradient = cut.gradient(objective(params.score, target), ctx)
    weights = gradient.mean((2, 3), keepdim=True)
    coarse = (weights * cut.features).sum(1)[0]
    if not params.keep_negative:
        coarse = coarse.relu()
    full = upsample(coarse, (image.shape[2], image.shape[3]), params.upsampling)
    if not params.keep_negative:
        full = full.relu()  # bicubic overshoots
    return HeatmapValue(
        map=full,
        coarse=coarse,
        signed=params.keep_negative,
        layer=layer,
        reason=why_flat(params.score, gradient, classifier.facts.labels[target]),
    )


def _require_space(features: Tensor, layer: str) -> None:
    if features.dim() == 4 and features.shape[2] * features.shape[3] > 1:
        return
    raise LayerError(
        f"{layer!r} gives one number per channel, so it cannot say where.",
        "Choose a layer further up, whose output is a stack of maps.",
    )
