"""How many channels are edited, over the bars that say what comes of it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Chip, IconButton, Label
from cnnviz_gui.state import edits_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_RESTORE = tr("Restore all channels")
_NOT_HERE = tr("Attacks are made on the network as it is, without edited channels.")


class EditsLine(QWidget):
    """A chip, what the mark on the bars is, and the button that restores all; else hidden."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.chip = Chip("eye-slash", "", "warning")
        self._mark = _Mark()
        self._caption = Label("", "caption", "text3")
        self.restore = IconButton("arrow-counter-clockwise", _RESTORE)
        self.restore.clicked.connect(self._on_restore)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(6)
        row.addWidget(self.chip)
        row.addStretch(1)
        row.addWidget(self._mark)
        row.addWidget(self._caption)
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
        self._mark.setVisible(not attack)
        self._caption.setText(tr("not here") if attack else tr("before"))
        self._caption.setToolTip(_NOT_HERE if attack else "")


class _Mark(QWidget):
    """The mark as it stands on the bars."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(4, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        QPainter(self).fillRect(1, 0, 2, 12, theme.color("text1"))
