"""Pictures in the order of their likeness to another one, each with name and likeness."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.tile_layout import TileLayout

if TYPE_CHECKING:
    from cnnviz_gui.core.result import Neighbour

_TILE = 124
_CAPTION = 38
_MARGIN = theme.RING + theme.RING_GAP
_OWN = "this picture"


class NeighbourGrid(QAbstractScrollArea):
    """A grid of pictures; GUI thread only.

    A click or Return opens a picture; arrows, Home, End, Page Up and Page Down move the mark.
    """

    chosen = Signal(object)
    """The path of a picture that the user opens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._neighbours: tuple[Neighbour, ...] = ()
        self._own = ""
        self._places = 0
        self._images: dict[int, QImage] = {}
        self._marked: int | None = None
        self._under: int | None = None
        self._layout = TileLayout()
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self.viewport().update)
        self.setFrameShape(self.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Nearest pictures")
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        theme.notifier.changed.connect(self.viewport().update)

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
        self._places = max(places, len(self._neighbours))
        kept = {id(one.thumbnail) for one in self._neighbours}
        self._images = {key: image for key, image in self._images.items() if key in kept}
        if self._marked is not None and self._marked >= len(self._neighbours):
            self._marked = None
        self._under = None
        self._lay_out()
        self._describe()

    def set_stale(self, stale: bool) -> None:
        """Dim the pictures while others are being looked for."""
        self._dimming.set_stale(stale)

    def count(self) -> int:
        """Return how many pictures are shown."""
        return len(self._neighbours)

    def tile_rect(self, place: int) -> QRect:
        """Return where a picture lies in the viewport."""
        return self._layout.tile(place).translated(0, -self._scroll())

    def _lay_out(self) -> None:
        self._layout = TileLayout(
            count=self._places,
            width=self.viewport().width() - 2 * _MARGIN,
            wanted=_TILE,
            gap=theme.GAP,
            caption=_CAPTION,
            margin=_MARGIN,
        )
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.height + _CAPTION - self.viewport().height()))
        bar.setPageStep(max(1, self.viewport().height()))
        bar.setSingleStep(max(1, self._layout.pitch // 2))
        self.viewport().update()

    def _scroll(self) -> int:
        return int(self.verticalScrollBar().value())

    def _place_at(self, at: QPoint) -> int | None:
        place = self._layout.position_at(QPoint(at.x(), at.y() + self._scroll()))
        return place if place is not None and place < len(self._neighbours) else None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures in sight."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        scroll = self._scroll()
        for place in self._layout.visible(scroll + event.rect().top(), event.rect().height()):
            rect = self._layout.tile(place).translated(0, -scroll)
            if place < len(self._neighbours):
                self._paint_picture(painter, rect, self._neighbours[place])
                self._paint_caption(painter, rect, self._neighbours[place])
                self._paint_marks(painter, rect, place)
            else:
                painting.box(painter, rect, theme.R_TILE, "panel")
                picture_paint.hatch(painter, QRectF(rect), theme.color("line"))

    def _paint_picture(self, painter: QPainter, rect: QRect, one: Neighbour) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(rect), theme.R_TILE, theme.R_TILE)
        painter.save()
        painter.setOpacity(self._dimming.opacity)
        share = QRectF(rect.left(), rect.bottom() + 7, rect.width(), 4)
        painting.bar(painter, share, one.similarity, "accent")
        painter.setClipPath(shape)
        painter.drawImage(rect, self._image(one))
        painter.restore()

    def _paint_caption(self, painter: QPainter, rect: QRect, one: Neighbour) -> None:
        stale = self._dimming.opacity < 1.0
        line = QRect(rect.left(), rect.bottom() + 13, rect.width(), 20)
        written = likeness(one.similarity)
        right = Qt.AlignmentFlag.AlignRight
        width = painting.text(
            painter, line, written, "strong", "text3" if stale else "text1", right
        )
        own = one.path == self._own
        room = line.adjusted(0, 0, -width - theme.INSIDE, 0)
        # In the middle: what tells the pictures of a camera apart stands at the end.
        fonts, middle = QFontMetrics(theme.font("caption")), Qt.TextElideMode.ElideMiddle
        name = _OWN if own else PurePath(one.path).stem
        name = fonts.elidedText(name, middle, room.width())
        token = "text3" if stale else "accent" if own else "text2"
        painting.text(painter, room, name, "caption", token)

    def _paint_marks(self, painter: QPainter, rect: QRect, place: int) -> None:
        own = self._neighbours[place].path == self._own
        out = rect.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        if own or (place == self._marked and self.hasFocus()):
            painting.ring(painter, out, theme.R_TILE + _MARGIN)
        elif place == self._under:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.color("line_strong"))
            edge = QRectF(rect).adjusted(-1.5, -1.5, 1.5, 1.5)
            painter.drawRoundedRect(edge, theme.R_TILE + 1, theme.R_TILE + 1)

    def _image(self, one: Neighbour) -> QImage:
        key = id(one.thumbnail)
        if key not in self._images:
            self._images[key] = to_qimage(one.thumbnail)
        return self._images[key]

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the pictures out anew."""
        super().resizeEvent(event)
        self._lay_out()

    def viewportSizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return QSize(4 * (_TILE + theme.GAP), 2 * (_TILE + _CAPTION + theme.GAP))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Repaint where the scroll bar stands."""
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show that the hand is over a picture."""
        self._set_under(self._place_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open a picture."""
        place = self._place_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self._mark(place)
            self.chosen.emit(self._neighbours[place].path)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell path and likeness of the picture under the cursor."""
        if event.type() == QEvent.Type.Leave:
            self._set_under(None)
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._place_at(event.pos())
            text = ""
            if place is not None:
                one = self._neighbours[place]
                cosine = fmt.significant(one.similarity, 4)
                text = f"{one.path}\ncosine {cosine}\nClick to open it."
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return bool(super().viewportEvent(event))

    def _set_under(self, place: int | None) -> None:
        if place != self._under:
            self._under = place
            shape = Qt.CursorShape.ArrowCursor
            if place is not None:
                shape = Qt.CursorShape.PointingHandCursor
            self.viewport().setCursor(shape)
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the mark, or open the marked picture."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._marked is not None:
            self.chosen.emit(self._neighbours[self._marked].path)
            return
        place = None
        if self._neighbours:
            place = self._layout.moved(self._marked, key, self.viewport().height())
        if place is None:
            super().keyPressEvent(event)
        else:
            self._mark(min(place, len(self._neighbours) - 1))

    def _mark(self, place: int) -> None:
        self._marked = place
        tile = self._layout.tile(place)
        bar = self.verticalScrollBar()
        bottom = tile.bottom() + _CAPTION + _MARGIN - self.viewport().height()
        bar.setValue(min(max(bar.value(), bottom), tile.top() - _MARGIN))
        self._describe()
        self.viewport().update()

    def _describe(self) -> None:
        said = ""
        if self._marked is not None:
            one = self._neighbours[self._marked]
            place = f"{self._marked + 1} of {len(self._neighbours)}"
            said = f"{PurePath(one.path).name}, {likeness(one.similarity)}, {place}"
        self.setAccessibleDescription(said)


def likeness(similarity: float) -> str:
    """Return a cosine in hundredths: ``87.3 %``, ``−2.0 %``."""
    return f"{100 * similarity:.1f} %".replace("-", fmt.MINUS).replace(f"{fmt.MINUS}0.0", "0.0")
