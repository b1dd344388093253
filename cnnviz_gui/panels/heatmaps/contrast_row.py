"""Chooses the class that the target of a heat map is set against."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.class_picker import ClassPicker
from cnnviz_gui.panels.controls import Label
from cnnviz_gui.state import grid_plan
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("facts", "against", "stage", "model", "image", "target", "edits"),
        *("finding.predict", "finding.predict-edited"),
    }
)


class ContrastRow(QWidget):
    """Label and picker: why the target rather than this class."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.picker = ClassPicker(
            purpose=tr("Class the target is set against"), none=tr("No other class")
        )
        self.picker.chosen.connect(self._on_chosen)
        label = Label(tr("Rather than"), "body", "text2")
        label.setFixedWidth(theme.LABEL_COLUMN)
        label.setBuddy(self.picker)
        label.setToolTip(tr("The map then tells why the target and not this class"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.PADDING, theme.INSIDE, theme.PADDING, 0)
        row.setSpacing(theme.INSIDE)
        row.addWidget(label)
        row.addWidget(self.picker, 1)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot(object)
    def _on_chosen(self, index: int | None) -> None:
        self._state.select(against=index)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "heatmaps":
            self._draw()

    def _draw(self) -> None:
        facts = self._state.shared.facts
        labels = facts.labels if facts is not None else ()
        best = [score.index for score in grid_plan.predicted(self._state)]
        target = self._state.selection.target
        explained = target if target is not None else next(iter(best), None)
        rivals = [index for index in best if index != explained]
        self.picker.set_labels(labels, first=rivals)
        self.picker.set_current(self._state.selection.against)
