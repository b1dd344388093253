"""Numbers of every layer across the network: mean and spread, zeros, dead channels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QEvent, QLineF, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.layer_results import LayerActivity
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.layers.network_axis import (
    Axis,
    dead_share,
    ends,
    outermost,
    round_marks,
    zero_share,
)
from cnnviz_gui.panels.spoken import tell
from cnnviz_gui.texts import ntr, tr

_LEFT, _RIGHT, _TITLE, _NAMES, _GAP = 48, 6, 22, 20, 14
_SHARES = (2, 1, 1)
"""Heights of the three plots."""


class NetworkPlot(QWidget):
    """Three plots over the layers in order of execution.

    A click chooses a layer; arrows step, Home and End go to the ends.
    """

    chosen = Signal(object)
    """The name of the layer chosen by hand."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._layers: tuple[LayerActivity, ...] = ()
        self._places: dict[str, int] = {}
        self._ends = ends(())
        self._current = ""
        self._hover: int | None = None
        self._opacity = 1.0
        self._drawn: tuple[tuple[object, ...], QPixmap] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Activations across the network"))
        self._describe()
        theme.notifier.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return QSize(560, 480)

    def set_layers(self, layers: Sequence[LayerActivity]) -> None:
        """Show these layers, in order."""
        shown = tuple(layers)
        if shown != self._layers:
            self._layers = shown
            self._places = {layer.layer: place for place, layer in enumerate(shown)}
            self._ends = ends(shown)
            self._hover = None
            self._describe()
            self.update()

    def set_current(self, name: str) -> None:
        """Mark a layer, without a signal."""
        if name != self._current:
            self._current = name
            self._describe()
            self.update()

    def set_stale(self, stale: bool) -> None:
        """Let what is old recede."""
        opacity = theme.STALE_OPACITY if stale else 1.0
        if opacity != self._opacity:
            self._opacity = opacity
            self.update()

    def place_of(self, name: str) -> QPointF | None:
        """Return where a layer stands in the upper plot, None where it does not."""
        at = self._index(name)
        return None if at is None else QPointF(self._x(at), self._axes()[0].area.center().y())

    def said_of(self, at: int) -> list[str]:
        """Return what is told of a layer, line by line."""
        layer = self._layers[at]
        mean, std = fmt.significant(layer.mean), fmt.significant(layer.std)
        return [
            layer.layer,
            tr("mean {mean} ± {std}", mean=mean, std=std),
            tr("zeros {share}", share=fmt.percent(layer.zeros)),
            tr("dead {n} of {channels}", n=len(layer.dead), channels=layer.channels),
        ]

    def _describe(self) -> None:
        at = self._index(self._current)
        words = ntr("{n} layer", "{n} layers", len(self._layers))
        tell(self, words if at is None else f"{words}; {', '.join(self.said_of(at))}")

    def _index(self, name: str) -> int | None:
        return self._places.get(name)

    # Geometry

    def _axes(self) -> tuple[Axis, Axis, Axis]:
        room = self.height() - _NAMES - len(_SHARES) * _TITLE - (len(_SHARES) - 1) * _GAP
        unit = max(10.0, room / sum(_SHARES))
        width = max(10, self.width() - _LEFT - _RIGHT)
        areas, top = [], 0.0
        for share in _SHARES:
            areas.append(QRectF(_LEFT, top + _TITLE, width, share * unit))
            top += _TITLE + share * unit + _GAP
        low, high, most = self._ends
        return Axis(areas[0], low, high), Axis(areas[1], 0.0, 1.0), Axis(areas[2], 0.0, most)

    def _step(self) -> float:
        return max(10, self.width() - _LEFT - _RIGHT) / max(1, len(self._layers))

    def _x(self, at: int) -> float:
        return _LEFT + (at + 0.5) * self._step()

    def _at(self, point: QPointF) -> int | None:
        if not self._layers or not _LEFT <= point.x() < self.width() - _RIGHT:
            return None
        return min(int((point.x() - _LEFT) / self._step()), len(self._layers) - 1)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plots, the marks, and what is told of the layer under the cursor."""
        painter = painting.begin(self)
        painter.setOpacity(self._opacity)
        painter.drawPixmap(0, 0, self._plots())
        painter.setOpacity(1.0)
        at = self._index(self._current)
        if at is not None:
            self._paint_current(painter, at)
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_CONTROL)
        if self._hover is not None:
            top, height = self._span()
            x = round(self._x(self._hover))
            painter.fillRect(x, top, 1, height, theme.color("line_strong"))
            beside = QRect(x - 2, top, 4, 20)
            picture_paint.card(painter, self.said_of(self._hover), beside, QRectF(self.rect()))

    def _plots(self) -> QPixmap:
        """Return the plots without marks: hundreds of layers take longer than a turn may."""
        ratio = self.devicePixelRatioF()
        key = (self._layers, self.size(), ratio, theme.current().name)
        if self._drawn is None or self._drawn[0] != key:
            drawn = QPixmap(self.size() * ratio)
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(drawn)
            self._paint_plots(painter)
            painter.end()
            self._drawn = key, drawn
        return self._drawn[1]

    def _paint_plots(self, painter: QPainter) -> None:
        mean, zeros, dead = self._axes()
        marks = round_marks(mean.low, mean.high)
        texts = [f"{mark:g}".replace("-", fmt.MINUS) for mark in marks]
        self._paint_grid(painter, mean, tr("Mean and standard deviation"), marks, texts)
        self._paint_grid(painter, zeros, tr("Zeros"), [0, 0.5, 1], ["0 %", "50 %", "100 %"])
        top = dead.high
        self._paint_grid(painter, dead, tr("Dead channels"), [0, top], ["0 %", f"{100 * top:g} %"])
        if self._layers:
            everywhere = range(len(self._layers))
            self._paint_spread(painter, mean)
            self._paint_bars(painter, zeros, zero_share, everywhere, "text3")
            self._paint_bars(painter, dead, dead_share, everywhere, "text3")
            self._paint_names(painter, dead)

    def _paint_grid(
        self, painter: QPainter, axis: Axis, title: str, marks: list[float], texts: list[str]
    ) -> None:
        area = axis.area
        head = QRect(_LEFT, round(area.top()) - _TITLE, round(area.width()), _TITLE - 4)
        painting.text(painter, head, title, "caption", "text2")
        last = None
        for mark in sorted(marks, key=abs, reverse=True):  # that of 0 over the others
            y = round(axis.y(mark))
            line = theme.color("line_strong" if mark == 0 else "line")
            painter.fillRect(_LEFT, y, round(area.width()), 1, line)
        for mark, text in zip(marks, texts, strict=True):
            y = round(axis.y(mark))
            if last is not None and last - y < 14:
                continue
            box = QRect(0, y - 8, _LEFT - 8, 16)
            painting.text(painter, box, text, "tick", "text3", Qt.AlignmentFlag.AlignRight)
            last = y

    def _paint_spread(self, painter: QPainter, axis: Axis) -> None:
        middle = [QPointF(self._x(i), axis.y(m.mean)) for i, m in enumerate(self._layers)]
        band = theme.color("clean")
        band.setAlpha(60)
        painter.setPen(QPen(band, 1))
        painter.drawLines(self._band(axis))
        # A polyline joins its corners, which takes twenty times as long as lines of their own.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("clean"), 2))
        painter.drawLines([QLineF(one, other) for one, other in itertools.pairwise(middle)])
        if len(middle) < 2 or self._step() >= 12:
            for point in middle:
                painting.dot(painter, point, 5, theme.color("clean"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _band(self, axis: Axis) -> list[QLineF]:
        """Return a line a column of pixels, from one standard deviation below to one above."""
        low = [axis.y(layer.mean - layer.std) for layer in self._layers]
        high = [axis.y(layer.mean + layer.std) for layer in self._layers]
        lines, last = [], len(self._layers) - 1
        for x in range(math.ceil(self._x(0)), math.floor(self._x(last)) + 1):
            place = (x - self._x(0)) / self._step()
            at = min(int(place), max(0, last - 1))
            after, share = min(at + 1, last), place - at
            top = high[at] + share * (high[after] - high[at])
            bottom = low[at] + share * (low[after] - low[at])
            lines.append(QLineF(x, round(top), x, round(bottom)))
        return lines

    def _paint_bars(
        self,
        painter: QPainter,
        axis: Axis,
        share: Callable[[LayerActivity], float],
        places: Iterable[int],
        token: str,
    ) -> None:
        step, bottom = self._step(), axis.area.bottom()
        wide = min(12.0, max(1.0, step - 1.0))
        bars = []
        for at in places:
            if (value := share(self._layers[at])) > 0:
                height = max(1.0, bottom - axis.y(value))
                bars.append(QRectF(self._x(at) - wide / 2, bottom - height, wide, height))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(token))
        painter.drawRects(bars)

    def _paint_current(self, painter: QPainter, at: int) -> None:
        mean, zeros, dead = self._axes()
        self._paint_bars(painter, zeros, zero_share, (at,), "accent")
        self._paint_bars(painter, dead, dead_share, (at,), "accent")
        top, height = self._span()
        x = round(self._x(at))
        painter.fillRect(x, top, 1, height, theme.color("accent"))
        point = QPointF(x + 0.5, mean.y(self._layers[at].mean))
        painting.dot(painter, point, 9, theme.color("stage"))
        painting.dot(painter, point, 7, theme.color("accent"))

    def _span(self) -> tuple[int, int]:
        """Return top and height of the three plots together."""
        first, _, last = self._axes()
        top = round(first.area.top())
        return top, round(last.area.bottom()) - top

    def _paint_names(self, painter: QPainter, last: Axis) -> None:
        """Write where each outermost part begins, as far as the names do not touch."""
        top, free, before = round(last.area.bottom()) + 4, 0.0, ""
        for at, layer in enumerate(self._layers):
            name = outermost(layer.layer)
            x = self._x(at) - self._step() / 2
            if name == before or x < free:
                continue
            width = painting.width_of(name, "tick") + 2
            x = min(x, self.width() - width)
            if x < free:
                continue
            before, free = name, x + width + 10
            painting.text(painter, QRect(round(x), top, width, 14), name, "tick", "text3")

    # Events

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of the layer under the cursor."""
        self._set_hover(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Tell nothing any more."""
        super().leaveEvent(event)
        self._set_hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the layer under the cursor."""
        at = self._at(event.position())
        if at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step through the layers."""
        at, end = self._index(self._current), len(self._layers) - 1
        moves = {
            Qt.Key.Key_Left: -1 if at is None else at - 1,
            Qt.Key.Key_Right: 0 if at is None else at + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: end,
        }
        key = Qt.Key(event.key())
        if key in moves and end >= 0:
            self._choose(min(max(moves[key], 0), end))
        else:
            super().keyPressEvent(event)

    def _choose(self, at: int) -> None:
        name = self._layers[at].layer
        if name != self._current:
            self.set_current(name)
            self.chosen.emit(name)

    def _set_hover(self, at: int | None) -> None:
        if at != self._hover:
            self._hover = at
            self.update()
