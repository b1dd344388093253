"""The place where a picture is drawn, zoomed and touched: the only file with pyqtgraph's items."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.zoom import Frame, Zoom

_NEAREST_FROM = 8.0
"""Screen pixels per picture pixel from which pixels are seen as squares."""
_LEAST_BOX = 2
"""Pixels of a side; less was a click, not a box."""

Spot = tuple[int, int]
Over = Callable[[QPainter, QRectF, Callable[[float, float], QPointF]], None]
"""Paints over the picture, given its visible part and where a point of the picture lies."""


class _Pixels(pg.ImageItem):
    """An image item that chooses how it is sampled by its size on the screen."""

    def __init__(self) -> None:
        super().__init__(axisOrder="row-major")
        self.smooth = True
        self.nearest_from = _NEAREST_FROM
        self._small: QImage | None = None

    def set_pixels(self, pixels: NDArray[np.uint8]) -> None:
        """Show uint8 (H, W, 4); the array is kept, not copied."""
        self._small = None
        self.setImage(pixels, autoLevels=False)

    def paint(self, painter: QPainter, *args: object) -> None:
        transform = painter.deviceTransform()
        scale = math.hypot(transform.m11(), transform.m12())
        if self.image is not None and scale < 0.5:
            self._paint_small(painter, QSizeF(self.image.shape[1], self.image.shape[0]) * scale)
            return
        smooth = scale < 1 or (self.smooth and scale < self.nearest_from)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        super().paint(painter, *args)

    def _paint_small(self, painter: QPainter, size: QSizeF) -> None:
        """Average all pixels: bilinear sampling would skip some below half size."""
        target = size.toSize().expandedTo(QSizeF(1, 1).toSize())
        if self._small is None or self._small.size() != target:
            if self._renderRequired:
                self.render()
            self._small = self.qimage.scaled(
                target,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        painter.drawImage(self.boundingRect(), self._small)


class ImageSurface(pg.GraphicsView):
    """A picture without frame or axes, with what lies over it."""

    zoomed = Signal(object)
    """A ``Zoom`` the hand has chosen."""
    hovered = Signal(object)
    """The ``(x, y)`` of the pixel under the cursor, or None."""
    clicked = Signal(object)
    drag_wanted = Signal()
    drawn = Signal(object)
    """``(left, top, right, bottom)``, the pixels of a box drawn by the hand."""
    menu_wanted = Signal(object)
    """Where on the screen."""

    def __init__(self, background: str = "stage", parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        as_data(self)
        self.readout: Callable[[int, int], str] | None = None
        self.over: Over | None = None
        self.edge: str | None = None
        self.ringed = False
        self.covered = False
        self.veiled = False
        self._behind = background
        self._zoom = Zoom()
        self._cursor: Spot | None = None
        self._own_cursor = False
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._panning = False
        self._drawing = False
        self._begun: QPointF | None = None
        self._box = pg.ViewBox(enableMenu=False, invertY=True, defaultPadding=0)
        self._box.setMouseEnabled(False, False)
        self._item = _Pixels()
        self._box.addItem(self._item, ignoreBounds=True)
        self.setCentralItem(self._box)
        self.refresh_theme()
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)

    @property
    def zoom(self) -> Zoom:
        """What is seen."""
        return self._zoom

    @property
    def frame(self) -> Frame:
        """Size of the picture, a square where there is none, and of the place for it."""
        pixels = self._item.image
        height, width = (1, 1) if pixels is None else pixels.shape[:2]
        return Frame(width, height, max(1, self.width()), max(1, self.height()))

    def set_pixels(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show uint8 (H, W, 4), or nothing."""
        if pixels is None:
            self._item.clear()
        else:
            self._item.set_pixels(pixels)
        self.set_zoom(self._zoom)

    def refresh_theme(self) -> None:
        """Take the colours of the theme in use."""
        self.setBackground(theme.color(self._behind))

    def set_smooth(self, smooth: bool, up_to: float = _NEAREST_FROM) -> None:
        """Choose linear or nearest sampling for enlarging, by eight times unless told."""
        self._item.smooth, self._item.nearest_from = smooth, up_to
        self._item.update()

    def set_faded(self, opacity: float) -> None:
        """Let the picture recede."""
        self._item.setOpacity(opacity)

    def set_zoom(self, zoom: Zoom) -> None:
        """Show another part of the picture, without a signal."""
        frame = self.frame
        self._zoom = zoom.clamped(frame)
        left, top = self._zoom.to_picture(frame, 0, 0)
        scale = self._zoom.scale(frame)
        size = QSizeF(self.width() / scale, self.height() / scale)
        self._box.setRange(QRectF(QPointF(left, top), size), padding=0, disableAutoRange=True)
        self.viewport().update()

    def set_cursor(self, spot: Spot | None, *, own: bool = False) -> None:
        """Draw the crosshair at a pixel, without a signal."""
        self._cursor, self._own_cursor = spot, own
        self.viewport().update()

    def set_drawing(self, drawing: bool) -> None:
        """Let the hand draw a box, until it has drawn one or this ends it."""
        self._drawing, self._begun = drawing, None
        if drawing:
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.viewport().unsetCursor()
        self.viewport().update()

    def picture_rect(self) -> QRectF:
        """Return the visible part of the picture, in pixels of the widget."""
        frame = self.frame
        left, top = self._zoom.origin(frame)
        scale = self._zoom.scale(frame)
        whole = QRectF(left, top, frame.width * scale, frame.height * scale)
        return whole.intersected(QRectF(self.rect()))

    def spot_at(self, at: QPointF) -> Spot | None:
        """Return the pixel at a place of the widget, None beside the picture."""
        frame = self.frame
        if self._item.image is None or not self.picture_rect().contains(at):
            return None
        x, y = self._zoom.to_picture(frame, at.x(), at.y())
        return min(int(x), frame.width - 1), min(int(y), frame.height - 1)

    def to_screen(self, x: float, y: float) -> QPointF:
        """Return where in the widget a point of the picture lies."""
        return QPointF(*self._zoom.to_screen(self.frame, x, y))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a place of the widget, its centre by default, and say so."""
        about = QPointF(self.rect().center()) if at is None else at
        self._choose(self._zoom.zoomed(self.frame, factor, about.x(), about.y()))

    def pan_by(self, x: float, y: float) -> None:
        """Move the picture by pixels of the screen, and say so."""
        self._choose(self._zoom.moved(self.frame, x, y))

    def fit(self) -> None:
        """Show the whole picture, and say so."""
        self._choose(Zoom())

    def _choose(self, zoom: Zoom) -> None:
        if zoom != self._zoom and self._item.image is not None:
            self.set_zoom(zoom)
            self.zoomed.emit(self._zoom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is seen."""
        super().resizeEvent(event)
        # pyqtgraph's constructor resizes before ours has made the item.
        if hasattr(self, "_item"):
            self.set_zoom(self._zoom)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture and what lies over it."""
        super().paintEvent(event)
        painter = painting.begin(self.viewport())
        rect = self.picture_rect()
        if self.covered:
            painter.fillRect(rect, theme.color("raised"))
        elif self._item.image is None:
            return
        elif self.veiled:
            veil = theme.color(self._behind)
            veil.setAlpha(150)
            painter.fillRect(rect, veil)
        if self.over is not None and not self.covered:
            painter.save()
            painter.setClipRect(rect)
            painter.setOpacity(self._item.opacity())  # what is marked recedes with the picture
            self.over(painter, rect, self.to_screen)
            painter.restore()
        if self._begun is not None:
            painter.save()
            painter.setClipRect(rect)
            picture_paint.drawn_box(painter, QRectF(self._begun, self._last).normalized())
            painter.restore()
        if self.edge and not self.covered:
            picture_paint.bottom_edge(painter, rect, theme.color(self.edge))
        picture_paint.round_corners(painter, rect, theme.R_TILE, theme.color(self._behind))
        if self.ringed:
            painting.ring(painter, rect, theme.R_TILE)
        if self._cursor is not None and not self.covered:
            self._paint_cursor(painter, rect, self._cursor)

    def _paint_cursor(self, painter: QPainter, rect: QRectF, spot: Spot) -> None:
        at = self.to_screen(spot[0] + 0.5, spot[1] + 0.5)
        if not rect.contains(at):
            return
        picture_paint.crosshair(painter, at)
        said = f"x {spot[0]}, y {spot[1]}" if self._own_cursor else ""
        if self.readout is not None:
            said = self.readout(*spot)
        if said:
            picture_paint.chip(painter, said, at, rect)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click, a pan or a drag."""
        event.accept()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._drawing:
            self._begun = self._last = event.position()
            return
        self._pressed = self._last = event.position()
        self._panning = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the cursor; with the button held, pan or drag out."""
        event.accept()
        at = event.position()
        if self._begun is not None:
            self._last = at
            self._hover(self.spot_at(at))
            self.viewport().update()
            return
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._hover(self.spot_at(at))
            return
        if not self._panning:
            travelled = (at - self._pressed).manhattanLength()
            if travelled < QApplication.startDragDistance():
                return
            if self._zoom.at_fit or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                inside = self.spot_at(self._pressed) is not None
                self._pressed = None
                if inside:
                    self.drag_wanted.emit()
                return
            self._panning = True
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        moved = at - self._last
        self._last = at
        self.pan_by(moved.x(), moved.y())
        self._hover(self.spot_at(at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a click, a pan or a box."""
        event.accept()
        if self._begun is not None:
            self._end_box(event.position())
            return
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        spot = self.spot_at(event.position())
        if not self._panning and spot is not None:
            self.clicked.emit(spot)
        self._pressed = None
        self._panning = False
        self.viewport().unsetCursor()

    def _end_box(self, at: QPointF) -> None:
        """Tell which pixels were drawn around, if there are any."""
        assert self._begun is not None
        frame, begun = self.frame, self._begun
        self._begun = None
        ends = [self._zoom.to_picture(frame, point.x(), point.y()) for point in (begun, at)]
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(*ends, strict=True))
        box = (max(0, int(left)), max(0, int(top)))
        end = (min(frame.width, math.ceil(right)), min(frame.height, math.ceil(bottom)))
        self.viewport().update()
        if end[0] - box[0] >= _LEAST_BOX and end[1] - box[1] >= _LEAST_BOX:
            self.drawn.emit((*box, *end))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole picture."""
        event.accept()
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the cursor."""
        event.accept()
        self.zoom_by(1.25 ** (event.angleDelta().y() / 120), event.position())
        self._hover(self.spot_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Take the crosshair away."""
        super().leaveEvent(event)
        self._hover(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu."""
        self.menu_wanted.emit(QPoint(event.globalPos()))

    def _hover(self, spot: Spot | None) -> None:
        if spot != self._cursor or not self._own_cursor:
            self.set_cursor(spot, own=True)
            self.hovered.emit(spot)
