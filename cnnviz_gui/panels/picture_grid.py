"""Small pictures of files under one another, of which only those in sight cost anything."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
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

from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.spoken import tell
from cnnviz_gui.panels.tile_layout import TileLayout
from cnnviz_gui.texts import tr

MARGIN = theme.RING + theme.RING_GAP


class PictureGrid(QAbstractScrollArea):
    """A grid of pictures with captions; GUI thread only.

    A click or Return opens a picture; arrows, Home, End, Page Up and Page Down move the mark. What
    the pictures are, and what stands under them, a subclass says.
    """

    chosen = Signal(object)
    """The path of a picture that the user opens."""

    def __init__(
        self, accessible_name: str, tile: int, caption: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        as_data(self)
        self._tile = tile
        self._caption = caption
        self._count = 0
        self._places = 0
        self._marked: int | None = None
        self._under: int | None = None
        self._layout = TileLayout()
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self.viewport().update)
        self.setFrameShape(self.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(accessible_name)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        theme.notifier.changed.connect(self.viewport().update)

    # What a subclass says of the picture at a place

    def path(self, place: int) -> str:
        """Return its file."""
        raise NotImplementedError

    def picture(self, place: int) -> QImage | None:
        """Return it; None where there is none."""
        raise NotImplementedError

    def paint_caption(self, painter: QPainter, rect: QRect, place: int, *, stale: bool) -> None:
        """Write what stands under it; ``rect`` is its own."""
        raise NotImplementedError

    def tooltip(self, place: int) -> str:
        """Return all that is known of it."""
        raise NotImplementedError

    def said(self, place: int) -> str:
        """Return what a screen reader says of it."""
        raise NotImplementedError

    def ringed(self, place: int) -> bool:
        """Tell whether it stands out from the others."""
        return False

    # What is shown

    def set_count(self, count: int, places: int = 0, marked: int | None = None) -> None:
        """Show so many pictures; of ``places`` there may be, those still missing are hatched."""
        self._count = count
        self._places = max(places, count)
        self._marked = marked if marked is not None and marked < count else None
        self._under = None
        self._lay_out()
        self._describe()

    def set_stale(self, stale: bool) -> None:
        """Dim the pictures while others are being looked for."""
        self._dimming.set_stale(stale)

    def count(self) -> int:
        """Return how many pictures are shown."""
        return self._count

    def marked(self) -> int | None:
        """Return the place that the keys have come to, or that was clicked last."""
        return self._marked

    def tile_rect(self, place: int) -> QRect:
        """Return where a picture lies in the viewport."""
        return self._layout.tile(place).translated(0, -self._scroll())

    def _lay_out(self) -> None:
        self._layout = TileLayout(
            count=self._places,
            width=self.viewport().width() - 2 * MARGIN,
            wanted=self._tile,
            gap=theme.GAP,
            caption=self._caption,
            margin=MARGIN,
        )
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.height + self._caption - self.viewport().height()))
        bar.setPageStep(max(1, self.viewport().height()))
        bar.setSingleStep(max(1, self._layout.pitch // 2))
        self.viewport().update()

    def _scroll(self) -> int:
        return int(self.verticalScrollBar().value())

    def _place_at(self, at: QPoint) -> int | None:
        place = self._layout.position_at(QPoint(at.x(), at.y() + self._scroll()))
        return place if place is not None and place < self._count else None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures in sight."""
        painter = painting.begin(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        scroll = self._scroll()
        for place in self._layout.visible(scroll + event.rect().top(), event.rect().height()):
            rect = self._layout.tile(place).translated(0, -scroll)
            if place < self._count:
                self._paint_picture(painter, rect, place)
                self.paint_caption(painter, rect, place, stale=self._dimming.opacity < 1.0)
                self._paint_marks(painter, rect, place)
            else:
                painting.box(painter, rect, theme.R_TILE, "panel")
                picture_paint.hatch(painter, QRectF(rect), theme.color("line"))

    def _paint_picture(self, painter: QPainter, rect: QRect, place: int) -> None:
        picture = self.picture(place)
        if picture is None:
            return
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(rect), theme.R_TILE, theme.R_TILE)
        painter.save()
        painter.setOpacity(self._dimming.opacity)
        painter.setClipPath(shape)
        painter.drawImage(rect, picture)
        painter.restore()

    def _paint_marks(self, painter: QPainter, rect: QRect, place: int) -> None:
        out = rect.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        if self.ringed(place) or (place == self._marked and self.hasFocus()):
            painting.ring(painter, out, theme.R_TILE + MARGIN)
        elif place == self._under:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.color("line_strong"))
            edge = QRectF(rect).adjusted(-1.5, -1.5, 1.5, 1.5)
            painter.drawRoundedRect(edge, theme.R_TILE + 1, theme.R_TILE + 1)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the pictures out anew."""
        super().resizeEvent(event)
        self._lay_out()

    def viewportSizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return QSize(4 * (self._tile + theme.GAP), 2 * (self._tile + self._caption + theme.GAP))

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
            self.chosen.emit(self.path(place))

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell what is known of the picture under the cursor."""
        if event.type() == QEvent.Type.Leave:
            self._set_under(None)
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._place_at(event.pos())
            text = "" if place is None else self.tooltip(place)
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
            self.chosen.emit(self.path(self._marked))
            return
        place = None
        if self._count:
            place = self._layout.moved(self._marked, key, self.viewport().height())
        if place is None:
            super().keyPressEvent(event)
        else:
            self._mark(min(place, self._count - 1))

    def _mark(self, place: int) -> None:
        self._marked = place
        tile = self._layout.tile(place)
        bar = self.verticalScrollBar()
        bottom = tile.bottom() + self._caption + MARGIN - self.viewport().height()
        bar.setValue(min(max(bar.value(), bottom), tile.top() - MARGIN))
        self._describe()
        self.viewport().update()

    def _describe(self) -> None:
        said = ""
        if self._marked is not None:
            said = tr(
                "{said}, {place} of {count}",
                said=self.said(self._marked),
                place=self._marked + 1,
                count=self._count,
            )
        tell(self, said)
