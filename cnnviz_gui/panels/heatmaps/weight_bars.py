"""The weights of channels as bars on both sides of nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.texts import tr

_ROW = 26
_NAME, _VALUE, _SHARE = 96, 84, 76
_HEAD = 28
_DEPTH = 0.7
"""How far from the centre of the diverging map the colours of the bars lie: both stand out."""


class WeightBars(QWidget):
    """One channel a row: its name, its weight, a bar, what it adds; a click chooses it."""

    chosen = Signal(int)
    """The channel clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._rows: tuple[tuple[int, float, str], ...] = ()
        self._stale = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        painting.name(
            self, tr("Weights"), tr("The weight of a channel; click to choose the channel")
        )
        theme.notifier.changed.connect(self.update)

    def set_rows(self, rows: Sequence[tuple[int, float, str]], *, stale: bool) -> None:
        """Show channels: number, weight, and what it adds to the sum, in words."""
        self._rows, self._stale = tuple(rows), stale
        said = (
            tr("channel {channel} {weight}", channel=channel, weight=fmt.significant(weight))
            for channel, weight, _ in rows
        )
        self.setAccessibleDescription(", ".join(said))
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for a dozen rows."""
        return QSize(480, _HEAD + 12 * _ROW + theme.PADDING)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(320, _HEAD + 4 * _ROW)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the channel of the row."""
        place = (round(event.position().y()) - _HEAD) // _ROW
        if 0 <= place < len(self._rows):
            self.chosen.emit(self._rows[place][0])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows that fit."""
        painter = painting.begin(self)
        tall = min(self.height(), _HEAD + len(self._rows) * _ROW + theme.INSIDE)
        card = QRect(0, 0, self.width(), tall)
        painting.box(painter, card, theme.R_CARD, "panel")
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        inner = self.rect().adjusted(theme.PADDING, 4, -theme.PADDING, 0)
        right = Qt.AlignmentFlag.AlignRight
        head = QRect(inner.left(), inner.top(), inner.width(), _HEAD - 4)
        painting.text(painter, head, tr("Channel"), "caption", "text3")
        painting.text(painter, head.adjusted(0, 0, -_SHARE, 0), "αₖ", "caption", "text3", right)
        painting.text(painter, head, tr("of the sum"), "caption", "text3", right)
        most = max((abs(weight) for _, weight, _ in self._rows), default=0.0) or 1.0
        for place, (channel, weight, share) in enumerate(self._rows):
            row = QRect(inner.left(), _HEAD + place * _ROW, inner.width(), _ROW)
            if row.bottom() > self.height():
                break
            painting.text(painter, row, tr("channel {channel}", channel=channel), "body", "text1")
            painting.text(painter, row, share, "body", "text2", right)
            value = row.adjusted(0, 0, -_SHARE, 0)
            painting.text(painter, value, fmt.significant(weight), "body", "text1", right)
            self._paint_bar(painter, row, weight / most)

    def _paint_bar(self, painter: QPainter, row: QRect, share: float) -> None:
        room = row.adjusted(_NAME, 8, -_VALUE - _SHARE, -8)
        middle = room.center().x()
        painter.fillRect(middle, row.top() + 4, 1, row.height() - 8, theme.color("line_strong"))
        half = room.width() / 2
        width = max(1.0, abs(share) * half)
        left = middle + 1 if share >= 0 else middle - width
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(side(share))
        painter.drawRoundedRect(QRectF(left, room.top(), width, room.height()), 2, 2)


def side(weight: float) -> QColor:
    """Return the colour of a sign, as in the signed maps of the other steps."""
    at = np.float32(_DEPTH if weight >= 0 else -_DEPTH)
    return QColor(*(int(part) for part in render.apply_colormap(at[None], diverging(), -1, 1)[0]))
