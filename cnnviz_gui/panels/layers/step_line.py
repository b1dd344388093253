"""The steps from a sum of products to the value in the map, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.state.cell_view import CellStep
from cnnviz_gui.texts import tr

_HEIGHT = 36
_ARROW, _TIGHT = 20, 12
"""Room for an arrow, and where the numbers need the rest."""
_MARK = 18


class StepLine(QWidget):
    """Name above, value below, an arrow to the next; the numbers in full in tooltips."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._steps: Sequence[CellStep] = ()
        self.agrees = True
        self.stale = False
        self.setAccessibleName(tr("From the sum to the map"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_steps(self, steps: Sequence[CellStep], agrees: bool, stale: bool = False) -> None:
        """Show the steps; ``agrees`` says that the map's is the number of the step before."""
        self._steps, self.agrees, self.stale = steps, agrees, stale
        said = (f"{step.title} {fmt.significant(step.value)}" for step in steps)
        self.setAccessibleDescription(", ".join(said))
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for all steps."""
        return QSize(64 * max(3, len(self._steps)), _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the least size; texts give way."""
        return QSize(120, _HEIGHT)

    def step_at(self, spot: QPoint) -> CellStep | None:
        """Return the step at a place of the widget."""
        places = zip(self._steps, self._places(), strict=True)
        return next((step for step, place in places if place.contains(spot)), None)

    def event(self, event: QEvent) -> bool:
        """Tell the step under the cursor in full."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            step = self.step_at(event.pos())
            QToolTip.showText(event.globalPos(), step.how if step else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the steps."""
        painter = painting.begin(self)
        ink = "text3" if self.stale else "text1"
        for number, (step, place) in enumerate(zip(self._steps, self._places(), strict=True)):
            last, of_map = number == len(self._steps) - 1, step.of_map
            upper = QRect(place.x(), 0, place.width(), 16)
            lower = QRect(place.x(), 16, place.width() - (_MARK if of_map else 0), 20)
            painting.text(painter, upper, step.title, "tick", "text3")
            role: theme.FontRole = "title" if of_map else "caption"
            value = fmt.significant(step.value)
            width = painting.text(painter, lower, value, role, ink)
            if of_map:
                icon = ("check-circle", "success") if self.agrees else ("warning", "warning")
                glyph = QRect(place.x() + width + 4, 19, 14, 14)
                icons.paint(painter, glyph, icon[0], theme.color(icon[1]))
            if not last:
                sign = "=" if self._steps[number + 1].of_map else "→"
                arrow = QRect(place.right() + 1, 16, self._arrow(), 20)
                centre = Qt.AlignmentFlag.AlignHCenter
                painting.text(painter, arrow, sign, "caption", "text3", centre)

    def _places(self) -> list[QRect]:
        """Return where each step is: as wide as its texts, narrower where there is no room."""
        widths = [_width(step) for step in self._steps]
        arrow = self._arrow()
        room = self.width() - arrow * (len(widths) - 1) - _MARK
        share = min(1.0, room / max(1, sum(widths)))
        places, left = [], 0
        for step, width in zip(self._steps, widths, strict=True):
            wide = int(width * share) + (_MARK if step.of_map else 0)
            places.append(QRect(left, 0, wide, self.height()))
            left += wide + arrow
        return places

    def _arrow(self) -> int:
        """Return how wide an arrow may be: little before a number is cut."""
        needs = sum(_width(step) for step in self._steps) + _MARK
        return _ARROW if needs + _ARROW * (len(self._steps) - 1) <= self.width() else _TIGHT


def _width(step: CellStep) -> int:
    value = painting.width_of(fmt.significant(step.value), "title" if step.of_map else "caption")
    return max(painting.width_of(step.title, "tick"), value) + 1
