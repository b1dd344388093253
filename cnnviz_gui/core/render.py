"""From numbers to colours, with numpy alone: colour maps, overlays, tiles, filter pictures.

Whatever is drawn in the window or written to a file goes through here, so both look alike.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cnnviz_gui.core.colormaps import (
    COLORMAPS,
    DIVERGING,
    NAN_COLOR,
    colormap,
    packed,
    to_levels,
)
from cnnviz_gui.core.resize import resize_bilinear, resize_nearest

__all__ = [
    "COLORMAPS",
    "DEAD",
    "DIVERGING",
    "NAN_COLOR",
    "apply_colormap",
    "around_grey",
    "atlas",
    "colormap",
    "filter_pictures",
    "filter_slices",
    "overlay",
    "resize_bilinear",
    "resize_nearest",
    "signed_range",
    "tile_strip",
    "without_colours",
]

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
Order = NDArray[np.integer[Any]]

DEAD: Final = 1e-4
"""A filter with no more than this part of the strongest one's weight has died in training."""
_RISE: Final = 0.45
"""Share of the range over which a heat map comes up out of the photograph."""
_LIFT: Final = 8.0
"""How late the opacity, near 1, also covers what has no value."""
_GREYING: Final = 0.32
_DARKENING: Final = 0.21
_LUMA: Final = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def signed_range(array: Floats) -> float:
    """Return the largest finite magnitude, the bound of a scale symmetric about 0.

    Returns
    -------
    float
        0 when the array is empty, zero everywhere or nowhere finite.
    """
    finite = np.isfinite(array)
    return float(np.abs(array).max(initial=0.0, where=finite))


def strongest_colour(change: Floats) -> Floats:
    """Return, for each pixel of a perturbation (3, H, W), its largest change over the colours.

    float (H, W), with its sign.
    """
    strongest: Floats = change[0]
    for plane in change[1:]:
        strongest = np.where(np.abs(plane) > np.abs(strongest), plane, strongest)
    return strongest


def display_range(values: Floats, *, signed: bool, fine: bool) -> tuple[float, float]:
    """Return the ends of the colour scale of a heat map.

    Parameters
    ----------
    values
        float (H, W), or (3, H, W) of three colours.
    signed
        Symmetric about 0 instead of from 0.
    fine
        Made pixel by pixel: a few outliers would leave all the rest dark, so the scale ends at the
        99th percentile; what lies above has the last colour.

    Returns
    -------
    tuple
        (low, high), low < high.
    """
    magnitudes = np.abs(values[np.isfinite(values)])
    if not magnitudes.size:
        return 0.0, 1.0
    bound = float(np.percentile(magnitudes, 99) if fine else magnitudes.max())
    bound = bound or float(magnitudes.max()) or 1.0
    return (-bound if signed else 0.0), bound


def apply_colormap(values: Floats, name: str, low: float, high: float) -> Bytes:
    """Paint numbers with a colour map.

    Parameters
    ----------
    values
        float, any shape, usually (H, W). Below ``low`` and above ``high`` the ends are used; NaN
        becomes magenta.
    name
        One of `COLORMAPS`.
    low, high
        The numbers at the two ends, finite. Where they are equal, what lies on them gets the low
        end, or the centre of a diverging map.

    Returns
    -------
    uint8, the shape of ``values`` and a last axis of 3

    Raises
    ------
    ValueError
        ``low`` or ``high`` is not finite, or ``low`` is greater.
    """
    painted: Bytes = colormap(name)[to_levels(values, low, high, centred=name in DIVERGING)]
    painted[np.isnan(values)] = NAN_COLOR
    return painted


