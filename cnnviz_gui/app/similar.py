"""What the page of similar pictures asks of the program: a folder, and files to write."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.app.save_as import ask, save_as
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.save_work import Deferred, SaveNumbers
from cnnviz_gui.panels.export import stem
from cnnviz_gui.state import similar_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr


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
        path = QFileDialog.getExistingDirectory(
            self._window, tr("Choose the folder to look in"), start
        )
        if path:
            self._state.select(stage="similar", similar_folder=path)

    @Slot()
    def save_embedding(self) -> None:
        """Save the embedding of the picture in use as a NumPy array."""
        state = self._state
        embedding, request = similar_view.shown_embedding(state), state.finding("embed").request
        if embedding is None or request is None:
            return
        name, facts = self._name("embedding", ".npy"), state.shared.facts
        path = ask(self._window, state, name, tr("NumPy array ({endings})", endings="*.npy"))
        if path is not None:
            numbers = Deferred.of(embedding.vector)
            wanted = SaveNumbers(path=str(path), numbers=numbers, of=request)
            state.writer.put(wanted, facts)

    @Slot()
    def save_table(self) -> None:
        """Save paths and similarities of the nearest pictures."""
        from cnnviz_gui.core.result_files import save_neighbours

        shown = similar_view.shown_nearest(self._state)
        if shown is not None:
            name = self._name("similar", ".csv")
            write = partial(save_neighbours, shown.result)
            save_as(
                self._window, self._state, name, tr("Table ({endings})", endings="*.csv"), write
            )

    def _name(self, what: str, suffix: str) -> str:
        image = self._state.selection.image
        return stem(Path(image.path).stem if image is not None else "", what) + suffix
