"""What the views of a folder ask of the program: a file for their table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from cnnviz_gui.app.table_file import TableFile
from cnnviz_gui.core.numbers import count
from cnnviz_gui.panels.export import stem
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.folder_view import FolderView, Shown
from cnnviz_gui.texts import tr


class FolderTableFile(TableFile):
    """Writes the table.

    Parameters
    ----------
    columns
        From the request to the columns of the file.
    """

    def __init__(
        self,
        window: QWidget,
        state: AppState,
        view: FolderView,
        columns: Callable[[Any], Sequence[Any]],
    ) -> None:
        super().__init__(window, state)
        self._view = view
        self._columns = columns

    @Slot()
    def save_table(self) -> None:
        """Save the rows in sight, in the order in which they are shown."""
        from cnnviz_gui.core.folder import table  # numpy comes with it

        shown = self._view.shown_folder(self._state)
        if shown is None:
            return
        rows, folder = self._view.rows_in_sight(self._state, shown), shown.request.folder
        if rows:
            columns, part = self._columns(shown.request), _part(len(rows), shown)
            name = stem(PurePath(folder.path).name, shown.request.method)
            self._save(name, lambda path: table.save(path, folder, rows, columns), part)


def _part(rows: int, shown: Shown[Any, Any]) -> str:
    """Say how many of the pictures are written, where that is not all that were looked at."""
    whole = len(shown.result.rows)
    some = tr("{rows} of {whole} pictures", rows=count(rows), whole=count(whole))
    return some if rows < whole else ""


def of_maps(window: QWidget, state: AppState) -> FolderTableFile:
    """Return what writes the table of a folder's heat maps."""
    from cnnviz_gui.core.map_folder_table import COLUMNS
    from cnnviz_gui.state import map_folder_view

    return FolderTableFile(window, state, map_folder_view, lambda request: COLUMNS)


def of_attacks(window: QWidget, state: AppState) -> FolderTableFile:
    """Return what writes the table of the attacks on a folder."""
    from cnnviz_gui.core.attack_folder_table import columns
    from cnnviz_gui.state import attack_folder_view

    return FolderTableFile(window, state, attack_folder_view, columns)
