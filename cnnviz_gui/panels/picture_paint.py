"""What is drawn over pictures: read-outs, crosshairs, round corners, hatching."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting

Run = tuple[str, str, bool]
"""A piece of a caption: text, token of its colour, whether it stands out."""

# The same on both themes: they lie on photographs, not on the window.
_CHIP = QColor(22, 23, 26, 224)
CHIP_TEXT = QColor("#F4F5F6")
_LIGHT = QColor(255, 255, 255, 230)
_SHADE = QColor(0, 0, 0, 130)
_DIMMED = QColor(0, 0, 0, 45)
_RUNS_APART = 7
_JOINT = "·"
"""A piece that ends so is followed by the next as in a sentence, without more room."""


def round_corners(painter: QPainter, rect: QRectF, radius: float, behind: QColor) -> None:
    """Paint the corners of ``rect`` over with what lies behind."""
    outside = QPainterPath()
    outside.addRect(rect.adjusted(-1, -1, 1, 1))
    inside = QPainterPath()
    inside.addRoundedRect(rect, radius, radius)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(outside.subtracted(inside), behind)


def bottom_edge(painter: QPainter, rect: QRectF, color: QColor, height: float = 3.0) -> None:
    """Draw the line that says which of two pictures this is."""
    painter.fillRect(QRectF(rect.left(), rect.bottom() - height, rect.width(), height), color)


def crosshair(painter: QPainter, at: QPointF) -> None:
    """Draw four arms about a place, light on a dark rim, so that they show on any picture."""
    x, y = at.x(), at.y()
    arms = [
        QLineF(x + dx * 5, y + dy * 5, x + dx * 14, y + dy * 14)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((_SHADE, 3.0), (_LIGHT, 1.4)):
        painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLines(arms)


def chip_lines(text: str, metrics: QFontMetrics, room: float) -> list[str]:
    """Return the lines of a read-out: one, or one for each of its parts where it is too wide."""
    return [text] if metrics.horizontalAdvance(text) + 24 <= room else re.split("  |, ", text)


def chip(painter: QPainter, text: str, at: QPointF, bounds: QRectF) -> None:
    """Draw a read-out beside a place, on the side where there is room."""
    font = theme.font("caption")
    font.setWeight(font.Weight.Medium)
    metrics = QFontMetrics(font)
    lines = chip_lines(text, metrics, bounds.width())
    width = max(metrics.horizontalAdvance(line) for line in lines) + 16
    height = 24 + metrics.lineSpacing() * (len(lines) - 1)
    left = at.x() + 18 if at.x() + 18 + width <= bounds.right() - 4 else at.x() - 18 - width
    top = at.y() + 10 if at.y() + 10 + height <= bounds.bottom() - 4 else at.y() - 10 - height
    left = max(bounds.left() + 4, min(left, bounds.right() - 4 - width))
    rect = QRectF(round(left), round(max(bounds.top() + 4, top)), width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_CHIP)
    painter.drawRoundedRect(rect, 5, 5)
    painter.setFont(font)
    painter.setPen(CHIP_TEXT)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "\n".join(lines))


def hatch(painter: QPainter, rect: QRectF, color: QColor, step: float = 9.0) -> None:
    """Hatch a part that is not known at 45 degrees."""
    painter.save()
    painter.setClipRect(rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.0))
    # Lines are tied to the widget, not to the part, so they stand still while the part shrinks.
    start = ((rect.left() + rect.top()) // step) * step
    end = rect.right() + rect.bottom()
    at = start
    while at <= end:
        painter.drawLine(
            QLineF(at - rect.top(), rect.top(), at - rect.bottom(), rect.bottom()),
        )
        at += step
    painter.restore()


def beside(row: QRect, title: str, runs: Sequence[Run]) -> QRect:
    """Return the room of a caption at the right of a title, which gives way to its last value."""
    text, _, strong = runs[-1] if runs else ("", "", False)
    least = painting.width_of(text, "title") + 1 if strong else 0
    left = min(row.width() - least, painting.width_of(title, "title") + 12)
    return row.adjusted(max(0, left), 0, 0, 0)


def has_number(text: str) -> bool:
    """Tell whether a piece of a caption must not be cut: half a number is a wrong one."""
    return any(letter.isdigit() for letter in text)


def width_of(runs: Sequence[Run]) -> int:
    """Return the width of a caption that is written whole."""
    widths = (_font_of(strong)[1].horizontalAdvance(text) for text, _, strong in runs)
    return sum(widths) + sum(_gap_after(text, strong) for text, _, strong in runs[:-1])


def _gap_after(text: str, strong: bool) -> int:
    if not text.endswith(_JOINT):
        return _RUNS_APART
    return _font_of(strong)[1].horizontalAdvance(" ")


@theme.of_typeface
def _font_of(strong: bool) -> tuple[QFont, QFontMetrics]:
    """Make the fonts of captions once: every picture asks for them at every paint."""
    font = theme.font("caption")
    if strong:
        font.setPixelSize(13)
        font.setWeight(font.Weight.DemiBold)
    return font, QFontMetrics(font)


def caption(painter: QPainter, rect: QRect, runs: Sequence[Run]) -> int:
    """Draw pieces of text, flush right and elided to ``rect``; return their width.

    A piece with a number is drawn whole or not at all, unless it is the last: half a number is a
    wrong one.
    """
    room = rect.width()
    used = 0
    for text, token, strong in reversed(runs):
        font, metrics = _font_of(strong)
        gap = _gap_after(text, strong) if used else 0
        piece = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room - used - gap))
        if used and piece != text and has_number(text):
            continue
        used += gap + metrics.horizontalAdvance(piece)
        painter.setFont(font)
        painter.setPen(theme.color(token))
        left = rect.right() + 1 - used
        box = QRect(left, rect.top(), metrics.horizontalAdvance(piece), rect.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, piece)
    return used


def round_many(painter: QPainter, rects: list[QRect], radius: int, behind: QColor) -> None:
    """Paint the corners of many tiles over; the corner is drawn once and kept."""
    corners = _corners(radius, behind.rgb(), painter.device().devicePixelRatioF())
    for rect in rects:
        left, top = rect.left(), rect.top()
        right, bottom = rect.right() + 1 - radius, rect.bottom() + 1 - radius
        places = ((left, top), (right, top), (left, bottom), (right, bottom))
        for (x, y), corner in zip(places, corners, strict=True):
            painter.drawPixmap(x, y, corner)


@functools.lru_cache(maxsize=8)
def _corners(radius: int, rgb: int, ratio: float) -> tuple[QPixmap, ...]:
    whole = QPixmap(round(2 * radius * ratio), round(2 * radius * ratio))
    whole.setDevicePixelRatio(ratio)
    whole.fill(Qt.GlobalColor.transparent)
    painter = QPainter(whole)
    round_corners(painter, QRectF(0, 0, 2 * radius, 2 * radius), radius, QColor.fromRgb(rgb))
    painter.end()
    half = round(radius * ratio)
    return tuple(whole.copy(x, y, half, half) for y in (0, half) for x in (0, half))


def cell_mark(painter: QPainter, cell: QRectF) -> None:
    """Frame the cell under the cursor, light on dark, at least large enough to be seen."""
    grow = max(0.0, 7 - cell.width()) / 2
    frame = cell.adjusted(-grow, -grow, grow, grow)
    frame_of(painter, frame, 1.75, 1.5)


def frame_of(painter: QPainter, rect: QRectF, width: float = 2.0, radius: float = 0.0) -> None:
    """Draw a frame, light on a rim twice as wide, so that it is seen on any colour."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, radius > 0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, wide in ((_SHADE, 2 * width), (_LIGHT, width)):
        painter.setPen(QPen(color, wide))
        painter.drawRoundedRect(rect, radius, radius)


