"""Asking where something is to be saved, writing it, and saying what became of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.state.app_state import AppState, Notice


def save_as(
    window: QWidget,
    state: AppState,
    settings: Settings,
    name: str,
    kinds: str,
    write: Callable[[Path], Path],
    what: str = "",
) -> None:
    """Ask for a file, in the folder that was used last, and write it.

    Parameters
    ----------
    name
        That is suggested.
    kinds
        Of files, as the dialog shows them.
    write
        Writes and returns the path written; its ``OutputError`` is told.
    what
        Is written, where the name does not say it: ``20 of 41 pictures``.
    """
    start = Path(settings.last_folder) / name
    chosen, _ = QFileDialog.getSaveFileName(window, "Save", str(start), kinds)
    if not chosen:
        return
    try:
        written = write(Path(chosen))
    except OutputError as error:
        state.share(notice=Notice(str(error), "error"))
        return
    settings.last_folder = str(written.parent)
    state.share(notice=Notice(f"Saved {written.name}{what and f', {what}'}."))
