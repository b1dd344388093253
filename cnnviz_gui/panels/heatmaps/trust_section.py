"""How the test of a map is done, while trust in it is looked at."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core.params import ParameterError, build, specs
from cnnviz_gui.core.trust_requests import TrustParams
from cnnviz_gui.panels.param_form import ParamForm
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes

_CONCERNS = frozenset({"stage", "heatmap_view", "trust_parameters"})


class TrustSection(QWidget):
    """The parameters of deletion and insertion; a change draws the curves anew."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.form = ParamForm("Test of the map")
        self.form.edited.connect(self._on_edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot(object)
    def _on_edited(self, values: dict[str, object]) -> None:
        try:
            parameters = build(TrustParams, values)
        except ParameterError:
            return
        self._state.select(trust_parameters=parameters)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()

    def _draw(self) -> None:
        selection, display = self._state.selection, self._state.display
        in_sight = selection.stage == "heatmaps" and display.heatmap_view == "trust"
        self.setVisible(in_sight)
        if in_sight:
            self.form.set_specs(specs(TrustParams), selection.trust_parameters.values())
