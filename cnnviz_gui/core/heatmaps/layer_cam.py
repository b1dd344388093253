"""LayerCAM: each cell of a layer weighted by its own gradient where that is positive."""

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
class LayerCamParams(Params):
    """Parameters of LayerCAM."""

    score: str = score()
    keep_negative: bool = keep_negative()
    upsampling: str = upsampling()


@heatmap(
    "layer-cam",
    family="layer",
    title="LayerCAM",
    summary=tr("The maps of a layer, each cell weighted by its gradient if positive; early too."),
    formula="ReLU(Σₖ ReLU(∂y_c / ∂Aₖ) ⊙ Aₖ)",
    paper="Jiang et al. 2021, LayerCAM, IEEE TIP 30:5875, equations 8 and 9",
    guide=Guide(
        can=tr(
            "Finer structure than Grad-CAM: it weights each cell by its own gradient, so"
            " that early layers give usable maps."
        ),
        cannot=tr(
            "What speaks against the class: negative gradients are left out before the"
            " product. In early layers it follows edges whether or not they are decisive."
        ),
        use=tr(
            "To trace an object's outline at an early or middle layer, and to go through"
            " the layers with the strip."
        ),
    ),
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
    return weighted_map(
        classifier,
        image,
        target,
        layer,
        params,
        ctx,
        lambda gradient, _: gradient.relu(),
        score=params.score,
        rising=True,
    )
