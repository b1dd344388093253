"""A matrix of weights that one can go near to, down to the numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.layers import matrix_paint
from cnnviz_gui.panels.layers.matrix_frame import LARGEST_CELL, MatrixFrame
from cnnviz_gui.panels.spoken import tell
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.layer_results import LayerFilters

_ASK_AFTER_MS = 60
"""A moving hand would ask for every place it passes."""


class MatrixView(QWidget):
    """Rows are filters, columns what they read; GUI thread only.

    The wheel zooms, a drag moves, a double click shows all; arrows up and down choose a filter,
    left and right move, plus, minus and 0 zoom.
    """

    selected = Signal(object)
    """The filter chosen by hand."""
    window_wanted = Signal(object)
    """The part of the matrix to ask for, None for all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._whole: LayerFilters | None = None
        self._part: LayerFilters | None = None
        self._images: dict[int, tuple[LayerFilters, QImage]] = {}
        self._frame: MatrixFrame | None = None
        self._current: int | None = None
        self._hover: tuple[int, int] | None = None
        self._pressed: QPointF | None = None
        self._moving = False
        self._asked: object = None
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self.update)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_ASK_AFTER_MS)
        self._soon.timeout.connect(self._ask)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(tr("Matrix of weights"))
        theme.notifier.changed.connect(self._on_theme_changed)

    def sizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return QSize(480, 360)

    def set_matrix(self, shown: LayerFilters | None) -> None:
        """Show a matrix or a part of the one that is shown; another layer is seen whole."""
        if shown is None or shown.matrix is None:
            self._whole = self._part = self._frame = None
            self._images.clear()
            self.update()
            return
        rows, columns = shown.shape[:2]
        old = self._part or self._whole
        same = old is not None and (old.layer, old.shape) == (shown.layer, shown.shape)
        if not same or old is None or (old.rows != shown.rows).any():
            self._whole = None
        if shown.window == (0, 0, rows, columns):
            self._whole = shown
            self._part = None
        else:
            self._part = shown
        self._images = {
            key: kept for key, kept in self._images.items() if kept[0] in (self._whole, self._part)
        }
        if not same or self._frame is None:
            area = self._area()
            self._frame = MatrixFrame(rows, columns, area.width(), area.height())
            self._asked = None
            self._hover = None
        self._describe()
        self.update()

    def set_current(self, channel: int | None) -> None:
        """Mark a filter and bring it into sight, without a signal."""
        if channel == self._current:
            return
        self._current = channel
        row = self._row_of(channel)
        if row is not None and self._frame is not None:
            self._look(self._frame.showing(row))
        self._describe()
        self.update()

    def set_stale(self, stale: bool) -> None:
        """Dim what belongs to another layer while its successor is prepared."""
        self._dimming.set_stale(stale)

    def fit(self) -> None:
        """Show all of the matrix."""
        if self._frame is not None:
            self._look(replace(self._frame, zoom=1.0, x=0.0, y=0.0))

    def value_at(self, row: int, column: int) -> tuple[float, tuple[int, int]] | None:
        """Return the finest number known of a cell, and the size of the block it stands for."""
        for known in (self._part, self._whole):
            if known is None or known.matrix is None:
                continue
            top, left, bottom, right = known.window
            if top <= row < bottom and left <= column < right:
                place = (row - top) // known.step[0], (column - left) // known.step[1]
                return float(known.matrix[place]), known.step
        return None

    def _exact(self, row: int, column: int) -> float | None:
        found = self.value_at(row, column)
        return None if found is None or found[1] != (1, 1) else found[0]

    def _reach(self) -> float:
        known = self._part or self._whole
        return 1.0 if known is None else known.reach or 1.0

    def frame(self) -> MatrixFrame | None:
        """Return what is seen."""
        return self._frame

    def area(self) -> QRectF:
        """Return the place of the cells in the widget."""
        return self._area()

    def _area(self) -> QRectF:
        return matrix_paint.inside(self.rect())

    def _row_of(self, channel: int | None) -> int | None:
        known = self._part or self._whole
        if channel is None or known is None or known.rows is None:
            return None
        found = (known.rows == channel).nonzero()[0]
        return int(found[0]) if len(found) else None

    def _filter_of(self, row: int) -> int:
        known = self._part or self._whole
        return row if known is None or known.rows is None else int(known.rows[row])

    def _look(self, frame: MatrixFrame) -> None:
        frame = frame.clamped()
        if frame != self._frame:
            self._frame = frame
            self._soon.start()
            self.update()

    @Slot()
    def _ask(self) -> None:
        if self._frame is None or self._whole is None:
            return
        wanted = self._frame.wanted(self._whole.step)
        if wanted != self._asked:
            self._asked = wanted
            self.window_wanted.emit(wanted)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._images.clear()
        self.update()

    def _describe(self) -> None:
        known = self._part or self._whole
        if known is None:
            return
        filters, weights = known.shape[:2]
        said = tr("{filters} filters of {weights} weights", filters=filters, weights=weights)
        if self._current is not None:
            said = tr("{filters}, filter {number} selected", filters=said, number=self._current)
        tell(self, said)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells in sight, the marks and the numbers of rows and columns."""
        painter = painting.begin(self)
        frame, area = self._frame, self._area()
        if frame is None:
            return
        painter.save()
        painter.setClipRect(area)
        painter.translate(area.topLeft())
        painter.setOpacity(self._dimming.opacity)
        for known in (self._whole, self._part):
            if known is not None:
                matrix_paint.cells(painter, frame, known, self._image(known))
        painter.setOpacity(1.0)
        if min(frame.cell) >= LARGEST_CELL:
            matrix_paint.numbers(painter, frame, self._exact, self._reach())
        self._paint_marks(painter, frame)
        painter.restore()
        matrix_paint.axes(painter, frame, self.rect(), area, self._filter_of)
        self._paint_readout(painter, frame, area)
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_CONTROL)

    def _image(self, known: LayerFilters) -> QImage:
        kept = self._images.get(id(known))
        if kept is None or kept[0] is not known:
            kept = self._images[id(known)] = known, matrix_paint.picture(known)
        return kept[1]

    def _paint_marks(self, painter: QPainter, frame: MatrixFrame) -> None:
        wide, high = frame.cell
        row = self._row_of(self._current)
        if row is not None:
            y = frame.place(row, 0)[1]
            width = min(frame.width, frame.place(0, frame.columns)[0])
            pen = QPen(theme.color("accent"), theme.RING)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            tall = max(high, 4.0)
            painter.drawRect(QRectF(1, y + high / 2 - tall / 2, width - 2, tall))
        if self._hover is not None and min(wide, high) >= 4:
            x, y = frame.place(*self._hover)
            picture_paint.cell_mark(painter, QRectF(x, y, wide, high))

    def _paint_readout(self, painter: QPainter, frame: MatrixFrame, area: QRectF) -> None:
        if self._hover is None:
            return
        lines = self.readout(*self._hover)
        x, y = frame.place(*self._hover)
        wide, high = frame.cell
        cell = QRectF(area.left() + x, area.top() + y, wide, high).toAlignedRect()
        if lines:
            picture_paint.card(painter, lines, cell, QRectF(self.rect()))

    def readout(self, row: int, column: int) -> list[str]:
        """Return what is told of a cell, line by line."""
        found = self.value_at(row, column)
        if found is None:
            return []
        value, (down, by) = found
        lines = [
            tr("filter {number}", number=self._filter_of(row)),
            tr("input {number}", number=column),
        ]
        if (down, by) == (1, 1):
            return [*lines, tr("weight {value}", value=fmt.significant(value))]
        block = f"{down} {fmt.TIMES} {by}"
        return [
            *lines,
            tr(
                "strongest of {block}: {value}",
                block=block,
                value=fmt.significant(value),
            ),
        ]

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is seen."""
        super().resizeEvent(event)
        if self._frame is not None:
            area = self._area()
            self._look(replace(self._frame, width=area.width(), height=area.height()))

    def _place_of(self, at: QPointF) -> tuple[float, float]:
        inside = at - self._area().topLeft()
        return inside.x(), inside.y()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the cursor."""
        event.accept()
        if self._frame is not None:
            by = 1.25 ** (event.angleDelta().y() / 120)
            self._look(self._frame.zoomed(by, self._place_of(event.position())))
            self._set_hover(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a move."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._moving = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the matrix, or tell what is under the cursor."""
        at = event.position()
        if self._pressed is None or self._frame is None:
            self._set_hover(at)
            return
        moved = at - self._pressed
        if self._moving or moved.manhattanLength() >= QApplication.startDragDistance():
            self._moving = True
            self._pressed = at
            self._hover = None
            self._look(self._frame.moved(moved.x(), moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the filter that was clicked."""
        pressed, self._pressed = self._pressed, None
        if pressed is None or self._moving or self._frame is None:
            return
        cell = self._frame.cell_at(self._place_of(event.position()))
        if cell is not None:
            self._choose(cell[0])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all."""
        self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Tell nothing any more."""
        super().leaveEvent(event)
        self._hover = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a filter, move or zoom."""
        frame = self._frame
        if frame is None:
            super().keyPressEvent(event)
            return
        key, row = Qt.Key(event.key()), self._row_of(self._current)
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        middle = frame.width / 2, frame.height / 2
        if key in steps:
            chosen = 0 if row is None else min(max(row + steps[key], 0), frame.rows - 1)
            self._choose(chosen)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            by = frame.width / 8
            self._look(frame.moved(by if key == Qt.Key.Key_Left else -by, 0))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._look(frame.zoomed(0.8 if key == Qt.Key.Key_Minus else 1.25, middle))
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _choose(self, row: int) -> None:
        channel = self._filter_of(row)
        if channel != self._current:
            self.set_current(channel)
            self.selected.emit(channel)

    def _set_hover(self, at: QPointF) -> None:
        hover = None if self._frame is None else self._frame.cell_at(self._place_of(at))
        if hover is not None and not self._area().contains(at):
            hover = None
        if hover != self._hover:
            self._hover = hover
            self.update()
