"""Asks for the smallest epsilon of the attack in use."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core.border_requests import RUNS
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import Button, painting
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import has_epsilon
from cnnviz_gui.state.border_plan import ENDED, SMALLEST_LANE, smallest_request
from cnnviz_gui.state.bulletin import Changes

_CONCERNS = frozenset(
    {
        *("facts", "image", "target", "attack_method", "attack_parameters", "smallest_of"),
        *("finding.predict", f"finding.{SMALLEST_LANE}"),
    }
)


_SHORTER = {"Smallest epsilon": "Smallest ε"}
_AROUND = theme.ICON + 8 + 18
"""Icon and edges beside the text."""


class SmallestButton(Button):
    """Asks for the smallest epsilon; the program puts the slider there when it is found."""

    again = Signal(object)
    """The lane to compute again."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("Smallest epsilon", "magnifying-glass", parent=parent)
        self._state = state
        self.let_elide()
        self.clicked.connect(self._on_clicked)
        state.observe(self._on_state_changed)
        self._draw()

    def minimumSizeHint(self) -> QSize:
        """Return room for the icon: in a small window the text gives way to the views' names."""
        return QSize(theme.CONTROL + theme.INSIDE, theme.CONTROL)

    def shown_text(self) -> str:
        """Return the text, or fewer words, or none: it is never cut."""
        room = self.width() - _AROUND
        texts = (self.text(), _SHORTER.get(self.text(), ""))
        return next((text for text in texts if painting.width_of(text, "strong") <= room), "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw icon and text, or the icon alone where there is no room for a word."""
        if self.shown_text():
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
        if self._state.finding(SMALLEST_LANE).status in ENDED:
            self.again.emit(SMALLEST_LANE)
        self._state.select(smallest_of=request)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()

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
                f" to 1 % or in {RUNS} runs, and put the slider there"
            )
