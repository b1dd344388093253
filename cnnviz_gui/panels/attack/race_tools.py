"""What is chosen of a race: its attacks; and to begin, to copy and to save its table."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.compare_box import AttackMenu
from cnnviz_gui.panels.controls import Button, ElidedLabel, IconButton
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.state import race_view
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.race_plan import COMPARED
from cnnviz_gui.texts import ptr, tr


class RaceTools(QWidget):
    """A row of choices; the box of the race draws it."""

    started = Signal()
    """The user wants to begin, or to go on."""
    table_wanted = Signal()
    """The user wants the table as a file."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.attacks = AttackMenu(state, COMPARED, tr("All but ascents without a bound"))
        self.budget = ElidedLabel("", "caption", "text2")
        self.copy = IconButton("copy", tr("Copy the table as CSV"))
        self.copy.clicked.connect(self._on_copy)
        self.save = IconButton("download-simple", tr("Save the table as CSV…"))
        self.save.clicked.connect(self.table_wanted)
        self.start = Button(ptr("button", "Race"), "trophy", "primary")
        key_tip(self.start, tr("Let all these attacks run under one budget"), "start")
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
        self.attacks.draw()
        progress = race_view.progress(state)
        said = race_view.budget(state)
        self.budget.setText(f"{progress} · {said}" if progress else said)
        for button in (self.copy, self.save):
            button.setVisible(shown is not None and bool(shown.result.finished))
            button.setEnabled(race_view.ready(state) is not None)
        started, halted = state.selection.race_started, COMPARED.halted(state)
        self.start.setText(tr("Continue") if halted else ptr("button", "Race"))
        self.start.setVisible(halted or not started)

    @Slot()
    def _on_copy(self) -> None:
        """Put the table on the clipboard."""
        text = race_view.table(self._state)
        if text:
            QGuiApplication.clipboard().setText(text)
            self._state.share(
                notice=Notice(tr("The table of the race is in the clipboard, as CSV."))
            )
