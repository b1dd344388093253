"""Pictures without what is to be explained: where the path to a photograph begins."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.heatmaps.fills import mean_colour
from cnnviz_gui.texts import tr

COLOURS = {"black": tr("Black"), "white": tr("White"), "grey": tr("Mean grey")}
"""With their labels; mean grey is the colour that the network reads as 0."""


def colour(network: Network, image: Tensor, kind: str) -> Tensor:
    """Return a picture of one of ``COLOURS``, like ``image`` (1, 3, H, W)."""
    if kind == "grey":
        return mean_colour(network, image).expand_as(image)
    return torch.full_like(image, 1.0 if kind == "white" else 0.0)


def noise(image: Tensor, count: int, seed: int) -> list[Tensor]:
    """Return pictures of even noise in [0, 1]; the first of many are those of few."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(image.shape, generator=generator).to(image) for _ in range(count)]


def why_empty(image: Tensor, baselines: Sequence[Tensor]) -> str:
    """Return the reason for a map that is zero since the picture is its baseline, or nothing."""
    if any(not torch.equal(image, baseline) for baseline in baselines):
        return ""
    return tr(
        "This map is zero everywhere: the picture is its own baseline. Choose another baseline."
    )
