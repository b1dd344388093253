"""From the grid of a layer to the pixels of the picture."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.params import choice
from cnnviz_gui.texts import ptr, tr


def upsampling() -> Any:
    """Declare the parameter that chooses the mode."""
    return choice(
        "bilinear",
        {
            "bilinear": tr("Bilinear"),
            "bicubic": tr("Bicubic"),
            "nearest": ptr("interpolation", "Nearest"),
        },
        label=tr("Upsampling"),
        help=tr("How the cells of the layer become pixels; nearest shows the cells themselves."),
    )


def upsample(coarse: Tensor, side: tuple[int, int], mode: str) -> Tensor:
    """Return (H, W) from (h, w); cell centres are aligned, not corners.

    Bicubic may overshoot the range of the cells.
    """
    aligned = {} if mode == "nearest" else {"align_corners": False}
    return functional.interpolate(coarse[None, None], side, mode=mode, **aligned)[0, 0]
