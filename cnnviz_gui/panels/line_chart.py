"""A small card with a few lines, their names, and the values under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.ticks import round_steps
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.texts import tr

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 24, 34, 40
_LEGEND, _KEY = 18, 22
_MARKS_UP, _MARKS_ACROSS = 4, 5
_WIDTH, _FAINT = 2.0, 1.5
_DOT = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line of a chart."""

    name: str
    across: Any
    """float (n,), ascending."""
    up: Any
    """float (n,)."""
    token: str = "accent"
    dashed: bool = False
    figure: str = ""
    """Said beside the name, in place of the value at the end, while the cursor points at none."""


class LineChart(QWidget):
    """Lines over a common axis; the axis upwards holds 0 unless it is given.

    Without a title of its own it bears the name of that axis.
    """

    def __init__(self, title: str = "", tooltip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._title = title
        self._lines: tuple[Line, ...] = ()
        self._across = self._up = self._said = ""
        self._ends: tuple[float, float] | None = None
        self._stale = False
        self._shares = self._whole = False
        self._cursor: float | None = None
        self._place: float | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        painting.name(self, title, tooltip)
        theme.notifier.changed.connect(self.update)

    def set_lines(
        self,
        lines: Sequence[Line],
        across: str,
        up: str,
        *,
        ends: tuple[float, float] | None = None,
        shares: bool = False,
        whole: bool = False,
        stale: bool = False,
    ) -> None:
        """Show lines; ``across`` and ``up`` name the axes, ``ends`` are those of the upper one.

        With ``shares`` both axes are shares of a whole, told in per cent; with ``whole`` the axis
        across counts, and has nothing between its numbers.
        """
        self._lines = tuple(line for line in lines if len(line.across))
        self._across, self._up, self._ends, self._stale = across, up, ends, stale
        self._shares, self._whole = shares, whole
        self.setAccessibleName(self._title or up)
        told = (
            f"{one.name}, {one.figure}"
            if one.figure
            else tr("{name} ends at {value}", name=one.name, value=self._told(float(one.up[-1])))
            for one in self._lines
        )
        self.setAccessibleDescription("; ".join(told))
        self.update()

    def set_place(self, across: float | None) -> None:
        """Mark a place and tell the values there, as long as the cursor points at no other."""
        self._place = across
        self.update()

    @property
    def _at(self) -> float | None:
        """Where values are told."""
        return self._place if self._cursor is None else self._cursor

    def sizeHint(self) -> QSize:
        """Return a size at which one can read."""
        return QSize(320, 200 + self._legend_height())

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(200, 140 + self._legend_height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the values above the place under the cursor."""
        area, (low, high) = self._area(), self._span()
        x = event.position().x()
        inside = area.left() <= x <= area.right()
        self._cursor = low + (x - area.left()) / area.width() * (high - low) if inside else None
        if self._whole and self._cursor is not None:
            self._cursor = float(round(self._cursor))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show no values."""
        self._cursor = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw card, title, legend, grid and lines."""
        painter = painting.begin(self)
        painting.box(painter, self.rect(), theme.R_CARD, "panel")
        self._paint_head(painter)
        if not self._lines:
            return
        area = self._area()
        self._paint_legend(painter)
        self._paint_up(painter, area)
        self._paint_across(painter, area)
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        for line in self._lines:
            self._paint_line(painter, area, line)
        painter.setOpacity(1.0)

    def _told(self, value: float) -> str:
        return fmt.percent(value) if self._shares else fmt.significant(value)

    def _mark(self, value: float) -> str:
        """Return what stands at a mark of an axis."""
        return f"{_written(100 * value)} %" if self._shares else _written(value)

    def _legend_height(self) -> int:
        return _LEGEND * len(self._lines) if len(self._lines) > 1 else 0

    def _area(self) -> QRectF:
        top = _TOP + self._legend_height()
        width, height = self.width() - _LEFT - _RIGHT, self.height() - top - _BOTTOM
        return QRectF(_LEFT, top, max(1, width), max(1, height))

    def _span(self) -> tuple[float, float]:
        """Return the ends of the axis across."""
        if not self._lines:
            return 0.0, 1.0
        low = min(float(line.across[0]) for line in self._lines)
        high = max(float(line.across[-1]) for line in self._lines)
        return (low, high) if high > low else (low, low + 1.0)

    def _range(self) -> tuple[float, float]:
        """Return the ends of the axis upwards."""
        if self._ends is not None:
            return self._ends
        known = np.concatenate([np.asarray(line.up, np.float64) for line in self._lines])
        known = known[np.isfinite(known)]
        low = min(0.0, float(known.min())) if known.size else 0.0
        high = max(0.0, float(known.max())) if known.size else 1.0
        return round_ends(low, high if high > low else low + 1.0)

    def _paint_head(self, painter: QPainter) -> None:
        """Write the title and, as long as the cursor points at one, the place, which goes first."""
        head = QRect(theme.PADDING, 8, self.width() - 2 * theme.PADDING, 20)
        if self._cursor is not None and self._lines:
            at = fmt.count(round(self._cursor)) if self._whole else self._told(self._cursor)
            right = Qt.AlignmentFlag.AlignRight
            said = f"{self._across} {at}"
            painting.text(painter, head, said, "caption", "text3", right)
            head.setRight(head.right() - painting.width_of(said, "caption") - theme.INSIDE)
        elif self._title and self._lines:  # the name of the axis upwards
            left = painting.width_of(self._title, "title") + theme.PADDING
            right = Qt.AlignmentFlag.AlignRight
            painting.text(
                painter, head.adjusted(left, 0, 0, 0), self._up, "caption", "text3", right
            )
        painting.text(painter, head, self._title or self._up, "title", "text1")

    def _paint_legend(self, painter: QPainter) -> None:
        """Name the lines, each with its value under the cursor or at its end."""
        if len(self._lines) == 1 and self._cursor is None:
            return  # its name is the title's, and the value at a marked place stands there
        one = len(self._lines) == 1
        for place, line in enumerate(self._lines):
            ended = self._at is None and line.figure
            value = line.figure if ended else self._told(_value(line, self._at))
            top = round(self._area().top()) + 4 if one else _TOP - 4 + place * _LEGEND
            row = QRect(_LEFT, top, self.width() - _LEFT - _RIGHT, _LEGEND)
            right = Qt.AlignmentFlag.AlignRight
            if one:
                painting.text(painter, row, value, "strong", line.token, right)
                continue
            middle = row.center().y()
            painter.setPen(_pen(line))
            painter.drawLine(row.left(), middle, row.left() + _KEY - 6, middle)
            taken = painting.width_of(value, "caption") + theme.INSIDE
            name = row.adjusted(_KEY, 0, -taken, 0)
            painting.text(painter, name, line.name, "caption", "text2")
            painting.text(painter, row, value, "caption", "text1", right)

    def _paint_up(self, painter: QPainter, area: QRectF) -> None:
        low, high = self._range()
        for value in _marks(low, high, _MARKS_UP):
            y = round(area.bottom() - (value - low) / (high - low) * area.height())
            line = theme.color("line" if value else "line_strong")
            painter.fillRect(round(area.left()), y, round(area.width()), 1, line)
            room = QRect(0, y - 8, _LEFT - 8, 16)
            right = Qt.AlignmentFlag.AlignRight
            painting.text(painter, room, self._mark(value), "tick", "text3", right)

    def _paint_across(self, painter: QPainter, area: QRectF) -> None:
        low, high = self._span()
        top = round(area.bottom()) + 4
        for value in _marks(low, high, _MARKS_ACROSS):
            if self._whole and value != round(value):
                continue
            x = round(area.left() + (value - low) / (high - low) * area.width())
            room = QRect(x - 24, top, 48, 14)
            middle = Qt.AlignmentFlag.AlignHCenter
            painting.text(painter, room, self._mark(value), "tick", "text3", middle)
        words = QRect(round(area.left()), top + 15, round(area.width()), 16)
        painting.text(painter, words, self._across, "tick", "text3", Qt.AlignmentFlag.AlignHCenter)
        if self._at is not None:
            x = round(area.left() + (self._at - low) / (high - low) * area.width())
            strong = theme.color("line_strong")
            painter.fillRect(x, round(area.top()), 1, round(area.height()), strong)

    def _paint_line(self, painter: QPainter, area: QRectF, line: Line) -> None:
        x, y = self._polyline(area, line)
        points = [QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_pen(line))
        painter.drawPolyline(QPolygonF(points))
        if self._place is not None:
            self._paint_here(painter, area, line, self._place)

    def _paint_here(self, painter: QPainter, area: QRectF, line: Line, place: float) -> None:
        """Draw a dot where a line is at the marked place; a line alone has its value beside it."""
        left, right = self._span()
        low, high = self._range()
        value = _value(line, place)
        x = area.left() + (place - left) / (right - left) * area.width()
        y = area.bottom() - (min(max(value, low), high) - low) / (high - low) * area.height()
        painting.dot(painter, QPointF(x, y), _DOT, theme.color(line.token))
        if len(self._lines) > 1 or self._cursor is not None:
            return
        text = self._told(value)
        size = QSize(painting.width_of(text, "strong") + 2, _LEGEND)
        spot = _spot(area, self._polyline(area, line), QPointF(x, y), size)
        painting.text(painter, spot, text, "strong", line.token)

    def _polyline(self, area: QRectF, line: Line) -> tuple[Any, Any]:
        """Return where a line is drawn, (n,) across and (n,) downwards, in pixels."""
        left, right = self._span()
        low, high = self._range()
        x = area.left() + (np.asarray(line.across) - left) / (right - left) * area.width()
        up = np.clip(np.nan_to_num(np.asarray(line.up, np.float64)), low, high)
        return x, area.bottom() - (up - low) / (high - low) * area.height()


def _spot(area: QRectF, drawn: tuple[Any, Any], at: QPointF, size: QSize) -> QRect:
    """Return where a value is written beside its point of a line: off the line, in the chart."""
    across = np.arange(area.left(), area.right() + 1)
    down = np.interp(across, *drawn)
    inside = area.adjusted(2, -4, _RIGHT - 4, -2)
    best, least = QRect(), np.inf
    for away in range(5):
        above, below = -_LEGEND - 2 - 10 * away, 2 + 10 * away
        for dx in (_DOT, -_DOT - size.width()):
            for dy in (above, below):
                place = QRectF(QPointF(at.x() + dx, at.y() + dy), QSizeF(size))
                near = (across > place.left() - 2) & (across < place.right() + 2)
                covered = down[near]
                # a steep line passes between two of its places, above one and below the other
                meets = covered.size and (
                    covered.min() < place.bottom() + 1 and covered.max() > place.top() - 1
                )
                cost = 5 * bool(meets) + 10 * (not inside.contains(place)) + away
                if cost < least:
                    best, least = place.toRect(), cost
    return best


def _pen(line: Line) -> QPen:
    pen = QPen(theme.color(line.token), _FAINT if line.dashed else _WIDTH)
    if line.dashed:
        pen.setDashPattern([4, 3])
    return pen


def _value(line: Line, across: float | None) -> float:
    """Return the value at a place, or at the end of the line."""
    if across is None:
        return float(line.up[-1])
    return float(np.interp(across, line.across, line.up))


def round_ends(low: float, high: float) -> tuple[float, float]:
    """Return the round values next beyond both ends, at most so many steps apart as are marked."""
    for step in round_steps(high - low):
        first, last = int(np.floor(low / step + 1e-9)), int(np.ceil(high / step - 1e-9))
        if last - first <= _MARKS_UP:
            return first * step, last * step
    return low, high


def _marks(low: float, high: float, most: int) -> list[float]:
    """Return at most so many round values from ``low`` to ``high``, and perhaps one more."""
    step = next(s for s in round_steps(high - low) if (high - low) / s <= most)
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    return [place * step for place in range(first, last + 1)]


def _written(value: float) -> str:
    return f"{value:g}".replace("-", fmt.MINUS)
