"""What the page of similar pictures asks of the program: a folder, and files to write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.app.save_as import save_as
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.panels.export import stem
from cnnviz_gui.state import similar_view
from cnnviz_gui.state.app_state import AppState


class Similar(QObject):
    """Asks for the folder to look in, and writes embedding and table."""

    def __init__(self, window: QWidget, state: AppState, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._settings = settings

    @Slot()
    def choose_folder(self) -> None:
        """Ask for a folder of pictures to look in."""
        start = self._state.selection.similar_folder or self._settings.last_folder
        path = QFileDialog.getExistingDirectory(self._window, "Choose the folder to look in", start)
        if path:
            self._state.select(stage="similar", similar_folder=path)

    @Slot()
    def save_embedding(self) -> None:
        """Save the embedding of the picture in use as a NumPy array."""
        from cnnviz_gui.core.files import save_npy  # numpy comes with it

        embedding = similar_view.shown_embedding(self._state)
        if embedding is not None:
            kind = "NumPy array (*.npy)"
            self._save("embedding", ".npy", kind, lambda path: save_npy(path, embedding.vector))

    @Slot()
    def save_table(self) -> None:
        """Save paths and similarities of the nearest pictures."""
        from cnnviz_gui.core.result_files import save_neighbours

        shown = similar_view.shown_nearest(self._state)
        if shown is not None:
            kind = "Table (*.csv)"
            self._save("similar", ".csv", kind, lambda path: save_neighbours(shown.result, path))

    def _save(self, what: str, suffix: str, kinds: str, write: Callable[[Path], Path]) -> None:
        image = self._state.selection.image
        name = stem(Path(image.path).stem if image is not None else "", what)
        save_as(self._window, self._state, f"{name}{suffix}", kinds, write)
