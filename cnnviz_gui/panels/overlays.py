"""How a heat map is laid over its picture in the window."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cnnviz_gui.core import look as looks
from cnnviz_gui.panels import theme
from cnnviz_gui.state.app_state import AppState

if TYPE_CHECKING:
    from cnnviz_gui.core.heatmap_results import HeatmapResult
    from cnnviz_gui.core.result import ByteArray
    from cnnviz_gui.state.selection import Photograph


def look(state: AppState) -> looks.Look:
    """Return how heat maps are drawn now; the same object as long as that stays."""
    display = state.display
    return _look(
        display.opacity,
        display.heatmap_colours,
        diverging(),
        display.photograph,
        display.photograph_signed,
        display.heatmap_in_colour,
    )


@lru_cache(maxsize=4)
def _look(
    opacity: float,
    colours: str,
    diverging: str,
    photograph: Photograph,
    photograph_signed: Photograph,
    in_colour: bool,
) -> looks.Look:
    return looks.Look(
        opacity=opacity,
        colours=colours,
        diverging=diverging,
        photograph=photograph,
        photograph_signed=photograph_signed,
        in_colour=in_colour,
    )


def diverging() -> str:
    """Return the diverging colour map whose middle is the theme's ground."""
    return "berlin" if theme.current().dark else "vik"


def laid_over(
    result: HeatmapResult, picture: ByteArray, drawn: looks.Look, low: float, high: float
) -> ByteArray:
    """Return the picture with its map, uint8 (H, W, 3)."""
    return looks.painted(result, picture, drawn, low, high)
