"""Finds the smallest epsilon of the attack in use and puts the slider there."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core.border_results import BordersResult
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import Button, painting
from cnnviz_gui.state import border_view
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.attack_plan import has_epsilon
from cnnviz_gui.state.border_plan import SMALLEST_LANE, smallest_request
from cnnviz_gui.state.bulletin import Changes

_CONCERNS = frozenset(
    {
        *("facts", "image", "target", "attack_method", "attack_parameters", "smallest_of"),
        *("finding.predict", f"finding.{SMALLEST_LANE}"),
    }
)
_ENDED = ("stopped", "failed", "empty")


class SmallestButton(Button):
    """Asks for the smallest epsilon; when it is found, the slider goes there and it is told."""

    again = Signal(object)
    """The lane to compute again."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("Smallest epsilon", "magnifying-glass", parent=parent)
        self._state = state
        self._begun = False
        """The search that was asked for has been seen at work."""
        self.clicked.connect(self._on_clicked)
        state.observe(self._on_state_changed)
        self._draw()

    def minimumSizeHint(self) -> QSize:
        """Return room for the icon: in a small window the text gives way to the views' names."""
        return QSize(theme.CONTROL + theme.INSIDE, theme.CONTROL)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw icon and text, or the icon alone where there is no room for both."""
        if self.width() >= self.sizeHint().width():
            super().paintEvent(event)
            return
        painter, rect = QPainter(self), self.rect()
        if self.hasFocus():
            painting.ring(painter, rect, theme.R_CONTROL)
            rect = painting.inside_ring(rect)
        fill, edge, ink = self._colours()
        painting.box(painter, rect, theme.R_CONTROL, fill, edge)
        middle = self.rect().adjusted(0, 6, 0, -6)
        icons.paint(painter, middle, "magnifying-glass", theme.color(ink))

    @Slot()
    def _on_clicked(self) -> None:
        request = smallest_request(self._state)
        if request is None:
            return
        self._begun = False
        if self._state.finding(SMALLEST_LANE).status in _ENDED:
            self.again.emit(SMALLEST_LANE)
        self._state.select(smallest_of=request)
        self._take()  # it may be known

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._take()
            self._draw()

    def _take(self) -> None:
        """Put the slider where the search ended."""
        state = self._state
        finding, asked = state.finding(SMALLEST_LANE), state.selection.smallest_of
        found = finding.value
        if asked is None:
            return
        if asked != smallest_request(state):
            state.select(smallest_of=None)
            return
        self._begun = self._begun or (finding.at_work and finding.asked == asked)
        if self._begun and finding.status in _ENDED:
            state.select(smallest_of=None)
            if finding.problem is not None:
                text = f"{finding.problem.message} {finding.problem.advice}".strip()
                state.share(notice=Notice(text, "error"))
        elif (
            finding.status == "done" and finding.request == asked
            and isinstance(found, BordersResult)
        ):  # fmt: skip
            changes = border_view.at_smallest(state, found)
            state.select(smallest_of=None, **changes)
            level = "info" if changes else "warning"
            state.share(notice=Notice(border_view.smallest_said(state, found), level))

    def _draw(self) -> None:
        state = self._state
        parameters = state.selection.attack_parameters
        searching = state.selection.smallest_of is not None
        request = smallest_request(state)
        self.setEnabled(request is not None and not searching)
        self.setText("Searching…" if searching else "Smallest epsilon")
        self.setAccessibleName(self.text())
        if parameters is not None and not has_epsilon(parameters):
            self.setToolTip("This attack has no epsilon: it goes as far as it goes.")
        else:
            self.setToolTip(
                "Find by doubling and halving the smallest epsilon with which this attack succeeds,"
                " to 1 %, and put the slider there"
            )
