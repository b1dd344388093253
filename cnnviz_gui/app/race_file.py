"""What the view of a race asks of the program: a file for its table."""

from __future__ import annotations

from pathlib import Path, PurePath

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from cnnviz_gui.app.save_as import save_as
from cnnviz_gui.panels.export import stem
from cnnviz_gui.state import race_view
from cnnviz_gui.state.app_state import AppState


class RaceFile(QObject):
    """Writes the table."""

    def __init__(self, window: QWidget, state: AppState) -> None:
        super().__init__(window)
        self._window = window
        self._state = state

    @Slot()
    def save_table(self) -> None:
        """Save the rows of the race, the best first."""
        from cnnviz_gui.core import csv_text

        text, image = race_view.table(self._state), self._state.selection.image
        if not text or image is None:
            return

        def write(path: Path) -> Path:
            return csv_text.save(path, text)

        name = f"{stem(PurePath(image.path).stem, 'race')}.csv"
        save_as(self._window, self._state, name, "Table (*.csv)", write)
