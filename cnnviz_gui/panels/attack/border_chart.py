"""Distances to borders as bars; what is not known of an end is hatched."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz_gui.core.ticks import tick_texts, ticks
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.state.border_view import BorderBar
from cnnviz_gui.texts import ptr, tr

_HEAD, _ROW, _FOOT = 32, 42, 44
_BAR = 12
_OPEN = 32
"""The hatched end of a bar that goes on beyond the axis."""
_NAME, _NAME_SHARE = 112, 0.3
"""The least width of the names, and the most of it as a share of the chart."""
_VALUE, _SHARE, _RUNS = 72, 84, 44
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
_RIGHT = Qt.AlignmentFlag.AlignRight


class BorderChart(QWidget):
    """One border a row: its name, a bar as long as it is far, what is known there."""

    chosen = Signal(int)
    """The place in the result of the row that the user wants to see."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self.bars: tuple[BorderBar, ...] = ()
        self._heads, self._title, self._end = ("", ""), "", 1.0
        self._stale = False
        self._widths = _NAME, _VALUE
        """Of the names, and of the distances."""
        self._over = self._current = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Distances to the borders"))
        theme.notifier.changed.connect(self.update)

    def set_bars(
        self,
        bars: Sequence[BorderBar],
        heads: tuple[str, str],
        title: str,
        end: float,
        *,
        stale: bool,
    ) -> None:
        """Show bars; ``heads`` stand over the names and the distances.

        ``title`` is that of the axis, which goes from 0 to ``end``.
        """
        before = self._place(self._current)
        self.bars, self._heads, self._title, self._end = tuple(bars), heads, title, end
        self._stale = stale
        self._measure()
        places = [bar.place for bar in bars]
        self._current = places.index(before) if before in places else -1
        said = (f"{bar.name} {bar.said}" for bar in bars)
        self.setAccessibleDescription(f"{title}: " + ", ".join(said))
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def _measure(self) -> None:
        """Give the columns at both sides what their texts need; the bars have the rest."""
        shown = [bar for bar in self.bars if bar.status != "none"]
        names = [painting.width_of(bar.name, "body") for bar in self.bars]
        names += [painting.width_of(bar.note, "tick") for bar in shown]
        said = [painting.width_of(bar.said, "body") for bar in shown]
        self._widths = max((_NAME, *names)) + 4, max((_VALUE, *said)) + theme.GAP

    def sizeHint(self) -> QSize:
        """Return room for all rows."""
        return QSize(560, _HEAD + _ROW * len(self.bars) + _FOOT)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(400, _HEAD + _ROW + _FOOT)

    def row_rect(self, row: int) -> QRect:
        """Return where a row lies."""
        return QRect(0, _HEAD + row * _ROW, self.width(), _ROW)

    def event(self, event: QEvent) -> bool:
        """Tell all that is known of the row under the cursor."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos())
            QToolTip.showText(event.globalPos(), self.bars[row].told if row >= 0 else "", self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show which row a click would choose."""
        self._over = self._row_at(event.position().toPoint())
        pointing = self._choosable(self._over)
        shape = Qt.CursorShape.PointingHandCursor if pointing else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show no row as under the hand."""
        self._over = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the row."""
        row = self._row_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and self._choosable(row):
            self._current = row
            self.chosen.emit(self._place(row))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are as soon as they come: at the first row, if at none yet."""
        super().focusInEvent(event)
        if event.reason() in _BY_KEY and self.bars:
            self._current = max(0, self._current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from row to row with the arrows; Return chooses one."""
        key = Qt.Key(event.key())
        if key in _STEPS and self.bars:
            first = 0 if _STEPS[key] > 0 else len(self.bars) - 1
            last = len(self.bars) - 1
            moved = min(max(self._current + _STEPS[key], 0), last)
            self._current = moved if self._current >= 0 else first
            self.update()
        elif key in _CHOOSING and self._choosable(self._current):
            self.chosen.emit(self._place(self._current))
        else:
            super().keyPressEvent(event)

    def _place(self, row: int) -> int:
        return self.bars[row].place if 0 <= row < len(self.bars) else -1

    def _choosable(self, row: int) -> bool:
        return 0 <= row < len(self.bars) and self.bars[row].high is not None

    def _row_at(self, spot: QPoint) -> int:
        row = (spot.y() - _HEAD) // _ROW
        return row if spot.y() >= _HEAD and row < len(self.bars) else -1

    def _room(self) -> QRect:
        """Return where the bars may lie, as wide as the axis."""
        name = min(self._widths[0], round(_NAME_SHARE * self.width()))
        right = theme.PADDING + self._widths[1] + _SHARE + _RUNS
        left = theme.PADDING + name + theme.GAP
        return QRect(left, _HEAD, max(40, self.width() - left - right), _ROW * len(self.bars))

    def _columns(self, top: int, height: int) -> tuple[QRect, QRect, QRect]:
        """Return the cells of distance, probability and runs at the right."""
        edge = self.width() - theme.PADDING
        runs = QRect(edge - _RUNS, top, _RUNS, height)
        share = QRect(runs.left() - _SHARE, top, _SHARE, height)
        value = self._widths[1]
        return QRect(share.left() - value, top, value, height), share, runs

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw card, heads, axis and rows."""
        painter = painting.begin(self)
        painting.box(painter, self.rect(), theme.R_CARD, "panel")
        if not self.bars:
            return
        room = self._room()
        self._paint_heads(painter, room)
        self._paint_axis(painter, room)
        for row, bar in enumerate(self.bars):
            self._paint_row(painter, room, row, bar)

    def _paint_heads(self, painter: QPainter, room: QRect) -> None:
        names = QRect(theme.PADDING, 6, room.left() - theme.PADDING, _HEAD - 8)
        painting.text(painter, names, self._heads[0], "caption", "text3")
        value, share, runs = self._columns(6, _HEAD - 8)
        heads = self._heads[1], ptr("column", "probability"), ptr("column", "runs")
        for cell, head in zip((value, share, runs), heads, strict=True):
            painting.text(painter, cell, head, "caption", "text3", _RIGHT)

    def _paint_axis(self, painter: QPainter, room: QRect) -> None:
        marks = ticks(0.0, self._end)[:-1]
        bottom = room.bottom() + 1
        for mark, text in zip(marks, tick_texts(marks), strict=True):
            x = round(room.left() + mark / self._end * room.width())
            line = theme.color("line" if mark else "line_strong")
            painter.fillRect(x, room.top(), 1, room.height() + 4, line)
            place = QRect(x - 30, bottom + 5, 60, 14)
            painting.text(painter, place, text, "tick", "text3", Qt.AlignmentFlag.AlignHCenter)
        words = QRect(room.left(), bottom + 21, room.width(), 16)
        painting.text(painter, words, self._title, "tick", "text3", Qt.AlignmentFlag.AlignHCenter)

    def _paint_row(self, painter: QPainter, room: QRect, row: int, bar: BorderBar) -> None:
        rect = self.row_rect(row)
        inner = rect.adjusted(theme.INSIDE, 1, -theme.INSIDE, -1)
        if row == self._over and bar.high is not None:
            painting.box(painter, inner, theme.R_CONTROL, "hover")
        if row == self._current and self.hasFocus():
            painting.ring(painter, inner, theme.R_CONTROL)
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        name = QRect(theme.PADDING, rect.top(), room.left() - theme.PADDING - theme.GAP, _ROW)
        missing = bar.status == "none"
        beneath = bar.note and not missing
        title = name.adjusted(0, 5, 0, -19) if beneath else name
        painting.text(painter, title, bar.name, "body", "text2" if missing else "text1")
        if beneath:
            painting.text(painter, name.adjusted(0, 21, 0, -5), bar.note, "tick", "text3")
        if missing:
            words = QRect(room.left(), rect.top(), self.width() - room.left() - theme.PADDING, _ROW)
            painting.text(painter, words, bar.note, "caption", "text2")
        else:
            self._paint_bar(painter, room, rect, bar)
            cells = self._columns(rect.top(), _ROW)
            quiet = bar.status != "found"
            for cell, text, token in zip(
                cells,
                (bar.said, bar.probability, bar.runs),
                ("text2" if quiet else "text1", "text2", "text3"),
                strict=True,
            ):
                painting.text(painter, cell, text, "body", token, _RIGHT)
        painter.setOpacity(1.0)

    def _paint_bar(self, painter: QPainter, room: QRect, rect: QRect, bar: BorderBar) -> None:
        """Draw what keeps the label, what is not known, and the border."""
        scale = room.width() / self._end
        top = rect.top() + (_ROW - _BAR) / 2
        beyond = bar.status == "beyond"
        # what was not reached goes on beyond the axis
        low = room.width() - _OPEN if beyond else min(bar.low * scale, room.width())
        high = room.width() if bar.high is None else min(bar.high * scale, room.width())
        if bar.status == "found":  # a bracket of a hundredth is no wider than the mark
            low = high
        if high > low:
            unknown = QRectF(room.left() + low, top, high - low, _BAR)
            painting.box(painter, unknown, 2, "track")
            picture_paint.hatch(painter, unknown, theme.color("text3"), 6.0)
        if low > 0:
            known = QRectF(room.left(), top, max(low, 2.0), _BAR)
            painting.box(painter, known, 2, "clean")
        if bar.high is not None:
            mark = QRect(round(room.left() + high) - 1, round(top) - 4, 3, _BAR + 8)
            painter.fillRect(mark, theme.color("adversarial"))
