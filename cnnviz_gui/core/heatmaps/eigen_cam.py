"""Eigen-CAM: what most of a layer's maps have in common, of whatever class."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import needs
from cnnviz_gui.core.heatmaps.layer_map import keep_negative, layer_map, require_space
from cnnviz_gui.core.heatmaps.upsample import upsampling
from cnnviz_gui.core.params import Params, flag
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class EigenCamParams(Params):
    """Parameters of Eigen-CAM."""

    centred: bool = flag(
        False,
        label=tr("Centred"),
        help=tr("Subtract the mean of each map first: what varies most, not what is strongest."),
    )
    keep_negative: bool = keep_negative()
    upsampling: str = upsampling()


@heatmap(
    "eigen-cam",
    family="layer",
    title="Eigen-CAM",
    summary=tr("The first principal component of a layer's maps; it looks at no class."),
    formula="ReLU(A v₁),  A = U Σ Vᵀ  (cells × channels)",
    paper="Muhammad and Yeasin 2020, Eigen-CAM, arXiv:2008.00299",
    guide=Guide(
        can=tr(
            "What dominates a layer's activity in this picture, without gradients, and so"
            " also where gradients are broken."
        ),
        cannot=tr(
            "Why the network chose a class: it looks at no class and gives the same map for"
            " all of them. The sign of a principal component is arbitrary and is chosen"
            " here so that strong activations come out positive."
        ),
        use=tr(
            "To find the salient object at a layer, or as a control: a class map that"
            " equals it is not about the class."
        ),
    ),
    params=EigenCamParams,
    needs=needs.maps,
    uses_layer=True,
    class_free=True,
)
def eigen_cam(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: EigenCamParams,
    ctx: Context,
) -> HeatmapValue:
    """Return the projection of each cell's channels on the direction that holds most of them.

    A singular vector has no sign. It is chosen so that cells with strong activations come out
    positive: the map times the length of each cell's vector adds up to more than zero.

    Raises
    ------
    LayerError
        The layer's output has no space.
    """
    features = classifier.cut(image, layer, ctx).features
    require_space(features, layer)
    ctx.check()
    cells = features[0].flatten(1).T.cpu().double()
    map_, share = _first_component(cells - cells.mean(0) if params.centred else cells)
    if float(map_ @ cells.norm(dim=1)) < 0:
        map_ = -map_
    coarse = map_.reshape(features.shape[2:]).to(features)
    reason = ""
    if not bool(coarse.any()):
        reason = tr("This map is zero everywhere: all maps of {layer!r} are zero.", layer=layer)
        if bool(features.any()):
            reason = tr(
                "This map is zero everywhere: all maps of {layer!r} are the same in all cells.",
                layer=layer,
            )
    signed = params.keep_negative
    held = tr(
        "This component holds {share} of the energy in {layer!r}; its sign is chosen so that"
        " strong cells are positive.",
        share=fmt.percent(share),
        layer=layer,
    )
    if params.centred:
        held = tr(
            "This component holds {share} of what varies in {layer!r}; its sign is chosen so that"
            " strong cells are positive.",
            share=fmt.percent(share),
            layer=layer,
        )
    return layer_map(
        coarse,
        (image.shape[2], image.shape[3]),
        layer,
        params.upsampling,
        signed=signed,
        reason=reason,
        notes=(tr("It looks at no class: the map is the same for each."), held),
    )


def _first_component(cells: Tensor) -> tuple[Tensor, float]:
    """Return (n,) of float64 (n, C), and the share of the sum of squares that it holds.

    Found from the smaller of the two products of the matrix with itself: there are as many cells
    as fifty thousand, or as many channels as some thousands, never both.
    """
    count, channels = cells.shape
    total = float(cells.square().sum())
    if total == 0:
        return cells.new_zeros(count), 0.0
    if channels <= count:
        values, vectors = torch.linalg.eigh(cells.T @ cells)
        return cells @ vectors[:, -1], float(values[-1]) / total
    values, vectors = torch.linalg.eigh(cells @ cells.T)
    return vectors[:, -1] * values[-1].clamp_min(0).sqrt(), float(values[-1]) / total
