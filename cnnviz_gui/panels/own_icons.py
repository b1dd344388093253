"""Icons that Phosphor has not, drawn as it draws: lines 16 wide with round ends in 256 by 256."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker, QPolygonF

_LINE = 16.0
_CRACK = ((140, 48), (104, 108), (152, 148), (116, 208))


def _image_broken() -> QPainterPath:
    """Return the frame of a picture with a crack from top to bottom."""
    lines = QPainterPath()
    lines.addRoundedRect(QRectF(32, 48, 192, 160), 8, 8)
    lines.addPolygon(QPolygonF([QPointF(*corner) for corner in _CRACK]))
    pen = QPainterPathStroker()
    pen.setWidth(_LINE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen.createStroke(lines)


MADE: Final[dict[str, Callable[[], QPainterPath]]] = {"image-broken": _image_broken}
"""By name, what returns the outline."""
