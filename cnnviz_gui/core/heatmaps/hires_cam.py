"""HiResCAM: a layer's maps, each cell weighted by its own gradient."""

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
class HiResCamParams(Params):
    """Parameters of HiResCAM."""

    score: str = score()
    keep_negative: bool = keep_negative()
    upsampling: str = upsampling()


@heatmap(
    "hires-cam",
    family="layer",
    title="HiResCAM",
    summary=tr(
        "The maps of a layer, each cell weighted by its own gradient, summed; no averaging."
    ),
    formula="ReLU(Σₖ ∂y_c / ∂Aₖ ⊙ Aₖ)",
    paper="Draelos and Carin 2020, Use HiResCAM instead of Grad-CAM, arXiv:2011.08891",
    guide=Guide(
        can=tr(
            "Which cells of the layer raised the score: for a network that ends in a global"
            " average and one linear layer the map is exact: CAM, divided by the number of"
            " cells."
        ),
        cannot=tr(
            "The same guarantee at deeper stacks or earlier layers, where gradient times"
            " value is only a first-order share. It is no finer than the layer."
        ),
        use=tr(
            "Where Grad-CAM seems to light up the wrong place, since nothing is averaged"
            " over the map."
        ),
    ),
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
    return weighted_map(
        classifier,
        image,
        target,
        layer,
        params,
        ctx,
        lambda gradient, _: gradient,
        score=params.score,
    )
