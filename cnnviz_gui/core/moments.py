"""Mean and spread of numbers that come piece by piece, without the difference of large squares."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(slots=True)
class Moments:
    """What is known of all numbers so far."""

    count: int = 0
    mean: float = 0.0
    spread: float = 0.0
    """Sum of the squared distances from the mean."""

    @property
    def std(self) -> float:
        """Their standard deviation; 0 where there are none."""
        return math.sqrt(self.spread / max(self.count, 1))

    def add(self, other: Moments) -> None:
        """Take more numbers, after Chan, Golub and LeVeque 1983."""
        if not other.count:
            return
        total, apart = self.count + other.count, other.mean - self.mean
        self.spread += other.spread + apart**2 * self.count * other.count / total
        self.mean += apart * other.count / total
        self.count = total


def of_rows(rows: Tensor, counted: Tensor | None = None) -> tuple[Tensor, Moments]:
    """Return the sum of each row of float32 (n, m), float64 (n,) on the CPU, and all moments.

    ``counted`` (n, m) says which numbers count; the others must be 0.
    """
    sums = rows.sum(1)
    if counted is None:
        counts = torch.full((len(rows),), rows.shape[1], dtype=torch.float64)
    else:
        counts = counted.sum(1).cpu().double()
    each = counts.clamp(min=1)
    apart = rows - (sums / each.to(rows))[:, None]
    if counted is not None:
        apart = apart.masked_fill(~counted, 0.0)
    # Row by row in single precision: all in double takes ten times as long.
    spreads = apart.norm(dim=1).cpu().double().square()
    exact = sums.cpu().double()
    count = int(counts.sum())
    mean = float(exact.sum()) / max(count, 1)
    between = counts * (exact / each - mean).square()
    return exact, Moments(count, mean, float(spreads.sum() + between.sum()))
