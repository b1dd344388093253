"""The answer step by step, drawn while it climbs."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.ticks import round_steps
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.texts import ntr, tr

_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 24, 38, 26
_FLAT = 150
"""In a card less high the words stand at the left of the curve, not above it."""
_WORDS = 120
"""Their width there."""
_FLAT_TOP, _FLAT_RIGHT = 18, 80
"""There the number at the end stands at the right of the curve."""
_POINTS = 400
"""More are not told apart, and would be drawn at every step."""
_MARKS = 4
_HEADROOM = 0.12
_DOT = 7.0


class CurveBox(QWidget):
    """A card with one curve, perhaps beside a kept one; steps still to come are hatched."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._values: NDArray[np.float32] = np.zeros(0, np.float32)
        self._kept: NDArray[np.float32] = np.zeros(0, np.float32)
        self._answer: float | None = None
        self._kept_answer: float | None = None
        self._steps = 1
        self._title, self._said = "", ""
        self._stale = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.set_words(tr("Answer"), "")
        theme.notifier.changed.connect(self.update)

    def set_words(self, title: str, tooltip: str) -> None:
        """Say what climbs, and what a point of the curve is."""
        self._title = title
        painting.name(self, title, tooltip)
        self.update()

    def set_curve(
        self,
        values: NDArray[np.float32],
        steps: int,
        *,
        answer: float | None = None,
        stale: bool = False,
    ) -> None:
        """Show the answers (steps so far,) to the views of each of ``steps`` steps.

        ``answer`` is that to the finished picture, where it is known: a dot at the end.
        """
        self._values, self._steps, self._stale = values, max(1, steps, len(values)), stale
        self._answer = answer
        last = _written(values, answer) if len(values) else ""
        self._said = ""
        if 0 < len(values) < steps:
            self._said = ntr("{done} of {n} step", "{done} of {n} steps", steps, done=len(values))
        elif len(values):
            self._said = ntr("{n} step", "{n} steps", steps)
        self.setAccessibleDescription(f"{self._said}, {last}".strip(", "))
        self.update()

    def set_kept(self, values: NDArray[np.float32] | None, answer: float | None = None) -> None:
        """Show the answers of kept pictures too, or None; both must be of the same units."""
        values = np.zeros(0, np.float32) if values is None else values
        if values is not self._kept:
            self._kept, self._kept_answer = values, answer
            self.update()

    def clear(self) -> None:
        """Show no curve."""
        self.set_curve(np.zeros(0, np.float32), 1)

    def sizeHint(self) -> QSize:
        """Return a size at which one can read."""
        return QSize(280, 200)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(180, 110)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw card, grid and curve."""
        painter = painting.begin(self)
        painting.box(painter, self.rect(), theme.R_CARD, "panel")
        area = self._area()
        self._paint_words(painter, flat=area.left() > _LEFT)
        if not len(self._values):
            return
        low, high = self._ends()
        self._paint_steps(painter, area)
        self._paint_grid(painter, area, low, high)
        self._paint_kept(painter, area, low, high)
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        self._paint_curve(painter, area, low, high)

    def _area(self) -> QRectF:
        """Return where the curve itself is drawn: beside its words where it is low and wide."""
        flat = self.height() < _FLAT and self.width() > 3 * _WORDS
        left, top, right = (
            (_LEFT + _WORDS, _FLAT_TOP, _FLAT_RIGHT) if flat else (_LEFT, _TOP, _RIGHT)
        )
        width, height = self.width() - left - right, self.height() - top - _BOTTOM
        return QRectF(left, top, max(1, width), max(1, height))

    def _paint_words(self, painter: QPainter, *, flat: bool) -> None:
        head = QRect(theme.PADDING, 8, self.width() - 2 * theme.PADDING, 20)
        if flat:
            head.setWidth(_WORDS)
        painting.text(painter, head, self._title, "title", "text1")
        row = head.translated(0, 24)
        if not len(self._values):
            row.setRight(self.width() - theme.PADDING)
            painting.text(painter, row, tr("Drawn as it climbs"), "caption", "text3")
        elif flat:
            painting.text(painter, row, self._said, "caption", "text3")
        else:
            right = Qt.AlignmentFlag.AlignRight
            painting.text(painter, head, self._said, "caption", "text3", right)

    def _ends(self) -> tuple[float, float]:
        ends = [end for end in (self._answer, self._kept_answer) if end is not None]
        known = np.concatenate((self._values, self._kept, np.array(ends, np.float32)))
        known = known[np.isfinite(known)]
        if not known.size:
            return 0.0, 1.0
        low, high = min(0.0, float(known.min())), max(0.0, float(known.max()))
        # Room above, so that the end of the curve can be labelled.
        return (low, high + _HEADROOM * (high - low)) if high > low else (low, low + 1.0)

    def _paint_grid(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        step = next(s for s in round_steps(high - low) if (high - low) / s <= _MARKS)
        for place in range(int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9)) + 1):
            value = place * step
            y = round(area.bottom() - (value - low) / (high - low) * area.height())
            line = theme.color("line" if place else "line_strong")
            painter.fillRect(round(area.left()), y, round(area.width()), 1, line)
            text = f"{value:g}".replace("-", fmt.MINUS)
            room = QRect(round(area.left()) - _LEFT, y - 8, _LEFT - 8, 16)
            painting.text(painter, room, text, "tick", "text3", Qt.AlignmentFlag.AlignRight)

    def _paint_steps(self, painter: QPainter, area: QRectF) -> None:
        done = area.left() + len(self._values) / self._all * area.width()
        end = area.left() + self._steps / self._all * area.width()
        if done < end - 2:
            to_come = QRectF(done, area.top(), end - done, area.height())
            picture_paint.hatch(painter, to_come, theme.color("line"))
        row = QRect(round(area.left()), round(area.bottom()) + 5, round(area.width()), 16)
        painting.text(painter, row, "0", "tick", "text3")
        middle = Qt.AlignmentFlag.AlignHCenter
        painting.text(painter, row, tr("steps"), "tick", "text3", middle)
        right = Qt.AlignmentFlag.AlignRight
        painting.text(painter, row, str(self._all), "tick", "text3", right)

    @property
    def _all(self) -> int:
        """Steps on the axis."""
        return max(self._steps, len(self._kept))

    def _paint_kept(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        """Draw the kept curve, named where a curve that climbs leaves room."""
        if not len(self._kept):
            return
        end = self._paint_line(
            painter, area, self._kept, low, high, QPen(theme.color("text2"), 1.5)
        )
        self._paint_dot(painter, area, end.x(), self._kept_answer, low, high, "text2")
        text = tr("kept {answer}", answer=_written(self._kept, self._kept_answer))
        width = painting.width_of(text, "caption") + 8
        spot = QRect(round(area.right()) - width, round(area.bottom()) - 20, width, 18)
        painter.fillRect(spot, theme.color("panel"))  # or the line of 0 would go through it
        painting.text(painter, spot, text, "caption", "text2", Qt.AlignmentFlag.AlignHCenter)

    def _paint_curve(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        pen = QPen(theme.color("accent"), 2.5)
        end = self._paint_line(painter, area, self._values, low, high, pen)
        dot = self._paint_dot(painter, area, end.x(), self._answer, low, high, "accent")
        self._paint_last(painter, area, end.x(), end.y() if dot is None else dot, low, high)

    def _paint_dot(
        self,
        painter: QPainter,
        area: QRectF,
        x: float,
        answer: float | None,
        low: float,
        high: float,
        token: str,
    ) -> float | None:
        """Draw the answer to the finished picture where it is known; return its height."""
        if answer is None or not np.isfinite(answer):
            return None
        y = area.bottom() - (answer - low) / (high - low) * area.height()
        painting.dot(painter, QPointF(x, y), _DOT, theme.color(token))
        return y

    def _paint_line(
        self,
        painter: QPainter,
        area: QRectF,
        values: NDArray[np.float32],
        low: float,
        high: float,
        pen: QPen,
    ) -> QPointF:
        """Draw a curve and return where it ends."""
        at = np.unique(np.linspace(0, len(values) - 1, min(len(values), _POINTS)).round())
        steps = at.astype(int)
        x = area.left() + (steps + 1) / self._all * area.width()
        y = area.bottom() - (values[steps] - low) / (high - low) * area.height()
        line = QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPolyline(line)
        return line.last()

    def _paint_last(
        self, painter: QPainter, area: QRectF, x: float, y: float, low: float, high: float
    ) -> None:
        """Write the value reached beside the end of the curve, in its colour, not over it."""
        text = _written(self._values, self._answer)
        width = painting.width_of(text, "strong") + 8
        beside = x + 8 + width < max(area.right(), self.width() - theme.PADDING)
        left = x + 8 if beside else x - width - 4
        top = y - 9
        if not beside:
            share = (x - left) / area.width() * self._all
            near = self._values[max(0, len(self._values) - 1 - math.ceil(share)) :]
            highest, lowest = (
                area.bottom() - (float(end) - low) / (high - low) * area.height()
                for end in (near.max(), near.min())
            )
            above, below = min(y, highest) - 22, max(y, lowest) + 5
            top = above if above >= area.top() - 8 or below + 18 > area.bottom() else below
        spot = QRect(round(left), round(top), width, 18)
        painting.text(painter, spot, text, "strong", "accent")


def _written(values: NDArray[np.float32], answer: float | None) -> str:
    """Return the one number that is told: the answer to the picture, until then the last one."""
    return fmt.significant(float(values[-1]) if answer is None else answer)
