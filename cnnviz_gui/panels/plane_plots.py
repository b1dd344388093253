"""The two pictures of the plane side by side, with axes and a colour bar."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.core.plane_words import axis_ticks, fitting
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.colour_bar import ColourBar
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.image_pane import ImagePane

_LEFT, _BOTTOM, _GAP = 62, 40, 16
_TICK, _TITLE = 4, 18
_APART_X, _APART_Y = 42, 36
"""Pixels from one tick to the next, at least."""
_LEAST = 120


@dataclass(frozen=True, slots=True)
class Axes:
    """What the two axes are of both pictures."""

    titles: tuple[str, str]
    ends: tuple[float, float]
    """Each goes from minus this to this."""


class PlanePlots(QWidget):
    """Square pictures of one size that share their axes; both zoom together.

    A ``surface`` takes the place of the second, with its axes, while it is shown.
    """

    def __init__(
        self, first: ImagePane, second: ImagePane, surface: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        as_data(self)
        self._panes = (first, second)
        self._surface = surface
        self.bar = ColourBar()
        self._axes: Axes | None = None
        self._opacity = 1.0
        self._side = _LEAST
        for part in (*self._panes, self.bar, surface):
            part.setParent(self)
        surface.hide()
        for pane in self._panes:
            pane.zoomed.connect(self._on_zoomed)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_axes(None)
        theme.notifier.changed.connect(self.update)

    def set_axes(self, axes: Axes | None) -> None:
        """Show axes, or none while there is no plane."""
        self._axes = axes
        self.bar.setVisible(axes is not None)
        self._place()
        self.update()

    def set_opacity(self, opacity: float) -> None:
        """Show the axes paler, or whole at 1."""
        self._opacity = opacity
        self.update()

    def show_surface(self, shown: bool) -> None:
        """Show the surface in place of the second picture; it has all the room beside the first."""
        self._surface.setVisible(shown)
        self._surface.raise_()
        self._panes[1].surface.setVisible(not shown)
        self._place()

    def side(self) -> int:
        """Return the side of the pictures."""
        return self._side

    def event(self, event: QEvent) -> bool:
        """Place the parts anew when the labels of the bar have grown."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    @Slot(object)
    def _on_zoomed(self, zoom: object) -> None:
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Return that the pictures are as high as they are wide."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at which the pictures fill the width."""
        return max(_LEAST, self._wide(width)) + self._title() + _BOTTOM

    def sizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return QSize(2 * (_LEFT + 320) + _GAP + 60, 320 + self._title() + _BOTTOM)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(2 * (_LEFT + _LEAST) + _GAP + 60, _LEAST + self._title() + _BOTTOM)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the parts anew."""
        super().resizeEvent(event)
        self._place()

    def _title(self) -> int:
        return max(pane.title_height() for pane in self._panes)

    def _wide(self, width: int) -> int:
        """Return the side of pictures that fill a width."""
        bar = self.bar.sizeHint().width() + theme.GAP
        return (width - 2 * _LEFT - _GAP - bar) // 2

    def _place(self) -> None:
        title = self._title()
        self._side = side = max(1, min(self._wide(self.width()), self.height() - title - _BOTTOM))
        second = 2 * _LEFT + side + _GAP
        for left, pane in zip((_LEFT, second), self._panes, strict=True):
            pane.setGeometry(left, 0, side, side + title)
        bar = self.bar.sizeHint().width()
        right = second + side + theme.GAP
        if not self._surface.isHidden():
            right = max(right, self.width() - bar)
        self.bar.setGeometry(right, title, bar, side)
        beside = _LEFT + side + _GAP
        self._surface.setGeometry(beside, title, right - theme.GAP - beside, side + _BOTTOM)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the axes."""
        if self._axes is None:
            return
        painter = painting.begin(self)
        painter.setOpacity(self._opacity)
        for pane in self._panes[: 1 if self._surface.isVisible() else 2]:
            frame = QRectF(QRect(pane.pos(), QSize(self._side, self._side)))
            frame.translate(0, self._title())
            self._paint_axes(painter, frame, pane, self._axes)

    def _paint_axes(self, painter: QPainter, frame: QRectF, pane: ImagePane, axes: Axes) -> None:
        surface = pane.surface
        count = surface.frame.width
        seen = [
            surface.zoom.to_picture(surface.frame, x, y)
            for x, y in ((0, 0), (surface.width(), surface.height()))
        ]
        painter.setFont(theme.font("tick"))
        for across, end in enumerate(axes.ends):
            low, high = sorted(
                (-1) ** across * end * (2 * (place[across] - 0.5) / (count - 1) - 1)
                for place in seen
            )
            apart = _APART_Y if across else _APART_X
            marks = axis_ticks(max(low, -end), min(high, end), int(self._side // apart))
            for value, text in marks:
                share = (value - low) / (high - low)
                self._paint_tick(painter, frame, share, text, upright=bool(across))
        self._paint_titles(painter, frame, axes)

    def _paint_tick(
        self, painter: QPainter, frame: QRectF, share: float, text: str, *, upright: bool
    ) -> None:
        if upright:
            y = frame.bottom() - share * frame.height()
            ends = QPointF(frame.left() - _TICK - 1, y), QPointF(frame.left() - 1, y)
            box = QRectF(frame.left() - _LEFT, y - 8, _LEFT - _TICK - 4, 16)
            align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        else:
            x = frame.left() + share * frame.width()
            ends = QPointF(x, frame.bottom() + 1), QPointF(x, frame.bottom() + _TICK + 1)
            box = QRectF(x - 30, frame.bottom() + _TICK + 1, 60, 14)
            align = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.setPen(QPen(theme.color("text3"), 1))
        painter.drawLine(*ends)
        painter.setPen(theme.color("text2"))
        painter.drawText(box, align, text)

    def _paint_titles(self, painter: QPainter, frame: QRectF, axes: Axes) -> None:
        painter.save()
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("text2"))
        metrics = painter.fontMetrics()
        along, across = (
            fitting(title, lambda text: metrics.horizontalAdvance(text) <= frame.width())
            for title in axes.titles
        )
        below = QRectF(frame.left(), frame.bottom() + _BOTTOM - _TITLE, frame.width(), _TITLE)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, along)
        painter.translate(frame.left() - _LEFT, frame.bottom())
        painter.rotate(-90)
        beside = QRectF(0, 0, frame.height(), _TITLE)
        painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, across)
        painter.restore()
