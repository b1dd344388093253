"""What can be asked of the way to a heat map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnviz_gui.core.request import Heatmap, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class GradCamSteps(Request):
    """Grad-CAM, step by step: maps, gradients, weights, sum, positive part, picture."""

    task: ClassVar[str] = "grad-cam-steps"
    heatmap: Heatmap
    """Of the method ``grad-cam``."""
    channels: int = 12
    """Of so many are maps and gradients told: those that weigh most in the sum."""
