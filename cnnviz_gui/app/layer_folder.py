"""The folder whose pictures statistics and patches of the layers are taken from."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.app.settings import Settings
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr


class LayerFolder(QObject):
    """Asks for it."""

    def __init__(self, window: QWidget, state: AppState, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._settings = settings

    @Slot()
    def choose(self) -> None:
        """Ask for a folder of pictures."""
        start = self._state.selection.layer_folder or self._settings.last_folder
        title = tr("Choose a folder of pictures to look at")
        path = QFileDialog.getExistingDirectory(self._window, title, start)
        if path:
            self._state.select(layer_folder=path)
