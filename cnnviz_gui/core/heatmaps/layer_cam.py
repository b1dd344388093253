"""LayerCAM: each cell of a layer weighted by its own gradient where that is positive."""

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
class LayerCamParams(Params):
    """Parameters of LayerCAM."""

    score: str = score()
    keep_negative: bool = keep_negative()
    upsampling: str = upsampling()


@heatmap(
    "layer-cam",
    family="layer",
    title="LayerCAM",
    summary="The maps of a layer, each cell weighted by its gradient if positive; early too.",
    formula="ReLU(Σₖ ReLU(∂y_c / ∂Aₖ) ⊙ Aₖ)",
    paper="Jiang et al. 2021, LayerCAM, IEEE TIP 30:5875, equations 8 and 9",
    params=LayerCamParams,
    needs=needs.maps,
    uses_layer=True,
)
def layer_cam(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: LayerCamParams,
    ctx: Context,
) -> HeatmapValue:
    """Return the sum over the channels of activation times positive gradient, cell by cell.

    Raises
    ------
    LayerError
        The layer's output has no space.
    """
    cut = classifier.cut(image, layer, ctx)
    require_space(cut.features, layer)
    gradient = cut.gradient(objective(params.score, target), ctx)
    weighted = (gradient.relu() * cut.features).sum(1)[0]
    signed, label = params.keep_negative, classifier.facts.labels[target]
    reason = why_flat(params.score, gradient, label) or why_blank(
        weighted, cut.features, gradient, signed=signed, label=label, layer=layer, rising=True
    )
    side = (image.shape[2], image.shape[3])
    return layer_map(weighted, side, layer, params.upsampling, signed=signed, reason=reason)
