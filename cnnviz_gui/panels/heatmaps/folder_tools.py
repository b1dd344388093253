"""What is chosen of a folder's heat maps, beside what is chosen of every folder."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot

from cnnviz_gui.panels.controls import IconButton
from cnnviz_gui.panels.folder.tools import FolderTools
from cnnviz_gui.state import map_folder_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.folder_view import Shown
from cnnviz_gui.texts import tr


class MapFolderTools(FolderTools):
    """With whether the curves of each map are measured."""

    def __init__(self, state: AppState) -> None:
        curves = IconButton(
            "chart-line", tr("Measure deletion and insertion of each map too, which takes long")
        )
        super().__init__(state, map_folder_view, beside=(curves,))
        self._curves = curves
        self._curves.setCheckable(True)
        self._curves.clicked.connect(self._on_curves)

    def draw(self, shown: Shown[Any, Any] | None, in_sight: int) -> None:
        """Show what is chosen."""
        super().draw(shown, in_sight)
        self._curves.setChecked(self._state.selection.folder_curves)

    @Slot()
    def _on_curves(self) -> None:
        self._state.select(folder_curves=self._curves.isChecked())
