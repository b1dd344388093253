"""What the view of a race asks of the program: a file for its table."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import Slot

from cnnviz_gui.app.table_file import TableFile
from cnnviz_gui.core import csv_text
from cnnviz_gui.panels.export import stem
from cnnviz_gui.state import race_view


class RaceFile(TableFile):
    """Writes the table."""

    @Slot()
    def save_table(self) -> None:
        """Save the rows of the race, the best first."""
        text, image = race_view.table(self._state), self._state.selection.image
        if text and image is not None:
            name = stem(PurePath(image.path).stem, "race")
            self._save(name, lambda path: csv_text.save(path, text))
