"""Numbers behind the plot over epsilon: its points, and where they lie."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, QRectF

from cnnviz_gui.core.ticks import round_steps

HANDLE = 28
_LEFT, _RIGHT = 56, 24
_TOP, _BOTTOM = 48, 76
_LOW, _LOW_TOP, _LOW_BOTTOM = 224, 40, 60
"""A lower card has less above its curves, and no title under its axis."""
LEAST = 172
"""At this height there is still something to see of the curves."""
_PERCENTS = ((0, 25, 50, 75, 100), (0, 50, 100), (0, 100))
_LABEL = 18
"""How far apart the labels of two probabilities are at least."""


def resolution(maximum: float) -> float:
    """Return the step a hand can set: a power of ten, at least 100 steps to the maximum."""
    return float(10.0 ** math.floor(math.log10(maximum / 100) + 1e-9))


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Points in ascending epsilon, (N,), and probabilities of each class, (N,) in [0, 1]."""

    epsilons: NDArray[np.float64]
    values: dict[str, NDArray[np.float64]]

    @classmethod
    def empty(cls) -> Curves:
        """Return no points."""
        return cls(np.zeros(0), {})

    @classmethod
    def of(cls, epsilons: ArrayLike, curves: Mapping[str, ArrayLike]) -> Curves:
        """Sort points, leave out those at no finite epsilon, make other nonsense NaN.

        Raises
        ------
        ValueError
            A curve has not as many points as there are epsilons.
        """
        places = np.asarray(epsilons, dtype=np.float64).ravel()
        order = np.argsort(places, kind="stable")
        order = order[np.isfinite(places[order])]
        values = {}
        for name, curve in curves.items():
            numbers = np.asarray(curve, dtype=np.float64).ravel()
            if numbers.size != places.size:
                raise ValueError(f"{name!r} has {numbers.size} points, not {places.size}.")
            with np.errstate(invalid="ignore"):
                known = np.where(np.isfinite(numbers), np.clip(numbers, 0.0, 1.0), np.nan)
            values[name] = known[order]
        return cls(places[order], values)

    def at(self, epsilon: float) -> list[tuple[str, float]]:
        """Return the probability of each class there, linear between points; unknown left out."""
        if not self.epsilons.size or not self.epsilons[0] <= epsilon <= self.epsilons[-1]:
            return []
        found = [
            (name, float(np.interp(epsilon, self.epsilons, v))) for name, v in self.values.items()
        ]
        return [(name, value) for name, value in found if not math.isnan(value)]

    def runs(self, name: str) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Return a curve as pieces without gaps."""
        values = self.values[name]
        known = np.flatnonzero(np.isfinite(values))
        pieces = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
        return [(self.epsilons[p], values[p]) for p in pieces if p.size]


@dataclass(frozen=True, slots=True)
class PlotArea:
    """Where things lie on a card of some size, whose axis ends at ``maximum``."""

    width: int
    height: int
    maximum: float

    @property
    def rect(self) -> QRectF:
        """The place between 0 and 100 %, between no epsilon and the greatest."""
        top, bottom = (_TOP, _BOTTOM) if self.titled else (_LOW_TOP, _LOW_BOTTOM)
        across, down = self.width - _LEFT - _RIGHT, self.height - top - bottom
        return QRectF(_LEFT, top, max(1, across), max(1, down))

    @property
    def titled(self) -> bool:
        """Whether there is room for a title under the axis."""
        return self.height >= _LOW

    @property
    def rail(self) -> float:
        """Height of the slider's middle."""
        return self.rect.bottom() + 22

    def x(self, epsilon: float) -> float:
        """Return where an epsilon lies."""
        return self.rect.left() + epsilon / self.maximum * self.rect.width()

    def shows(self, epsilon: float) -> bool:
        """Return whether an epsilon lies on the axis."""
        return self.rect.left() <= round(self.x(epsilon)) <= self.rect.right() + 1

    def y(self, probability: float) -> float:
        """Return where a probability lies."""
        return self.rect.bottom() - probability * self.rect.height()

    def epsilon(self, x: float) -> float:
        """Return the epsilon at a place, on the axis."""
        share = (x - self.rect.left()) / self.rect.width()
        return min(max(share, 0.0), 1.0) * self.maximum

    def grips(self, at: QPointF) -> bool:
        """Return whether a press there takes the handle: on the axis, not among the curves."""
        across = self.rect.left() - HANDLE <= at.x() <= self.rect.right() + HANDLE
        return across and self.rect.bottom() + 4 <= at.y() <= self.rail + 34

    def handle(self, epsilon: float, width: float) -> QRectF:
        """Return the handle at an epsilon; at the ends it stays on the card."""
        left = self.x(epsilon) - width / 2
        left = min(max(left, 8.0), self.width - 8.0 - width)
        return QRectF(left, self.rail - HANDLE / 2, width, HANDLE)

    def percents(self) -> tuple[int, ...]:
        """Return the probabilities at which lines are drawn: fewer where their labels would meet.

        The ends are always among them.
        """
        fitting = (p for p in _PERCENTS if self.rect.height() >= (len(p) - 1) * _LABEL)
        return next(fitting, _PERCENTS[-1])

    def ticks(self) -> list[float]:
        """Return at most five round numbers from 0 on; the maximum is the last if it is round."""
        for step in round_steps(self.maximum):
            count = math.floor(self.maximum / step * (1 + 1e-9))
            if count <= 4:
                return [index * step for index in range(count + 1)]
        return [0.0, self.maximum]
