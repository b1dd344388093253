"""What the view of an attack's steps asks of the program: a file for their table."""

from __future__ import annotations

from pathlib import Path, PurePath

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from cnnviz_gui.app.save_as import save_as
from cnnviz_gui.panels.export import stem
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_steps_view import shown_trajectory


class StepsFile(QObject):
    """Writes the table."""

    def __init__(self, window: QWidget, state: AppState) -> None:
        super().__init__(window)
        self._window = window
        self._state = state

    @Slot()
    def save_table(self) -> None:
        """Save a line for each step there is, as ``--steps-table`` of the command line does."""
        from cnnviz_gui.core import attack_step_table  # numpy comes with it

        shown = shown_trajectory(self._state)
        if shown is None or not shown.current:
            return
        result, attack = shown.result, shown.request.attack

        def write(path: Path) -> Path:
            return attack_step_table.save(path, result)

        name = f"{stem(PurePath(attack.image.path).stem, attack.method, 'steps')}.csv"
        part = "" if shown.complete else "as far as the attack has come"
        save_as(self._window, self._state, name, "Table (*.csv)", write, part)
