"""Blur: the mean of a neighbourhood, in which what changes from pixel to pixel is lost."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core.heatmaps.fills import blurred
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Guide, Views, defence
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class BlurParams(Params):
    """Parameters of blur."""

    sigma: float = number(
        1.0,
        0.1,
        10.0,
        step=0.1,
        unit="px",
        label=tr("Sigma"),
        help=tr("Standard deviation of the bell, in pixels."),
    )


@defence(
    "blur",
    title=tr("Gaussian blur"),
    summary=tr("Takes the weighted mean of each pixel's neighbourhood."),
    formula="x ∗ N(0, σ²)",
    paper="Li and Li 2017, Adversarial Examples Detection in Deep Networks with Convolutional "
    "Filter Statistics, arXiv:1612.07767 (a mean filter)",
    guide=Guide(
        can=tr("Whether the perturbation lies in fine detail, which a blur removes."),
        cannot=tr(
            "Robustness: a blur is differentiable, so that an attack goes right through it."
            " It costs the clean picture its own detail."
        ),
        use=tr("To see in which frequencies an attack works."),
    ),
    params=BlurParams,
    views=Views(lambda params: 1),
)
def blur(image: Tensor, params: BlurParams, which: int) -> Tensor:
    """Return (N, 3, H, W); beyond the border the picture is mirrored."""
    return blurred(image, params.sigma).clamp(0, 1)
