"""All networks at a glance: what they get right against what they cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.texts import ntr, tr

LEAST, MOST = 116, 156
"""Heights between which the plot is made."""
_LEFT, _TOP, _BOTTOM = 24, 26, 20
_REACH = 9
"""Pixels from a dot within which the mouse means it."""


@dataclass(frozen=True, slots=True)
class _Dot:
    name: str
    said: str
    macs: float
    accuracy: float


class AccuracyPlot(QWidget):
    """A dot a network: top-1 accuracy against multiply-adds on a logarithmic axis."""

    chosen = Signal(object)
    """The name of the network whose dot was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._dots: tuple[_Dot, ...] = ()
        self._found: frozenset[str] = frozenset()
        self._current = ""
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Accuracy against multiply-adds of all networks"))
        self._describe()

    def sizeHint(self) -> QSize:
        """Return the size of a card's width."""
        return QSize(280, MOST)

    def set_entries(self, entries: Sequence[CatalogueEntry]) -> None:
        """Show these networks, as far as both figures are published."""
        self._dots = tuple(
            _Dot(entry.name, _said(entry), entry.macs, entry.accuracy)
            for entry in entries
            if entry.macs and entry.accuracy and entry.accuracy_on == "ImageNet"
        )
        self._describe()
        self.update()

    def set_found(self, names: Iterable[str]) -> None:
        """Draw these clearly, the others faintly."""
        found = frozenset(names)
        if found != self._found:
            self._found = found
            self.update()

    def set_current(self, name: str) -> None:
        """Mark a network."""
        if name != self._current:
            self._current = name
            self._describe()
            self.update()

    def _describe(self) -> None:
        """Tell of the current network; the table has the figures of all, and takes the keys."""
        current = [dot.said for dot in self._dots if dot.name == self._current]
        networks = ntr("{n} network", "{n} networks", len(self._dots))
        self.setAccessibleDescription("; ".join([networks, *current]))

    def place_of(self, name: str) -> QPointF | None:
        """Return where the dot of a network stands, None for one without."""
        dot = next((dot for dot in self._dots if dot.name == name), None)
        return None if dot is None else self._place(dot)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -8, -_BOTTOM)

    def _ends(self) -> tuple[float, float, float, float]:
        macs = [dot.macs for dot in self._dots]
        right = [dot.accuracy for dot in self._dots]
        low, high = 10 * math.floor(min(right) / 10), 10 * math.ceil(max(right) / 10)
        return math.log10(min(macs)) - 0.1, math.log10(max(macs)) + 0.1, low, high

    def _place(self, dot: _Dot) -> QPointF:
        x, y = self._at(math.log10(dot.macs), dot.accuracy)
        return QPointF(x, y)

    def _at(self, log: float, accuracy: float) -> tuple[float, float]:
        area = self._area()
        left, right, low, high = self._ends()
        x = area.left() + area.width() * (log - left) / (right - left)
        return x, area.bottom() - area.height() * (accuracy - low) / max(high - low, 1)

    def _nearest(self, point: QPointF) -> _Dot | None:
        def distance(dot: _Dot) -> float:
            apart = self._place(dot) - point
            return math.hypot(apart.x(), apart.y())

        near = min(self._dots, key=distance, default=None)
        return near if near is not None and distance(near) <= _REACH else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Name the dot under the hand."""
        dot = self._nearest(event.position())
        hand = Qt.CursorShape.PointingHandCursor if dot else Qt.CursorShape.ArrowCursor
        self.setCursor(hand)
        if dot is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), dot.said, self)

    def leaveEvent(self, event: QEvent) -> None:
        """Name nothing any more."""
        super().leaveEvent(event)
        QToolTip.hideText()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the network whose dot is clicked."""
        dot = self._nearest(event.position())
        if dot is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(dot.name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw titles, grid and dots, the current one last."""
        painter = painting.begin(self)
        title = QRect(0, 0, self.width(), 18)
        width = painting.text(painter, title, tr("Top-1, %"), "caption", "text2")
        rest = title.adjusted(width + 6, 0, 0, 0)
        painting.text(painter, rest, tr("against multiply-adds, billion"), "caption", "text3")
        if not self._dots:
            return
        self._draw_grid(painter)
        faint, clear = theme.color("line_strong"), theme.color("text3")
        for dot in sorted(self._dots, key=lambda dot: dot.name in self._found):
            found = dot.name in self._found
            painting.dot(painter, self._place(dot), 5 if found else 4, clear if found else faint)
        current = self.place_of(self._current)
        if current is not None:
            painting.dot(painter, current, 13, theme.color("panel"))
            painting.dot(painter, current, 9, theme.color("accent"))

    def _draw_grid(self, painter: QPainter) -> None:
        area = self._area()
        left, right, low, high = self._ends()
        for accuracy in range(round(low), round(high) + 1, 10):
            y = round(self._at(left, accuracy)[1])
            painter.fillRect(round(area.left()), y, round(area.width()), 1, theme.color("line"))
            label = QRect(0, y - 8, _LEFT - 6, 16)
            align = Qt.AlignmentFlag.AlignRight
            painting.text(painter, label, str(accuracy), "tick", "text3", align)
        for power in range(math.ceil(left), math.floor(right) + 1):
            x = round(self._at(power, low)[0])
            words = f"{10.0 ** (power - 9):g}"
            label = QRect(x - 20, round(area.bottom()) + 4, 40, 16)
            align = Qt.AlignmentFlag.AlignHCenter
            painting.text(painter, label, words, "tick", "text3", align)


def _said(entry: CatalogueEntry) -> str:
    return tr(
        "{title}\n{accuracy:.1f} %, {macs:.2f} billion",
        title=entry.title,
        accuracy=entry.accuracy,
        macs=(entry.macs or 0) / 1e9,
    )
