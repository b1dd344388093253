"""How the decision plane lies, while it is looked at."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core.params import ParameterError, build, specs
from cnnviz_gui.core.plane_requests import PlaneParams
from cnnviz_gui.panels.param_form import ParamForm
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes

_CONCERNS = frozenset({"stage", "plane_parameters"})


class PlaneSection(QWidget):
    """The parameters of the plane; a change classifies it anew."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.form = ParamForm("Plane")
        self.form.edited.connect(self._on_edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot(object)
    def _on_edited(self, values: dict[str, object]) -> None:
        try:
            parameters = build(PlaneParams, values)
        except ParameterError:
            return
        self._state.select(plane_parameters=parameters)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()

    def _draw(self) -> None:
        selection = self._state.selection
        in_sight = selection.stage == "plane"
        self.setVisible(in_sight)
        if in_sight:
            self.form.set_specs(specs(PlaneParams), selection.plane_parameters.values())
