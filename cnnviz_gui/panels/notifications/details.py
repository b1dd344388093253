"""What is below the chosen row of the list: the whole sentence, its details, its button."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, Label
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state.chronicle import Entry
from cnnviz_gui.texts import tr

_LEAST, _MOST = 60, 200
"""Pixels: heights of the details."""
_LEFT = 60


class Details(QWidget):
    """One entry in full."""

    remedied = Signal()
    copied = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width = 0
        self._text = Label("", "body", "text1", wrap=True)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setFont(theme.font("mono"))
        self._details.setAccessibleName(tr("Details"))
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._remedy = Button("")
        self._remedy.clicked.connect(self.remedied)
        copy = Button(tr("Copy"), "copy")
        copy.setToolTip(tr("Copy the sentence and the details"))
        copy.clicked.connect(self.copied)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 4, 0, 0)
        buttons.setSpacing(theme.INSIDE)
        buttons.addWidget(self._remedy)
        buttons.addWidget(copy)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(_LEFT, 2, theme.PADDING, theme.GAP)
        column.setSpacing(6)
        column.addWidget(self._text)
        column.addWidget(self._details)
        add_layout(column, buttons)

    def show_entry(self, entry: Entry, *, remedy: bool) -> None:
        """Show an entry, with the button it offers where that still makes sense."""
        self._text.setText(entry.text)
        if self._details.toPlainText() != entry.details.rstrip():
            self._details.setPlainText(entry.details.rstrip())
            lines = self._details.document().blockCount()
            height = lines * self._details.fontMetrics().lineSpacing() + 32
            self._details.setFixedHeight(min(_MOST, max(_LEAST, height)))
        self._details.setVisible(bool(entry.details))
        self._remedy.setText(entry.remedy)
        self._remedy.setVisible(bool(entry.remedy) and remedy)
        self.updateGeometry()

    @Slot(int)
    def set_width(self, width: int) -> None:
        """Take the width of the list, on which the height depends."""
        self._width = width
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the height that the whole sentence needs in the width of the list."""
        width = self._width or self.width()
        return QSize(width, self.layout().totalHeightForWidth(width))
