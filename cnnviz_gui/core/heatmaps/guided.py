"""What goes back to the pixels when only positive signals pass a ReLU."""

from __future__ import annotations

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmaps.score import objective
from cnnviz_gui.core.models.rectifiers import Rule
from cnnviz_gui.texts import tr

DOUBT = tr(
    "Such a map redraws edges of the picture more than it tells reasons: random weights give much "
    "of it too (Nie et al. 2018, arXiv:1805.07039; Adebayo et al. 2018, arXiv:1810.03292)."
)
"""To be told with each of these maps."""


def signal(
    classifier: Network, image: Tensor, kind: str, target: int, rule: Rule, ctx: Context
) -> Tensor:
    """Return what reaches the pixels, (3, H, W), of the score of a class."""
    found, _ = classifier.gradient(image, objective(kind, target), ctx, rule)
    return found[0]


def why_flat(kind: str, found: Tensor, label: str) -> str:
    """Return the reason for a signal that is zero everywhere, empty where it is not."""
    if bool(found.any()):
        return ""
    if kind == "probability":
        return tr(
            "This map is zero everywhere: the probability of {label} is saturated, or nothing"
            " positive comes back from it. Take the logit as the score.",
            label=label,
        )
    return tr(
        "This map is zero everywhere: nothing positive comes back from {label} through the ReLUs."
        " Try another class, or saliency.",
        label=label,
    )
