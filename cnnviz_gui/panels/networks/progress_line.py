"""How far a download is: a bar, bytes, speed, time left."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from cnnviz_gui.panels.controls import ElidedLabel, Label
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state.downloads import DownloadState, amount, telling
from cnnviz_gui.texts import tr

_PARTS = 1000


class ProgressLine(QWidget):
    """Two lines of text under a bar; while nothing is known of the end, the bar stays empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = QProgressBar()
        self._bar.setRange(0, _PARTS)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Part of the weights that is here"))
        self._amount = Label("", "caption", "text1")
        self._told = ElidedLabel("", "caption", "text2")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._amount)
        line.addStretch(1)
        line.addWidget(self._told)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._bar)
        add_layout(column, line)

    def show_download(self, state: DownloadState, ahead: str = "") -> None:
        """Show a download; ``ahead`` is the title of the one it waits for."""
        fraction = state.fraction
        self._bar.setValue(0 if fraction is None else round(_PARTS * fraction))
        self._amount.setText(amount(state) if state.done else "")
        self._told.setText(telling(state, ahead))
