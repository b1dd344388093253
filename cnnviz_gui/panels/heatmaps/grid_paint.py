"""How heads and tiles of the grid of heat maps are drawn."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import icons, picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.zoom import Frame, Zoom
from cnnviz_gui.state.grid_view import ColumnHead, RowHead, ShownCell
from cnnviz_gui.texts import tr

_LINE = 18
_SMOOTH_UP_TO = 8.0
_WRAPPED = Qt.TextFlag.TextWordWrap


def row_head(painter: QPainter, rect: QRect, head: RowHead, over: bool) -> None:
    """Draw the name of a method, in as many lines as it takes, and its caption below."""
    font = theme.font("title" if head.chosen else "body")
    room = rect.adjusted(theme.INSIDE, 4, -4, -4)
    flags = Qt.AlignmentFlag.AlignVCenter | _WRAPPED
    low = _LINE if head.caption else 0
    high = QFontMetrics(font).boundingRect(room, flags, head.title).height() + low
    spare = max(0, (rect.height() - high) // 2 - theme.INSIDE)
    _ground(painter, rect.adjusted(0, spare, 0, -spare), head.chosen, over)
    painter.setFont(font)
    painter.setPen(theme.color("text1" if head.chosen or over else "text2"))
    painter.drawText(room.adjusted(0, 0, 0, -low), flags, head.title)
    if head.caption:
        below = QRect(room.left(), room.center().y() + high // 2 - low, room.width(), low)
        painting.text(painter, below, head.caption, "caption", "text3")


def column_head(painter: QPainter, rect: QRect, head: ColumnHead, over: bool) -> None:
    """Draw what a column is about; the target bears its crosshair."""
    target = head.chosen and head.target is not None
    _ground(painter, rect, head.chosen and not target, over)
    room = rect.adjusted(4, 2, -4, 0)
    first, second = (
        QRect(room.left(), room.top() + k * _LINE, room.width(), _LINE) for k in (0, 1)
    )
    if target:
        glyph = QRect(first.left(), first.top() + 2, 14, 14)
        icons.paint(painter, glyph, "crosshair", theme.color("target"))
        first.setLeft(first.left() + 18)
    token = "target" if target else "text1" if head.chosen or over else "text2"
    painting.text(painter, first, head.title, "title" if head.chosen else "body", token)
    token = "text2" if head.chosen and not target else "text3"
    painting.text(painter, second, head.caption, "caption", token)


def _ground(painter: QPainter, rect: QRect, chosen: bool, over: bool) -> None:
    if chosen or over:
        fill = "selected" if chosen else "hover"
        painting.box(painter, rect, theme.R_CONTROL, fill)


def tile(
    painter: QPainter,
    rect: QRect,
    cell: ShownCell,
    image: QImage | None,
    zoom: Zoom,
    faded: float,
) -> None:
    """Draw a map, or what is to be said in its place.

    Parameters
    ----------
    faded
        Opacity of maps that are old.
    """
    if image is None:
        _empty(painter, rect, cell)
        return
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.fillRect(rect, theme.color("stage"))
    frame = frame_of(rect, image)
    smooth = zoom.scale(frame) * painter.device().devicePixelRatioF() < _SMOOTH_UP_TO
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.setOpacity(faded if cell.state == "stale" else 1.0)
    left, top = zoom.origin(frame)
    scale = zoom.scale(frame)
    whole = QRectF(rect.left() + left, rect.top() + top, frame.width * scale, frame.height * scale)
    painter.drawImage(whole, image, QRectF(image.rect()))
    painter.restore()
    if cell.said:
        _count(painter, rect, cell)


def frame_of(rect: QRect, image: QImage) -> Frame:
    """Return the sizes of a picture and of its tile."""
    return Frame(image.width(), image.height(), rect.width(), rect.height())


def _empty(painter: QPainter, rect: QRect, cell: ShownCell) -> None:
    painting.box(painter, rect, theme.R_TILE, "panel")
    if not cell.said:
        picture_paint.hatch(painter, QRectF(rect), theme.color("line"))
        return
    room = rect.adjusted(theme.INSIDE, 4, -theme.INSIDE, -4)
    font = theme.font("tick" if rect.width() < 140 else "caption")
    flags = Qt.AlignmentFlag.AlignVCenter | _WRAPPED
    metrics, said = QFontMetrics(font), fmt.unbroken(cell.said)
    if metrics.boundingRect(room, flags, said).height() > room.height():
        said = _shortened(metrics, room, flags, said)
    painter.setFont(font)
    painter.setPen(theme.color("error" if cell.state == "failed" else "text2"))
    painter.drawText(room, flags, said)


def _shortened(metrics: QFontMetrics, room: QRect, flags: int, said: str) -> str:
    """Return the words that have room; the tooltip has them all."""
    words = said.split()
    while len(words) > 1:
        words.pop()
        shorter = " ".join(words) + " …"
        if metrics.boundingRect(room, flags, shorter).height() <= room.height():
            return shorter
    return said


def _count(painter: QPainter, rect: QRect, cell: ShownCell) -> None:
    """Say on a map how far it is: the count alone where there is no room for more."""
    room, said = rect.width() - 8, cell.said
    stopped = cell.result if cell.state == "stopped" else None
    if stopped is not None and painting.width_of(said, "tick") + 12 > room:
        done, total = fmt.count(stopped.samples), fmt.count(stopped.expected)
        said = tr("{done} of {total}", done=done, total=total)
    width = min(painting.width_of(said, "tick") + 12, room)
    chip = QRect(rect.left() + 4, rect.bottom() - 22, width, 18)
    painting.box(painter, chip, chip.height() / 2, "raised")
    painting.text(
        painter, chip.adjusted(6, 0, -4, 0), said, "tick", "text1", Qt.AlignmentFlag.AlignLeft
    )


def reading(painter: QPainter, rect: QRect, at: QPointF, said: str) -> None:
    """Mark a place in a tile and tell the value there."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    picture_paint.crosshair(painter, at)
    picture_paint.chip(painter, said, at, QRectF(rect))
    painter.restore()
