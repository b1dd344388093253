"""Which part of a matrix is seen, and where on the screen each of its cells lies."""

from __future__ import annotations

from dataclasses import dataclass, replace

LARGEST_CELL = 52.0
"""Pixels of the screen: room for a number."""
_ASKEW = 3.0
"""Cells may be so many times longer than wide, so that a flat matrix fills its place."""
_BLOCKS = 512
"""Blocks a side of what is seen, at least, once the part that is seen was asked for."""

Window = tuple[int, int, int, int]
"""Top, left, bottom, right."""


@dataclass(frozen=True, slots=True)
class MatrixFrame:
    """A matrix of so many rows and columns in a place of so many pixels.

    ``zoom`` is 1 where all of it is seen. ``x`` and ``y`` are the column and the row, with
    fractions, at the left and the upper edge.
    """

    rows: int
    columns: int
    width: float
    height: float
    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height of a cell on the screen."""
        wide, high = self.width / self.columns, self.height / self.rows
        if max(wide, high) <= _ASKEW * min(wide, high):
            wide = high = min(wide, high)
        return min(wide * self.zoom, LARGEST_CELL), min(high * self.zoom, LARGEST_CELL)

    @property
    def most(self) -> float:
        """The zoom at which both sides of a cell are as large as they may be."""
        wide, high = replace(self, zoom=1.0).cell
        return max(1.0, LARGEST_CELL / min(wide, high))

    def clamped(self) -> MatrixFrame:
        """Return the nearest frame that leaves no margin which a shift could fill."""
        frame = replace(self, zoom=min(max(self.zoom, 1.0), self.most))
        wide, high = frame.cell
        x = min(max(frame.x, 0.0), max(0.0, frame.columns - frame.width / wide))
        y = min(max(frame.y, 0.0), max(0.0, frame.rows - frame.height / high))
        return replace(frame, x=x, y=y)

    def zoomed(self, by: float, at: tuple[float, float]) -> MatrixFrame:
        """Return the frame ``by`` times as near that keeps what is at a place where it is."""
        wide, high = self.cell
        held = self.x + at[0] / wide, self.y + at[1] / high
        nearer = replace(self, zoom=min(max(self.zoom * by, 1.0), self.most))
        wide, high = nearer.cell
        return replace(nearer, x=held[0] - at[0] / wide, y=held[1] - at[1] / high).clamped()

    def moved(self, dx: float, dy: float) -> MatrixFrame:
        """Return the frame with the matrix moved by so many pixels."""
        wide, high = self.cell
        return replace(self, x=self.x - dx / wide, y=self.y - dy / high).clamped()

    def showing(self, row: int) -> MatrixFrame:
        """Return the frame moved no farther than it takes to see a row."""
        seen = self.height / self.cell[1]
        return replace(self, y=min(max(self.y, row + 1 - seen), float(row))).clamped()

    def cell_at(self, at: tuple[float, float]) -> tuple[int, int] | None:
        """Return row and column at a place, None beside the matrix."""
        wide, high = self.cell
        row, column = int(self.y + at[1] / high), int(self.x + at[0] / wide)
        inside = 0 <= row < self.rows and 0 <= column < self.columns
        return (row, column) if inside and min(at) >= 0 else None

    def place(self, row: float, column: float) -> tuple[float, float]:
        """Return where the corner of a cell lies."""
        wide, high = self.cell
        return (column - self.x) * wide, (row - self.y) * high

    def visible(self) -> Window:
        """Return the cells that are wholly or partly seen."""
        wide, high = self.cell
        bottom, right = self.y + self.height / high, self.x + self.width / wide
        return (
            int(self.y),
            int(self.x),
            min(self.rows, int(bottom) + 1),
            min(self.columns, int(right) + 1),
        )

    def wanted(self, coarse: tuple[int, int]) -> Window | None:
        """Return the part to ask for, None where the whole matrix in blocks is fine enough.

        Parts lie on a grid and overlap by half, so that neighbouring views share them.

        Parameters
        ----------
        coarse
            Rows and columns of a block of the whole matrix.
        """
        top, left, bottom, right = self.visible()
        down = min(_power(bottom - top), coarse[0])
        by = min(_power(right - left), coarse[1])
        if (down, by) == coarse:
            return None
        top, left = _aligned(top, down), _aligned(left, by)
        return (
            top,
            left,
            min(self.rows, top + 2 * _BLOCKS * down),
            min(self.columns, left + 2 * _BLOCKS * by),
        )


def _power(length: int) -> int:
    """Return the least power of two that makes no more than ``_BLOCKS`` blocks."""
    step = 1
    while step * _BLOCKS < length:
        step *= 2
    return step


def _aligned(start: int, step: int) -> int:
    return start // (_BLOCKS * step) * _BLOCKS * step
