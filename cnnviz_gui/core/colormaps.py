"""The colour maps: tables of 256 colours, and which row a number gets."""

from __future__ import annotations

import functools
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cnnviz_gui import resources

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

COLORMAPS: Final = ("inferno", "viridis", "berlin", "vik", "grey", "jet")
"""``jet`` is that of the papers: its bands suggest borders where there are none."""
DIVERGING: Final = frozenset({"berlin", "vik"})
"""Maps whose centre stands for zero."""

NAN_COLOR: Final = (255, 0, 255)
"""Magenta: no colour map holds it."""


def colormap(name: str) -> Bytes:
    """Return the table of a colour map, read-only.

    Parameters
    ----------
    name
        One of `COLORMAPS`.

    Returns
    -------
    uint8 (256, 3)

    Raises
    ------
    ValueError
        There is no colour map of that name.
    """
    tables = _tables()
    if name not in tables:
        raise ValueError(f"There is no colour map {name!r}. Choose one of {', '.join(COLORMAPS)}.")
    return tables[name]


@functools.cache
def _tables() -> dict[str, Bytes]:
    with np.load(resources.path("colormaps.npz")) as archive:
        tables = {name: np.asarray(archive[name], dtype=np.uint8) for name in archive.files}
    tables["jet"] = _jet()
    for table in tables.values():
        table.setflags(write=False)
    return tables


def _jet() -> Bytes:
    """Return blue, cyan, yellow, red, each turning into the next in straight lines."""
    at = np.linspace(0, 4, 256)[:, None]
    levels = np.clip(1.5 - np.abs(at - np.array([3, 2, 1])), 0, 1)
    table: Bytes = np.rint(255 * levels).astype(np.uint8)
    return table


@functools.cache
def packed(name: str) -> NDArray[np.uint32]:
    """Return the table as opaque pixels, uint32 (256,): red, green, blue, 255 in memory."""
    table = np.full((256, 4), 255, dtype=np.uint8)
    table[:, :3] = colormap(name)
    return table.view(np.uint32)[:, 0]


def to_levels(
    values: Floats, low: float | Floats, high: float | Floats, *, centred: bool
) -> NDArray[np.uint8]:
    """Return the row of a 256-row table for every value; NaN gets some row."""
    lows, highs = np.asarray(low, np.float64), np.asarray(high, np.float64)
    if not (np.isfinite(lows).all() and np.isfinite(highs).all() and (lows <= highs).all()):
        raise ValueError(f"A range from {low} to {high} is no range.")
    # Halves, so that the width of the widest range is still a number.
    width = highs / 2 - lows / 2
    tame = values.dtype != np.float64 and ((width == 0) | ((width > 1e-30) & (width < 1e30))).all()
    dtype = np.float32 if tame else np.float64
    with np.errstate(all="ignore"):
        rows: Floats = np.multiply(values, 0.5, dtype=dtype)
        rows -= (lows / 2).astype(dtype)
        if tame:
            rows *= (256.0 / width).astype(dtype)
        else:
            rows /= width
            rows *= 256.0
        if not (width > 0).all():
            middle = 128.0 if centred else 0.0
            flat = np.where(values < lows, 0.0, np.where(values > highs, 255.0, middle))
            rows = np.where(width > 0, rows, flat)
        np.clip(rows, 0.0, 255.0, out=rows)
        return rows.astype(np.uint8)
