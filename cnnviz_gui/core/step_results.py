"""What comes back of the way to a heat map: read-only numpy arrays and plain values. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.result import FloatArray, Result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GradCamStepsResult(Result):
    """The five steps of Grad-CAM at one layer, for one class."""

    channels: tuple[int, ...]
    """K channels, those that weigh most in the sum first."""
    maps: FloatArray
    """(K, h, w): step 1, the feature maps."""
    gradients: FloatArray
    """(K, h, w): step 2, how the score changes with each of their cells."""
    weights: FloatArray
    """(C,): step 3, of every channel the mean of its gradient."""
    shares: FloatArray
    """(K,): what each of the K channels adds to the sum, its mean over the cells."""
    weighted: FloatArray
    """(h, w): step 4, the weighted sum of all C maps before its positive part is taken."""
    heatmap: HeatmapResult
    """Step 4 after the positive part is taken, ``coarse``, and step 5, ``map``."""
