"""The actions of a comparison and the chip in the top bar."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from cnnviz_gui.panels.second_chip import SecondChip
from cnnviz_gui.state import comparison_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes

_CONCERNS = frozenset({"facts", "second", "second_facts", "pending_second"})


class Comparing(QObject):
    """Enables the actions that need a second network, and connects the chip that names it."""

    began = Signal()
    """There are two networks from here on."""

    def __init__(
        self, state: AppState, actions: Mapping[str, QAction], chip: SecondChip, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._actions = actions
        self._two = False
        chip.another_wanted.connect(actions["compare"].trigger)
        chip.stop_wanted.connect(actions["stop_comparing"].trigger)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()
        two = comparison_view.comparing(self._state)
        if two != self._two:
            self._two = two
            if two:
                self.began.emit()

    def _draw(self) -> None:
        shared, two = self._state.shared, comparison_view.comparing(self._state)
        self._actions["compare"].setEnabled(shared.facts is not None)
        self._actions["swap_networks"].setEnabled(two)
        self._actions["stop_comparing"].setEnabled(two or shared.pending_second is not None)
