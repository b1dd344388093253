"""Pictures of the manual: with round corners and a thin border, and dimmed where all is dark."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen

from cnnviz_gui.panels import theme

_RADIUS = 6
_DIMMED = 0.24
"""Share of the ground over a light picture: it glares no more, and its words stay readable."""


def framed(image: QImage, ratio: float) -> QImage:
    """Return a picture as it stands on the page; ``ratio`` is that of its pixels to the screen's.

    The pictures are of the light theme, which every reader of the files can see as well.
    """
    made = QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(Qt.GlobalColor.transparent)
    made.setDevicePixelRatio(1.0)
    area = QRectF(made.rect()).adjusted(ratio / 2, ratio / 2, -ratio / 2, -ratio / 2)
    outline = QPainterPath()
    outline.addRoundedRect(area, _RADIUS * ratio, _RADIUS * ratio)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipPath(outline)
    painter.drawImage(made.rect(), image)
    if theme.current().name.startswith("dark"):
        painter.setOpacity(_DIMMED)
        painter.fillPath(outline, theme.color("stage"))
        painter.setOpacity(1.0)
    painter.setClipping(False)
    painter.strokePath(outline, QPen(theme.color("line_strong"), ratio))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made
