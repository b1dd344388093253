"""Resizing arrays with numpy alone."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


def resize_nearest(array: NDArray[Scalar], size: tuple[int, int]) -> NDArray[Scalar]:
    """Resize the first two axes, repeating or dropping pixels.

    Parameters
    ----------
    array
        (H, W) or (H, W, channels).
    size
        New height and width.
    """
    rows = np.arange(size[0]) * array.shape[0] // size[0]
    columns = np.arange(size[1]) * array.shape[1] // size[1]
    resized: NDArray[Scalar] = array[rows[:, np.newaxis], columns]
    return resized


def resize_bilinear(array: NDArray[np.generic], size: tuple[int, int]) -> NDArray[np.float32]:
    """Resize the first two axes linearly, pixel centres at halves (torch: align_corners=False).

    Parameters
    ----------
    array
        (H, W) or (H, W, channels).
    size
        New height and width.

    Returns
    -------
    float32, not rounded, within the range of ``array``
    """
    out = array.astype(np.float32)
    for axis, length in enumerate(size):
        first, second, share = _neighbours(array.shape[axis], length)
        share = share.reshape([-1 if axis == k else 1 for k in range(out.ndim)])
        near = out.take(first, axis)
        out = near + (out.take(second, axis) - near) * share
    return out


def _neighbours(
    old: int, new: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    places = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0.0, None)
    first = np.minimum(places.astype(np.intp), old - 1)
    second = np.minimum(first + 1, old - 1)
    return first, second, (places - first).astype(np.float32)
