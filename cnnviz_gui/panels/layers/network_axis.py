"""The axes of the plots across a network: where numbers lie, which are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from cnnviz_gui.core.layer_results import LayerActivity
from cnnviz_gui.core.ticks import round_steps


@dataclass(frozen=True, slots=True)
class Axis:
    """One plot: its place and the numbers at its ends."""

    area: QRectF
    low: float
    high: float

    def y(self, value: float) -> float:
        """Return where a number lies, at an end for one beyond it."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.area.bottom() - min(max(share, 0.0), 1.0) * self.area.height()


def ends(layers: Sequence[LayerActivity]) -> tuple[float, float, float]:
    """Return the ends of mean and deviation, with 0 between them, and a round share of the dead."""
    low = min((layer.mean - layer.std for layer in layers), default=0.0)
    high = max((layer.mean + layer.std for layer in layers), default=0.0)
    most = max(map(dead_share, layers), default=0.0)
    return min(low, 0.0), max(high, 1e-9), _round_share(most)


def zero_share(layer: LayerActivity) -> float:
    """Return the share of the activations that are exactly 0."""
    return layer.zeros


def dead_share(layer: LayerActivity) -> float:
    """Return the share of the channels that never answer."""
    return len(layer.dead) / layer.channels


def outermost(name: str) -> str:
    """Return the part of a name that tells the outermost blocks apart: ``blocks.3``."""
    first, _, rest = name.partition(".")
    second = rest.partition(".")[0].partition("#")[0]
    return f"{first}.{second}" if second.isdigit() else first


def round_marks(low: float, high: float) -> list[float]:
    """Return at most five round numbers from low to high, 0 among them where it lies between."""
    step = next(step for step in round_steps(high - low) if (high - low) / step <= 4)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [float(f"{place * step:.6g}") for place in range(first, last + 1)]


def _round_share(most: float) -> float:
    """Return a round share, at least 5 %, that holds all."""
    return next(share for share in (0.05, 0.1, 0.2, 0.5, 1.0) if share >= most)
