"""Asks for the smallest epsilon of the attack in use."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core.border_requests import RUNS
from cnnviz_gui.panels import direction, theme
from cnnviz_gui.panels.controls import BusyArc, Button, painting
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import has_epsilon
from cnnviz_gui.state.border_plan import ENDED, SMALLEST_LANE, smallest_request
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("facts", "image", "target", "attack_method", "attack_parameters", "smallest_of"),
        *("finding.predict", f"finding.{SMALLEST_LANE}"),
    }
)


_SHORTER = {tr("Smallest epsilon"): tr("Smallest ε")}
_AROUND = theme.ICON + 8 + 18
"""Icon and edges beside the text."""


class SmallestButton(Button):
    """Asks for the smallest epsilon; the program puts the slider there when it is found."""

    again = Signal(object)
    """The lane to compute again."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(tr("Smallest epsilon"), "magnifying-glass", parent=parent)
        self._state = state
        self.setAccessibleName(self.text())
        self.let_elide()
        self._arc = BusyArc(parent=self)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the arc where the icon was."""
        super().resizeEvent(event)
        self._place_arc()

    def _place_arc(self) -> None:
        place = self._arc.rect()
        place.moveCenter(direction.placed(self, self.glyph()).center())
        self._arc.move(place.topLeft())

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
        self._draw_progress(searching)
        if searching:
            return
        if parameters is not None and not has_epsilon(parameters):
            self.setToolTip(tr("This attack has no epsilon: it goes as far as it goes."))
        else:
            self.setToolTip(
                tr(
                    "Find by doubling and halving the smallest epsilon with which this attack"
                    " succeeds, to 1 % or in {runs} runs, and put the slider there",
                    runs=RUNS,
                )
            )

    def _draw_progress(self, searching: bool) -> None:
        """Show how far the search is in the place of the icon; words and width stay."""
        self.icon_replaced = searching
        self._arc.setVisible(searching)
        if not searching:
            self._arc.stop()
            self.setAccessibleDescription("")
            return
        told = self._state.finding(SMALLEST_LANE).advance
        self._arc.set_fraction(None if told is None or not told.done else told.done / told.total)
        said = tr("Searching")
        if told is not None:
            said = tr("Searching: {done} of {total} runs", done=told.done, total=told.total)
        self.setToolTip(tr("{said} ({key} stops it)", said=said, key=KEYS.doer("cancel")))
        self.setAccessibleDescription(said)
        self._place_arc()
