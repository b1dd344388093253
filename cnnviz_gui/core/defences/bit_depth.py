"""Bit depth: fewer levels a colour, between which a small perturbation is lost."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Guide, Views, defence
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class BitDepthParams(Params):
    """Parameters of bit depth."""

    bits: int = number(
        4, 1, 8, unit=tr("bits"), label=tr("Bits"), help=tr("Of each colour; a picture file has 8.")
    )


@defence(
    "bit-depth",
    title=tr("Bit depth"),
    summary=tr("Rounds each colour to a few levels, between which small changes are lost."),
    formula="round(x · (2ᵇ − 1)) / (2ᵇ − 1)",
    paper="Xu et al. 2018, Feature Squeezing: Detecting Adversarial Examples in Deep Neural "
    "Networks, arXiv:1704.01155",
    guide=Guide(
        can=tr("Whether the perturbation is lost between coarse levels of colour."),
        cannot=tr(
            "Robustness: an attack that knows it passes gradients straight through the"
            " rounding and wins."
        ),
        use=tr(
            "As a detector: an answer that moves much between the picture and its coarse"
            " copy is suspicious."
        ),
    ),
    params=BitDepthParams,
    views=Views(lambda params: 1, straight_through=True),
)
def bit_depth(image: Tensor, params: BitDepthParams, which: int) -> Tensor:
    """Return (N, 3, H, W): each value the nearest of 2 ** bits evenly spaced ones."""
    top = 2**params.bits - 1
    rounded: Tensor = (image * top).round() / top
    return rounded
