"""The feature maps of a layer as one picture, each with its channel and number, for a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz_gui.core import render, tile_page
from cnnviz_gui.core.numbers import shape
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray, FloatArray


def sheet(
    maps: FloatArray,
    order: Any,
    numbers: Sequence[str],
    *,
    colours: str,
    low: float | FloatArray,
    high: float | FloatArray,
    title: str,
    told: tuple[str, ...],
) -> ByteArray:
    """Draw maps in an order, those that come first where not all have room.

    Parameters
    ----------
    maps
        float (C, h, w).
    order
        int (N,): which maps, in which order.
    numbers
        What stands below each map beside its channel, by channel.
    colours
        One of ``COLORMAPS``.
    low, high
        Ends of the scale: one number for all maps, or float (C,) for each its own.
    title, told
        What stands above the maps, the second after how many they are.

    Returns
    -------
    uint8 (H, W, 3), of the size that ``tile_page.page`` gives it
    """
    order = np.asarray(order)
    said = [(str(channel), numbers[channel]) for channel in order.tolist()]
    own = (tr("own min"), tr("own max")) if np.ndim(low) else None
    ends = (0.0, 1.0) if own else (float(low), float(high))
    form = maps.shape[1:]

    def paint(first: int) -> ByteArray:
        return render.tile_strip(maps, colours, low, high, order[:first])[..., :3]

    counted = tr("{n} of {shape}", n=len(order), shape=shape(form))
    head = tile_page.Head(title, (counted, *told), tile_page.Key(colours, *ends, said=own))
    return tile_page.page(form, said, paint, head)
