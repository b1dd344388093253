"""The key to a heat map: its colours with true units."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.core import numbers, render
from cnnviz_gui.core.ticks import tick_texts, ticks
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.texts import tr

_BAR = 12
_TICK = 4
_APART = 10
_USUAL = f"{numbers.MINUS}0.0000"
"""Room for such a label is always there."""
_STEP = 12


class ColourBar(QWidget):
    """A bar of colours, upright beside a picture or lying under one."""

    def __init__(
        self,
        orientation: Qt.Orientation = Qt.Orientation.Vertical,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        as_data(self)
        self._upright = orientation == Qt.Orientation.Vertical
        self._name = "inferno"
        self._low, self._high = 0.0, 1.0
        self._note = ""
        self._shown: tuple[object, ...] = ()
        self._ends: tuple[str, str] | None = None
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(*((fixed, free) if self._upright else (free, fixed)))
        theme.notifier.changed.connect(self._on_theme_changed)
        self.set_scale("inferno", 0.0, 1.0)

    def set_scale(
        self,
        name: str,
        low: float,
        high: float,
        *,
        note: str = "",
        ends: tuple[str, str] | None = None,
    ) -> None:
        """Show another scale.

        Parameters
        ----------
        name
            A colour map of ``core.render``; 0 is marked for diverging ones.
        low, high
            The numbers at the ends.
        note
            Said in the middle of a lying bar instead of ticks: "each to its own maximum".
        ends
            Words instead of the numbers: ``("0", "max")``.
        """
        if (name, low, high, note, ends) == self._shown:
            return
        self._shown = name, low, high, note, ends
        self._name, self._low, self._high = name, low, high
        self._note, self._ends = note, ends
        first, last = ends or (numbers.significant(low), numbers.significant(high))
        named = tr("Colour scale from {low} to {high}", low=first, high=last)
        self.setAccessibleName(f"{named}, {note}" if note else named)
        exact = (first, last) if ends else (f"{low:.9g}", f"{high:.9g}")
        reach = tr("{low} to {high}", low=exact[0], high=exact[1])
        self.setToolTip(f"{reach}\n{note}" if note else reach)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the bar and its labels.

        It grows in steps: the pictures beside it, whose place it takes, would change their size
        with every range otherwise.
        """
        if not self._upright:
            return QSize(160, 30)
        metrics = QFontMetrics(theme.font("caption"))
        widest = max(metrics.horizontalAdvance(label) for _, label in self._labels())
        usual = metrics.horizontalAdvance(_USUAL)
        more = max(0, -(-(widest - usual) // _STEP)) * _STEP
        return QSize(_BAR + _TICK + 4 + usual + more, 120)

    minimumSizeHint = sizeHint

    def _labels(self) -> list[tuple[float, str]]:
        """Return places on the bar, in [0, 1], with what stands there."""
        if self._ends is not None:
            return [(0.0, self._ends[0]), (1.0, self._ends[1])]
        span = self._high - self._low
        marks = ticks(self._low, self._high, signed=self._name in render.DIVERGING)
        if self._note and not self._upright:
            marks = [marks[0], marks[-1]]
        places = [(mark - self._low) / span if span > 0 else 0.5 for mark in marks]
        return list(zip(places, tick_texts(marks), strict=True))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar, its ticks and their labels."""
        painter = painting.begin(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = self._bar_rect()
        table = render.colormap(self._name)
        strip = table[::-1, np.newaxis] if self._upright else table[np.newaxis]
        clip = QPainterPath()
        clip.addRoundedRect(bar, 3, 3)
        painter.save()
        painter.setClipPath(clip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, to_qimage(strip))
        painter.restore()
        painter.setFont(theme.font("caption" if self._upright else "tick"))
        for place, label in self._fitting(painter.fontMetrics()):
            self._paint_label(painter, bar, place, label)
        if self._note and not self._upright:
            self._paint_note(painter, bar)

    def _paint_note(self, painter: QPainter, bar: QRectF) -> None:
        """Write the note between the numbers of the two ends."""
        metrics = painter.fontMetrics()
        low, high = (self._extent(metrics, *label) for label in self._labels())
        beside = max(low[1], self.width() - high[0]) + _APART
        below = QRectF(beside, bar.bottom() + 3, self.width() - 2 * beside, 16)
        room = int(max(0.0, below.width()))
        note = metrics.elidedText(self._note, Qt.TextElideMode.ElideRight, room)
        painter.setPen(theme.color("text3"))
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, note)

    def _extent(self, metrics: QFontMetrics, place: float, label: str) -> tuple[float, float]:
        """Return where a label under a lying bar begins and ends."""
        width = metrics.horizontalAdvance(label)
        left = min(max(0.0, place * self.width() - width / 2), self.width() - width)
        return left, left + width

    def _fitting(self, metrics: QFontMetrics) -> list[tuple[float, str]]:
        """Return the labels without those that would run into one another."""
        labels = self._labels()
        if self._upright or len(labels) < 3:
            return labels
        width = self.width()
        edges = [(p * width, metrics.horizontalAdvance(text) / 2) for p, text in labels]
        left = 2 * edges[0][1] + _APART
        right = width - 2 * edges[-1][1] - _APART
        kept = [labels[0]]
        for label, (at, half) in zip(labels[1:-1], edges[1:-1], strict=True):
            if left <= at - half and at + half <= right:
                kept.append(label)
                left = at + half + _APART
        return [*kept, labels[-1]]

    def _bar_rect(self) -> QRectF:
        if self._upright:
            return QRectF(0, 9, _BAR, max(1, self.height() - 18))
        return QRectF(0, 1, self.width(), 8)

    def _paint_label(self, painter: QPainter, bar: QRectF, place: float, label: str) -> None:
        align = Qt.AlignmentFlag.AlignVCenter
        if self._upright:
            y = bar.bottom() - place * bar.height()
            painter.fillRect(
                QRectF(bar.right() + 1, round(y) - 0.5, _TICK, 1), theme.color("text3")
            )
            box = QRectF(bar.right() + _TICK + 4, y - 8, self.width(), 16)
            painter.setPen(theme.color("text2"))
            painter.drawText(box, align | Qt.AlignmentFlag.AlignLeft, label)
            return
        left, right = self._extent(painter.fontMetrics(), place, label)
        painter.setPen(theme.color("text3"))
        painter.drawText(QRectF(left, bar.bottom() + 3, right - left + 2, 16), align, label)

    @Slot()
    def _on_theme_changed(self) -> None:
        self.update()
