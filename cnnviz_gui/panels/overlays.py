"""How a heat map is laid over its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz_gui.core import render
from cnnviz_gui.panels import theme
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.heatmap_view import ShownMap

if TYPE_CHECKING:
    from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.result import ByteArray


def colours(shown: ShownMap, state: AppState) -> str:
    """Return the colour map: the chosen one, for a signed map the theme's diverging one."""
    return diverging() if shown.result.signed else state.display.heatmap_colours


def diverging() -> str:
    """Return the diverging colour map whose middle is the theme's ground."""
    return "berlin" if theme.current().name == "dark" else "vik"


def laid_over(
    result: HeatmapResult, picture: ByteArray, opacity: float, name: str, low: float, high: float
) -> ByteArray:
    """Return the picture with its map, uint8 (H, W, 3)."""
    return render.overlay(
        picture,
        result.map,
        opacity=opacity,
        name=name,
        low=low,
        high=high,
        signed=result.signed,
    )