def overlay(
    image: Bytes,
    heat: Floats,
    *,
    opacity: float,
    name: str,
    low: float,
    high: float,
    signed: bool,
) -> Bytes:
    """Lay a heat map over a photograph.

    With opacity o and strength s (0 where the map is silent, 1 where it is strong), the colour map
    covers the photograph by ``o * (s + (1 - s) * o ** 8)``. Up to o near 0.8 the second term is
    next to nothing, so the map shows only where it has something to say; at o = 1 it is the colour
    map itself. The photograph beneath loses up to 32 % of its colour and 21 % of its light, by
    ``1 - (1 - o) ** 3``, so at o = 0 it is the original, pixel for pixel.

    Parameters
    ----------
    image
        uint8 (H, W, 3).
    heat
        float (H, W). NaN is magenta and counts as strong.
    opacity
        From 0 to 1.
    name, low, high
        As in `apply_colormap`.
    signed
        True: strong is far from the middle of ``low`` and ``high``; False: strong is near ``high``.

    Returns
    -------
    uint8 (H, W, 3)

    Raises
    ------
    ValueError
        The shapes differ, the opacity is outside [0, 1] or the range is no range.
    """
    if image.shape[:2] != heat.shape or image.shape[2:] != (3,):
        raise ValueError(f"A map of {heat.shape} does not fit an image of {image.shape}.")
    if not 0.0 <= opacity <= 1.0:
        raise ValueError(f"The opacity is {opacity}; it must lie between 0 and 1.")
    levels = to_levels(heat, low, high, centred=signed)
    colors, cover = colormap(name), _cover(opacity, signed)
    through = (1.0 - cover).take(levels)
    missing = np.isnan(heat)
    if missing.any():
        through[missing] = 1.0 - opacity
    under = _dimmed(image, opacity)
    laid = np.empty_like(image)
    for channel in range(3):  # plane by plane: numpy is four times slower along an axis of three
        over = (colors[:, channel] * cover).take(levels)
        over[missing] = NAN_COLOR[channel] * opacity
        over += under[..., channel] * through
        over += 0.5
        laid[..., channel] = over
    return laid


def without_colours(image: Bytes) -> Bytes:
    """Return a photograph, uint8 (H, W, 3), in grey of the same lightness."""
    luma = np.rint(image.astype(np.float32) @ _LUMA).astype(np.uint8)
    return np.repeat(luma[..., np.newaxis], 3, axis=2)


def around_grey(signal: Floats, bound: float) -> Bytes:
    """Draw three colours with signs as papers print them: nothing is grey.

    Parameters
    ----------
    signal
        float (3, H, W). What is not a number is magenta.
    bound
        The magnitude that is drawn black or full.

    Returns
    -------
    uint8 (H, W, 3)
    """
    missing = np.isnan(signal).any(axis=0)
    levels = np.nan_to_num(signal, posinf=bound, neginf=-bound) / (2 * bound or 1.0) + 0.5
    drawn: Bytes = np.rint(np.clip(levels, 0.0, 1.0) * 255.0).astype(np.uint8)
    drawn = np.ascontiguousarray(drawn.transpose(1, 2, 0))
    drawn[missing] = NAN_COLOR
    return drawn


def tile_strip(
    maps: Floats, name: str, low: float | Floats, high: float | Floats, order: Order | None = None
) -> Bytes:
    """Paint many maps at their own size, one below the other; enlarging is left to the screen.

    Parameters
    ----------
    maps
        float (C, h, w).
    name
        One of `COLORMAPS`.
    low, high
        One number for a common scale, or float (C,) for a scale of each map's own.
    order
        int (N,): which maps, in which order; all by default.

    Returns
    -------
    uint8 (N, h, w, 4)
        Red, green, blue and 255; contiguous, so ``reshape(N * h, w, 4)`` is one picture.
    """
    chosen = maps if order is None else maps[order]
    lows = _per_map(low, maps.shape[0], order)
    highs = _per_map(high, maps.shape[0], order)
    levels = to_levels(chosen, lows, highs, centred=name in DIVERGING)
    pixels = packed(name)[levels]
    if np.issubdtype(chosen.dtype, np.floating):
        pixels[np.isnan(chosen)] = np.array([*NAN_COLOR, 255], dtype=np.uint8).view(np.uint32)[0]
    return pixels.view(np.uint8).reshape(*chosen.shape, 4)


