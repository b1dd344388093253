"""The filters of a layer as one picture, for a file."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnviz_gui.core import render
from cnnviz_gui.core.layer_results import LayerFilters

Order = npt.NDArray[np.integer[Any]]


def in_colour(result: LayerFilters) -> bool:
    """Tell whether the kernels are pictures of three colours."""
    return result.form == "colour" and result.view == "whole"


def ranges(result: LayerFilters, *, common: bool) -> npt.NDArray[np.float64]:
    """Return the ends of each kernel's scale, float (N, 2), symmetric about 0, not empty."""
    assert result.kernels is not None
    size = np.abs(np.nan_to_num(result.kernels, posinf=0.0, neginf=0.0))
    bounds = size.reshape(len(size), -1).max(axis=1).astype(np.float64)
    if common:
        bounds = np.full(len(size), bounds.max(initial=0.0))
    # A dead kernel is painted as pale as it is: on a scale of its own it would look alive.
    most = bounds.max(initial=0.0)
    bounds[bounds <= render.DEAD * most] = most or 1.0
    return np.stack((-bounds, bounds), axis=1)


def sheet(
    result: LayerFilters, name: str, order: Order | None = None, *, common: bool = True
) -> npt.NDArray[np.uint8] | None:
    """Paint the kernels side by side, or the matrix a pixel a number.

    Parameters
    ----------
    name
        A diverging colour map of ``render.COLORMAPS``.
    order
        int (N,): the kernels in order; by number where there is none.
    common
        One scale for all kernels.

    Returns
    -------
    uint8 (H, W, 3) or (H, W, 4), or None where there are no filters
    """
    if result.matrix is not None:
        bound = result.reach or result.bound or 1.0
        return render.apply_colormap(result.matrix, name, -bound, bound)
    if result.kernels is None:
        return None
    strip = tiles(result, name, order, common=common)
    return render.atlas(strip, math.ceil(math.sqrt(len(strip))), gap=1)


def tiles(
    result: LayerFilters, name: str, order: Order | None = None, *, common: bool = True
) -> npt.NDArray[np.uint8]:
    """Paint each kernel, uint8 (N, kh, kw, 4); ``sheet`` says what of."""
    assert result.kernels is not None
    if not in_colour(result):
        low, high = ranges(result, common=common).T
        return render.tile_strip(result.kernels, name, low, high, order)
    pictures = render.filter_pictures(result.kernels)
    strip = np.full((*pictures.shape[:3], 4), 255, np.uint8)
    strip[..., :3] = pictures
    return strip if order is None else strip[order]
