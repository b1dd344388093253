"""The line above a part of a page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, Label

_HEIGHT = 22
"""That of the title of a picture, so that titles side by side line up."""


class Heading(QWidget):
    """Title at the left, what is shown at the right, tools after it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setMinimumHeight(_HEIGHT)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.INSIDE)
        self._title = Label(title, "title")
        self._caption = ElidedLabel("", "caption", "text3")
        self._caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self._title)
        self._row.addStretch(1)
        self._row.addWidget(self._caption)

    def set_title(self, title: str) -> None:
        """Name what stands below."""
        self._title.setText(title)

    def set_caption(self, text: str, *shorter: str) -> None:
        """Say what is shown, more briefly where there is little room."""
        self._caption.set_texts(text, *shorter)

    def add_tool(self, tool: QWidget) -> None:
        """Put a control at the right end."""
        self._row.addWidget(tool)
