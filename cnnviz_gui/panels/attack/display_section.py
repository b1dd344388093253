"""How a perturbation is drawn."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ComboBox, Label, SectionHeader
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state import attack_view, prediction_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("stage", "attack_view", "attack_started", "attack_parameters", "attack_scale"),
        *("amplification", "finding.attack", "finding.sweep"),
    }
)
_TIP = tr(
    "By how much the perturbation is amplified in its picture; automatic fits what"
    " most pixels change by, and follows the slider."
)


class AttackDisplay(QWidget):
    """The factor by which the perturbation is shown; seen while its picture is."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self.factor = ComboBox(tr("Amplification of the perturbation"))
        self.factor.setToolTip(_TIP)
        for factor in attack_view.AMPLIFICATIONS:
            self.factor.addItem(f"{fmt.TIMES} {factor}", factor)
        self.factor.activated.connect(self._on_chosen)
        label = Label(tr("Amplified"), "body", "text2")
        label.setFixedWidth(theme.LABEL_COLUMN)
        label.setBuddy(self.factor)
        row = QHBoxLayout()
        row.setContentsMargins(theme.PADDING, 0, theme.PADDING, theme.INSIDE)
        row.setSpacing(theme.INSIDE)
        row.addWidget(label)
        row.addWidget(self.factor, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(SectionHeader(tr("Display"), level=2))
        add_layout(column, row)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot(int)
    def _on_chosen(self, place: int) -> None:
        self._state.show(amplification=self.factor.itemData(place))

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()

    def _draw(self) -> None:
        in_sight = attack_view.in_pictures(self._state)
        self.setVisible(in_sight)
        if not in_sight:
            return
        shown = prediction_view.attack_on_screen(self._state)
        suits = ""
        if shown is not None:
            suits = f"{fmt.TIMES} {fmt.count(attack_view.amplification(shown.result))}"
        self.factor.setItemText(
            0, tr("Automatic, {factor}", factor=suits) if suits else tr("Automatic")
        )
        self.factor.set_shorter(0, *((tr("Auto, {factor}", factor=suits), suits) if suits else ()))
        chosen = self.factor.findData(self._state.display.amplification)
        self.factor.setCurrentIndex(chosen)
