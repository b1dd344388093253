"""A sum written out on one line, as many whole terms of it as there is room for."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtGui import QPainter, QPaintEvent

from cnnviz_gui import texts
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, painting

_NEXT = re.compile(rf" (?=[+{fmt.MINUS}] )")
"""Before a term with its sign; the sign of a number alone has no space behind it."""


class SumLine(ElidedLabel):
    """``a · b + c · d + … = e`` where the terms between are too many; all of them in a tooltip."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what there is room for."""
        painter = QPainter(self)
        rect = self.contentsRect()
        painter.setPen(theme.color(str(self.property("tone"))))
        shown = shortened(self.text(), self._fits)
        painter.drawText(rect, self.alignment(), texts.apart(shown))

    def _fits(self, text: str) -> bool:
        return painting.width_of(text, self._role) <= self.contentsRect().width()


def shortened(text: str, fits: Callable[[str], bool]) -> str:
    """Return a sum with as many of its first terms as fit; no number is ever cut."""
    terms, equals, total = text.partition(" = ")
    kept = _NEXT.split(terms)
    short = text
    while not fits(short) and len(kept) > 1:
        kept.pop()
        short = f"{' '.join(kept)} + …{equals}{total}"
    return short if fits(short) or not equals else f"… = {total}"
