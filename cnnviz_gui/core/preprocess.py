"""From a picture to the square that a network sees, bit-equal with torchvision's transform."""

from __future__ import annotations

import functools
import math
import operator
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.images import Picture
from cnnviz_gui.core.result import ByteArray, frozen
from cnnviz_gui.texts import tr

_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
_MAX_RESIZED_PIXELS = 16_000_000
_PRECISION = 22  # bits after the point of Pillow's 8-bit resampling weights


def network_view(picture: Picture, facts: ModelFacts) -> ByteArray:
    """Resize and crop a picture as the network was trained to see it.

    The short side becomes ``facts.resize_size`` (antialiased, in Pillow), then the centre square of
    ``facts.input_size`` is cut out; where the resized picture is smaller, black is added. Equal bit
    for bit to ``torchvision.transforms.functional`` on a PIL image. Memory stays bounded for very
    long pictures, where only the part that the crop shows is resized along the long side. For a
    network that reads grey the square is grey, its three channels equal.

    Returns
    -------
    uint8 (S, S, 3), read-only.
    """
    pixels = picture.pixels
    height, width = pixels.shape[:2]
    new_height, new_width = _resized(height, width, facts.resize_size)
    if new_height * new_width > _MAX_RESIZED_PIXELS:
        view = _long_view(pixels, new_height, new_width, facts)
    else:
        if (new_height, new_width) != (height, width):
            pixels = _stretched(pixels, new_height, new_width, facts)
        view = _centre(pixels, facts.input_size)
    return frozen(_grey(view) if facts.channels == 1 else view)


def fine_view(picture: Picture, facts: ModelFacts, least: int, most: int) -> ByteArray:
    """Return what a network sees of a picture, as finely as the picture has it.

    Parameters
    ----------
    least, most
        Bounds of its side in pixels; a small picture is enlarged.

    Returns
    -------
    uint8 (S, S, 3)
    """
    sides = picture.height, picture.width
    resized = _resized(*sides, facts.resize_size)
    crop = facts.input_size
    if min(resized) < crop:  # with a border, which no picture has
        side = max(least, crop)
        square = Image.fromarray(network_view(picture, facts))
        return np.asarray(square.resize((side, side), Image.Resampling.BICUBIC))
    windows = [_window(size, crop) for size in resized]
    (top, bottom), (left, right) = (
        (first * old / new, end * old / new)
        for (first, end, _), old, new in zip(windows, sides, resized, strict=True)
    )
    side = max(least, min(most, round(min(bottom - top, right - left))))
    row, column = int(top), int(left)  # only what is needed of a large picture
    part = picture.pixels[row : math.ceil(bottom), column : math.ceil(right)]
    box = (left - column, top - row, right - column, bottom - row)
    image = Image.fromarray(np.ascontiguousarray(part))
    fine = np.asarray(image.resize((side, side), Image.Resampling.BICUBIC, box=box))
    return _grey(fine) if facts.channels == 1 else fine


def enlargement(picture: Picture, facts: ModelFacts) -> str:
    """Return ``upscaled 224 times`` where the network sees an enlarged picture, else nothing."""
    times = facts.resize_size / min(picture.width, picture.height)
    return tr("upscaled {times:.3g} times", times=times) if times > 1.0 else ""


def _grey(pixels: ByteArray) -> ByteArray:
    luma = np.asarray(Image.fromarray(pixels).convert("L"))
    return np.repeat(luma[..., None], 3, axis=2)


def _resized(height: int, width: int, short_side: int) -> tuple[int, int]:
    short, long = min(height, width), max(height, width)
    new_long = int(short_side * long / short)
    return (new_long, short_side) if width <= height else (short_side, new_long)


def _window(size: int, crop: int) -> tuple[int, int, int]:
    """Return first and end of what a centre crop shows of an axis, and the border before."""
    if size < crop:
        return 0, size, (crop - size) // 2
    first = round((size - crop) / 2.0)
    return first, first + crop, 0


def _centre(pixels: ByteArray, crop: int) -> ByteArray:
    top, bottom, above = _window(pixels.shape[0], crop)
    left, right, before = _window(pixels.shape[1], crop)
    square = np.zeros((crop, crop, 3), np.uint8)
    square[above : above + bottom - top, before : before + right - left] = pixels[
        top:bottom, left:right
    ]
    return square


def _long_view(pixels: ByteArray, height: int, width: int, facts: ModelFacts) -> ByteArray:
    """Resize a very long picture: Pillow's order, across first, but only what the crop shows."""
    upright = height > width
    along = pixels if upright else pixels.transpose(1, 0, 2)
    size = max(height, width)
    first, end, _ = _window(size, facts.input_size)
    taps = [_taps(along.shape[0], size, y, facts.interpolation) for y in range(first, end)]
    start, stop = taps[0][0], max(low + len(weights) for low, weights in taps)
    needed = along[start:stop]
    taps = [(low - start, weights) for low, weights in taps]
    if upright:
        return _centre(
            _weighed(_stretched(needed, needed.shape[0], width, facts), taps), facts.input_size
        )
    across = _weighed(needed, taps).transpose(1, 0, 2)
    return _centre(_stretched(across, height, across.shape[1], facts), facts.input_size)


def _stretched(pixels: ByteArray, height: int, width: int, facts: ModelFacts) -> ByteArray:
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize((width, height), _FILTERS[facts.interpolation]))


_Taps = tuple[int, npt.NDArray[np.int64]]


def _taps(
    old_size: int, new_size: int, position: int, kind: Literal["bilinear", "bicubic"]
) -> _Taps:
    """Return the first source sample and the fixed-point weights of one new sample, as in Pillow.

    The order of every operation is Pillow's: another order rounds differently.
    """
    weight, reach = (_bilinear, 1.0) if kind == "bilinear" else (_bicubic, 2.0)
    scale = old_size / new_size
    widened = max(scale, 1.0)
    centre = (position + 0.5) * scale
    low = max(int(centre - reach * widened + 0.5), 0)
    high = min(int(centre + reach * widened + 0.5), old_size)
    weights = [weight((x - centre + 0.5) * (1.0 / widened)) for x in range(low, high)]
    total = functools.reduce(operator.add, weights)  # sum() compensates from Python 3.12 on
    fixed = [int(math.copysign(0.5, w) + w / total * (1 << _PRECISION)) for w in weights]
    return low, np.array(fixed, np.int64)


def _weighed(pixels: ByteArray, taps: list[_Taps]) -> ByteArray:
    """Return one row for each of ``taps``: rows of the source, weighed and rounded."""
    result = np.empty((len(taps), *pixels.shape[1:]), np.uint8)
    for row, (low, weights) in enumerate(taps):
        source = pixels[low : low + len(weights)].astype(np.int64)
        summed = np.tensordot(weights, source, 1) + (1 << (_PRECISION - 1))
        result[row] = np.clip(summed >> _PRECISION, 0, 255)
    return result


def _bilinear(x: float) -> float:
    return max(1.0 - abs(x), 0.0)


def _bicubic(x: float) -> float:
    """Return Keys' kernel with a = -0.5."""
    x = abs(x)
    if x < 1.0:
        return (1.5 * x - 2.5) * x * x + 1.0
    if x < 2.0:
        return (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5
    return 0.0
