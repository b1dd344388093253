"""Asking where something is to be saved, writing it, and saying what became of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath

from PySide6.QtWidgets import QWidget

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.panels import save_dialog
from cnnviz_gui.state.app_state import AppState, Notice


def save_as(
    window: QWidget,
    state: AppState,
    name: str,
    kinds: str,
    write: Callable[[Path], Path],
    what: str = "",
) -> None:
    """Ask for a file, in the folder that was used last, and write it.

    Parameters
    ----------
    name
        That is suggested; its ending is added to another one where it is missing.
    kinds
        Of files, as the dialog shows them.
    write
        Writes and returns the path written; its ``OutputError`` is told.
    what
        Is written, where the name does not say it: ``20 of 41 pictures``.
    """
    asked = save_dialog.ask(window, save_dialog.begin_in(state) / name, kinds)
    if asked is None:
        return
    chosen = asked[0]
    path = save_dialog.with_ending(chosen, PurePath(name).suffix)
    if not save_dialog.may_write(window, path, chosen):
        return
    try:
        written = write(path)
    except OutputError as error:
        state.share(notice=Notice(str(error), "error"))
        return
    said = Notice(f"Saved {written.name}{what and f', {what}'}.", stays=True)
    state.share(notice=said, save_folder=str(written.parent))
