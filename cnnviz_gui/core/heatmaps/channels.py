"""From the gradients of the three colours of a pixel to its one number."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from cnnviz_gui.core.params import choice
from cnnviz_gui.texts import tr


def sign(*, when: Any = None) -> Any:
    """Declare the parameter that chooses how."""
    return choice(
        "absolute",
        {"absolute": tr("Absolute"), "signed": tr("Signed")},
        label=tr("Sign"),
        help=tr(
            "The size, largest of the three channels; or the sum of the channels with its sign."
        ),
        when=when,
    )


def merged(gradient: Tensor, sign: str) -> Tensor:
    """Return (H, W) of (3, H, W)."""
    return gradient.sum(0) if sign == "signed" else gradient.abs().amax(0)
