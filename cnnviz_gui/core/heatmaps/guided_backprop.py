"""Guided backpropagation: the gradient, of which a ReLU passes only what is positive."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import guided, needs
from cnnviz_gui.core.heatmaps.channels import merged, sign
from cnnviz_gui.core.heatmaps.score import score
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class GuidedBackpropParams(Params):
    """Parameters of guided backpropagation."""

    sign: str = sign()
    score: str = score()


@heatmap(
    "guided-backprop",
    family="gradient",
    title=tr("Guided backpropagation"),
    summary=tr(
        "The gradient at each pixel, of which every ReLU passes back only what is positive."
    ),
    formula="R = [A > 0] · [G > 0] · G  at each ReLU,  G what comes back to it, A what it reads",
    paper="Springenberg et al. 2015, Striving for Simplicity, arXiv:1412.6806",
    guide=Guide(
        can=tr("Which fine structures drive the network's positive paths: sharp, and beautiful."),
        cannot=tr(
            "Why this class: the map hardly changes with the class, nor when the upper"
            " layers are made random. It works largely as an edge detector. Networks"
            " without ReLU cannot be looked at in this way."
        ),
        use=tr(
            "To see textures and outlines that a layer reads. For a class, use guided"
            " Grad-CAM, and try the check with random weights in Trust."
        ),
    ),
    params=GuidedBackpropParams,
    needs=needs.rectifiers,
)
def guided_backprop(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: GuidedBackpropParams,
    ctx: Context,
) -> HeatmapValue:
    """Return what comes back of the score to the pixels.

    Parameters
    ----------
    image
        float32 (1, 3, H, W) in [0, 1].

    Returns
    -------
    A map (H, W), in score per unit of [0, 1] where it were a gradient.
    """
    found = guided.signal(classifier, image, params.score, target, "guided", ctx)
    return HeatmapValue(
        map=merged(found, params.sign),
        signed=params.sign == "signed",
        reason=guided.why_flat(params.score, found, classifier.facts.labels[target]),
        notes=(guided.DOUBT,),
        colour=found,
    )
