"""The names of the classes: from a file, or typed, one a line, counted against the weights."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, IconLabel, Label
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state.checkpoint_form import Check, typed_labels
from cnnviz_gui.texts import tr

_ICONS = {"success": "check-circle", "warning": "warning", "text2": "info"}
_LEAST = 84
_HINT = tr("One name a line, in the order of the classes.\ncat\ndog\n…")


class _Editor(QPlainTextEdit):
    """Plain text in a field of modest height."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("field", True)
        self.setMinimumHeight(_LEAST)

    def sizeHint(self) -> QSize:
        """Return room for a few lines; more is welcome."""
        return QSize(200, _LEAST)


class NamesBox(QWidget):
    """An editor, a button for a file, and how many names there are for how many classes."""

    edited = Signal(object)
    """The names as typed, a tuple."""
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = _Editor()
        self._editor.setAccessibleName(tr("Class names, one a line"))
        self._editor.setPlaceholderText(_HINT)
        self._editor.setFont(theme.font("body"))
        self._editor.setTabChangesFocus(True)
        self._editor.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._editor.textChanged.connect(self._on_edited)
        self._icon = IconLabel("info", size=14)
        self._check = Label("", "caption", "text2", wrap=True)
        self._note = Label("", "caption", "text2", wrap=True)
        self._load = Button(tr("Load from a file…"), "file-text")
        self._load.setToolTip(tr("Text, CSV or JSON"))
        self._load.clicked.connect(self.file_wanted)
        check = QHBoxLayout()
        check.setSpacing(6)
        check.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        check.addWidget(self._check, 1, Qt.AlignmentFlag.AlignVCenter)
        check.addWidget(self._load)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._editor, 1)
        add_layout(column, check)
        column.addWidget(self._note)
        self.say("")

    def set_labels(self, labels: tuple[str, ...]) -> None:
        """Show names; no signal."""
        if labels == self.labels():
            return
        blocker = QSignalBlocker(self._editor)
        self._editor.setPlainText("\n".join(labels))
        blocker.unblock()

    def labels(self) -> tuple[str, ...]:
        """Return the names as they stand there."""
        return typed_labels(self._editor.toPlainText())

    def set_check(self, check: Check) -> None:
        """Show how the names fit the file."""
        self._check.setText(check.words)
        self._check.set_tone(check.tone)
        self._icon.set_icon(_ICONS[check.tone], check.tone)

    def say(self, note: str, tone: str = "text2") -> None:
        """Say how the reading of a file of names went; empty for nothing."""
        self._note.setText(note)
        self._note.set_tone(tone)
        self._note.setVisible(bool(note))

    @Slot()
    def _on_edited(self) -> None:
        self.say("")
        self.edited.emit(self.labels())
