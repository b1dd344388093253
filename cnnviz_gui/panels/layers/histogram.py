"""How numbers are spread, as bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.colour_bar import tick_texts, ticks
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.texts import tr

_AXIS = 20
_TOP = 2


Numbers = Literal["activations", "biases", "values", "weights"]
"""What a distribution is of."""
_NAMES: dict[Numbers, str] = {
    "activations": tr("Distribution of the activations"),
    "biases": tr("Distribution of the biases"),
    "values": tr("Distribution of the values"),
    "weights": tr("Distribution of the weights"),
}
_TOLD: dict[Numbers, str] = {
    "activations": tr("{low} to {high}: {share} of the activations"),
    "biases": tr("{low} to {high}: {share} of the biases"),
    "values": tr("{low} to {high}: {share} of the values"),
    "weights": tr("{low} to {high}: {share} of the weights"),
}


class Histogram(QWidget):
    """One bar an interval; the interval under the cursor is told.

    Parameters
    ----------
    what
        What is counted: ``weights``.
    """

    def __init__(self, what: Numbers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._what = what
        self._shares: tuple[float, ...] = ()
        self._low, self._high = 0.0, 0.0
        self._ends = (0.0, 0.0)
        self._under: int | None = None
        self._opacity = 1.0
        self.setMouseTracking(True)
        self.setMinimumHeight(64)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_NAMES[what])

    def sizeHint(self) -> QSize:
        """Return the size in a card."""
        return QSize(220, 96)

    def set_distribution(
        self,
        shares: Sequence[float],
        low: float,
        high: float,
        ends: tuple[float, float] | None = None,
    ) -> None:
        """Show the share of the numbers in each of some equal intervals from low to high.

        ``ends`` are the least and the largest number, where the intervals reach beyond them.
        """
        shown = tuple(float(share) for share in shares)
        ends = ends or (low, high)
        if (shown, low, high, ends) == (self._shares, self._low, self._high, self._ends):
            return
        self._shares, self._low, self._high, self._ends = shown, low, high, ends
        least, most = (fmt.significant(end) for end in ends)
        self.setAccessibleDescription(
            tr("From {low} to {high}", low=least, high=most) if shown else ""
        )
        self._under = None
        self.update()

    def set_stale(self, stale: bool) -> None:
        """Let what is old recede."""
        opacity = theme.STALE_OPACITY if stale else 1.0
        if opacity != self._opacity:
            self._opacity = opacity
            self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.set_distribution((), 0.0, 0.0)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(0, _TOP, 0, -_AXIS)

    def _interval_at(self, at: QPointF) -> int | None:
        area = self._area()
        if not self._shares or not area.contains(at) or not self._high > self._low:
            return None
        place = int((at.x() - area.left()) / area.width() * len(self._shares))
        return min(place, len(self._shares) - 1)

    def said_of(self, place: int) -> str:
        """Return what is told of an interval: ``0.12 to 0.15: 3.4 % of the weights``."""
        width = (self._high - self._low) / len(self._shares)
        low = self._low + place * width
        return _TOLD[self._what].format(
            low=fmt.significant(low),
            high=fmt.significant(low + width),
            share=fmt.percent(self._shares[place]),
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of the interval under the cursor."""
        under = self._interval_at(event.position())
        if under != self._under:
            self._under = under
            self.update()
        if under is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.said_of(under), self)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell nothing any more."""
        super().leaveEvent(event)
        self._under = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bars, base line and ticks."""
        painter = painting.begin(self)
        area = self._area()
        base = round(area.bottom())
        painter.fillRect(0, base, self.width(), 1, theme.color("line"))
        if not self._shares:
            return
        painter.setOpacity(self._opacity)
        self._draw_bars(painter, area)
        for left, width, text in self._labels():
            box = QRect(left, base + 4, width, 14)
            painting.text(painter, box, text, "tick", "text3", Qt.AlignmentFlag.AlignHCenter)

    def _labels(self) -> list[tuple[int, int, str]]:
        """Return left edge, width and text of the ticks that do not run into one another."""
        marks = ticks(*self._ends, signed=True)
        span = self._high - self._low
        placed = []
        for mark, text in zip(marks, tick_texts(marks), strict=True):
            width = painting.width_of(text, "tick") + 2
            at = ((mark - self._low) / span if span > 0 else 0.5) * self.width()
            left = min(max(0, round(at - width / 2)), self.width() - width)
            placed.append((left, width, text))
        kept = placed[:1]
        for label in placed[1:-1]:
            free = kept[-1][0] + kept[-1][1] + 10, placed[-1][0] - 10
            if free[0] <= label[0] and label[0] + label[1] <= free[1]:
                kept.append(label)
        return kept + placed[1:][-1:]

    def _draw_bars(self, painter: QPainter, area: QRectF) -> None:
        if not self._high > self._low:  # all the same: one bar over its tick
            middle = area.center().x()
            painter.fillRect(QRectF(middle - 4, area.top(), 8, area.height()), theme.color("text3"))
            return
        step = area.width() / len(self._shares)
        gap = 1.0 if step >= 4 else 0.0
        most = max(self._shares) or 1.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for place, share in enumerate(self._shares):
            if share <= 0:
                continue
            height = max(1.0, share / most * area.height())
            left, right = area.left() + place * step, area.left() + (place + 1) * step - gap
            bar = QRectF(left, area.bottom() - height, max(1.0, right - left), height)
            painter.fillRect(bar, theme.color("accent" if place == self._under else "text3"))
