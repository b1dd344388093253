"""Details that are folded away until somebody wants to read them."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls.buttons import Button
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.texts import tr

_HEIGHT = 120


class FoldedDetails(QWidget):
    """A button that unfolds a text, with another one that copies it."""

    def __init__(self, said: str, details: str, parent: QWidget | None = None) -> None:
        """Fold ``details`` away; ``said`` is copied before them."""
        super().__init__(parent)
        self._said = said
        self.fold = Button(tr("Details"), "caret-right", "quiet")
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._on_fold)
        self.copy = Button(tr("Copy"), "copy", "quiet")
        self.copy.setToolTip(tr("Copy the sentence and the details"))
        self.copy.clicked.connect(self._on_copy)
        self.text = QPlainTextEdit(details)
        self.text.setReadOnly(True)
        self.text.setFont(theme.font("mono"))
        self.text.setAccessibleName(tr("Details"))
        self.text.setFixedHeight(_HEIGHT)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        buttons.addWidget(self.fold)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        add_layout(column, buttons)
        column.addWidget(self.text)
        self._on_fold(False)

    def _on_fold(self, open_: bool) -> None:
        for widget in (self.text, self.copy):
            widget.setVisible(open_)
        self.fold.set_icon("caret-down" if open_ else "caret-right")

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self._said}\n{self.text.toPlainText()}")
