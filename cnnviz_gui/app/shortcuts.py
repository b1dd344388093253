"""All keys on one page, made from the actions themselves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, Label, SectionHeader

_COLUMNS = 2


class ShortcutsDialog(QDialog):
    """Names and keys in two columns."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.PADDING)
        column.addWidget(SectionHeader("Keyboard shortcuts"))
        grid = QGridLayout()
        grid.setContentsMargins(theme.PADDING, theme.INSIDE, theme.PADDING, theme.INSIDE)
        grid.setHorizontalSpacing(theme.PADDING)
        keyed = [action for action in actions if not action.shortcut().isEmpty()]
        rows = -(-len(keyed) // _COLUMNS)
        for place, action in enumerate(keyed):
            row, side = place % rows, place // rows
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            title = action.text().replace("&", "").rstrip("…")
            grid.addWidget(Label(title, "body", "text1"), row, 3 * side)
            shown = Label(key, "caption", "text2")
            shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(shown, row, 3 * side + 1)
            grid.setColumnMinimumWidth(3 * side + 2, theme.PADDING)
        column.addLayout(grid)
        close = Button("Close", kind="primary")
        close.clicked.connect(self.accept)
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        foot.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        column.addLayout(foot)
