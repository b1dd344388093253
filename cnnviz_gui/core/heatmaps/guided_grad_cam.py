"""Guided Grad-CAM: the fine lines of guided backpropagation where Grad-CAM says the class is."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import guided, needs
from cnnviz_gui.core.heatmaps.channels import merged, sign
from cnnviz_gui.core.heatmaps.grad_cam import GradCamParams, grad_cam
from cnnviz_gui.core.heatmaps.score import score
from cnnviz_gui.core.heatmaps.upsample import upsampling
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class GuidedGradCamParams(Params):
    """Parameters of guided Grad-CAM."""

    sign: str = sign()
    score: str = score()
    upsampling: str = upsampling()


@heatmap(
    "guided-grad-cam",
    family="gradient",
    title="Guided Grad-CAM",
    summary=tr("Guided backpropagation, times the Grad-CAM of a layer enlarged to the picture."),
    formula="guided backpropagation ⊙ Grad-CAM↑",
    paper="Selvaraju et al. 2017, Grad-CAM, arXiv:1610.02391, section 3.2",
    guide=Guide(
        can=tr(
            "Fine structure inside the region that Grad-CAM marks, so that it depends on the class."
        ),
        cannot=tr(
            "More truth than its parts: the region is Grad-CAM's, with its resolution, and"
            " the detail is guided backpropagation's, which is hardly about the class."
        ),
        use=tr("For a figure that shows which texture within the object; never alone as evidence."),
    ),
    params=GuidedGradCamParams,
    needs=needs.maps_and_rectifiers,
    uses_layer=True,
)
def guided_grad_cam(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: GuidedGradCamParams,
    ctx: Context,
) -> HeatmapValue:
    """Return guided backpropagation, weighed by Grad-CAM.

    Parameters
    ----------
    image
        float32 (1, 3, H, W) in [0, 1].
    layer
        Any layer whose output is a stack of maps.

    Returns
    -------
    A map (H, W), made pixel by pixel: no coarse one lies behind it.

    Raises
    ------
    LayerError
        The layer's output has no space.
    """
    given = GradCamParams(score=params.score, upsampling=params.upsampling)
    where = grad_cam(classifier, image, target, layer, given, ctx)
    ctx.step(1, 2)
    fine = guided.signal(classifier, image, params.score, target, "guided", ctx)
    reason = guided.why_flat(params.score, fine, classifier.facts.labels[target])
    if where.reason and not reason:
        reason = tr(
            "This map is zero everywhere, as Grad-CAM at {layer!r} is, which tells why.",
            layer=layer,
        )
    return HeatmapValue(
        map=merged(fine, params.sign) * where.map,
        signed=params.sign == "signed",
        layer=layer,
        reason=reason,
        notes=(guided.DOUBT,),
        colour=fine * where.map,
    )
