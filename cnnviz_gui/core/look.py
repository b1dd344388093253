"""How a heat map is drawn: one description for the window, for figures and for files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnnviz_gui.core import render
from cnnviz_gui.core.heatmap_results import HeatmapResult

Bytes = NDArray[np.uint8]
Photograph = Literal["colour", "grey", "none"]
"""What lies under a map: the photograph, the same without its colours, nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """How heat maps are drawn, whichever they are."""

    opacity: float = 0.62
    colours: str = "inferno"
    """The colour map of those without a sign."""
    diverging: str = "vik"
    """The colour map of those with one."""
    photograph: Photograph = "colour"
    """Under a map without a sign."""
    photograph_signed: Photograph = "grey"
    """Under a map with one: two more hues among those of a photograph cannot be told apart."""
    in_colour: bool = False
    """A map that was merged of three colours is shown as these, around grey."""

    def under(self, *, signed: bool) -> Photograph:
        """Return what lies under a map."""
        return self.photograph_signed if signed else self.photograph

    def colour_map(self, result: HeatmapResult) -> str:
        """Return the colour map of a map; that of three colours is black to white."""
        if self.shows_colours(result):
            return "grey"
        return self.diverging if result.signed else self.colours

    def shows_colours(self, result: HeatmapResult) -> bool:
        """Tell whether a map is shown in the three colours that it was merged of."""
        return self.in_colour and result.colour is not None


def natural_range(result: HeatmapResult, *, in_colour: bool = False) -> tuple[float, float]:
    """Return the ends of the scale that a map has by itself: from 0, or symmetric about it."""
    if in_colour and result.colour is not None:
        return render.display_range(result.colour, signed=True, fine=True)
    return render.display_range(result.map, signed=result.signed, fine=result.coarse is None)


def painted(result: HeatmapResult, seen: Bytes, look: Look, low: float, high: float) -> Bytes:
    """Draw a heat map.

    Parameters
    ----------
    seen
        uint8 (H, W, 3), of the size of the map.
    low, high
        Ends of its scale.

    Returns
    -------
    uint8 (H, W, 3)

    Raises
    ------
    ValueError
        As of ``render.overlay``.
    """
    if look.in_colour and result.colour is not None:
        return render.around_grey(result.colour, max(abs(low), abs(high)))
    return laid(result.map, seen, look, low, high, signed=result.signed)


def laid(values: Any, seen: Bytes, look: Look, low: float, high: float, *, signed: bool) -> Bytes:
    """Draw the numbers (H, W) of a map over a photograph of that size, uint8 (H, W, 3)."""
    name = look.diverging if signed else look.colours
    under = look.under(signed=signed)
    if under == "none":
        return render.apply_colormap(values, name, low, high)
    return render.overlay(
        render.without_colours(seen) if under == "grey" else seen,
        values,
        opacity=look.opacity,
        name=name,
        low=low,
        high=high,
        signed=signed,
    )
