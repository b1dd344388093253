"""A line over the pictures of an attack that fails because no gradient reaches it."""

from __future__ import annotations

from cnnviz_gui.panels.controls import Notice
from cnnviz_gui.state import defence_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.defence_plan import MASKING_LANE
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("stage", "attack_view", "model", "image", "target", "attack_method", "attack_scaled"),
        *("attack_parameters", "attack_scale", f"finding.{MASKING_LANE}"),
    }
)


class MaskedNotice(Notice):
    """Says what hides the gradient, and what to do; not there where nothing does."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self.acted.connect(self._on_acted)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_acted(self) -> None:
        self._state.show(attack_view="defences")

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()

    def _draw(self) -> None:
        state = self._state
        in_sight = state.selection.stage == "attack" and state.display.attack_view == "picture"
        said = defence_view.masked(state) if in_sight else ""
        self.setVisible(bool(said))
        if said:
            self.set_notice(said, kind="warning", action=tr("See all checks"))
