"""Where tiles lie: arithmetic without widgets."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt


class TileLayout:
    """Rows of equal tiles, each row as wide as the place; lengths in whole pixels.

    Parameters
    ----------
    count
        How many tiles.
    width
        Of the place, without margins.
    wanted
        Width of a tile before it is stretched.
    aspect
        Height of a tile by its width.
    gap, caption, margin
        Between tiles; under each tile; all round.
    """

    def __init__(
        self,
        *,
        count: int = 0,
        width: int = 1,
        wanted: int = 72,
        aspect: float = 1.0,
        gap: int = 8,
        caption: int = 0,
        margin: int = 3,
    ) -> None:
        # Plain attributes: a paint asks for them some thousand times.
        self.count = count
        self.margin = margin
        self.gap = gap
        self.caption = caption
        self.columns = max(1, (width + gap) // (wanted + gap))
        self.side = max(1, (width - (self.columns - 1) * gap) // self.columns)
        self.tall = max(1, round(self.side * aspect))
        self.pitch = self.tall + caption + gap
        spare = max(0, width - self.columns * self.side)
        share = max(1, self.columns - 1)
        self._lefts = [
            margin + column * self.side + column * spare // share for column in range(self.columns)
        ]

    @property
    def height(self) -> int:
        """Height of all rows."""
        rows = -(-self.count // self.columns)
        return rows * self.pitch - self.gap + 2 * self.margin if rows else 0

    def tile(self, position: int) -> QRect:
        """Return where the tile at a position lies."""
        row, column = divmod(position, self.columns)
        return QRect(self._lefts[column], self.margin + row * self.pitch, self.side, self.tall)

    def visible(self, top: int, height: int) -> range:
        """Return the positions of which something lies in a strip."""
        first = max(0, (top - self.margin) // self.pitch)
        last = max(0, (top + height + self.margin) // self.pitch + 1)
        return range(min(first * self.columns, self.count), min(last * self.columns, self.count))

    def position_at(self, at: QPoint) -> int | None:
        """Return the position of the tile at a place; its caption belongs to it."""
        row = (at.y() - self.margin) // self.pitch
        start = row * self.columns
        for position in range(max(0, start), min(start + self.columns, self.count)):
            if self.tile(position).adjusted(0, 0, 0, self.caption).contains(at):
                return position
        return None

    def moved(self, now: int | None, key: Qt.Key, view: int) -> int | None:
        """Return where a key leads from a position, None for keys that lead nowhere."""
        page = self.columns * max(1, view // self.pitch)
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.columns,
            Qt.Key.Key_Down: self.columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -self.count,
            Qt.Key.Key_End: self.count,
        }
        if key not in steps:
            return None
        if now is None:
            return self.count - 1 if key == Qt.Key.Key_End else 0
        wanted = now + steps[key]
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not 0 <= wanted < self.count:
            return now
        return min(max(wanted, 0), self.count - 1)


def best_side(
    count: int,
    place: tuple[int, int],
    aspect: float,
    sides: tuple[int, int],
    spaces: tuple[int, int],
    bar: int = 0,
) -> int:
    """Return the width of tiles that all have room, else of those whose rows fill a place best.

    Parameters
    ----------
    place
        Width and height, without margins.
    sides
        The least and the largest width of a tile.
    spaces
        Between tiles, and under each of them.
    bar
        Width that a scroll bar takes where not all have room.
    """
    (width, height), (least, largest), (gap, caption) = place, sides, spaces
    first, last = ((width + gap) // (side + gap) for side in (largest, least))
    found = []
    for columns in range(max(1, first), max(1, last) + 1):
        side, narrow = ((room - (columns - 1) * gap) // columns for room in (width, width - bar))
        if (height + gap) // (round(side * aspect) + caption + gap) * columns >= count:
            return narrow  # so that a bar that is there already finds that it can go
        pitch = round(narrow * aspect) + caption + gap
        # Of very many, few large ones would show little.
        if pitch <= height + gap and narrow < 1.6 * least:
            found.append(((height + gap) % pitch, narrow))
    return min(found)[1] if found else least
