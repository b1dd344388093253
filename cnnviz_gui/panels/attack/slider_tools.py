"""What stands under the slider of an attack: what it does, its norm, the unit it is written in."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Segmented
from cnnviz_gui.state import attack_plan
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.epsilon_words import NORMS, UNITS
from cnnviz_gui.texts import tr

_SLIDER = (("anew", tr("Anew")), ("scaled", tr("Scaled")))
_CONCERNS = frozenset(
    {
        *("stage", "attack_view", "methods", "attack_method", "attack_parameters"),
        *("attack_scaled", "epsilon_unit"),
    }
)
_WHAT = tr(
    "Anew: the attack is computed at each epsilon. Scaled: the perturbation found"
    " at the epsilon of the form is made weaker and stronger."
)
_NORM = tr(
    "How the size of the perturbation is measured; epsilon and the axis take its usual size."
)
_UNIT = tr("How sizes in L∞ are written: 1 / 255 is one step of a picture of 8 bits.")


class SliderTools(QWidget):
    """Three choices in a row; observes the state itself."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self._slider = self._made(_SLIDER, tr("What the slider does"), _WHAT)
        self._norm = self._made(tuple(NORMS.items()), tr("Norm of the perturbation"), _NORM)
        self._unit = self._made(UNITS, tr("Unit of epsilon"), _UNIT)
        self._slider.chosen.connect(self._on_slider)
        self._norm.chosen.connect(self._on_norm)
        self._unit.chosen.connect(self._on_unit)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP, 0, theme.GAP, theme.INSIDE)
        row.setSpacing(theme.INSIDE)
        for choice in (self._slider, self._norm, self._unit):
            row.addWidget(choice)
        row.addStretch(1)
        state.observe(self._on_state_changed)
        self._draw()

    @staticmethod
    def _made(options: tuple[tuple[Hashable, str], ...], name: str, tip: str) -> Segmented:
        choice = Segmented(options, name)
        for part in (choice, *choice.buttons()):  # in a narrow window they stand closer
            part.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        choice.setToolTip(tip)
        return choice

    @Slot(object)
    def _on_slider(self, value: object) -> None:
        self._state.select(attack_scaled=value == "scaled", attack_scale=1.0)

    @Slot(object)
    def _on_norm(self, norm: object) -> None:
        parameters = self._state.selection.attack_parameters
        if parameters is None or norm == attack_plan.norm_of(parameters):
            return
        if norm in attack_plan.norms_of(parameters):
            changed = attack_plan.with_norm(parameters, str(norm))
            self._state.select(attack_parameters=changed, attack_scale=1.0)
        else:  # the click came before what is offered followed the method
            self._draw()

    @Slot(object)
    def _on_unit(self, unit: object) -> None:
        self._state.show(epsilon_unit=unit)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "attack":
            self._draw()

    def _draw(self) -> None:
        selection = self._state.selection
        parameters = selection.attack_parameters
        self.setVisible(attack_plan.has_epsilon(parameters))
        self._slider.set_value("scaled" if selection.attack_scaled else "anew")
        norm, norms = attack_plan.norm_of(parameters), attack_plan.norms_of(parameters)
        self._norm.set_value(norm)
        method = self._state.shared.method("attack", selection.attack_method)
        title = method.title if method is not None else tr("This attack")
        only = ", ".join(NORMS[one] for one in norms)
        for one, button in zip(NORMS, self._norm.buttons(), strict=True):
            button.setEnabled(one in norms)
            button.setToolTip(
                _NORM
                if one in norms
                else tr(
                    "{attack} has no {norm}: {only} only.", attack=title, norm=NORMS[one], only=only
                )
            )
        self._unit.set_value(self._state.display.epsilon_unit if norm == "linf" else "one")
        self._unit.setEnabled(norm == "linf")
        self._unit.setToolTip(
            _UNIT
            if norm == "linf"
            else tr("{norm} is always written in units of [0, 1].", norm=NORMS[norm])
        )
