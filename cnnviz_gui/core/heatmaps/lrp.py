"""Layer-wise relevance propagation: the score, handed back layer by layer to the pixels."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.relevance import FirstInput, Propagation, Shares
from cnnviz_gui.core.heatmaps.score import objective
from cnnviz_gui.core.models.hooks import Enough
from cnnviz_gui.core.models.rectifiers import RECTIFIERS
from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import tr

_WEIGHING = ("conv", "depthwise", "linear")
_ANY = (*_WEIGHING, "reshape", "add", "cat")
_NORMS = ("BatchNorm2d", "batch_norm")
_ACTIVATIONS = ("ReLU", "ReLU6", "LeakyReLU", "PReLU", "relu", "relu6", "leaky_relu", "prelu")
_RECTIFYING = (*RECTIFIERS, "leaky ReLU", "PReLU")
_POOLS = ("AvgPool2d", "MaxPool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "mean")
_FUNCTIONAL = ("avg_pool2d", "max_pool2d", "adaptive_avg_pool2d", "adaptive_max_pool2d", "pad")
_SILENT = ("Dropout", "Dropout2d", "Identity", "StochasticDepth", "ZeroPad2d")
_KINDS = frozenset((*_NORMS, *_ACTIVATIONS, *_POOLS, *_FUNCTIONAL, *_SILENT))


@dataclass(frozen=True, slots=True)
class LrpParams(Params):
    """Parameters of layer-wise relevance propagation."""

    rule: str = choice(
        "z-plus",
        {"z-plus": "z⁺", "alpha-beta": "α₂ β₁", "gamma": "γ", "epsilon": "ε"},
        label=tr("Rule"),
        help=tr(
            "How convolutions share out relevance: to what raised an output (z⁺), that less"
            " what lowered it (α β), more to what raised it (γ), or to all alike (ε)."
            " Linear layers: ε."
        ),
    )
    gamma: float = number(
        0.25,
        0.01,
        10.0,
        step=0.05,
        label=tr("Gamma"),
        help=tr("How much more what raised an output counts; at 0 the rule is ε."),
        when=("rule", ("gamma",)),
    )
    pixels: str = choice(
        "box",
        {"box": "zᴮ", "same": tr("As elsewhere")},
        label=tr("Pixels"),
        help=tr(
            "How the first layer shares it out: by how far each pixel is from black and"
            " white (zᴮ), or as the other layers do."
        ),
    )
    stabiliser: float = number(
        0.0,
        0.0,
        1.0,
        step=0.01,
        unit="× RMS",
        label=tr("Stabiliser"),
        help=tr(
            "Takes relevance away where the ε rule divides by little: less noise, a smaller sum."
        ),
    )


def needs_rules(facts: ModelFacts) -> str:
    """Return why relevance cannot be handed back; empty where there is a rule for every layer."""
    if not facts.hooks:
        return tr(
            "{network} runs as one piece: none of its layers can be followed.", network=facts.title
        )
    leaves = [row for row in facts.layers if row.leaf]
    odd = [
        tr("{layer!r}, of type {type}", layer=row.name, type=row.type)
        for row in leaves
        if not _has_rule(row)
    ]
    odd += [kind for kind in facts.activations if kind not in _RECTIFYING]  # without a row
    if odd:
        return tr(
            "Relevance is handed back through convolutions, linear layers, ReLUs, pools, sums and"
            " joins only, and {network} computes {operation}.",
            network=facts.title,
            operation=odd[0],
        )
    readers = [row.name for row in leaves if not row.inputs]
    if len(readers) != 1 or leaves[0].role not in _WEIGHING:
        names = repr(readers[0]) if readers else ""
        if len(readers) > 1:
            names = tr("{one} and {other}", one=names, other=repr(readers[1]))
        return tr(
            "The rule for pixels is one for a convolution that alone reads the picture, and"
            " {network} gives it to {layers}.",
            network=facts.title,
            layers=names,
        )
    return ""


def _has_rule(row: LayerFacts) -> bool:
    return row.role in _ANY or row.type in _KINDS


@heatmap(
    "lrp",
    family="relevance",
    title=tr("Relevance (LRP)"),
    summary=tr(
        "Layer-wise relevance propagation: the score, handed back layer by layer to pixels."
    ),
    formula="Rⱼ = Σₖ aⱼ wⱼₖ⁺ / Σᵢ aᵢ wᵢₖ⁺ · Rₖ  (z⁺)",
    paper="Bach et al. 2015, PLoS ONE 10:e0130140; the composite: Kohlbrenner et al. 2020, "
    "arXiv:1910.09840",
    guide=Guide(
        can=tr(
            "A signed account of the score, handed down layer by layer so that hardly"
            " anything is lost, at the pixels."
        ),
        cannot=tr(
            "A unique answer: each rule gives another map, and none is derived from the"
            " function alone. With z⁺ negative evidence disappears and the map hardly"
            " depends on the class."
        ),
        use=tr("For sharp signed maps of plain convolutional networks; compare its rules."),
    ),
    params=LrpParams,
    needs=needs_rules,
)
def lrp(
    classifier: Network, image: Tensor, target: int, layer: str, params: LrpParams, ctx: Context
) -> HeatmapValue:
    """Return the relevance of each pixel, its three channels summed.

    All of it adds up to the logit, but for what biases and the stabiliser keep.

    Parameters
    ----------
    image
        float32 (1, 3, H, W) in [0, 1].

    Returns
    -------
    A map (H, W), in units of the logit.
    """
    convolutions = {
        "z-plus": Shares(own=1),
        "alpha-beta": Shares(own=2, opposing=1),
        "gamma": Shares(favoured=params.gamma),
        "epsilon": Shares(stabiliser=params.stabiliser),
    }[params.rule]
    bounds = _bounds(classifier, image, ctx) if params.pixels == "box" else None
    linear = Shares(stabiliser=params.stabiliser)
    with Propagation(convolutions, linear, bounds, ctx):
        relevance, logits = classifier.gradient(image, objective("logit", target), ctx)
    # a network that reads grey was given one number for the three
    grey = classifier.facts.channels == 1
    full = relevance[0].mean(0) if grey else relevance[0].sum(0)
    return HeatmapValue(
        map=full,
        signed=True,
        notes=(_balance(float(full.sum()), float(logits[0, target]), params),),
    )


def _balance(total: float, score: float, params: LrpParams) -> str:
    if abs(score - total) <= 0.005 * abs(score):
        return tr("It adds up to {total}, the score.", total=fmt.significant(total))
    found = {
        "total": fmt.significant(total),
        "score": fmt.significant(score),
        "rest": fmt.significant(score - total),
    }
    if params.stabiliser == 0:
        return tr("It adds up to {total} of the score {score}: {rest} was kept by biases.", **found)
    return tr(
        "It adds up to {total} of the score {score}: {rest} was kept by biases and the stabiliser.",
        **found,
    )


def _bounds(classifier: Network, image: Tensor, ctx: Context) -> tuple[Tensor, Tensor]:
    """Return what the first layer is given for black and for white, each (1, C, h, w)."""
    ends = torch.cat((torch.zeros_like(image), torch.ones_like(image)))
    first = FirstInput(ends)
    with suppress(Enough), first:
        classifier.logits(ends, ctx)
    assert first.found is not None
    return first.found[:1], first.found[1:]
