"""The pictures of a folder as tiles, each with its file, a word and a number."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.picture_grid import PictureGrid
from cnnviz_gui.texts import tr

_TILE = 132
_CAPTION = 44
_LINE = 19
_DECODED = 400
"""Pictures that are kept ready to be painted: some screens full."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture, and what stands under it."""

    thumbnail: bytes
    """JPEG; empty where there is none."""
    name: str
    word: str
    number: str
    problem: str = ""
    """Why there is no picture."""
    long_word: bool = False
    """The word has a line of its own, and the number stands beside the name."""


class FolderTiles(PictureGrid):
    """A grid of tiles; GUI thread only."""

    def __init__(self, tooltip: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__(tr("Pictures of the folder"), _TILE, _CAPTION, parent)
        self._told = tooltip
        self._paths: tuple[str, ...] = ()
        self._made: Callable[[int], Tile] | None = None
        self._images: OrderedDict[bytes, QImage] = OrderedDict()

    def set_tiles(
        self, paths: Sequence[str], tile: Callable[[int], Tile] | None, places: int = 0
    ) -> None:
        """Show pictures; the marked one stays marked wherever it is then.

        Parameters
        ----------
        paths
            Of the files.
        tile
            Makes the tile at a place, when it comes into sight.
        places
            How many there may be in the end; those still missing are hatched.
        """
        at = self.marked()
        kept = "" if at is None else self._paths[at]
        self._paths, self._made = tuple(paths), tile
        again = self._paths.index(kept) if kept in self._paths else None
        self.set_count(len(self._paths), places, again)

    def tile(self, place: int) -> Tile:
        """Return the tile at a place."""
        assert self._made is not None
        return self._made(place)

    def path(self, place: int) -> str:
        """Return the file of a tile."""
        return self._paths[place]

    def picture(self, place: int) -> QImage | None:
        """Return a picture, decoded when it comes into sight."""
        data = self.tile(place).thumbnail
        if not data:
            return None
        if data not in self._images:
            self._images[data] = QImage.fromData(data, "JPEG")
            if len(self._images) > _DECODED:
                self._images.popitem(last=False)
        self._images.move_to_end(data)
        return self._images[data]

    def paint_caption(self, painter: QPainter, rect: QRect, place: int, *, stale: bool) -> None:
        """Write the name, and below it the word with the number."""
        tile = self.tile(place)
        if not tile.thumbnail:
            painting.box(painter, rect, theme.R_TILE, "panel", "line")
            painter.save()
            room = rect.adjusted(8, 8, -8, -8)
            painting.words(painter, room, tile.problem, "caption", "text3")
            painter.restore()
        line = QRect(rect.left(), rect.bottom() + 4, rect.width(), _LINE)
        below = line.translated(0, _LINE - 1)
        right = Qt.AlignmentFlag.AlignRight
        token = "text3" if stale else "text1"
        spot = line if tile.long_word else below
        width = painting.text(painter, spot, tile.number, "caption", token, right)
        beside = -(width + theme.INSIDE) if width else 0
        # In the middle: what tells the pictures of a camera apart stands at the end.
        name = line.adjusted(0, 0, beside if tile.long_word else 0, 0)
        # As short as it may be: what tells the pictures of a folder apart stands at the end.
        stem = PurePath(tile.name).stem
        _write(painter, name, stem, token, Qt.TextElideMode.ElideMiddle)
        room = below.adjusted(0, 0, 0 if tile.long_word else beside, 0)
        _write(painter, room, tile.word, "text3" if stale else "text2", Qt.TextElideMode.ElideRight)

    def tooltip(self, place: int) -> str:
        """Return all that is known of a tile."""
        return self._told(place)

    def said(self, place: int) -> str:
        """Return what a screen reader says of a tile."""
        tile = self.tile(place)
        return ", ".join(filter(None, (tile.name, tile.word, tile.number)))


def _write(painter: QPainter, room: QRect, text: str, token: str, mode: Qt.TextElideMode) -> None:
    """Write as much of a text as there is room for."""
    shown = QFontMetrics(theme.font("caption")).elidedText(text, mode, room.width())
    painting.text(painter, room, shown, "caption", token)
