"""The colour scales of heat maps side by side."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Literal

from cnnviz_gui.core import look
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.texts import tr

Scale = Literal["own", "row"]
SCALES: dict[Scale, str] = {
    "own": tr("each map on a scale of its own"),
    "row": tr("one scale for each row"),
}
_NATURAL: weakref.WeakKeyDictionary[HeatmapResult, tuple[float, float]] = (
    weakref.WeakKeyDictionary()
)


def natural(result: HeatmapResult) -> tuple[float, float]:
    """Return the scale that a map has by itself; found once."""
    kept = _NATURAL.get(result)
    if kept is None:
        kept = look.natural_range(result)
        _NATURAL[result] = kept
    return kept


def scales(row: Sequence[HeatmapResult | None], scale: Scale) -> list[tuple[float, float]]:
    """Return the ends of the colour scale of each map of a row; those of no map mean nothing."""
    own = [(0.0, 1.0) if result is None else natural(result) for result in row]
    if scale == "own":
        return own
    there = [ends for ends, result in zip(own, row, strict=True) if result is not None]
    common = (min((low for low, _ in there), default=0.0), max((h for _, h in there), default=1.0))
    return [common] * len(row)
