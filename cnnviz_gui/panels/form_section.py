"""A form of parameters that belong to one view: seen while that is in sight."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core.border_requests import BorderParams
from cnnviz_gui.core.defence_requests import KnowingParams
from cnnviz_gui.core.params import ParameterError, Params, build, specs
from cnnviz_gui.core.plane_requests import PlaneParams
from cnnviz_gui.core.race_requests import RaceParams
from cnnviz_gui.core.trust_requests import TrustParams
from cnnviz_gui.panels.param_form import ParamForm
from cnnviz_gui.panels.plane_across import AcrossRows
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr


class FormSection(QWidget):
    """Edits the parameters ``field`` of the selection while ``in_sight``; each change asks anew.

    ``beneath`` names a parameter and what is shown beneath its line.
    """

    def __init__(
        self,
        state: AppState,
        title: str,
        params: type[Params],
        field: str,
        in_sight: Callable[[AppState], bool],
        beneath: tuple[str, QWidget] | None = None,
    ) -> None:
        super().__init__()
        self._state = state
        self._params, self._field, self._in_sight = params, field, in_sight
        self.form = ParamForm(title)
        self.form.edited.connect(self._on_edited)
        if beneath is not None:
            self.form.set_beneath(*beneath)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot(object)
    def _on_edited(self, values: dict[str, object]) -> None:
        try:
            parameters = build(self._params, values)
        except ParameterError:
            return
        self._state.select(**{self._field: parameters})

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"stage", "heatmap_view", "attack_view", "borders_by", self._field}:
            self._draw()

    def _draw(self) -> None:
        in_sight = self._in_sight(self._state)
        self.setVisible(in_sight)
        if in_sight:
            parameters: Params = getattr(self._state.selection, self._field)
            self.form.set_specs(specs(self._params), parameters.values())


def trust_section(state: AppState) -> FormSection:
    """Return the parameters of deletion and insertion, seen while trust in a map is looked at."""

    def in_sight(state: AppState) -> bool:
        return state.selection.stage == "heatmaps" and state.display.heatmap_view == "trust"

    return FormSection(state, tr("Test of the map"), TrustParams, "trust_parameters", in_sight)


def plane_section(state: AppState) -> FormSection:
    """Return how the decision plane lies, seen while that is looked at."""

    def in_sight(state: AppState) -> bool:
        return state.selection.stage == "plane"

    across = ("across", AcrossRows(state))
    return FormSection(state, tr("Plane"), PlaneParams, "plane_parameters", in_sight, across)


def border_section(state: AppState) -> FormSection:
    """Return of how many classes the borders are looked for, seen while they are looked at."""

    def in_sight(state: AppState) -> bool:
        by_class = state.selection.borders_by == "classes"
        in_view = state.display.attack_view == "borders"
        return state.selection.stage == "attack" and in_view and by_class

    return FormSection(state, tr("Borders"), BorderParams, "border_parameters", in_sight)


def race_section(state: AppState) -> FormSection:
    """Return the budget of a race, seen while that is looked at."""

    def in_sight(state: AppState) -> bool:
        return state.selection.stage == "attack" and state.display.attack_view == "race"

    return FormSection(state, tr("Budget"), RaceParams, "race_parameters", in_sight)


def knowing_section(state: AppState) -> FormSection:
    """Return how an attack goes about defences that it knows, seen while these are looked at."""

    def in_sight(state: AppState) -> bool:
        return state.selection.stage == "attack" and state.display.attack_view == "defences"

    title = tr("Attack that knows defences")
    return FormSection(state, title, KnowingParams, "knowing_parameters", in_sight)
