"""Files of weights that are dropped on a window."""

from __future__ import annotations

from PySide6.QtGui import QDropEvent

from cnnviz_gui.core.request import CHECKPOINT_SUFFIXES


def dropped_weights(event: QDropEvent) -> str:
    """Return the path of the first file of weights that is dropped, empty where there is none."""
    paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
    return next((path for path in paths if path.lower().endswith(CHECKPOINT_SUFFIXES)), "")