def atlas(strip: Bytes, columns: int, gap: int = 0) -> Bytes:
    """Arrange tiles in rows, for a file.

    Parameters
    ----------
    strip
        uint8 (N, h, w, 4), as from `tile_strip`.
    columns
        Tiles in a row, at least 1.
    gap
        Transparent pixels between tiles.

    Returns
    -------
    uint8 (rows * (h + gap) - gap, columns * (w + gap) - gap, 4)
    """
    count, height, width, _ = strip.shape
    rows = -(-count // columns)
    cells = np.zeros((rows * columns, height + gap, width + gap, 4), dtype=np.uint8)
    cells[:count, :height, :width] = strip
    grid = cells.reshape(rows, columns, height + gap, width + gap, 4).swapaxes(1, 2)
    sheet = grid.reshape(rows * (height + gap), columns * (width + gap), 4)
    return np.ascontiguousarray(sheet[: sheet.shape[0] - gap, : sheet.shape[1] - gap])


def filter_pictures(weight: Floats) -> Bytes:
    """Paint the filters of a layer that reads colours, each stretched about 0, which is mid grey.

    A filter next to nothing beside the strongest is left grey: stretched it would look alive.

    Parameters
    ----------
    weight
        float (N, 3, h, w).

    Returns
    -------
    uint8 (N, h, w, 3)

    Raises
    ------
    ValueError
        The filters do not read three channels.
    """
    if weight.ndim != 4 or weight.shape[1] != 3:
        raise ValueError(f"Filters of shape {weight.shape} have no colours; show their slices.")
    clean = np.nan_to_num(weight.astype(np.float32), posinf=0.0, neginf=0.0)
    bound = np.abs(clean).max(axis=(1, 2, 3), keepdims=True)
    live = bound > DEAD * bound.max(initial=0.0)
    scaled = np.divide(clean, bound, out=np.zeros_like(clean), where=live)
    return np.ascontiguousarray((scaled * 127.0 + 128.0).astype(np.uint8).transpose(0, 2, 3, 1))


def filter_slices(weight: Floats, *, of_filter: int | None = None, channel: int = 0) -> Floats:
    """Return filters as single-channel maps with a sign, for `tile_strip`.

    Parameters
    ----------
    weight
        float (N, I, h, w).
    of_filter
        All I slices of this filter; by default one slice of every filter.
    channel
        Which slice of every filter; the only one of a depthwise layer is 0.

    Returns
    -------
    float (I, h, w) or (N, h, w), a view
    """
    return weight[:, channel] if of_filter is None else weight[of_filter]


def _per_map(bound: float | Floats, count: int, order: Order | None) -> Floats:
    numbers = np.broadcast_to(np.asarray(bound, np.float64), (count,) if np.ndim(bound) else ())
    if numbers.ndim and order is not None:
        numbers = numbers[order]
    return numbers.reshape(-1, 1, 1) if numbers.ndim else numbers


def _cover(opacity: float, signed: bool) -> NDArray[np.float32]:
    """Return for every row of the table how much of the photograph it covers."""
    rows = np.arange(256, dtype=np.float32)
    away = np.abs(rows - 127.5) / 127.5 if signed else rows / 255.0
    # A silent map must not tint: the two rows about the centre count as zero.
    away = np.where(away < 1 / 127, 0.0, away)
    rise = np.clip(away / _RISE, 0.0, 1.0)
    strength = rise * rise * (3.0 - 2.0 * rise)
    cover = opacity * (strength + (1.0 - strength) * opacity**_LIFT)
    return np.asarray(cover, dtype=np.float32)


def _dimmed(image: Bytes, opacity: float) -> NDArray[np.float32]:
    pixels = image.astype(np.float32)
    if opacity == 0.0:
        return pixels
    amount = 1.0 - (1.0 - opacity) ** 3
    luma = pixels @ _LUMA
    pixels += (luma[..., np.newaxis] - pixels) * np.float32(_GREYING * amount)
    pixels *= np.float32(1.0 - _DARKENING * amount)
    return pixels
