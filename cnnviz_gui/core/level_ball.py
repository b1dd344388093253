"""The 8-bit pictures within the ball around a clean one: whole levels, exact arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

_FORGIVEN = 1e-6
"""255 * (4 / 255) may be a hair below 4."""
_HALVINGS = 48


@dataclass(frozen=True, slots=True, eq=False)
class LevelBall:
    """Perturbations in whole 255ths that neither leave the ball nor [0, 255].

    Every array has one shape, (C, H, W): three colours, or one that stands for all three.
    """

    low: Levels
    high: Levels
    """How far each value may go down, and up, before it is black or white; low <= 0 <= high."""
    norm: str
    bound: int | None
    """The largest change for Linf, the sum of the changes for L1, of their squares for L2; None
    where nothing bounds them."""
    colours: int = 1
    """How many values each number stands for."""

    @classmethod
    def around(
        cls, clean: npt.NDArray[Any], norm: str, epsilon: float | None, *, grey: bool = False
    ) -> LevelBall:
        """Return the ball around a clean image.

        Parameters
        ----------
        clean
            float (3, H, W) in [0, 1], multiples of 1/255.
        epsilon
            In 255ths for Linf, in units of [0, 1] for L2 and L1; None for no bound.
        grey
            All colours change alike: for a network that reads grey.
        """
        levels = np.rint(clean.astype(np.float64) * 255).astype(np.int64)
        low, high = -levels, 255 - levels
        if grey:
            low, high = low.max(0, keepdims=True), high.min(0, keepdims=True)
        bound = None
        if epsilon is not None:
            size = {"linf": epsilon, "l2": (255 * epsilon) ** 2, "l1": 255 * epsilon}[norm]
            bound = math.floor(size + _FORGIVEN)
        if norm == "linf" and bound is not None:
            low, high = low.clip(-bound), high.clip(None, bound)
        return cls(low, high, norm, bound, 3 if grey else 1)

    def size(self, change: Levels) -> int:
        """Return what ``bound`` bounds."""
        if self.norm == "linf":
            return int(np.abs(change).max(initial=0))
        whole = np.abs(change) if self.norm == "l1" else change**2
        return self.colours * int(whole.sum())

    def holds(self, change: Levels) -> bool:
        """Tell whether a perturbation lies in the ball and in [0, 255]."""
        inside = bool(((self.low <= change) & (change <= self.high)).all())
        return inside and (self.bound is None or self.size(change) <= self.bound)

    def rounded(self, wanted: Numbers) -> Levels:
        """Return whole levels near ``wanted``, which is given in levels, inside the ball.

        What was rounded away from 0 farthest is rounded towards it first.
        """
        change = np.rint(wanted).astype(np.int64).clip(self.low, self.high)
        return self.shortened(change, lambda short: np.abs(wanted) - np.abs(short))

    def shortened(self, change: Levels, worth: Callable[[Levels], Numbers]) -> Levels:
        """Return a perturbation that the ball holds, single levels taken back where needed.

        ``worth`` of a perturbation says which are to stay: those of least worth go first.
        """
        if self.norm == "linf" or self.bound is None:
            return change  # the box is all there is
        while self.size(change) > self.bound:
            flat = np.abs(change).ravel()
            there = np.flatnonzero(flat)
            order = there[np.argsort(worth(change).ravel()[there], kind="stable")]
            freed = self._cost(flat[order]) - self._cost(flat[order] - 1)
            excess = self.size(change) - self.bound
            count = int(np.searchsorted(np.cumsum(self.colours * freed), excess)) + 1
            taken = np.zeros(flat.shape, dtype=bool)
            taken[order[:count]] = True
            change = change - np.sign(change) * taken.reshape(change.shape)
        return change

    def farthest(self, gradient: Numbers) -> Levels:
        """Return the perturbation of a bounded ball that gains most along a gradient."""
        room = np.where(gradient > 0, self.high, -self.low) * (gradient != 0)
        if self.norm == "linf":
            size = room
        elif self.norm == "l1":
            size = self._fullest(np.abs(gradient), room)
        else:
            size = self._roundest(np.abs(gradient), room)
        found: Levels = np.sign(gradient).astype(np.int64) * size
        return found

    def _cost(self, size: Levels) -> Levels:
        return size if self.norm == "l1" else size**2

    def _fullest(self, gain: Numbers, room: Levels) -> Levels:
        """Spend the L1 on the values that gain most, each as far as it goes."""
        order = np.argsort(-gain, axis=None, kind="stable")
        budget = (self.bound or 0) // self.colours
        before = np.cumsum(room.ravel()[order]) - room.ravel()[order]
        size = np.zeros(room.size, np.int64)
        size[order] = np.clip(budget - before, 0, room.ravel()[order])
        return size.reshape(room.shape)

    def _roundest(self, gain: Numbers, room: Levels) -> Levels:
        """Spend the L2: the k-th level of a value costs 2 k - 1, so gains are weighed by that."""

        def at(least: float) -> Levels:
            """Return how many levels of each value gain so much for what they cost."""
            return np.minimum(np.floor((gain / least + 1) / 2), room).astype(np.int64)

        low, high = 0.0, float(gain.max(initial=0)) * 2
        if not high:
            return np.zeros_like(room)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if self.colours * int((at(middle) ** 2).sum()) <= (self.bound or 0):
                high = middle
            else:
                low = middle
        return at(high)
