"""The row over a picture: its title at the left, its caption at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import picture_paint
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.picture_paint import Run

TITLE_ROW = 28
DETAILS_ROW = 18
_USUAL = 160
_APART = 14
"""Between title and caption where both are written whole."""


def amplified(size: str, factor: int) -> tuple[Run, ...]:
    """Return the caption of a perturbation; how it is amplified stays where there is no room."""
    return parts(size, f"{fmt.TIMES} {fmt.count(factor)}")


def parts(*texts: str) -> tuple[Run, ...]:
    """Return a caption of parts: where there is no room for all of them the first ones go."""
    there = [text for text in texts if text]
    return tuple((f"{text} ·", "text3", False) for text in there[:-1]) + tuple(
        (text, "text3", False) for text in there[-1:]
    )


def place(pane: int, surface: int, picture: int, title: str, caption: Sequence[Run]) -> QRect:
    """Return where title and caption stand: over the picture, wider where they need it.

    Over a picture that is wide enough a name, which ends in …, never makes them wider.

    Parameters
    ----------
    pane, surface, picture
        Widths: of all there is, of the place of the picture, which begins at the left, and of the
        picture at fit, in the middle of its place.
    """
    width = max(min(pane, _USUAL), picture)
    left = max(0, (surface - width) // 2)
    firm = (
        [run for run in caption if picture_paint.has_number(run[0])]
        if picture >= _USUAL
        else caption
    )
    wanted = painting.width_of(title, "title") + picture_paint.width_of(firm) + _APART
    width = max(width, min(pane, wanted))
    return QRect(min(left, pane - width), 0, width, TITLE_ROW - 6)


def write(
    painter: QPainter, row: QRect, title: str, caption: Sequence[Run], details: str | None
) -> None:
    """Write both, and the details in a line below."""
    room = picture_paint.beside(row, title, caption)
    used = picture_paint.caption(painter, room, caption)
    left = row.adjusted(0, 0, -used - 12 if used else 0, 0)
    painting.text(painter, left, title, "title", "text1")
    below = QRect(row.left(), row.bottom(), row.width(), DETAILS_ROW)
    painting.text(painter, below, details or "", "tick", "text3")
