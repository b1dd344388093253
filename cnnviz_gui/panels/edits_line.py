"""How many channels are edited, over the bars that say what comes of it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.panels.controls import Chip, IconButton, Label
from cnnviz_gui.state import edits_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes

_RESTORE = "Restore all channels"


class EditsLine(QWidget):
    """A chip, what the mark on the bars is, and the button that restores all; else hidden."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.chip = Chip("eye-slash", "", "warning")
        self._caption = Label("", "caption", "text3")
        self.restore = IconButton("arrow-counter-clockwise", _RESTORE)
        self.restore.clicked.connect(self._on_restore)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(8)
        row.addWidget(self.chip)
        row.addWidget(self._caption, 1)
        row.addWidget(self.restore)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot()
    def _on_restore(self) -> None:
        self._state.select(edits=())

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"edits", "stage"}:
            self._draw()

    def _draw(self) -> None:
        edits = self._state.selection.edits
        self.setVisible(bool(edits))
        if not edits:
            return
        self.chip.set_chip("eye-slash", edits_view.words(edits), "warning")
        each = [f"{edit.layer}, {edit.channel}: {edits_view.said(edit)}" for edit in edits]
        self.chip.setToolTip("\n".join(each[:20] + ["…"] * (len(each) > 20)))
        attack = self._state.selection.stage == "attack"
        self._caption.setText("not in the attack" if attack else "mark: without")
