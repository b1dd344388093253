"""Windows that slide over a picture, and what each of them found, as a map of the pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

_LEVELS = (8, 4, 2, 1)
"""First come the windows at every eighth place of a row and a column, then at every fourth."""


class Windows:
    """Windows of a picture, numbered from coarse to fine, and one value for each.

    The last window of a row may reach beyond the border. None lies so far from the one before it
    that a gap would be left.

    Parameters
    ----------
    side
        Height and width of the picture.
    window, stride
        Side of a window, and from one to the next; a longer stride is taken as the side.

    Attributes
    ----------
    stride
        As taken.
    values
        float64 (rows, columns), on the CPU; zero where none was entered.
    """

    def __init__(self, side: tuple[int, int], window: int, stride: int) -> None:
        self.stride = min(stride, window)
        self._side, self._window = side, window
        rows, columns = (1 + math.ceil(max(0, n - window) / self.stride) for n in side)
        self.values = torch.zeros(rows, columns, dtype=torch.float64)
        self._known = torch.zeros(rows, columns, dtype=torch.bool)
        places = [
            (row, column)
            for step in _LEVELS
            for row in range(0, rows, step)
            for column in range(0, columns, step)
        ]
        self._places = list(dict.fromkeys(places))
        self._coarsest = math.ceil(rows / _LEVELS[0]) * math.ceil(columns / _LEVELS[0])
        self._count = 0

    def __len__(self) -> int:
        return len(self._places)

    @property
    def count(self) -> int:
        """How many have a value."""
        return self._count

    @property
    def everywhere(self) -> bool:
        """Whether the coarsest ones all have a value, so that a map is a map of all."""
        return self._count >= self._coarsest

    def slices(self, number: int) -> tuple[slice, slice]:
        """Return the rows and the columns of pixels of a window."""
        row, column = (place * self.stride for place in self._places[number])
        return slice(row, row + self._window), slice(column, column + self._window)

    def enter(self, numbers: Sequence[int], values: Tensor) -> None:
        """Take the values of some windows."""
        rows, columns = torch.tensor([self._places[number] for number in numbers]).unbind(1)
        self.values[rows, columns] = values.to("cpu", torch.float64)
        self._known[rows, columns] = True
        self._count += len(numbers)

    def map(self) -> Tensor:
        """Return (H, W): at each pixel the mean value of the windows that cover it.

        A window without a value counts as the nearest that has one.
        """
        down, across = (
            self._covering(places, n)
            for places, n in zip(self.values.shape, self._side, strict=True)
        )
        total = down.T @ self._completed() @ across
        return (total / (down.sum(0)[:, None] * across.sum(0))).float()

    def _covering(self, places: int, side: int) -> Tensor:
        """Return (places, side): 1 where a window covers a row or column of pixels."""
        first = torch.arange(places)[:, None] * self.stride
        pixel = torch.arange(side)
        return ((pixel >= first) & (pixel < first + self._window)).double()

    def _completed(self) -> Tensor:
        values = self.values
        for step in _LEVELS:
            rows, columns = (_nearest(places, step) for places in self.values.shape)
            known = self._known[rows][:, columns]
            values = torch.where(known, self.values[rows][:, columns], values)
        return values


def _nearest(places: int, step: int) -> Tensor:
    """Return for each place the nearest that is a multiple of ``step``."""
    last = (places - 1) // step * step
    return ((torch.arange(places) + step // 2) // step * step).clamp_max(last)
