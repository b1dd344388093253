"""How the plot over epsilon looks."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core import numbers
from cnnviz_gui.panels import icons, picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.curve_labels import Labels, label_font, strong_caption
from cnnviz_gui.panels.curve_layout import HANDLE, Curves, PlotArea

_RAIL = 6.0
_SHADE = 40
_COMPUTED, _DOTS_APART = 5.5, 7.0
"""A dot of a computed point, and how far from the next one a point is that needs one."""


@dataclass(frozen=True, slots=True)
class Look:
    """All that is drawn."""

    area: PlotArea
    title: str
    axis_title: str
    curves: Curves
    labels: Labels
    epsilon: float
    here: dict[str, float]
    """The probability of each curve at epsilon."""
    value_text: str
    flip: float | None
    flip_texts: tuple[str, ...]
    """What the flag of the flip says, then the same in fewer words."""
    held: tuple[tuple[float, float], ...]
    count_text: str
    stale: bool
    ringed: bool
    enabled: bool


def token_of(index: int) -> str:
    """Return the colour of the first, second or any further curve."""
    return ("clean", "adversarial")[index] if index < 2 else "text3"


def handle_width(text: str) -> float:
    """Return how wide the handle is for its text; it does not twitch with each figure."""
    return float(max(64, QFontMetrics(theme.font("title")).horizontalAdvance(text) + 26))


class Painting:
    """Draws the card; what no move of the handle changes is drawn once and kept."""

    def __init__(self) -> None:
        self._kept = QPixmap()
        self._of: tuple[object, ...] = ()

    def paint(self, widget: QWidget, look: Look) -> None:
        """Draw the card."""
        ratio = widget.devicePixelRatio()
        still = dataclasses.replace(look, epsilon=0.0, here={}, value_text="", ringed=False)
        # Curves are compared by identity: they are new arrays with each point.
        of = (still, ratio, theme.current())
        if of != self._of:
            self._kept, self._of = _still(widget, still, ratio), of
        painter = painting.begin(widget)
        painter.drawPixmap(0, 0, self._kept)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(theme.STALE_OPACITY if look.stale else 1.0)
        _paint_hairline(painter, look)
        _paint_labels(painter, look)
        painter.setOpacity(1.0)
        _paint_rail(painter, look)
        _paint_handle(painter, look)


def _still(widget: QWidget, look: Look, ratio: float) -> QPixmap:
    """Return what lies under the handle and its line."""
    pixmap = QPixmap(widget.size() * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painting.box(painter, widget.rect(), theme.R_CARD, "panel")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_head(painter, look)
    _paint_grid(painter, look)
    _paint_unknown(painter, look)
    _paint_held(painter, look)
    if look.flip is not None:
        _paint_flip(painter, look, look.flip)
    painter.setOpacity(theme.STALE_OPACITY if look.stale else 1.0)
    for index, name in reversed(list(enumerate(look.curves.values))):
        _paint_curve(painter, look, index, name)
    painter.setOpacity(1.0)
    _paint_axis(painter, look)
    painter.end()
    return pixmap


def _paint_head(painter: QPainter, look: Look) -> None:
    row = QRect(16, 10, look.area.width - 16 - 24, 20)
    head = head_of(look)
    left = QRect(row.left(), row.top(), head.title, row.height())
    painting.text(painter, left, look.title, "title", "text1")
    right = Qt.AlignmentFlag.AlignRight
    painting.text(painter, row, head.count, "caption", "text3", right)


def _paint_grid(painter: QPainter, look: Look) -> None:
    rect = look.area.rect
    for percent in look.area.percents():
        y = round(look.area.y(percent / 100)) + 0.5
        painter.setPen(QPen(theme.color("line" if percent else "line_strong"), 1))
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
        label = QRect(0, round(y) - 9, round(rect.left()) - 9, 18)
        painting.text(
            painter, label, f"{percent} %", "caption", "text3", Qt.AlignmentFlag.AlignRight
        )


def _paint_unknown(painter: QPainter, look: Look) -> None:
    known = look.curves.epsilons
    rect = look.area.rect
    last = look.area.x(known[-1]) + 4 if known.size else rect.left()
    if last < rect.right() - 5:
        unknown = QRectF(last, rect.top(), rect.right() - last, rect.height())
        picture_paint.hatch(painter, unknown, theme.color("line"))


def _paint_held(painter: QPainter, look: Look) -> None:
    """Shade where the class wins again beyond its first loss."""
    rect, shade = look.area.rect, theme.color("warning")
    shade.setAlpha(_SHADE)
    for low, high in look.held:
        left, right = look.area.x(low), min(look.area.x(high), rect.right())
        painter.fillRect(QRectF(left, rect.top(), right - left, rect.height()), shade)


def _paint_flip(painter: QPainter, look: Look, flip: float) -> None:
    area, color = look.area, theme.color("warning")
    x = round(area.x(flip))
    if not area.shows(flip):
        return
    pen = QPen(color, 1.5, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([4, 2.5])
    painter.setPen(pen)
    painter.drawLine(QPointF(x, area.rect.top() - 4), QPointF(x, area.rect.bottom()))
    head = head_of(look)
    chip = head.chip
    # White on the light theme's card could not be seen.
    fill = "raised" if theme.current().dark else "hover"
    painting.box(painter, chip, chip.height() / 2, fill)
    icons.paint(painter, QRectF(chip.left() + 9, chip.top() + 4, 14, 14), "flag-banner", color)
    text = QRect(round(chip.left()) + 28, round(chip.top()), round(chip.width()), 22)
    painter.setFont(strong_caption())
    painter.setPen(color)
    painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, head.flip)


@dataclass(frozen=True, slots=True)
class Head:
    """What there is room for over the curves."""

    title: int
    """How wide the title may be."""
    flip: str
    chip: QRectF
    """The flag of the flip, above its mark; empty without one."""
    count: str


def head_of(look: Look) -> Head:
    """Share the row over the curves: the flag says less, or the count goes, but it is there."""
    title, end = painting.width_of(look.title, "title"), look.area.width - 24
    flip = look.flip
    if flip is None or not look.area.shows(flip):
        return Head(end - 16, "", QRectF(), look.count_text)
    metrics, least = QFontMetrics(strong_caption()), look.flip_texts[-1]
    for count in (look.count_text, ""):
        right = end - (painting.width_of(count, "caption") + 12 if count else 0)
        for text in look.flip_texts:
            width, left = metrics.horizontalAdvance(text) + 39, 16 + title + 12
            if right - left >= width:
                place = min(max(look.area.x(flip) - width / 2, left), right - width)
                return Head(title, text, QRectF(place, 9, width, 22), count)
    width = metrics.horizontalAdvance(least) + 39
    return Head(end - width - 28, least, QRectF(end - width, 9, width, 22), "")


def _paint_curve(painter: QPainter, look: Look, index: int, name: str) -> None:
    color = theme.color(token_of(index))
    pen = QPen(color, 2.5 if index < 2 else 1.5)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    if index >= 2:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([4, 3])
    for epsilons, values in look.curves.runs(name):
        points = [
            QPointF(look.area.x(e), look.area.y(v)) for e, v in zip(epsilons, values, strict=True)
        ]
        if len(points) == 1:
            painting.dot(painter, points[0], 4, color)
        else:
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(points))
            if index < 2:
                _paint_computed(painter, points, color)


def _paint_computed(painter: QPainter, points: list[QPointF], color: QColor) -> None:
    """Mark what was computed: between two dots the line is a guess."""
    gaps = [after.x() - before.x() for before, after in itertools.pairwise(points)]
    for point, before, after in zip(points, [0.0, *gaps], [*gaps, 0.0], strict=True):
        if max(before, after) >= _DOTS_APART:
            painting.dot(painter, point, _COMPUTED, color)


def _paint_hairline(painter: QPainter, look: Look) -> None:
    area = look.area
    x = area.x(look.epsilon)
    found, shown = look.here, list(look.curves.values)[:2]
    heights = [area.y(found[name]) for name in shown if name in found]
    top = min(heights, default=area.rect.bottom())
    painter.setPen(QPen(theme.color("text1"), 1.5))
    painter.drawLine(QPointF(x, top), QPointF(x, area.rail - HANDLE / 2))
    for index, name in reversed(list(enumerate(shown))):
        if name in found:
            at = QPointF(x, area.y(found[name]))
            painting.dot(painter, at, 13, theme.color("panel"))
            painting.dot(painter, at, 10, theme.color(token_of(index)))


def _paint_labels(painter: QPainter, look: Look) -> None:
    for index, name in enumerate(look.curves.values):
        if name in look.labels:
            behind = theme.color("panel")
            behind.setAlpha(190)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(behind)
            painter.drawRoundedRect(look.labels[name].adjusted(-2, 1, 2, -1), 4, 4)
            painter.setFont(label_font(index))
            painter.setPen(theme.color(token_of(index)))
            painter.drawText(look.labels[name], Qt.AlignmentFlag.AlignCenter, name)


def _paint_axis(painter: QPainter, look: Look) -> None:
    area = look.area
    for tick in area.ticks():
        x = area.x(tick)
        painter.fillRect(QRectF(round(x), area.rail + 16, 1, 4), theme.color("line_strong"))
        label = QRect(round(x) - 40, round(area.rail) + 21, 81, 16)
        centre = Qt.AlignmentFlag.AlignHCenter
        text = numbers.plain(float(f"{tick:.3g}"))
        painting.text(painter, label, text, "tick", "text3", centre)
    if not area.titled:  # the handle, and what stands below, say the unit
        return
    rect = area.rect
    title = QRect(round(rect.left()), area.height - 20, round(rect.width()), 16)
    painting.text(painter, title, look.axis_title, "tick", "text2", Qt.AlignmentFlag.AlignHCenter)


def _paint_rail(painter: QPainter, look: Look) -> None:
    area = look.area
    rect = area.rect
    rail = QRectF(rect.left(), area.rail - _RAIL / 2, rect.width(), _RAIL)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("rail"))
    painter.drawRoundedRect(rail, _RAIL / 2, _RAIL / 2)
    done = QRectF(rail)
    done.setWidth(max(_RAIL, area.x(look.epsilon) - rect.left()))
    painter.setBrush(theme.color("accent" if look.enabled else "line_strong"))
    painter.drawRoundedRect(done, _RAIL / 2, _RAIL / 2)
    if look.flip is not None and look.flip <= area.maximum:
        mark = QRectF(round(area.x(look.flip)) - 1, area.rail - 8, 2, 16)
        painter.fillRect(mark, theme.color("warning"))


def _paint_handle(painter: QPainter, look: Look) -> None:
    pill = look.area.handle(look.epsilon, handle_width(look.value_text))
    if look.ringed:
        out = theme.RING + theme.RING_GAP
        around = pill.adjusted(-out, -out, out, out)
        painting.box(painter, around, around.height() / 2, "panel")
        painting.ring(painter, around, around.height() / 2)
    painting.box(painter, pill, HANDLE / 2, "accent" if look.enabled else "line_strong")
    painter.setFont(theme.font("title"))
    painter.setPen(theme.color("on_accent" if look.enabled else "text2"))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, look.value_text)
