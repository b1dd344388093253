"""What a picture tells in words: to those who hear the window instead of seeing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels.picture_paint import Run
from cnnviz_gui.texts import tr

PaneState = Literal["empty", "loading", "stale", "stopped", "failed", "done"]

KEYS = tr(
    "Plus and minus zoom, arrows move, 0 shows the whole picture, the menu key copies or saves it."
)
_STATES: dict[PaneState, str] = {
    "empty": tr("empty"),
    "loading": tr("loading"),
    "stale": tr("stale"),
    "stopped": tr("stopped"),
    "failed": tr("failed"),
}


class ToldPane(QWidget):
    """Holds what is written over a picture, and says it with what is seen on the picture."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._caption: Sequence[Run] = ()
        self._details: str | None = None
        self._state: PaneState = "empty"
        self._sentence = ""
        """What stands in the place of the picture."""
        self._seen = ""
        self._pixels: NDArray[np.uint8] | None = None

    def set_seen(self, words: str) -> None:
        """Say in words what the picture shows; empty where title and caption say it all."""
        self._seen = words
        self._tell()

    def _tell(self) -> None:
        """Give name and description what they are now."""
        named = (self._title or tr("Picture"), _STATES.get(self._state, ""))
        self.setAccessibleName(", ".join(filter(None, named)))
        shown = self._pixels is not None and self._state not in ("empty", "loading")
        caption = " ".join(text for text, _, _ in self._caption)
        parts = (self._sentence, self._seen if shown else "", caption, self._details or "", KEYS)
        said = ". ".join(part.removesuffix(".") for part in parts if part)
        self.setAccessibleDescription(f"{said}.")
