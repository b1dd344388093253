"""Shapes that several controls draw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from cnnviz_gui import texts
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme


def begin(widget: QWidget) -> QPainter:
    """Return a painter for a widget, mirrored where that reads from the right.

    Places are those of a window that reads from the left; ``text`` and icons stay readable.
    """
    painter = QPainter(widget)
    painter.setLayoutDirection(widget.layoutDirection())  # Qt takes that of the whole window
    mirror(painter, widget.rect())
    return painter


@contextmanager
def mirrored(painter: QPainter, rect: QRect) -> Iterator[None]:
    """Mirror what is drawn within, about the middle of ``rect``, where the window is mirrored."""
    painter.save()
    mirror(painter, rect)
    yield
    painter.restore()


def mirror(painter: QPainter, rect: QRect) -> None:
    """Mirror what is drawn from here on, about the middle of ``rect``, where the window is."""
    if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.translate(rect.left() + rect.right() + 1, 0)
        painter.scale(-1, 1)


def box(
    painter: QPainter, rect: QRect | QRectF, radius: float, fill: str = "", edge: str = ""
) -> None:
    """Draw a rounded box filled and edged with tokens; the 1 px edge lies inside ``rect``."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(theme.color(fill) if fill else Qt.BrushStyle.NoBrush)
    if edge:
        painter.setPen(QPen(theme.color(edge), 1))
        inner = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(inner, radius - 0.5, radius - 0.5)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(rect), radius, radius)


def ring(painter: QPainter, rect: QRect | QRectF, radius: float, *, dotted: bool = False) -> None:
    """Draw the ring of focus or selection inside the edge of ``rect``.

    ``dotted`` is that of what only stands for the selection.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    style = Qt.PenStyle.DotLine if dotted else Qt.PenStyle.SolidLine
    painter.setPen(QPen(theme.color("accent"), theme.RING, style))
    half = theme.RING / 2
    painter.drawRoundedRect(
        QRectF(rect).adjusted(half, half, -half, -half), radius - half, radius - half
    )


def inside_ring(rect: QRect) -> QRect:
    """Return what a ring round ``rect`` and its gap leave."""
    inset = theme.RING + theme.RING_GAP
    return rect.adjusted(inset, inset, -inset, -inset)


def bar(painter: QPainter, rect: QRectF, fraction: float, token: str) -> None:
    """Draw a horizontal bar with round ends, ``fraction`` of it filled, never less than a trace."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = rect.height() / 2
    painter.setBrush(theme.color("track"))
    painter.drawRoundedRect(rect, radius, radius)
    width = max(2.0, min(1.0, max(0.0, fraction)) * rect.width())
    painter.setBrush(theme.color(token))
    filled = QRectF(rect.left(), rect.top(), width, rect.height())
    ends = min(radius, width / 2)
    painter.drawRoundedRect(filled, ends, ends)


def dot(painter: QPainter, centre: QPointF, diameter: float, color: QColor) -> None:
    """Draw a filled disc."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(centre, diameter / 2, diameter / 2)


def text(
    painter: QPainter,
    rect: QRect,
    content: str,
    role: theme.FontRole,
    token: str,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> int:
    """Draw one line of text, vertically centred, elided to ``rect``; return its width."""
    metrics = _metrics(role)
    width = metrics.horizontalAdvance(content)
    if width > rect.width():
        content = metrics.elidedText(content, Qt.TextElideMode.ElideRight, rect.width())
        width = metrics.horizontalAdvance(content)
    painter.setFont(theme.font(role))
    painter.setPen(theme.color(token))
    write(painter, rect, align | Qt.AlignmentFlag.AlignVCenter, content)
    return width


def write(painter: QPainter, rect: QRect, flags: int, content: str) -> None:
    """Write into a rectangle, readable also where what is drawn is mirrored."""
    with _upright(painter, rect):
        painter.drawText(rect, flags, texts.apart(content))


@contextmanager
def _upright(painter: QPainter, rect: QRect) -> Iterator[None]:
    """Draw what is within as it is, in its place of what is mirrored."""
    if painter.worldTransform().m11() >= 0:
        yield
        return
    painter.save()
    painter.translate(rect.left() + rect.right() + 1, 0)
    painter.scale(-1, 1)
    painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    painter.restore()


def picture(painter: QPainter, rect: QRect, image: QImage) -> None:
    """Draw a picture, which is never mirrored."""
    with _upright(painter, rect):
        painter.drawImage(rect, image)


def words(painter: QPainter, rect: QRect, content: str, role: theme.FontRole, token: str) -> None:
    """Draw a sentence in the middle of a rectangle, in as many lines as it takes."""
    painter.setFont(theme.font(role))
    painter.setPen(theme.color(token))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    write(painter, rect, flags, fmt.unbroken(content))


def width_of(content: str, role: theme.FontRole) -> int:
    """Return the width of a line of text."""
    return _metrics(role).horizontalAdvance(content)


@theme.of_typeface
def _metrics(role: theme.FontRole) -> QFontMetrics:
    """Make the metrics of a role once: a page asks for them hundreds of times a paint."""
    return QFontMetrics(theme.font(role))


def name(widget: QWidget, accessible_name: str, tooltip: str = "") -> None:
    """Give a widget the name a screen reader says and the tooltip a mouse finds."""
    widget.setAccessibleName(accessible_name)
    widget.setToolTip(tooltip)
