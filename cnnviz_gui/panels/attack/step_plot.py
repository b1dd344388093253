"""Class probability against the steps of an attack, whose horizontal axis scrubs through them."""

from __future__ import annotations

import bisect

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core import numbers
from cnnviz_gui.core.attack_step_results import Unit
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.curve_layout import PlotArea
from cnnviz_gui.panels.curve_plot import EpsilonPlot
from cnnviz_gui.texts import tr

_LEAST = 1
"""An axis has some length, even where nothing is gone."""
_PAGE = 10
STEPS: dict[Unit, str] = {"step": tr("step"), "query": tr("query")}
"""What the numbers of the axis count, in words."""


class _StepArea(PlotArea):
    """An axis of whole numbers."""

    def ticks(self) -> list[float]:
        """Return the marks of whole steps."""
        return [tick for tick in PlotArea.ticks(self) if tick == int(tick)]


class StepPlot(EpsilonPlot):
    """Curves of probability over steps; the handle stands only at steps whose picture is kept.

    ``moved`` and ``released`` give the number of the step.
    """

    toggled_play = Signal()
    """Space was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        # asked for while the plot is made
        self._stops: tuple[int, ...] = (0,)
        self._word = STEPS["step"]
        self._known = 0
        self._best: int | None = None
        self._start = ""
        super().__init__(tr("Class probability"), parent)
        self.setAccessibleName(tr("Step of the attack"))

    def set_steps(self, stops: tuple[int, ...], last: int, unit: Unit) -> None:
        """Set where the handle may stand, where the axis ends and what its numbers count."""
        self._stops, self._word = stops or (0,), STEPS[unit]
        self.set_range(float(max(last, _LEAST)), "", self._word)

    def set_known(self, count: int) -> None:
        """Tell how many steps there are so far, of which the curves may show fewer."""
        self._known = count
        self.update()

    def set_start(self, name: str) -> None:
        """Tell what step 0 is, which the attack has not made; empty for nothing to be said."""
        self._start = name
        self.update()

    def set_best(self, number: int | None) -> None:
        """Mark the step whose image is returned, or none."""
        self._best = number
        self.update()

    def area(self) -> PlotArea:
        """Return where things lie."""
        return _StepArea(self.width(), self.height(), self._maximum)

    def value_text(self) -> str:
        """Return what the handle shows: ``step 12``."""
        return f"{self._word} {self._number(self._epsilon)}"

    def _number(self, value: float) -> str:
        return numbers.count(round(value))

    def _flip_text(self) -> str:
        return "" if self._flip is None else f"{self._word} {self._number(self._flip)}"

    def _flip_texts(self) -> tuple[str, ...]:
        texts = super()._flip_texts()
        if self._flip == 0 and self._start:
            return (f"{texts[0]}, {self._start}", f"{texts[-1]}, {self._start}", *texts)
        return texts

    def _count_text(self) -> str:
        known, whole = self._known, self._total or 0
        return (
            ""
            if known == whole
            else tr("{done} of {total}", done=numbers.count(known), total=numbers.count(whole))
        )

    def _move(self, value: float) -> None:
        """Go to the nearest step whose picture is kept."""
        nearest = float(min(self._stops, key=lambda stop: abs(stop - value)))
        if nearest != self._epsilon:
            self.set_epsilon(nearest)
            self.moved.emit(nearest)

    def go(self, by: int) -> None:
        """Move so many steps on; none beyond the ends."""
        place = bisect.bisect_left(self._stops, round(self._epsilon)) + by
        self._move(self._stops[min(max(place, 0), len(self._stops) - 1)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by one step or by ten, or to an end; Space plays."""
        key = Qt.Key(event.key())
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_PageDown: -_PAGE,
            Qt.Key.Key_PageUp: _PAGE,
            Qt.Key.Key_Home: -len(self._stops),
            Qt.Key.Key_End: len(self._stops),
        }
        if key == Qt.Key.Key_Space:
            self.toggled_play.emit()
        elif key in steps:
            self.go(steps[key])
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move by steps, if the plot has the focus."""
        if not self.hasFocus() or not event.angleDelta().y():
            event.ignore()
            return
        event.accept()
        self.go(1 if event.angleDelta().y() > 0 else -1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plot, and a mark on the axis at the step that is returned."""
        super().paintEvent(event)
        if self._best is None or self._best > self._maximum:
            return
        painter, area = painting.begin(self), self.area()
        x = round(area.x(self._best))
        if not self.handle_rect().contains(x, area.rail):
            painter.fillRect(QRectF(x - 1, area.rail - 8, 2, 16), theme.color("text1"))
