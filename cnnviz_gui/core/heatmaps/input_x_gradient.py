"""Input times gradient: what each pixel adds to the score, were the network linear."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import baselines
from cnnviz_gui.core.heatmaps.score import objective, score, why_flat
from cnnviz_gui.core.params import Params, choice
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class InputXGradientParams(Params):
    """Parameters of input times gradient."""

    score: str = score()
    baseline: str = choice(
        "black",
        baselines.COLOURS,
        label=tr("Baseline"),
        help=tr("The colour that counts as no input; mean grey is what the network reads as 0."),
    )


@heatmap(
    "input-x-gradient",
    family="gradient",
    title=tr("Input × gradient"),
    summary=tr(
        "Each pixel's gradient times its distance from the baseline: its share of the score."
    ),
    formula="Σ over channels of (x − x₀) · ∂y_c / ∂x",
    paper="Shrikumar et al. 2016, Not Just a Black Box, arXiv:1605.01713",
    guide=Guide(
        can=tr(
            "A first-order share of each pixel in the score, with its sign; exact for a"
            " network without curvature and bias."
        ),
        cannot=tr(
            "The contribution of what equals the baseline: black pixels get nothing in a"
            " black baseline. Saturated scores give small shares."
        ),
        use=tr("As the cheapest signed map, and to see what integrated gradients add to it."),
    ),
    params=InputXGradientParams,
)
def input_x_gradient(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: InputXGradientParams,
    ctx: Context,
) -> HeatmapValue:
    """Return the gradient times the input, summed over the channels.

    Parameters
    ----------
    image
        float32 (1, 3, H, W) in [0, 1].

    Returns
    -------
    A map (H, W) with sign, in units of the score; of a linear network it adds up to the rise of
    the score from the baseline to the picture.
    """
    gradient, _ = classifier.gradient(image, objective(params.score, target), ctx)
    baseline = baselines.colour(classifier, image, params.baseline)
    why = why_flat(params.score, gradient, classifier.facts.labels[target])
    return HeatmapValue(
        map=((image - baseline) * gradient)[0].sum(0),
        signed=True,
        reason=why or baselines.why_empty(image, [baseline]),
    )
