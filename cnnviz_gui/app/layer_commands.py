"""What the actions do to the layer and the channel in use, and to what is edited."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from cnnviz_gui.state import edits_view, layer_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.layer_tree import order
from cnnviz_gui.state.plan import effective_layer


class LayerCommands(QObject):
    """Handlers of the actions of layers and channels, by name; see ``actions.SPECS``."""

    def __init__(self, parent: QObject, state: AppState) -> None:
        super().__init__(parent)
        self._state = state
        self.actions: dict[str, QAction] = {}

    @Slot()
    def on_next_layer(self) -> None:
        """Select the next layer."""
        self._step_layer(1)

    @Slot()
    def on_previous_layer(self) -> None:
        """Select the previous layer."""
        self._step_layer(-1)

    def _step_layer(self, by: int) -> None:
        facts = self._state.shared.facts
        if facts is None:
            return
        names = order(facts)
        here = effective_layer(self._state.selection, facts)
        at = names.index(here) if here in names else len(names) - 1
        self._state.select(layer=names[min(max(at + by, 0), len(names) - 1)])

    @Slot()
    def on_recommended_layer(self) -> None:
        """Select the recommended layer."""
        facts = self._state.shared.facts
        if facts is not None:
            self._state.select(layer=facts.recommended_layer)

    @Slot()
    def on_next_channel(self) -> None:
        """Select the channel after, in the order of display."""
        self._state.select(channel=layer_view.next_channel(self._state, 1))

    @Slot()
    def on_previous_channel(self) -> None:
        """Select the channel before, in the order of display."""
        self._state.select(channel=layer_view.next_channel(self._state, -1))

    @Slot()
    def on_silence_channel(self) -> None:
        """Silence the channel in use, or let it speak again."""
        self._state.select(**edits_view.toggled(self._state))

    @Slot()
    def on_restore_channels(self) -> None:
        """Leave every channel as it is."""
        self._state.select(edits=(), flip_wanted=False)
