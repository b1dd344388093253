"""The table of a race as text that leaves the window: by the clipboard, by a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.panels.export import stem
from cnnviz_gui.state import race_view
from cnnviz_gui.state.app_state import AppState, Notice


class RaceOut(QObject):
    """Copies and saves the table of the race on screen, and says what became of it."""

    def __init__(self, state: AppState, parent: QWidget) -> None:
        super().__init__(parent)
        self._state = state

    def _text(self) -> str:
        from cnnviz_gui.core import race_table  # numpy comes with it

        shown = race_view.shown_race(self._state)
        if shown is None:
            return ""
        return race_table.text(shown.result, targeted=shown.request.target is not None)

    @Slot()
    def copy(self) -> None:
        """Put the table on the clipboard."""
        text = self._text()
        if text:
            QGuiApplication.clipboard().setText(text)
            self._state.share(notice=Notice("The table of the race is in the clipboard, as CSV."))

    @Slot()
    def save(self) -> None:
        """Ask for a file and save the table."""
        from cnnviz_gui.core.files import write_with_suffix

        shown, text = race_view.shown_race(self._state), self._text()
        if shown is None:
            return
        file = shown.request.image.path.replace("\\", "/").rpartition("/")[2].partition(".")[0]
        chosen, _ = QFileDialog.getSaveFileName(
            self.parent(), "Save the table", f"{stem(file, 'race')}.csv", "CSV (*.csv)"
        )
        if not chosen:
            return
        try:
            written = write_with_suffix(Path(chosen), ".csv", text.encode())
        except OutputError as error:
            self._state.share(notice=Notice(str(error), "error"))
            return
        self._state.share(notice=Notice(f"Saved {written.name}."))
