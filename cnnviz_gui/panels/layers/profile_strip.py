"""A strip that shows how a picture shrinks and its channels grow along the network."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.spoken import tell
from cnnviz_gui.state.layer_profile import Step, height
from cnnviz_gui.texts import tr

_CAPTION = 15
_HALF = 20
"""Height of the bars of either kind."""
_HEIGHT = _CAPTION + 2 * _HALF + 5
_LEGEND = tr(
    "Upwards the side of the maps, downwards the number of channels, on scales of doublings"
)
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}


class ProfileStrip(QWidget):
    """A column for each step: upwards the side of its maps, downwards the number of channels.

    A click chooses the layer of a column, the arrow keys the next or the previous.
    """

    chosen = Signal(str)
    """Name of a layer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self.steps: tuple[Step, ...] = ()
        self._current: int | None = None
        self._over: int | None = None
        self.setAccessibleName(tr("Size of the maps and number of channels along the network"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.notifier.changed.connect(self.update)

    def set_steps(self, steps: tuple[Step, ...]) -> None:
        """Show a network."""
        self.steps, self._current, self._over = steps, None, None
        self.setVisible(bool(steps))
        self.update()

    def set_current(self, place: int | None) -> None:
        """Mark a step."""
        if place != self._current:
            self._current = place
            said = self.steps[place].said if place is not None else ""
            tell(self, said)
            self.update()

    def sizeHint(self) -> QSize:
        """Return a width at which most networks have room."""
        return QSize(200, _HEIGHT)

    def column(self, place: int) -> QRectF:
        """Return where a step is drawn."""
        step = self.width() / max(len(self.steps), 1)
        gap = 1.0 if step >= 4 else 0.0
        return QRectF(place * step, _CAPTION, step - gap, self.height() - _CAPTION)

    def place_at(self, position: QPoint) -> int | None:
        """Return the step under a point."""
        if not self.steps or not 0 <= position.x() < self.width():
            return None
        return min(int(position.x() * len(self.steps) / self.width()), len(self.steps) - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the captions and the columns."""
        if not self.steps:
            return
        painter = painting.begin(self)
        self._draw_captions(painter)
        largest = max(step.side for step in self.steps)
        widest = max(step.channels for step in self.steps)
        middle = _CAPTION + _HALF + 2
        for place, step in enumerate(self.steps):
            column = self.column(place)
            up = _HALF * height(step.side, largest)
            down = _HALF * height(step.channels, widest)
            painter.fillRect(
                QRectF(column.left(), middle - up, column.width(), up), self._colour(place, "text3")
            )
            painter.fillRect(
                QRectF(column.left(), middle + 1, column.width(), down),
                self._colour(place, "line_strong"),
            )
        if self.hasFocus() and self._current is not None:
            ring = self.column(self._current).toAlignedRect().adjusted(-3, -2, 3, 0)
            painting.ring(painter, ring & self.rect(), theme.R_TILE)

    def _colour(self, place: int, token: str) -> QColor:
        if place == self._current:
            return theme.color("accent")
        colour = theme.color("text1" if place == self._over else token)
        if self.steps[place].layer is None:
            colour.setAlphaF(0.5)
        return colour

    def _draw_captions(self, painter: QPainter) -> None:
        first, last = self.steps[0], self.steps[-1]
        sides = f"{round(first.side)} → {round(last.side)}"
        channels = f"{first.channels} → {last.channels}"
        row = QRect(0, 0, self.width(), _CAPTION)
        painting.text(painter, row, tr("Side {sides}", sides=sides), "tick", "text3")
        right = Qt.AlignmentFlag.AlignRight
        painting.text(
            painter, row, tr("Channels {channels}", channels=channels), "tick", "text3", right
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the layer of the column."""
        place = self.place_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self._choose(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the column under the hand."""
        self._light(self.place_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Light none."""
        self._light(None)

    def _light(self, place: int | None) -> None:
        if place is not None and self.steps[place].layer is None:
            place = None
        if place != self._over:
            self._over = place
            self.setCursor(
                Qt.CursorShape.ArrowCursor if place is None else Qt.CursorShape.PointingHandCursor
            )
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move along the network."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        now = self._current if self._current is not None else 0
        self._choose(min(max(now + step, 1), len(self.steps) - 1))

    def _choose(self, place: int) -> None:
        layer = self.steps[place].layer if self.steps else None
        if layer is not None:
            self.chosen.emit(layer.name)

    def event(self, event: QEvent) -> bool:
        """Tell what a column is."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.place_at(event.pos())
            said = f"{self.steps[place].said}\n{_LEGEND}" if place is not None else ""
            QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().event(event)
