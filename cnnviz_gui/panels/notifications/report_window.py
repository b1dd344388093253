"""A report in a window: to be read before it is given to anybody."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, Label
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.texts import tr

_USUAL = QSize(820, 600)
_SAID = tr(
    "Nothing is sent. Home folders and your name are replaced by ~; read it before"
    " you give it to anybody."
)


class ReportWindow(QDialog):
    """The text, with buttons that copy and save it."""

    copied = Signal(object)
    """The text, as it is to be copied."""
    saved = Signal(object)
    """The text, as it is to be saved."""
    folder_wanted = Signal()

    def __init__(self, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        screen = (parent or self).screen()
        self.resize(_USUAL.boundedTo(screen.availableSize() - QSize(60, 60)))
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setFont(theme.font("mono"))
        self.text.setAccessibleName(title)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        copy = Button(tr("Copy report"), "copy")
        copy.clicked.connect(self._on_copy)
        save = Button(tr("Save report…"), "file-text")
        save.clicked.connect(self._on_save)
        folder = Button(tr("Folder of the log"), "folder-open", "quiet")
        folder.clicked.connect(self.folder_wanted)
        close = Button(tr("Close"))
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setSpacing(theme.INSIDE)
        for button in (copy, save, folder):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PADDING, theme.PADDING, theme.PADDING, theme.GAP)
        column.setSpacing(theme.GAP)
        column.addWidget(Label(_SAID, "caption", "text2", wrap=True))
        column.addWidget(self.text, 1)
        add_layout(column, foot)

    def _on_copy(self) -> None:
        self.copied.emit(self.text.toPlainText())

    def _on_save(self) -> None:
        self.saved.emit(self.text.toPlainText())