def lines_of(painter: QPainter, lines: Sequence[QLineF], width: float = 1.5) -> None:
    """Draw lines, light on a rim twice as wide, so that they are seen on any colour."""
    for color, wide in ((_SHADE, 2 * width), (_LIGHT, width)):
        pen = QPen(color, wide)
        pen.setCapStyle(Qt.PenCapStyle.SquareCap)
        painter.setPen(pen)
        painter.drawLines(list(lines))


def drawn_box(painter: QPainter, rect: QRectF) -> None:
    """Draw a box of the hand: dashed, in the colour of the target, on a dark rim."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_SHADE, 4))
    painter.drawRect(rect)
    pen = QPen(theme.color("target"), 2)
    pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.drawRect(rect)


def dim_outside(painter: QPainter, whole: QRectF, field: QRectF) -> None:
    """Darken a little what lies in ``whole`` and not in ``field``."""
    outside = QPainterPath()
    outside.addRect(whole)
    inside = QPainterPath()
    inside.addRect(field)
    painter.fillPath(outside.subtracted(inside), _DIMMED)


def ink_on(dark: bool) -> QColor:
    """Return what is read on a colour of a colour map that is dark, or not."""
    return QColor("white" if dark else "black")


def card(painter: QPainter, lines: Sequence[str], beside: QRect, bounds: QRectF) -> None:
    """Draw a tooltip beside a rectangle: a raised card with a shadow, the first line strong."""
    fonts = [theme.font("caption") for _ in lines]
    fonts[0].setWeight(fonts[0].Weight.DemiBold)
    texts = zip(lines, fonts, strict=True)
    width = max(QFontMetrics(font).horizontalAdvance(line) for line, font in texts) + 24
    height = 19 * len(lines) + 14
    left: float = beside.right() + 9
    if left + width > bounds.right() - 4:
        left = beside.left() - 8 - width
    left = max(bounds.left() + 4, min(left, bounds.right() - width - 4))
    top = max(bounds.top() + 4, min(beside.top() + 8, bounds.bottom() - height - 6))
    rect = QRectF(left, top, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 8))
    for spread in range(6, 0, -1):
        soft = rect.adjusted(-spread, -spread + 2, spread, spread + 2)
        painter.drawRoundedRect(soft, 6 + spread, 6 + spread)
    painting.box(painter, rect, theme.R_CONTROL, "raised", "line_strong")
    for index, (line, font) in enumerate(zip(lines, fonts, strict=True)):
        painter.setFont(font)
        painter.setPen(theme.color("text2" if index else "text1"))
        line_rect = QRectF(left + 12, top + 7 + 19 * index, width, 19)
        painter.drawText(line_rect, Qt.AlignmentFlag.AlignVCenter, line)


def outlined(painter: QPainter, rect: QRectF, text: str) -> None:
    """Write centred text, light on a dark rim, so that it is read on any colour."""
    painter.setPen(_SHADE)
    for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawText(rect.translated(x, y), Qt.AlignmentFlag.AlignCenter, text)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
