"""Pictures that leave the window: by drag, by the clipboard, by a file."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication, QPixmap
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core import file_names
from cnnviz_gui.core.files import save_png
from cnnviz_gui.core.picture_names import is_picture
from cnnviz_gui.core.save_work import Deferred, SaveDrawing
from cnnviz_gui.panels import save_dialog
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr


def file_name(title: str) -> str:
    """Return a file name made of a title: ``grad-cam-tiger-cat.png``."""
    return f"{file_names.of_words(title.lower())}.png"


def name_of(photograph: str, title: str) -> str:
    """Return the words of a picture's file name: of which photograph it is, and what it shows."""
    return f"{photograph} {title}".strip()


def mime_data(pixels: NDArray[np.uint8], title: str, carried: bytes = b"") -> QMimeData:
    """Return a picture both as pixels and as a PNG file, for whoever takes it.

    ``carried`` is what the file tells of where it comes from.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = save_png(Path(_folder().name) / file_name(title), pixels, carried)
    data = QMimeData()
    data.setImageData(to_qimage(pixels))
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def drag(source: QWidget, pixels: NDArray[np.uint8], title: str, told: bytes = b"") -> None:
    """Drag a picture out of ``source``; returns when it is dropped or let go.

    ``told`` is what the file tells of where it comes from.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    carried = QDrag(source)
    carried.setMimeData(mime_data(pixels, title, told))
    small = to_qimage(pixels).scaled(
        96, 96, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    carried.setPixmap(QPixmap.fromImage(small))
    carried.setHotSpot(QPoint(small.width() // 2, small.height() // 2))
    carried.exec(Qt.DropAction.CopyAction)


def save_as(
    parent: QWidget, state: AppState, pixels: NDArray[np.uint8], title: str, told: bytes
) -> None:
    """Ask for a name, beginning where a file was written last, and let a picture be written.

    It carries ``told``, what it is of now: another one may be in view once the dialog is closed.
    """
    start = save_dialog.begin_in(state) / file_name(title)
    asked = save_dialog.ask(parent, start, tr("PNG picture (*.png)"), tr("Save picture"))
    if asked is None:
        return
    chosen = asked[0]
    path = chosen if is_picture(chosen) else save_dialog.with_ending(chosen, ".png")
    if save_dialog.make_way(parent, state, path, chosen):
        drawing = Deferred.of(pixels)
        state.writer.put(SaveDrawing(path=str(path), drawing=drawing, carried=told), None)


def copy(pixels: NDArray[np.uint8]) -> None:
    """Put a picture on the clipboard."""
    QGuiApplication.clipboard().setImage(to_qimage(pixels))


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that lives as long as the process: who took a file may read it late."""
    return tempfile.TemporaryDirectory(prefix="cnnviz-", ignore_cleanup_errors=True)
