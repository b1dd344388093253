"""What is written under the tiles of a grid."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting

CAPTION = 19
"""Height of the line under a tile."""


_WORDS = 56
"""Width of a tile that has room for words."""


def instead(painter: QPainter, tile: QRect, words: str) -> None:
    """Draw the place of a picture that is not there, and why it is not."""
    painter.save()
    painting.box(painter, tile, theme.R_TILE, "window", "line_strong")
    if words and tile.width() >= _WORDS:
        painting.words(painter, tile.adjusted(4, 4, -4, -4), words, "caption", "text3")
    painter.restore()


def captions(
    painter: QPainter,
    tiles: Sequence[tuple[int, QRect]],
    said: Sequence[str],
    current: int | None,
) -> None:
    """Write the number of each channel at the left, what is said of it at the right.

    Parameters
    ----------
    tiles
        Channel and rectangle of each tile in sight.
    said
        By channel; left out where the longest has no room.
    current
        The channel whose number stands out.
    """
    if not tiles:
        return
    side = tiles[0][1].width()
    plain = theme.font("caption" if side >= 56 else "tick")
    width = QFontMetrics(plain).horizontalAdvance
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    lines = [
        (channel, QRect(tile.left(), tile.bottom() + 3, tile.width(), CAPTION - 3))
        for channel, tile in tiles
    ]
    painter.setFont(plain)
    painter.setPen(theme.color("text2"))
    for channel, line in lines:
        if channel != current:
            painter.drawText(line, left, str(channel))
    painter.setPen(theme.color("text3"))
    # Figures have one width, so the longest stands for all.
    longest = max((said[channel] for channel, _ in lines), key=len)
    number = str(max(channel for channel, _ in lines))
    if width(longest) + width(number) + 6 <= side:
        for channel, line in lines:
            painter.drawText(line, right, said[channel])
    plain.setWeight(plain.Weight.DemiBold)
    painter.setFont(plain)
    painter.setPen(theme.color("text1"))
    for channel, line in lines:
        if channel == current:
            painter.drawText(line, left, str(channel))
