"""How many pictures withstand an attack, against epsilon, each with its confidence interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.robustness import Robust
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.state.attack_folder_view import CurvePoint
from cnnviz_gui.texts import tr

_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 28, 38, 38
_NAME = 14
"""Width of the name of the axis upwards, which stands beside its numbers."""
_BAND = 0.16
_TALL, _LOW, _SHARE = 208, 136, 0.26
_GRID = (0.0, 0.25, 0.5, 0.75, 1.0)
_VALUE = 52
_KEEPING, _CORRECT = "accent", "success"
_PENS = {_KEEPING: (3.0, 9.0), _CORRECT: (1.5, 5.0)}
"""Width of the line and its dots: where both lie in one place, both are seen."""
_MIDDLE = Qt.AlignmentFlag.AlignHCenter
_Of = Callable[[CurvePoint], Robust | None]


class RobustChart(QWidget):
    """One place for each epsilon, equally far apart: every one is about twice the one before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self.points: tuple[CurvePoint, ...] = ()
        self._title = self._keeps = self._axis = self._upwards = ""
        self._stale = False
        self._over = -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.notifier.changed.connect(self.update)

    def set_points(
        self,
        points: Sequence[CurvePoint],
        title: str,
        keeps: str,
        axes: tuple[str, str],
        *,
        stale: bool,
    ) -> None:
        """Show points; ``keeps`` says what the pictures do that are counted.

        ``axes`` are the names of the axes, across and upwards.
        """
        self.points, self._stale = tuple(points), stale
        self._title, self._keeps = title, keeps
        self._axis, self._upwards = axes
        self.setAccessibleName(title)
        self._over = min(self._over, len(self.points) - 1)
        self.setAccessibleDescription("; ".join(one.told.replace("\n", ", ") for one in points))
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size at which one can read."""
        return QSize(560, _TALL)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(320, _LOW)

    def fit_into(self, height: int) -> None:
        """Take the share of a page so high that leaves the pictures below in sight."""
        self.setFixedHeight(min(_TALL, max(_LOW, round(_SHARE * height))))

    def place(self, number: int) -> float:
        """Return how far at the right a point lies."""
        area, gaps = self._area(), max(1, len(self.points) - 1)
        return area.left() + area.width() * (number / gaps if len(self.points) > 1 else 0.5)

    def event(self, event: QEvent) -> bool:
        """Tell all that is known at the epsilon under the cursor."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            over = self._nearest(event.pos().x())
            QToolTip.showText(event.globalPos(), self.points[over].told if over >= 0 else "", self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at an epsilon."""
        self._over = self._nearest(round(event.position().x()))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at none."""
        self._over = -1
        self.update()

    def _nearest(self, x: int) -> int:
        if not self.points:
            return -1
        return min(range(len(self.points)), key=lambda number: abs(self.place(number) - x))

    def _area(self) -> QRectF:
        width, height = self.width() - _LEFT - _RIGHT, self.height() - _TOP - _BOTTOM
        return QRectF(_LEFT, _TOP, max(1, width), max(1, height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw card, title, legend, grid, bands and lines."""
        painter = painting.begin(self)
        painting.box(painter, self.rect(), theme.R_CARD, "panel")
        if not self.points:  # a title over nothing would promise a curve
            return
        head = QRect(theme.PADDING, 8, self.width() - 2 * theme.PADDING, 22)
        used = painting.text(painter, head, self._title, "title", "text1")
        series: list[tuple[str, str, _Of]] = [(self._keeps, _KEEPING, lambda one: one.keeping)]
        if self.points[0].correct is not None:
            series.append((tr("are still right"), _CORRECT, lambda one: one.correct))
        self._paint_legend(painter, head.adjusted(used + 2 * theme.PADDING, 0, 0, 0), series)
        self._paint_grid(painter)
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        for _, token, of in series:
            self._paint_series(painter, token, of)
        self._paint_values(painter)
        painter.setOpacity(1.0)

    def _paint_legend(
        self, painter: QPainter, room: QRect, series: Sequence[tuple[str, str, _Of]]
    ) -> None:
        """Name the lines, from the right; one alone needs its name too, for it says what counts."""
        right = room.right()
        entries = [
            (tr("95 % interval"), _KEEPING, True),
            *((n, t, False) for n, t, _ in series[::-1]),
        ]
        for words, token, band in entries:
            width = painting.width_of(words, "caption") + 2
            left = right - width - 20
            if left < room.left():
                return
            middle = room.center().y() + 1
            color = theme.color(token)
            if band:
                color.setAlphaF(2 * _BAND)
                painter.fillRect(QRect(left, middle - 5, 14, 10), color)
            else:
                painter.fillRect(QRect(left, middle - 1, 14, 2), color)
            text = QRect(left + 20, room.top(), width, room.height())
            painting.text(painter, text, words, "caption", "text2")
            right = left - 2 * theme.INSIDE

    def _paint_grid(self, painter: QPainter) -> None:
        area = self._area()
        for share in _GRID:
            y = round(self._height(share))
            line = theme.color("line" if share else "line_strong")
            painter.fillRect(round(area.left()) - 8, y, round(area.width()) + 16, 1, line)
            room = QRect(0, y - 8, _LEFT - 16, 16)
            right = Qt.AlignmentFlag.AlignRight
            painting.text(painter, room, fmt.share(share), "tick", "text3", right)
        for number, point in enumerate(self.points):
            x = round(self.place(number))
            over = number == self._over
            if over:
                painter.fillRect(
                    x, round(area.top()), 1, round(area.height()), theme.color("line_strong")
                )
            room = QRect(x - _VALUE // 2, round(area.bottom()) + 4, _VALUE, 14)
            token = "text1" if over else "text3"
            painting.text(painter, room, point.epsilon, "tick", token, _MIDDLE)
        words = QRect(round(area.left()), round(area.bottom()) + 18, round(area.width()), 16)
        painting.text(painter, words, self._axis, "tick", "text2", _MIDDLE)
        painter.save()
        painter.translate(theme.INSIDE, area.bottom())
        painter.rotate(-90)
        words = QRect(0, 0, round(area.height()), _NAME)
        painting.text(painter, words, self._upwards, "tick", "text2", _MIDDLE)
        painter.restore()

    def _height(self, share: float) -> float:
        area = self._area()
        return area.bottom() - share * area.height()

    def _paint_series(self, painter: QPainter, token: str, of: _Of) -> None:
        known = [(self.place(n), one) for n, point in enumerate(self.points) if (one := of(point))]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        band = theme.color(token)
        band.setAlphaF(_BAND)
        upper = [QPointF(x, self._height(one.high)) for x, one in known]
        lower = [QPointF(x, self._height(one.low)) for x, one in known]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(band)
        painter.drawPolygon(QPolygonF([*upper, *lower[::-1]]))
        line = [QPointF(x, self._height(one.share)) for x, one in known]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        width, dot = _PENS[token]
        painter.setPen(QPen(theme.color(token), width))
        painter.drawPolyline(QPolygonF(line))
        for spot in line:
            painting.dot(painter, spot, dot, theme.color(token))

    def _paint_values(self, painter: QPainter) -> None:
        """Write the share beside each point of the first line, as far as there is room."""
        room = self._area().width() / max(1, len(self.points) - 1)
        if room < _VALUE and self._over < 0:
            return
        for number, point in enumerate(self.points):
            if room < _VALUE and number != self._over:
                continue
            share = point.keeping.share
            y, x = round(self._height(share)), round(self.place(number))
            last = number == len(self.points) - 1
            if y - 20 < _TOP - 8:  # at the top, where the axis says the same
                continue
            # a curve that falls leaves room at the right above a point
            spot = QRect(x - 50 if last else x + 4, y - 20, 56, 14)
            side = Qt.AlignmentFlag.AlignRight if last else Qt.AlignmentFlag.AlignLeft
            painting.text(painter, spot, fmt.percent(share), "tick", "text1", side)
