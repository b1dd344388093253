"""Where files go: the dialog that asks, the folder it begins in, what may be replaced."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.panels import question
from cnnviz_gui.state.app_state import AppState, Notice, SaveAgain
from cnnviz_gui.texts import tr

_USUAL = (
    QStandardPaths.StandardLocation.PicturesLocation,
    QStandardPaths.StandardLocation.DocumentsLocation,
)


def ask(
    parent: QWidget | None, start: Path, kinds: str, title: str = tr("Save")
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


def make_way(parent: QWidget | None, state: AppState, path: Path, chosen: Path) -> bool:
    """Tell whether a file may be written, and let nothing else be written there if it may.

    Before a file is replaced that is there, or still to be written, it is asked about here, unless
    the dialog has done so: it asks about one that is there and was chosen by its whole name. No
    notice offers any more to write again what was there.
    """
    there = os.path.exists(path)  # noqa: PTH110 (it raises where a name is too long)
    asked = there and path == chosen
    replaces = there or path in state.writer.due()
    if replaces and not asked and not _may_replace(parent, path, chosen, there):
        return False
    state.writer.give_up(path)
    for notice in state.shared.notices:
        again = notice.remedy_ref
        if isinstance(again, SaveAgain) and Path(again.request.path) == path:
            state.dismiss(notice)
    return True


def _may_replace(parent: QWidget | None, path: Path, chosen: Path, there: bool) -> bool:
    from cnnviz_gui.core.files import display_name  # numpy comes with it

    name = display_name(path)
    text = (
        tr("{name} is there already. Replace it?", name=name)
        if there
        else tr("{name} is still to be written. Replace it?", name=name)
    )
    chose = display_name(chosen)
    named = "" if path == chosen else tr("{name} got the ending of what is saved.", name=chose)
    return question.agreed(parent, tr("Replace a file"), text, tr("Replace"), more=named)


def write_now(state: AppState, path: Path, write: Callable[[Path], Path], what: str = "") -> None:
    """Write a short text, and say what became of it.

    Parameters
    ----------
    path
        That was made way for.
    write
        Writes and returns the path written; its ``OutputError`` is told.
    what
        Is written, where the name does not say it: ``20 of 41 pictures``.
    """
    try:
        written = write(path)
    except OutputError as error:
        state.share(notice=Notice(str(error), "error"))
        return
    name = written.name
    said = (
        tr("Saved {name}, {what}.", name=name, what=what)
        if what
        else tr("Saved {name}.", name=name)
    )
    state.share(notice=Notice(said, stays=True, done=True), save_folder=str(written.parent))
