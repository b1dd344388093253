"""A line of the form: whose magnitudes MACO keeps."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, IconButton, Label
from cnnviz_gui.state import spectrum_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr

_HELP = tr("The magnitudes that stay while the phases move. Changed, the picture begins anew.")


class SpectrumRow(QWidget):
    """Label, the file in use or the built-in one, a button for a file and one for the way back."""

    wanted = Signal()
    """A file is to be chosen."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.name = ElidedLabel("", mode=Qt.TextElideMode.ElideMiddle)
        self.back = IconButton(
            "arrow-counter-clockwise",
            tr("Back to the magnitudes of natural images"),
            tr("Spectrum of natural images"),
        )
        self.back.clicked.connect(self._on_back)
        self.choose = IconButton(
            "folder-open",
            tr("Take the magnitudes of a file: an array (.npy), or a picture that has them"),
            tr("Choose a spectrum"),
            boxed=True,
        )
        self.choose.clicked.connect(self.wanted)
        label = Label(tr("Spectrum"), "body", "text2")
        label.setFixedWidth(theme.LABEL_COLUMN)
        label.setToolTip(_HELP)
        label.setBuddy(self.choose)
        self.setFixedHeight(theme.CONTROL)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)
        row.addWidget(label)
        row.addWidget(self.name, 1)
        row.addWidget(self.back)
        row.addWidget(self.choose)

    @Slot()
    def _on_back(self) -> None:
        self._state.select(**spectrum_view.natural())

    def draw(self) -> None:
        """Show what is in use, where it matters."""
        selection = self._state.selection
        told = spectrum_view.told(selection)
        self.setVisible(spectrum_view.matters(selection))
        self.name.setText(spectrum_view.title(selection))
        self.name.set_tooltip(f"{told}\n{_HELP}")
        self.back.setVisible(selection.feature_spectrum is not None)
        self.choose.setAccessibleDescription(told)
