"""What is chosen of a race: its attacks; and to begin, to copy and to save its table."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.race_out import RaceOut
from cnnviz_gui.panels.controls import Button, ElidedLabel, IconButton
from cnnviz_gui.panels.heatmaps.check_menu import CheckMenu, Choice
from cnnviz_gui.panels.method_box import tooltip
from cnnviz_gui.state import race_plan, race_view
from cnnviz_gui.state.app_state import AppState


class RaceTools(QWidget):
    """A row of choices; the box of the race draws it."""

    started = Signal()
    """The user wants to begin, or to go on."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._out = RaceOut(state, self)
        self.attacks = CheckMenu("Attacks", "All that have a bound")
        self.attacks.setToolTip("Which attacks take part")
        self.attacks.toggled_one.connect(self._on_attack)
        self.attacks.reset.connect(self._on_usual)
        self.budget = ElidedLabel("", "caption", "text2")
        self.copy = IconButton("copy", "Copy the table as CSV")
        self.copy.clicked.connect(self._out.copy)
        self.save = IconButton("download-simple", "Save the table as CSV…")
        self.save.clicked.connect(self._out.save)
        self.start = Button("Race", "trophy", "primary")
        self.start.setToolTip("Let all these attacks run under one budget")
        self.start.clicked.connect(self.started)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)
        row.addWidget(self.attacks)
        row.addWidget(self.budget, 1)
        for widget in (self.copy, self.save, self.start):
            row.addWidget(widget)
        self.setFixedHeight(theme.CONTROL)

    def draw(self) -> None:
        """Show what is chosen, and how far the race is."""
        state, shown = self._state, race_view.shown_race(self._state)
        self._draw_attacks()
        progress = race_view.progress(state)
        said = race_view.budget(state)
        self.budget.setText(f"{progress} · {said}" if progress else said)
        for button in (self.copy, self.save):
            button.setVisible(shown is not None and bool(shown.result.finished))
        started, halted = state.selection.race_started, race_view.halted(state)
        self.start.setText("Continue" if halted else "Race")
        self.start.setVisible(halted or not started)

    def _draw_attacks(self) -> None:
        state, rows = self._state, race_plan.methods(self._state)
        choices = []
        for method in race_plan.methods_offered(state):
            reason = race_plan.why_not(method, state)
            chosen, said = method in rows, tooltip(method, reason)
            fixed = bool(reason) and not chosen
            choices.append(Choice(method.name, method.title, chosen, said, fixed))
        self.attacks.set_choices(choices, len(rows), usual=not state.selection.race_attacks)

    @Slot(object)
    def _on_attack(self, name: str) -> None:
        self._state.select(race_attacks=race_plan.with_method(self._state, name))
        self._draw_attacks()

    @Slot()
    def _on_usual(self) -> None:
        self._state.select(race_attacks=())
