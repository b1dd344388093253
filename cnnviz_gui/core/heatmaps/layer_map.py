"""What all heat maps at a layer share: which layers serve, and how the grid becomes a map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.score import objective, why_flat
from cnnviz_gui.core.heatmaps.upsample import upsample
from cnnviz_gui.core.params import flag
from cnnviz_gui.texts import tr


def keep_negative(default: bool = False, more: str = "") -> Any:
    """Declare the parameter that leaves out the last ReLU; its help ends with ``more``."""
    leave = tr("Leave out the ReLU: what speaks against the class is shown too.")
    return flag(default, label=tr("Keep negative"), help=f"{leave} {more}".strip())


def require_space(features: Tensor, layer: str) -> None:
    """Refuse a layer whose output (N, C, h, w) or (N, C) cannot say where.

    Raises
    ------
    LayerError
        It has one cell, or none.
    """
    if features.dim() == 4 and features.shape[2] * features.shape[3] > 1:
        return
    raise LayerError(
        tr("{layer!r} gives one number per channel, so it cannot say where.", layer=layer),
        tr("Choose a layer further up, whose output is a stack of maps."),
    )


class LayerParams(Protocol):
    """What the parameters of a method at a layer say of its map."""

    @property
    def keep_negative(self) -> bool:
        """Whether what speaks against the class stays."""

    @property
    def upsampling(self) -> str:
        """How the cells become pixels."""


def weighted_map(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: LayerParams,
    ctx: Context,
    weigh: Callable[[Tensor, Tensor], Tensor],
    *,
    score: str,
    rising: bool = False,
    made_for_relu: str = "",
) -> HeatmapValue:
    """Return the sum of a layer's maps (1, C, h, w), each cell times its weight, as a heat map.

    Parameters
    ----------
    weigh
        From the gradient of the score to the maps, and the maps, to the weights: (1, C, h, w), or
        (1, C, 1, 1) where all cells of a channel count alike.
    rising
        Only where the gradient is positive it counts.
    made_for_relu
        Title of a method that divides by sums of maps.

    Raises
    ------
    LayerError
        The layer's output has no space.
    """
    cut = classifier.cut(image, layer, ctx)
    features = cut.features
    require_space(features, layer)
    gradient = cut.gradient(objective(score, target), ctx)
    weighted = (weigh(gradient, features) * features).sum(1)[0]
    signed, label = params.keep_negative, classifier.facts.labels[target]
    reason = why_flat(score, gradient, label) or why_blank(
        weighted, features, gradient, signed=signed, label=label, layer=layer, rising=rising
    )
    notes = without_relu(features, layer, made_for_relu) if made_for_relu else ()
    side = (image.shape[2], image.shape[3])
    mode = params.upsampling
    return layer_map(weighted, side, layer, mode, signed=signed, reason=reason, notes=notes)


def layer_map(
    coarse: Tensor, side: tuple[int, int], layer: str, mode: str, *, signed: bool, **more: Any
) -> HeatmapValue:
    """Return the heat map (H, W) of a grid (h, w); of its positive part unless it is ``signed``."""
    if not signed:
        coarse = coarse.relu()
    full = upsample(coarse, side, mode)
    if not signed:
        full = full.relu()  # bicubic overshoots
    return HeatmapValue(map=full, coarse=coarse, signed=signed, layer=layer, **more)


def why_blank(
    weighted: Tensor,
    features: Tensor,
    gradient: Tensor,
    *,
    signed: bool,
    label: str,
    layer: str,
    rising: bool = False,
) -> str:
    """Return why a map shows nothing, empty where it shows something.

    Parameters
    ----------
    weighted
        (h, w), before its ReLU.
    features, gradient
        (1, C, h, w): the maps of the layer, and the gradient of the score to them.
    rising
        Only where the gradient is positive it counts.
    """
    if bool((weighted if signed else weighted.relu()).any()):
        return ""
    if not bool(features.any()):
        return all_zero(layer)
    if not bool(gradient.any()):
        return tr(
            "This map is zero everywhere: the score of {label} does not change with {layer!r} at"
            " this picture.",
            label=label,
            layer=layer,
        )
    if rising and not bool(gradient.relu().any()):
        return tr(
            "This map is zero everywhere: the score of {label} rises with nothing in {layer!r}.",
            label=label,
            layer=layer,
        )
    if bool((weighted < 0).any()):
        return tr(
            "This map is zero everywhere: all that {layer!r} holds speaks against {label}. Keep"
            " negative values.",
            label=label,
            layer=layer,
        )
    return tr(
        "This map is zero everywhere: what {layer!r} holds adds up to nothing for {label}.",
        label=label,
        layer=layer,
    )


def all_zero(layer: str) -> str:
    """Return what is said of a layer all of whose maps are zero."""
    return tr(
        "This map is zero everywhere: all maps of {layer!r} are zero for this picture.",
        layer=layer,
    )


def without_relu(features: Tensor, layer: str, title: str) -> tuple[str, ...]:
    """Return the note on a layer with negative values, for a method that divides by sums of maps.

    Such a sum may be close to zero, and its map then outweighs all others.
    """
    if not bool((features < 0).any()):
        return ()
    return (
        tr(
            "{layer!r} has negative values, and {method} is made for maps that have none, as they"
            " come out of a ReLU.",
            layer=layer,
            method=title,
        ),
    )
