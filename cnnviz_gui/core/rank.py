"""How alike two maps are: correlation of their values, and of the order they put the pixels in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

_Numbers = npt.NDArray[np.float64]


def pearson(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float:
    """Return the correlation of the values of two arrays of one shape, in [-1, 1].

    NaN where it is not defined: one of them is the same everywhere, or not finite.
    """
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return math.nan
    a, b = _centred(one), _centred(other)
    length = math.sqrt(float(a @ a) * float(b @ b))
    return float(np.clip(a @ b / length, -1.0, 1.0)) if length > 0 else math.nan


def spearman(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float:
    """Return the correlation of the ranks; what is equal shares the mean of its ranks."""
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return math.nan
    return pearson(ranks(one), ranks(other))


def ranks(values: npt.NDArray[Any]) -> _Numbers:
    """Return the rank of each value (n,) from 1 on, equal values sharing the mean of theirs."""
    flat = values.ravel()
    order = flat.argsort()
    ordered = flat[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    after = np.r_[first[1:], flat.size]
    found = np.empty(flat.size)
    found[order] = np.repeat((first + 1 + after) / 2, after - first)
    return found


def _centred(values: npt.NDArray[Any]) -> _Numbers:
    """Return the values (n,) less their mean, in units of the largest; zeros where all are equal.

    Squares of tiny or huge numbers would be no numbers any more.
    """
    flat: _Numbers = values.ravel().astype(np.float64)
    if not flat.size or flat.min() == flat.max():  # rounding would leave a little of it
        return np.zeros_like(flat)
    flat /= np.abs(flat).max()
    flat -= flat.mean()
    return flat
