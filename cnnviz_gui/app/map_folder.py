"""What the view of a folder's heat maps asks of the program: a file for its table."""

from __future__ import annotations

from pathlib import Path, PurePath

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from cnnviz_gui.app.save_as import save_as
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.numbers import count
from cnnviz_gui.panels.export import stem
from cnnviz_gui.state import map_folder_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.map_folder_view import ShownFolder


class MapFolder(QObject):
    """Writes the table."""

    def __init__(self, window: QWidget, state: AppState, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._settings = settings

    @Slot()
    def save_table(self) -> None:
        """Save the rows in sight, in the order in which they are shown."""
        from cnnviz_gui.core.folder import table  # numpy comes with it
        from cnnviz_gui.core.map_folder_table import COLUMNS

        shown = map_folder_view.shown_folder(self._state)
        if shown is None:
            return
        rows, folder = map_folder_view.rows_in_sight(self._state, shown), shown.request.folder
        if not rows:
            return

        def write(path: Path) -> Path:
            return table.save(path, folder, rows, COLUMNS)

        name = f"{stem(PurePath(folder.path).name, shown.request.method)}.csv"
        save_as(
            self._window,
            self._state,
            self._settings,
            name,
            "Table (*.csv)",
            write,
            _part(len(rows), shown),
        )


def _part(rows: int, shown: ShownFolder) -> str:
    """Say how many of the pictures are written, where that is not all that were looked at."""
    whole = len(shown.result.rows)
    return f"{count(rows)} of {count(whole)} pictures" if rows < whole else ""
