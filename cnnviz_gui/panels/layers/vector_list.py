"""The channels of a layer that gives one number each: a list of numbers, names and bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import paint_row, painting
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.spoken import tell
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import FloatArray

_ROW = 26
_BAR = 6
_FAINT = 0.3
_NAME = 0.45
"""So much of the width names may take, where there are any."""


class VectorList(QAbstractScrollArea):
    """Paints the rows in sight of thousands; GUI thread only.

    Click selects; arrows, Home, End, Page Up and Page Down move the selection.
    """

    hovered = Signal(object)
    """Channel, row 0, column 0 and value under the cursor, or None."""
    selected = Signal(object)
    """The channel chosen by hand."""
    pressed = Signal(object)
    """What was clicked, as in ``hovered``, after ``selected``."""

    def __init__(self) -> None:
        super().__init__()
        as_data(self)
        self._values: tuple[FloatArray, ...] = ()
        self._order: list[int] = []
        self._places: dict[int, int] = {}
        self._said: Sequence[str] = ()
        self._names: Sequence[str] = ()
        self._range = 0.0, 1.0
        self._current: int | None = None
        self._over: int | None = None
        self._faint: frozenset[int] = frozenset()
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self.viewport().update)
        self.setFrameShape(self.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName(tr("Values of the channels"))
        theme.notifier.changed.connect(self.viewport().update)

    # What is shown

    def set_values(
        self,
        values: FloatArray,
        order: Any,
        said: Sequence[str],
        names: Sequence[str] = (),
        attacked: FloatArray | None = None,
    ) -> None:
        """Show numbers, each with a bar from zero.

        Parameters
        ----------
        values, attacked
            float (C,): of the clean and perhaps of the adversarial image.
        order
            Channels in the order of display.
        said
            What stands at the right, by channel.
        names
            Of the channels, where they have any.
        """
        self._values = (values,) if attacked is None else (values, attacked)
        self._order = [int(channel) for channel in order]
        self._places = {channel: place for place, channel in enumerate(self._order)}
        self._said, self._names = said, names
        low = min(0.0, *(float(numbers.min()) for numbers in self._values))
        high = max(0.0, *(float(numbers.max()) for numbers in self._values))
        self._range = low, high if high > low else low + 1.0
        if self._current not in self._places:
            self._current = None
        self._set_over(None)
        self._set_range()
        self.viewport().update()

    def set_stale(self, stale: bool) -> None:
        """Dim the rows while others are being computed, if that takes longer than a blink."""
        self._dimming.set_stale(stale)

    def set_faint(self, channels: frozenset[int]) -> None:
        """Let the bars of some channels recede: they are silenced."""
        if channels != self._faint:
            self._faint = channels
            self.viewport().update()

    def current(self) -> int | None:
        """Return the selected channel."""
        return self._current

    def set_current(self, channel: int | None) -> None:
        """Select a channel and bring it into sight, without a signal."""
        chosen = channel if channel in self._places else None
        if chosen != self._current:
            self._current = chosen
            self.scroll_to_current()
            self.viewport().update()

    def scroll_to_current(self) -> None:
        """Bring the selected channel into sight."""
        if self._current is None:
            tell(self, "")
            return
        place, bar = self._places[self._current], self.verticalScrollBar()
        top = place * _ROW
        bar.setValue(min(max(bar.value(), top + _ROW - self.viewport().height()), top))
        said = ", ".join(self.told(self._current))
        tell(
            self,
            tr("{said}, {place} of {count}", said=said, place=place + 1, count=len(self._order)),
        )

    def told(self, channel: int) -> tuple[str, ...]:
        """Return what the tooltip of a row says, line by line."""
        words = (tr("value"),) if len(self._values) == 1 else (tr("clean"), tr("adversarial"))
        lines = [
            f"{word} {fmt.significant(float(numbers[channel]), 6)}"
            for word, numbers in zip(words, self._values, strict=True)
        ]
        name = (self._names[channel],) if self._names else ()
        return (*name, tr("channel {channel}", channel=channel), *lines)

    def row_rect(self, channel: int) -> QRect:
        """Return where the row of a channel lies now, in the viewport."""
        top = self._places[channel] * _ROW - self.verticalScrollBar().value()
        return QRect(0, top, self.viewport().width(), _ROW)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows in sight."""
        if not self._values:
            return
        painter = painting.begin(self.viewport())
        first = self.verticalScrollBar().value() // _ROW
        shown = self._order[first : first + self.viewport().height() // _ROW + 2]
        number = painting.width_of(str(max(self._order)), "tick")
        said = max(painting.width_of(self._said[channel], "caption") for channel in shown)
        painter.setOpacity(self._dimming.opacity)
        for channel in shown:
            rect = self.row_rect(channel)
            selected, over = channel == self._current, channel == self._over
            focused = selected and self.hasFocus()
            paint_row(painter, rect, selected=selected, over=over, focused=focused)
            self._paint_row(painter, rect.adjusted(6, 0, -6, 0), channel, number, said)

    def _paint_row(
        self, painter: QPainter, rect: QRect, channel: int, number: int, said: int
    ) -> None:
        right = Qt.AlignmentFlag.AlignRight
        strong = channel == self._current
        at = QRect(rect.left(), rect.top(), number, rect.height())
        painting.text(painter, at, str(channel), "tick", "text2" if strong else "text3", right)
        left = at.right() + theme.INSIDE
        if self._names:
            width = round(_NAME * rect.width())
            name = QRect(left, rect.top(), width, rect.height())
            painting.text(painter, name, self._names[channel], "body", "text1")
            left += width + theme.INSIDE
        value = QRect(rect.right() - said, rect.top(), said + 1, rect.height())
        painting.text(painter, value, self._said[channel], "caption", "text1", right)
        room = QRectF(left, rect.top(), max(1, value.left() - theme.INSIDE - left), rect.height())
        opacity = painter.opacity()
        painter.setOpacity(opacity * (_FAINT if channel in self._faint else 1.0))
        self._paint_bars(painter, room, channel)
        painter.setOpacity(opacity)

    def _paint_bars(self, painter: QPainter, room: QRectF, channel: int) -> None:
        low, high = self._range
        zero = room.left() + -low / (high - low) * room.width()
        tall = _BAR if len(self._values) == 1 else _BAR // 2 + 1
        top = round(room.center().y() - tall * len(self._values) / 2)
        for numbers, token in zip(self._values, ("clean", "adversarial"), strict=False):
            end = room.left() + (float(numbers[channel]) - low) / (high - low) * room.width()
            bar = QRectF(min(zero, end), top, max(1.0, abs(end - zero)), tall)
            painter.fillRect(bar, theme.color(token))
            top += tall
        across = QRectF(round(zero), room.top(), 1, room.height())
        painter.fillRect(across, theme.color("line_strong"))

    # Events

    def sizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return QSize(400, 12 * _ROW)

    def _set_range(self) -> None:
        bar, seen = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, len(self._order) * _ROW - seen))
        bar.setPageStep(max(1, seen))
        bar.setSingleStep(_ROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scroll no further than there are rows."""
        super().resizeEvent(event)
        self._set_range()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Repaint: the rows are drawn where the scroll bar stands."""
        self._set_over(None)
        self.viewport().update()

    def _channel_at(self, at: QPointF) -> int | None:
        place = int(at.y() + self.verticalScrollBar().value()) // _ROW
        return self._order[place] if 0 <= place < len(self._order) else None

    def _hover(self, channel: int) -> tuple[int, int, int, float]:
        return channel, 0, 0, float(self._values[0][channel])

    def _set_over(self, channel: int | None) -> None:
        if channel != self._over:
            self._over = channel
            self.hovered.emit(None if channel is None else self._hover(channel))
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the cursor."""
        self._set_over(self._channel_at(event.position()))

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the exact value under the cursor; forget the cursor when it leaves."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            channel = self._channel_at(QPointF(event.pos()))
            text = "" if channel is None else "\n".join(self.told(channel))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._set_over(None)
        return bool(super().viewportEvent(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select a row."""
        channel = self._channel_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and channel is not None:
            self._choose(channel)
            self.pressed.emit(self._hover(channel))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the selection."""
        last = len(self._order) - 1
        now = -1 if self._current is None else self._places[self._current]
        page = max(1, self.viewport().height() // _ROW)
        goals = {
            Qt.Key.Key_Up: now - 1,
            Qt.Key.Key_Left: now - 1,
            Qt.Key.Key_Down: now + 1,
            Qt.Key.Key_Right: now + 1,
            Qt.Key.Key_PageUp: now - page,
            Qt.Key.Key_PageDown: now + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        goal = goals.get(Qt.Key(event.key()))
        if goal is None or last < 0:
            super().keyPressEvent(event)
        else:
            self._choose(self._order[min(max(goal, 0), last)])

    def _choose(self, channel: int) -> None:
        changed = channel != self._current
        self.set_current(channel)
        if changed:
            self.selected.emit(channel)
