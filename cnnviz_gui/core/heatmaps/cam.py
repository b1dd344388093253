"""CAM, the class activation map: the maps before the average, weighted as the classifier does."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import needs
from cnnviz_gui.core.heatmaps.layer_map import keep_negative, layer_map, why_blank
from cnnviz_gui.core.heatmaps.score import objective
from cnnviz_gui.core.heatmaps.upsample import upsampling
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import tr

_TOLERANCE = 1e-3
_PASSING = ("Dropout", "Identity")


@dataclass(frozen=True, slots=True)
class CamParams(Params):
    """Parameters of CAM, whose formula has no ReLU."""

    keep_negative: bool = keep_negative(True)
    upsampling: str = upsampling()


def needs_average(facts: ModelFacts) -> str:
    """Return why a network has no CAM; empty where one linear layer reads averages of maps."""
    if not facts.hooks:
        return needs.maps(facts)
    if averaged_layer(facts):
        return ""
    linear = [row.name for row in facts.layers if row.leaf and row.role == "linear"]
    if not linear:
        return tr(
            "CAM needs one linear layer that reads averages of maps over all cells, and {network}"
            " has no linear layer.",
            network=facts.title,
        )
    return tr(
        "CAM needs one linear layer that reads averages of maps over all cells, and what {network}"
        " gives its last one, {layer!r}, is something else.",
        network=facts.title,
        layer=linear[-1],
    )


def averaged_layer(facts: ModelFacts) -> str:
    """Return the layer whose maps are averaged for the one linear layer that ends a network.

    Empty where there is no such layer.
    """
    leaves = [row for row in facts.layers if row.leaf]
    if not leaves or leaves[-1].role != "linear":
        return ""
    head = reader = leaves[-1]
    row = _given(head, facts)
    while row is not None and (row.role == "reshape" or row.type in _PASSING):
        reader, row = row, _given(row, facts)
    if row is None:
        return ""
    if _averages(row):
        reader = row
    elif head.parameters // head.output_shape[0] - row.output_shape[0] not in (0, 1):
        return ""  # where one number a channel is read, an average may be a step without a row
    source = facts.layer(reader.inputs[0]) if len(reader.inputs) == 1 else None
    return source.name if source is not None and source.spatial else ""


def _given(row: LayerFacts, facts: ModelFacts) -> LayerFacts | None:
    """Return the leaf that made what a row reads, if that is one."""
    if len(row.inputs) != 1:
        return None
    source = facts.layer(row.inputs[0])
    if source is None or source.leaf:
        return source
    inside = facts.inside(source.name)
    last = [one for one in facts.layers if one.name in inside and one.leaf][-1]
    return last if last.output_shape == source.output_shape else None


def _averages(row: LayerFacts) -> bool:
    kind = row.type.lower()
    return row.role == "pool" and ("avg" in kind or kind == "mean") and not row.spatial


@heatmap(
    "cam",
    family="layer",
    title="CAM",
    summary=tr("The maps before the global average, weighted as the one linear layer weighs them."),
    formula="Σₖ w_ck Aₖ",
    paper="Zhou et al. 2016, Deep Features for Discriminative Localization, arXiv:1512.04150",
    guide=Guide(
        can=tr(
            "Which places of the last feature maps added to the class's score and by how"
            " much, exactly: the map's mean is the score without its bias."
        ),
        cannot=tr(
            "Nothing about how the score came about below that layer, and no detail finer"
            " than its cells (often 7 × 7). It needs a network that ends in a global"
            " average and one linear layer."
        ),
        use=tr(
            "First, where the network allows it: it is exact and costs one forward pass."
            " Elsewhere Grad-CAM is its generalisation."
        ),
    ),
    params=CamParams,
    needs=needs_average,
)
def cam(
    classifier: Network, image: Tensor, target: int, layer: str, params: CamParams, ctx: Context
) -> HeatmapValue:
    """Return the weighted sum of the maps that are averaged; there is no choice of a layer.

    The weights are found as what each cell adds to the logit, times the number of cells. So they
    are those in force where channels are edited after the layer.

    Raises
    ------
    MethodError
        What follows the layer is not an average and one linear layer after all.
    """
    layer = averaged_layer(classifier.facts)
    cut = classifier.cut(image, layer, ctx)
    features = cut.features
    gradient = cut.gradient(objective("logit", target), ctx)
    mean = gradient.mean((2, 3), keepdim=True)
    if float((gradient - mean).abs().max()) > _TOLERANCE * float(mean.abs().max()):
        raise MethodError(
            tr(
                "The logits of {network} are no weighted averages of {layer!r}.",
                network=classifier.facts.title,
                layer=layer,
            ),
            tr("Choose Grad-CAM, which is the same where they are."),
        )
    weights = mean * (features.shape[2] * features.shape[3])
    weighted = (weights * features).sum(1)[0]
    average, score = float(weighted.mean()), float(cut.logits[0, target])
    bias = round(score - average, 6)  # what is less is rounding
    signed, label = params.keep_negative, classifier.facts.labels[target]
    side = (image.shape[2], image.shape[3])
    return layer_map(
        weighted,
        side,
        layer,
        params.upsampling,
        signed=signed,
        reason=why_blank(weighted, features, gradient, signed=signed, label=label, layer=layer),
        notes=(
            tr(
                "Its cells have the mean {mean}, which with the bias {bias} is the score {score}.",
                mean=fmt.significant(average),
                bias=fmt.significant(bias),
                score=fmt.significant(score),
            ),
        ),
    )
