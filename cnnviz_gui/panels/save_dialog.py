"""Where files go: the dialog that asks, the folder it begins in, what it may replace."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from cnnviz_gui.state.app_state import AppState

_USUAL = (
    QStandardPaths.StandardLocation.PicturesLocation,
    QStandardPaths.StandardLocation.DocumentsLocation,
)


def ask(
    parent: QWidget | None, start: Path, kinds: str, title: str = "Save"
) -> tuple[Path, str] | None:
    """Ask for a file, and return it with its kind as the dialog shows it; None for no file.

    Parameters
    ----------
    start
        The name that is suggested, in the folder to begin in.
    kinds
        Of files, the first one chosen: ``Table (*.csv);;All files (*)``.
    """
    name, kind = QFileDialog.getSaveFileName(parent, title, str(start), kinds)
    return (Path(name), kind) if name else None


def begin_in(state: AppState) -> Path:
    """Return the folder written to last, else that of the picture in use, else a usual one."""
    return next((Path(folder) for folder in _folders(state) if _writable(folder)), Path.home())


def _folders(state: AppState) -> Iterator[str]:
    yield state.shared.save_folder
    image = state.selection.image
    if image is not None:
        parent = Path(image.path).parent
        own = map(Path, state.shared.own_folders)
        if not any(folder == parent or folder in parent.parents for folder in own):
            yield str(parent)
    yield from map(QStandardPaths.writableLocation, _USUAL)


def _writable(folder: str) -> bool:
    path = Path(folder)
    # In one that may not be entered even the question whether it is there fails.
    return path.is_absolute() and os.access(path, os.W_OK) and path.is_dir()


def with_ending(path: Path, suffix: str) -> Path:
    """Return a file's name with its ending, which is added where it is missing."""
    return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)


def may_write(parent: QWidget | None, path: Path, chosen: Path, due: Container[Path] = ()) -> bool:
    """Ask before a file is replaced that the dialog has not asked about.

    It asks about one that is there and was chosen by its whole name.

    Parameters
    ----------
    due
        Files that are not there yet, but will be.
    """
    there = os.path.exists(path)  # noqa: PTH110 (it raises where a name is too long)
    if (there and path == chosen) or not (there or path in due):
        return True
    from cnnviz_gui.core.files import display_name  # numpy comes with it

    box = QMessageBox(parent)
    box.setWindowTitle("Save")
    state = "is there already" if there else "is still to be written"
    box.setText(f"{display_name(path)} {state}. Replace it?")
    if path != chosen:
        box.setInformativeText(f"{display_name(chosen)} got the ending of what is saved.")
    replace = box.addButton("Replace", QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.exec()
    return box.clickedButton() is replace
