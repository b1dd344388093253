"""Pictures in the order of their likeness to another one, each with name and likeness."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.picture_grid import PictureGrid
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import Neighbour

_TILE = 124
_CAPTION = 38
OWN = tr("this picture")


class NeighbourGrid(PictureGrid):
    """A grid of pictures, the nearest first; GUI thread only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Nearest pictures"), _TILE, _CAPTION, parent)
        self._neighbours: tuple[Neighbour, ...] = ()
        self._own = ""
        self._images: dict[int, QImage] = {}

    def set_neighbours(
        self, neighbours: Sequence[Neighbour], own: str = "", places: int = 0
    ) -> None:
        """Show pictures, the nearest first.

        Parameters
        ----------
        own
            Path of the picture the others are compared with; if it is among them it is marked so.
        places
            How many there may be in the end; those still missing are hatched.
        """
        self._neighbours = tuple(neighbours)
        self._own = own
        kept = {id(one.thumbnail) for one in self._neighbours}
        self._images = {key: image for key, image in self._images.items() if key in kept}
        self.set_count(len(self._neighbours), places, self._marked)

    def path(self, place: int) -> str:
        """Return the file of a picture."""
        return self._neighbours[place].path

    def picture(self, place: int) -> QImage:
        """Return a picture."""
        one = self._neighbours[place]
        key = id(one.thumbnail)
        if key not in self._images:
            self._images[key] = to_qimage(one.thumbnail)
        return self._images[key]

    def paint_caption(self, painter: QPainter, rect: QRect, place: int, *, stale: bool) -> None:
        """Write name and likeness, below a bar."""
        one = self._neighbours[place]
        painter.save()
        painter.setOpacity(self._dimming.opacity)
        share = QRectF(rect.left(), rect.bottom() + 7, rect.width(), 4)
        painting.bar(painter, share, one.similarity, "accent")
        painter.restore()
        line = QRect(rect.left(), rect.bottom() + 13, rect.width(), 20)
        written = likeness(one.similarity)
        right = Qt.AlignmentFlag.AlignRight
        width = painting.text(
            painter, line, written, "strong", "text3" if stale else "text1", right
        )
        own = self.ringed(place)
        room = line.adjusted(0, 0, -width - theme.INSIDE, 0)
        # In the middle: what tells the pictures of a camera apart stands at the end.
        fonts, middle = QFontMetrics(theme.font("caption")), Qt.TextElideMode.ElideMiddle
        name = OWN if own else PurePath(one.path).stem
        name = fonts.elidedText(name, middle, room.width())
        token = "text3" if stale else "accent" if own else "text2"
        painting.text(painter, room, name, "caption", token)

    def tooltip(self, place: int) -> str:
        """Return path and likeness of a picture."""
        one = self._neighbours[place]
        return tr(
            "{path}\ncosine {cosine}\nClick to open it.",
            path=one.path,
            cosine=fmt.significant(one.similarity, 4),
        )

    def said(self, place: int) -> str:
        """Return what a screen reader says of a picture."""
        one = self._neighbours[place]
        return f"{PurePath(one.path).name}, {likeness(one.similarity)}"

    def ringed(self, place: int) -> bool:
        """Tell whether it is the picture that the others are compared with."""
        return self._neighbours[place].path == self._own


def likeness(similarity: float) -> str:
    """Return a cosine: ``0.873``, ``−0.020``."""
    return f"{similarity:.3f}".replace("-0.000", "0.000").replace("-", fmt.MINUS)
