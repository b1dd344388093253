"""Saliency: how fast the score changes with each pixel."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.score import objective, score, why_flat
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class SaliencyParams(Params):
    """Parameters of saliency."""

    score: str = score()


@heatmap(
    "saliency",
    family="gradient",
    title=tr("Saliency"),
    summary=tr(
        "Size of the gradient of the class score at each pixel, largest of the three channels."
    ),
    formula="max over channels of |∂y_c / ∂x|",
    paper="Simonyan et al. 2014, Deep Inside Convolutional Networks, arXiv:1312.6034",
    guide=Guide(
        can=tr(
            "To which pixels the score is most sensitive: where a tiny change would move it most."
        ),
        cannot=tr(
            "Whether a pixel was for or against the class, or how much it contributed."
            " Where the score is saturated the gradient is nearly zero though the pixel"
            " matters, and for ReLU networks the map is noisy."
        ),
        use=tr(
            "As a cheap first look at single pixels, and because attacks follow this very"
            " gradient. Smooth it with SmoothGrad."
        ),
    ),
    params=SaliencyParams,
)
def saliency(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: SaliencyParams,
    ctx: Context,
) -> HeatmapValue:
    """Return max over channels of the absolute gradient of the score.

    Parameters
    ----------
    image
        float32 (1, 3, H, W) in [0, 1]; the gradient is taken to these values, not to normalised
        ones, which would differ by a factor per channel.

    Returns
    -------
    A map (H, W) >= 0, in score per unit of [0, 1].
    """
    gradient, _ = classifier.gradient(image, objective(params.score, target), ctx)
    reason = why_flat(params.score, gradient, classifier.facts.labels[target])
    return HeatmapValue(map=gradient[0].abs().amax(0), reason=reason)
