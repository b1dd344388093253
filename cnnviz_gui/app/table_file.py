"""What a view asks of the program: a file for its table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from cnnviz_gui.app.save_as import save_as
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr


class TableFile(QObject):
    """Writes the table of a view; each view has its own subclass."""

    def __init__(self, window: QWidget, state: AppState) -> None:
        super().__init__(window)
        self._window = window
        self._state = state

    def _save(self, name: str, write: Callable[[Path], Path], part: str = "") -> None:
        """Ask for a file, ``name`` with its ending suggested; the others as of ``write_now``."""
        save_as(
            self._window,
            self._state,
            f"{name}.csv",
            tr("Table ({endings})", endings="*.csv"),
            write,
            part,
        )
