"""Asking where something is to be saved, and writing it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath

from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels import save_dialog
from cnnviz_gui.state.app_state import AppState


def save_as(
    window: QWidget,
    state: AppState,
    name: str,
    kinds: str,
    write: Callable[[Path], Path],
    what: str = "",
) -> None:
    """Ask for a file, and write a table there; ``write`` and ``what`` are for ``write_now``."""
    path = ask(window, state, name, kinds)
    if path is not None:
        save_dialog.write_now(state, path, write, what)


def ask(window: QWidget, state: AppState, name: str, kinds: str) -> Path | None:
    """Ask for a file, in the folder that was used last, and return it; None for none.

    Parameters
    ----------
    name
        That is suggested; its ending is added to another one where it is missing.
    kinds
        Of files, as the dialog shows them.
    """
    asked = save_dialog.ask(window, save_dialog.begin_in(state) / name, kinds)
    if asked is None:
        return None
    chosen = asked[0]
    path = save_dialog.with_ending(chosen, PurePath(name).suffix)
    return path if save_dialog.make_way(window, state, path, chosen) else None
