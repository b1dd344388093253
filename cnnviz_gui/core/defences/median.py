"""Median: the middle value of a neighbourhood; edges stay, single pixels go."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Guide, Views, defence
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class MedianParams(Params):
    """Parameters of the median."""

    window: int = number(
        3, 2, 9, unit="px", label=tr("Window"), help=tr("Side of the neighbourhood, in pixels.")
    )


@defence(
    "median",
    title=tr("Median"),
    summary=tr("Takes the middle value of each pixel's neighbourhood, colour by colour."),
    formula="median of x over a window of w × w",
    paper="Xu et al. 2018, Feature Squeezing: Detecting Adversarial Examples in Deep Neural "
    "Networks, arXiv:1704.01155",
    guide=Guide(
        can=tr("Whether single outlying pixels carry the attack, since a median drops them."),
        cannot=tr(
            "Robustness against smooth or large perturbations, or against an attack that knows it."
        ),
        use=tr("Against sparse changes (L1), and as a detector beside bit depth."),
    ),
    params=MedianParams,
    views=Views(lambda params: 1, straight_through=True),
)
def median(image: Tensor, params: MedianParams, which: int) -> Tensor:
    """Return (N, 3, H, W): of an even number of values the lower of the middle two.

    Beyond the border the picture is mirrored; an even window reaches farther down and right.
    """
    before, after = (params.window - 1) // 2, params.window // 2
    padded = functional.pad(image, (before, after, before, after), mode="reflect")
    windows = padded.unfold(2, params.window, 1).unfold(3, params.window, 1)
    found: Tensor = windows.flatten(-2).median(-1).values
    return found
