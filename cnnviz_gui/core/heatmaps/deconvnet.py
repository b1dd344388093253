"""Deconvnet: the way back through a network where a ReLU looks at the signal alone."""

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

_BLIND = tr(
    "This network has no max pooling: only its choices tell a deconvnet of the picture, and the "
    "map shows the network's strides instead (Springenberg et al. 2015)."
)


@dataclass(frozen=True, slots=True)
class DeconvnetParams(Params):
    """Parameters of the deconvnet."""

    sign: str = sign()
    score: str = score()


@heatmap(
    "deconvnet",
    family="gradient",
    title="Deconvnet",
    summary=tr(
        "What reaches a pixel when every ReLU passes back all that is positive, shut or not."
    ),
    formula="R = [G > 0] · G  at each ReLU,  G what comes back to it",
    paper="Zeiler and Fergus 2014, Visualizing and Understanding, arXiv:1311.2901",
    guide=Guide(
        can=tr("Which patterns of pixels would excite the positive paths back from the class."),
        cannot=tr(
            "What this picture has: it does not look at which units were active, only at"
            " what comes back positive. It is hardly about the class."
        ),
        use=tr("For comparison with guided backpropagation and the early literature."),
    ),
    params=DeconvnetParams,
    needs=needs.rectifiers,
)
def deconvnet(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: DeconvnetParams,
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
    notes = (guided.DOUBT,) if _pools(classifier) else (_BLIND, guided.DOUBT)
    found = guided.signal(classifier, image, params.score, target, "deconvnet", ctx)
    return HeatmapValue(
        map=merged(found, params.sign),
        signed=params.sign == "signed",
        reason=guided.why_flat(params.score, found, classifier.facts.labels[target]),
        notes=notes,
        colour=found,
    )


def _pools(classifier: Network) -> bool:
    kinds = {row.type for row in classifier.facts.layers}
    return bool(kinds & {"MaxPool2d", "max_pool2d"})
