"""Heat maps in rows and columns, which share zoom and cursor."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QToolTip, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.look import Look
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import IconButton, painting
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.heatmaps import grid_paint
from cnnviz_gui.panels.heatmaps.grid_layout import GridLayout, Part
from cnnviz_gui.panels.heatmaps.grid_pictures import GridPictures, Place
from cnnviz_gui.panels.spoken import tell
from cnnviz_gui.panels.zoom import Zoom
from cnnviz_gui.state.grid_view import ShownGrid
from cnnviz_gui.state.selection import Display
from cnnviz_gui.texts import tr

_TURN_SECONDS = 0.006
"""After this long with new maps the others wait for the next turn of the event loop."""
_NOTCH = 1.25
Words = Callable[[Part], str]


class HeatGrid(QAbstractScrollArea):
    """A table of tiles; GUI thread only.

    Click on a head: use that method, class or layer. Wheel: zoom all; over the heads: scroll. Drag:
    pan all. Double click or Return: open a map large. Arrows, Home, End move the mark, plus, minus
    and 0 zoom.
    """

    picked = Signal(object)
    """The ``Part`` whose head was clicked."""
    opened = Signal(object)
    """``(row, column)`` of the map that is wanted large."""

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._words = words
        self._shown: ShownGrid | None = None
        self._display, self._look = Display(), Look()
        self._pictures = GridPictures()
        self._layout = GridLayout()
        self._zoom = Zoom()
        self._under: Part | None = None
        self._share: tuple[float, float] | None = None
        self._mark: Place = (0, 0)
        self._pressed: QPointF | None = None
        self._panning = False
        self._of: object = None
        self.whole = IconButton("arrows-in", tr("Fit the pictures (0)"), parent=self.viewport())
        self.whole.clicked.connect(self.fit)
        self.whole.hide()
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self.viewport().update)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._make_pictures)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName(tr("Grid of heat maps"))
        theme.notifier.changed.connect(self._make_pictures)

    # What is shown

    def set_grid(self, shown: ShownGrid | None, display: Display, look: Look) -> None:
        """Show a grid; only maps that have changed are painted anew.

        Another picture or network is seen whole again.
        """
        self._shown = shown
        of = None if shown is None else [(one.model, one.image) for one in shown.requests]
        if of is not None and of != self._of:
            self._of = of
            self.fit()
        self._display, self._look = display, look
        self._pictures.keep(shown)
        cells = {} if shown is None else shown.cells
        stale = any(cell.state == "stale" for cell in cells.values())
        self._dimming.set_stale(stale)
        rows, columns = self._counts()
        self._mark = min(self._mark[0], max(0, rows - 1)), min(self._mark[1], max(0, columns - 1))
        self._lay_out()
        self._make_pictures()
        self._describe()

    def fit(self) -> None:
        """Show the pictures whole."""
        self._set_zoom(Zoom())

    def zoom(self) -> Zoom:
        """Return what is seen of every picture."""
        return self._zoom

    def tile_rect(self, row: int, column: int) -> QRect:
        """Return where a tile lies in the viewport."""
        return self._layout.tile(row, column)

    def head_rect(self, part: Part) -> QRect:
        """Return where a head lies in the viewport."""
        kind, row, column = part
        return self._layout.row_head(row) if kind == "row" else self._layout.column_head(column)

    def readings(self) -> dict[Place, str]:
        """Return what is told of the place under the cursor, by tile."""
        if self._share is None or self._shown is None:
            return {}
        x, y = self._share
        found = {}
        for place, cell in self._shown.cells.items():
            if cell.result is not None and cell.state != "stale":
                high, wide = cell.result.map.shape
                value = cell.result.map[min(int(y * high), high - 1), min(int(x * wide), wide - 1)]
                found[place] = fmt.significant(float(value))
        return found

    def _counts(self) -> tuple[int, int]:
        shown = self._shown
        return (0, 0) if shown is None else (len(shown.rows), len(shown.columns))

    def _make_pictures(self) -> None:
        """Paint the maps that are new; after a while let others work."""
        shown, near = self._shown, self._layout.in_sight()
        make, display, look = self._pictures.make, self._display, self._look
        if shown is not None and not make(shown, display, look, near, _TURN_SECONDS):
            self._rest.start(0)
        self.viewport().update()

    # Geometry

    def _lay_out(self) -> None:
        rows, columns = self._counts()
        # Decided on the whole place: a bar makes the tiles smaller, which then may all have room.
        beyond = GridLayout(rows, columns, self.maximumViewportSize()).beyond
        on, off = Qt.ScrollBarPolicy.ScrollBarAlwaysOn, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setHorizontalScrollBarPolicy(on if beyond.width() else off)
        self.setVerticalScrollBarPolicy(on if beyond.height() else off)
        bars = self.horizontalScrollBar(), self.verticalScrollBar()
        layout = GridLayout(rows, columns, self.viewport().size())
        for bar, beyond in zip(bars, (layout.beyond.width(), layout.beyond.height()), strict=True):
            bar.setRange(0, beyond)
            bar.setSingleStep(layout.step // 2)
        bars[0].setPageStep(max(1, layout.body.width()))
        bars[1].setPageStep(max(1, layout.body.height()))
        self._follow()

    def _follow(self) -> None:
        """Take over how far the bars are."""
        rows, columns = self._counts()
        x, y = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        self._layout = GridLayout(rows, columns, self.viewport().size(), x, y)
        self.viewport().update()

    def _share_at(self, at: QPointF, place: Place) -> tuple[float, float] | None:
        """Return the place in the picture under a place in a tile, as shares of its sides."""
        image = self._pictures.get(place)
        if image is None:
            return None
        tile = self._layout.tile(*place)
        frame = grid_paint.frame_of(tile, image)
        x, y = self._zoom.to_picture(frame, at.x() - tile.left(), at.y() - tile.top())
        share = x / frame.width, y / frame.height
        return share if all(0 <= part < 1 for part in share) else None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles in sight, then the heads over what scrolls beneath them."""
        shown = self._shown
        if shown is None:
            return
        painter = painting.begin(self.viewport())
        layout = self._layout
        painter.setClipRect(layout.body)
        places = layout.in_sight()
        for place in places:
            rect, cell = layout.tile(*place), shown.cells[place]
            image = self._pictures.get(place) if cell.result is not None else None
            grid_paint.tile(painter, rect, cell, image, self._zoom, self._dimming.opacity)
        tiles = [layout.tile(*place) for place in places]
        picture_paint.round_many(painter, tiles, theme.R_TILE, theme.color("stage"))
        self._paint_marks(painter)
        painter.setClipping(False)
        heads = self.viewport().rect().adjusted(0, layout.body.top(), 0, 0)
        painter.setClipRect(heads)
        for row, head in enumerate(shown.rows):
            over = self._under == ("row", row, -1)
            grid_paint.row_head(painter, layout.row_head(row), head, over)
        painter.setClipRect(self.viewport().rect().adjusted(layout.body.left(), 0, 0, 0))
        for column, above in enumerate(shown.columns):
            over = self._under == ("column", -1, column)
            grid_paint.column_head(painter, layout.column_head(column), above, over)

    def _paint_marks(self, painter: QPainter) -> None:
        if self.hasFocus():
            out = theme.RING + theme.RING_GAP
            rect = self._layout.tile(*self._mark).adjusted(-out, -out, out, out)
            painting.ring(painter, rect, theme.R_TILE + out)
        if self._share is None:
            return
        for place, said in self.readings().items():
            image, tile = self._pictures.get(place), self._layout.tile(*place)
            if image is not None and tile.intersects(self._layout.body):
                frame = grid_paint.frame_of(tile, image)
                x, y = self._share[0] * frame.width, self._share[1] * frame.height
                at = QPointF(*self._zoom.to_screen(frame, x, y)) + QPointF(tile.topLeft())
                if tile.contains(at.toPoint()):
                    grid_paint.reading(painter, tile, at, said)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the tiles out anew."""
        super().resizeEvent(event)
        self._lay_out()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move tiles and heads; the reading belongs to what was under the cursor."""
        self._share = None
        self._follow()

    def viewportSizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return QSize(480, 360)

    def minimumSizeHint(self) -> QSize:
        """Return the least size: one tile with its heads."""
        return QSize(220, 160)

    def _hover(self, at: QPointF | None) -> None:
        part = None if at is None else self._layout.at(at.toPoint())
        share = None
        if at is not None and part is not None and part[0] == "cell":
            share = self._share_at(at, part[1:])
        if (part, share) != (self._under, self._share):
            self._under, self._share = part, share
            head = part is not None and part[0] != "cell"
            hand = Qt.CursorShape.PointingHandCursor if head else Qt.CursorShape.ArrowCursor
            self.viewport().setCursor(hand)
            self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """Forget the cursor when it leaves; tell what is under it."""
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            part = self._layout.at(event.pos())
            QToolTip.showText(event.globalPos(), self._words(part) if part else "", self)
            return True
        return bool(super().viewportEvent(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a pan."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._panning = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the cursor; with the button held on a zoomed picture, pan all."""
        at = event.position()
        held = self._pressed if event.buttons() & Qt.MouseButton.LeftButton else None
        if held is None or self._zoom.at_fit:
            self._hover(at)
            return
        far = (at - held).manhattanLength() >= QApplication.startDragDistance()
        image, part = self._pictures.first(), self._layout.at(held.toPoint())
        if image is None or not (self._panning or (far and part and part[0] == "cell")):
            return
        self._panning = True
        frame = grid_paint.frame_of(self._layout.tile(0, 0), image)
        moved = at - held
        self._pressed = at
        self._set_zoom(self._zoom.moved(frame, moved.x(), moved.y()))
        self._hover(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a click or a pan."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        part = self._layout.at(event.position().toPoint())
        same = part is not None and part == self._layout.at(self._pressed.toPoint())
        if part is not None and same and not self._panning:
            if part[0] == "cell":
                self._set_mark(part[1], part[2])
            else:
                self.picked.emit(part)
        self._pressed, self._panning = None, False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a map large."""
        part = self._layout.at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and part and part[0] == "cell":
            self.opened.emit(part[1:])

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom all about the cursor; over the heads scroll."""
        at = event.position()
        part = self._layout.at(at.toPoint())
        cell = part is not None and part[0] == "cell"
        image = self._pictures.get(part[1:]) if part is not None and cell else None
        if part is None or image is None or event.modifiers():
            super().wheelEvent(event)
            return
        event.accept()
        tile = self._layout.tile(*part[1:])
        frame = grid_paint.frame_of(tile, image)
        by = _NOTCH ** (event.angleDelta().y() / 120)
        x, y = at.x() - tile.left(), at.y() - tile.top()
        self._set_zoom(self._zoom.zoomed(frame, by, x, y))
        self._hover(at)

    def _set_zoom(self, zoom: Zoom) -> None:
        if zoom != self._zoom:
            self._zoom = zoom
            self.whole.setVisible(not zoom.at_fit)
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the mark, open the marked map, zoom."""
        (row, column), (rows, columns) = self._mark, self._counts()
        steps = {
            Qt.Key.Key_Left: (row, column - 1),
            Qt.Key.Key_Right: (row, column + 1),
            Qt.Key.Key_Up: (row - 1, column),
            Qt.Key.Key_Down: (row + 1, column),
            Qt.Key.Key_Home: (row, 0),
            Qt.Key.Key_End: (row, columns - 1),
        }
        key = Qt.Key(event.key())
        if not rows or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key in steps:
            row, column = steps[key]
            self._set_mark(min(max(row, 0), rows - 1), min(max(column, 0), columns - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self._mark)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._zoom_by(1 / _NOTCH if key == Qt.Key.Key_Minus else _NOTCH)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _zoom_by(self, by: float) -> None:
        image = self._pictures.first()
        if image is not None:
            frame = grid_paint.frame_of(self._layout.tile(0, 0), image)
            middle = self._layout.side / 2
            self._set_zoom(self._zoom.zoomed(frame, by, middle, middle))

    def _set_mark(self, row: int, column: int) -> None:
        self._mark = row, column
        x, y = self._layout.scrolled_to(row, column)
        self.horizontalScrollBar().setValue(x)
        self.verticalScrollBar().setValue(y)
        self._describe()
        self.viewport().update()

    def _describe(self) -> None:
        rows, columns = self._counts()
        said = ""
        if rows and columns and self._shown is not None:
            row, column = self._mark
            head, cell = self._shown.columns[column], self._shown.cells[self._mark]
            where = tr(
                "row {row} of {rows}, column {column} of {columns}",
                row=row + 1,
                rows=rows,
                column=column + 1,
                columns=columns,
            )
            first = self._shown.rows[row]
            parts = (first.title, first.caption, head.title, head.caption, cell.said, where)
            said = ", ".join(filter(None, parts))
        tell(self, said)
