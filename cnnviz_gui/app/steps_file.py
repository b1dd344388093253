"""What the view of an attack's steps asks of the program: a file for their table."""

from __future__ import annotations

from PySide6.QtCore import Slot

from cnnviz_gui.app.table_file import TableFile
from cnnviz_gui.state import attack_names
from cnnviz_gui.state.attack_steps_view import shown_trajectory
from cnnviz_gui.texts import tr


class StepsFile(TableFile):
    """Writes the table."""

    @Slot()
    def save_table(self) -> None:
        """Save a line for each step there is, as ``--steps-table`` of the command line does."""
        from cnnviz_gui.core import attack_step_table  # numpy comes with it

        shown = shown_trajectory(self._state)
        if shown is None or not shown.current:
            return
        result, attack = shown.result, shown.request.attack
        name = attack_names.file_name(attack, self._state.shared.facts, "steps")
        part = "" if shown.complete else tr("as far as the attack has come")
        self._save(name, lambda path: attack_step_table.save(path, result), part)
