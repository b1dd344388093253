"""Where heads and tiles of the grid of heat maps lie: arithmetic without widgets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtCore import QPoint, QRect, QSize

Part = tuple[Literal["cell", "row", "column"], int, int]
"""What is at a place, with its row and its column; -1 for the one it does not have."""

ROW_HEAD, COLUMN_HEAD = 116, 42
_GAP, _MARGIN = 8, 3
_LEAST, _LARGEST = 92, 300
_ROWS_IN_SIGHT = 3


@dataclass(frozen=True, slots=True)
class GridLayout:
    """Square tiles, as large as lets all columns and a few rows be seen at once.

    The heads stay where they are while the tiles scroll; places are those of the view.
    """

    rows: int = 0
    columns: int = 0
    view: QSize = field(default_factory=QSize)
    x: int = 0
    """How far the tiles are scrolled to the left."""
    y: int = 0

    @property
    def body(self) -> QRect:
        """Where tiles can be seen."""
        size = QSize(self.view.width() - ROW_HEAD, self.view.height() - COLUMN_HEAD)
        return QRect(QPoint(ROW_HEAD, COLUMN_HEAD), size)

    @property
    def side(self) -> int:
        """Width and height of a tile."""
        columns, rows = max(1, self.columns), min(max(1, self.rows), _ROWS_IN_SIGHT)
        across = (self.body.width() - 2 * _MARGIN + _GAP) // columns - _GAP
        down = (self.body.height() - 2 * _MARGIN + _GAP) // rows - _GAP
        return min(max(min(across, down), _LEAST), _LARGEST)

    @property
    def beyond(self) -> QSize:
        """How far the tiles can be scrolled."""
        step = self.side + _GAP
        wide = self.columns * step - _GAP + 2 * _MARGIN - self.body.width()
        high = self.rows * step - _GAP + 2 * _MARGIN - self.body.height()
        return QSize(max(0, wide), max(0, high))

    @property
    def step(self) -> int:
        """From one tile to the next."""
        return self.side + _GAP

    def tile(self, row: int, column: int) -> QRect:
        """Return where a tile lies, also where it is not in sight."""
        left = ROW_HEAD + _MARGIN + column * self.step - self.x
        top = COLUMN_HEAD + _MARGIN + row * self.step - self.y
        return QRect(left, top, self.side, self.side)

    def row_head(self, row: int) -> QRect:
        """Return where the head of a row lies."""
        tile = self.tile(row, 0)
        return QRect(0, tile.top(), ROW_HEAD - _GAP, tile.height())

    def column_head(self, column: int) -> QRect:
        """Return where the head of a column lies."""
        tile = self.tile(0, column)
        return QRect(tile.left(), 0, tile.width(), COLUMN_HEAD - 2)

    def in_sight(self) -> list[tuple[int, int]]:
        """Return the row and column of each tile that is wholly or partly seen."""
        body = self.body
        return [
            (row, column)
            for row in range(self.rows)
            for column in range(self.columns)
            if self.tile(row, column).intersects(body)
        ]

    def at(self, place: QPoint) -> Part | None:
        """Return what is at a place."""
        column = (place.x() - ROW_HEAD - _MARGIN + self.x) // self.step
        row = (place.y() - COLUMN_HEAD - _MARGIN + self.y) // self.step
        if place.x() < ROW_HEAD and place.y() >= COLUMN_HEAD and 0 <= row < self.rows:
            return ("row", row, -1) if self.row_head(row).contains(place) else None
        if place.y() < COLUMN_HEAD and place.x() >= ROW_HEAD and 0 <= column < self.columns:
            return ("column", -1, column) if self.column_head(column).contains(place) else None
        inside = 0 <= row < self.rows and 0 <= column < self.columns
        if inside and self.body.contains(place) and self.tile(row, column).contains(place):
            return "cell", row, column
        return None

    def scrolled_to(self, row: int, column: int) -> tuple[int, int]:
        """Return how far to scroll so that a tile is wholly in sight, as little as possible."""
        tile, body = (
            self.tile(row, column),
            self.body.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN),
        )
        return (
            self.x + _outside(tile.left(), tile.right(), body.left(), body.right()),
            self.y + _outside(tile.top(), tile.bottom(), body.top(), body.bottom()),
        )


def _outside(first: int, last: int, start: int, end: int) -> int:
    """Return by how much to move a stretch of tiles that begins or ends beyond its place."""
    if first < start:
        return first - start
    return min(max(0, last - end), first - start)
