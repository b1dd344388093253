"""Robust accuracy: the share of pictures that withstand an attack, and how sure that share is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnnviz_gui.core.attack_folder_results import AttackRow

_Z = 1.959963984540054
"""A normal variable lies within so many deviations of its mean 95 times in 100."""


@dataclass(frozen=True, slots=True)
class Robust:
    """The pictures that withstand the attack at one epsilon."""

    epsilon: float
    held: int
    of: int
    low: float
    """Of the confidence interval, in [0, 1]."""
    high: float

    @property
    def share(self) -> float:
        """Of the pictures, in [0, 1]; 0 where there is none."""
        return self.held / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Robustness:
    """What a folder says of a network under one attack."""

    keeping: tuple[Robust, ...]
    """At each epsilon the pictures that keep their class or, with a target, do not reach it."""
    correct: tuple[Robust, ...]
    """Those whose folder names a class, and which still are that class; empty where none does, and
    with a target, for what misses it need not have kept its class."""


def wilson(held: int, of: int) -> tuple[float, float]:
    """Return the ends of the 95 % confidence interval of a share, in [0, 1].

    Wilson 1927, Probable Inference, the Law of Succession, and Statistical Inference. Unlike the
    usual one it stays in [0, 1], and does not shrink to a point where all or none hold. It is about
    the pictures one might have taken as well, not about how strong the attack is.
    """
    if not 0 <= held <= of:
        raise ValueError(f"{held} of {of} is no share")
    if of == 0:
        return 0.0, 1.0
    share, squared = held / of, _Z * _Z / of
    middle = share + squared / 2
    reach = _Z * math.sqrt(share * (1 - share) / of + squared / (4 * of))
    low, high = ((middle + side * reach) / (1 + squared) for side in (-1, 1))
    # rounding must not lose the ends
    return (low if held else 0.0), (high if held < of else 1.0)


def robustness(
    rows: Sequence[AttackRow], epsilons: Sequence[float], target: int | None
) -> Robustness:
    """Return how many pictures withstand the attack, towards a class or not, at each epsilon."""
    counted = [row for row in rows if row.counts]
    labelled = [row for row in counted if row.truth is not None and target is None]

    def point(epsilon: float, held: int, of: int) -> Robust:
        return Robust(epsilon, held, of, *wilson(held, of))

    return Robustness(
        keeping=tuple(
            point(epsilon, sum(row.holds(epsilon) for row in counted), len(counted))
            for epsilon in epsilons
        ),
        correct=tuple(
            point(epsilon, sum(row.correct(epsilon) for row in labelled), len(labelled))
            for epsilon in (epsilons if labelled else ())
        ),
    )
