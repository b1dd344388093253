"""What the cells of a tensor see of the picture: along one axis, and of a whole tensor."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Axis:
    """Along one axis: the first pixel that cell 0 sees, how many it sees, and the step per cell."""

    start: float
    size: int
    jump: int

    @property
    def centre(self) -> float:
        """The middle of what cell 0 sees; 0 is the middle of the first pixel."""
        return self.start + (self.size - 1) / 2

    def window(self, kernel: int, stride: int, padding: int, dilation: int = 1) -> Axis:
        """Return the field after a sliding window."""
        return Axis(
            self.start - padding * self.jump,
            self.size + (kernel - 1) * dilation * self.jump,
            self.jump * stride,
        )

    def taken(self, begin: int, step: int = 1) -> Axis:
        """Return the field of the cells from ``begin`` on."""
        return Axis(self.start + begin * self.jump, self.size, self.jump * step)

    def joined(self, other: Axis) -> Axis | None:
        """Return the smallest field that covers both; None where the steps differ."""
        if self.jump != other.jump:
            return None
        start = min(self.start, other.start)
        end = max(self.start + self.size, other.start + other.size)
        return Axis(start, int(end - start), self.jump)


@dataclass(frozen=True, slots=True)
class Field:
    """The field of a tensor's cells, and which of its dimensions are height and width."""

    axes: tuple[Axis, Axis] | None
    """None where each cell sees the whole input, and where what it sees is not known."""
    dims: tuple[int, int] | None
    """The same twice where one dimension holds both, as in a sequence of tokens. None where they
    are lost, or gone: with axes every number sees the same part of the picture.
    """
    whole: bool = False
    """Every cell sees the whole input."""

    @classmethod
    def of_input(cls) -> Field:
        """Return the field of the image itself, (N, C, H, W)."""
        return cls((Axis(0, 1, 1), Axis(0, 1, 1)), (2, 3))

    def everywhere(self) -> Field:
        """Return the same layout, every cell seeing the whole input."""
        return Field(None, self.dims, whole=True)

    def unknown(self) -> Field:
        """Return the same layout, with no word on what the cells see, unless that is all."""
        return replace(self, axes=None)

    def along(self, dim: int, change: Callable[[Axis], Axis]) -> Field:
        """Return the field with the axis changed that lies in a dimension, if one does."""
        if self.dims is None or self.axes is None:
            return self
        first, second = (
            change(axis) if place == dim else axis
            for axis, place in zip(self.axes, self.dims, strict=True)
        )
        return replace(self, axes=(first, second))

    def mixed(self, over: Collection[int]) -> Field:
        """Return the field of what reads all there is along some dimensions."""
        if self.dims is None or not any(dim in over for dim in self.dims):
            return self
        return self.everywhere() if all(dim in over for dim in self.dims) else self.unknown()

    def moved(self, places: Sequence[int | None]) -> Field:
        """Return the field in another layout: each dimension's new place, None where it is gone."""
        if self.dims is None:
            return self
        first, second = (places[dim] for dim in self.dims)
        if first is None or second is None:
            return Field(None, None, self.whole)
        return replace(self, dims=(first, second))


LOST = Field(None, None)
