"""The place of a map drawn over a picture: outline, box, what lies outside, the box of the hand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainter

from cnnviz_gui.core.place_requests import Box
from cnnviz_gui.core.place_results import MarkedPlace
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.state import place_view
from cnnviz_gui.state.app_state import AppState

ToScreen = Callable[[float, float], QPointF]
_VEIL = 170


def paint(state: AppState, painter: QPainter, seen: QRectF, to_screen: ToScreen) -> None:
    """Draw what the user wants to see of the place of the map on screen."""
    place, view = place_view.shown_place(state), state.display.place_view
    if place is not None and view == "contour":
        _paint_outline(painter, place, to_screen)
    elif place is not None and view == "box" and place.box is not None:
        picture_paint.frame_of(painter, _on_screen(place.box, to_screen), 2, 2)
    elif place is not None and view == "mask":
        _paint_mask(painter, place, to_screen)
    if state.selection.truth is not None:
        picture_paint.drawn_box(painter, _on_screen(state.selection.truth, to_screen))


def _on_screen(box: Box, to_screen: ToScreen) -> QRectF:
    return QRectF(to_screen(box[0], box[1]), to_screen(box[2], box[3]))


def _paint_outline(painter: QPainter, place: MarkedPlace, to_screen: ToScreen) -> None:
    lines = [
        QLineF(to_screen(x0, y0), to_screen(x1, y1)) for x0, y0, x1, y1 in place.outline.tolist()
    ]
    picture_paint.lines_of(painter, lines)


def _paint_mask(painter: QPainter, place: MarkedPlace, to_screen: ToScreen) -> None:
    """Veil all but the largest part."""
    import numpy as np

    high, wide = place.size
    ground = theme.color("stage")
    veil = np.empty((high, wide, 4), np.uint8)
    veil[:] = (ground.red(), ground.green(), ground.blue(), _VEIL)
    veil[place.mask] = 0
    painter.drawImage(QRectF(to_screen(0, 0), to_screen(wide, high)), to_qimage(veil))
