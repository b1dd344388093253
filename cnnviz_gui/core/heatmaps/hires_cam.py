"""HiResCAM: a layer's maps, each cell weighted by its own gradient."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import needs
from cnnviz_gui.core.heatmaps.layer_map import keep_negative, layer_map, require_space, why_blank
from cnnviz_gui.core.heatmaps.score import objective, score, why_flat
from cnnviz_gui.core.heatmaps.upsample import upsampling
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import heatmap


@dataclass(frozen=True, slots=True)
class HiResCamParams(Params):
    """Parameters of HiResCAM."""

    score: str = score()
    keep_negative: bool = keep_negative()
    upsampling: str = upsampling()


@heatmap(
    "hires-cam",
    family="layer",
    title="HiResCAM",
    summary="The maps of a layer, each cell weighted by its own gradient, summed; no averaging.",
    formula="ReLU(Σₖ ∂y_c / ∂Aₖ ⊙ Aₖ)",
    paper="Draelos and Carin 2020, Use HiResCAM instead of Grad-CAM, arXiv:2011.08891",
    params=HiResCamParams,
    needs=needs.maps,
    uses_layer=True,
)
def hires_cam(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: HiResCamParams,
    ctx: Context,
) -> HeatmapValue:
    """Return the sum over the channels of gradient times activation, cell by cell.

    Where one linear layer follows, after a flattening or an average, the cells add up to the logit
    less the bias: the map shows what the network used, and nothing else.

    Raises
    ------
    LayerError
        The layer's output has no space.
    """
    cut = classifier.cut(image, layer, ctx)
    require_space(cut.features, layer)
    gradient = cut.gradient(objective(params.score, target), ctx)
    weighted = (gradient * cut.features).sum(1)[0]
    signed, label = params.keep_negative, classifier.facts.labels[target]
    reason = why_flat(params.score, gradient, label) or why_blank(
        weighted, cut.features, gradient, signed=signed, label=label, layer=layer
    )
    side = (image.shape[2], image.shape[3])
    return layer_map(weighted, side, layer, params.upsampling, signed=signed, reason=reason)
