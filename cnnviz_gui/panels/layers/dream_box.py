"""What excites the channel most: a picture made for it, when it is asked for."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, Label, SectionHeader
from cnnviz_gui.panels.layers.channel_head import Thumb
from cnnviz_gui.state import feature_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes

_CONCERNS = frozenset(
    {"facts", "stage", "layer", "channel", "map_order", "dream_wanted"}
    | {"finding.layer", "finding.feature"}
)
_SIDE = 112


class DreamBox(QWidget):
    """The picture at the left; what is said of it and two buttons at the right."""

    again = Signal(object)
    """The lane to go on with."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._drawn: object = None
        self.picture = Thumb("What excites it", _SIDE)
        self.said = Label("", "caption", "text2", wrap=True)
        self.make = Button("Make it", "sparkle")
        self.make.setToolTip("Make a small picture that excites this channel, by gradient ascent")
        self.make.clicked.connect(self._on_make)
        self.open = Button("Open in Features", "arrow-right")
        self.open.setToolTip("Make it larger, with all that can be chosen (Ctrl+5)")
        self.open.clicked.connect(self._on_open)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.said, 1, Qt.AlignmentFlag.AlignTop)
        body = QVBoxLayout()
        body.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        body.setSpacing(theme.INSIDE)
        body.addLayout(row)
        for button in (self.make, self.open):
            body.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.GAP)
        column.setSpacing(0)
        column.addWidget(SectionHeader("What excites it", level=2))
        column.addLayout(body)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot()
    def _on_make(self) -> None:
        if self._state.selection.dream_wanted:
            self.again.emit("feature")
        self._state.select(dream_wanted=True)

    @Slot()
    def _on_open(self) -> None:
        channel = feature_view.wanted_dream(self._state)
        if channel is not None:
            self._state.show(feature_view="picture")
            self._state.select(**feature_view.opened(channel.units[0].channel))

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "layers":
            self._draw()

    def _draw(self) -> None:
        found, finding = feature_view.dream(self._state), self._state.finding("feature")
        wanted = self._state.selection.dream_wanted
        halted = wanted and finding.status in ("stopped", "failed", "empty")
        failed = wanted and finding.problem is not None
        self.make.setText("Go on" if halted else "Make it")
        self.make.setVisible(halted or (not wanted and found is None))
        if failed and finding.problem is not None:
            said = f"{finding.problem.message} {finding.problem.advice}".strip()
        elif found is None:
            said = "A moment…" if wanted else "Nothing is computed until you ask."
        elif found.done < found.steps:
            said = f"{'stopped at' if halted else 'step'} {found.done} of {found.steps}"
        else:
            said = f"The channel answers {fmt.significant(found.activation)}."
        self.said.setText(said)
        if found is not self._drawn:
            self._drawn = found
            pixels = found.shown[0] if found is not None else None
            told = "What excites it" if found is not None else "What excites it, not made yet"
            self.picture.set_pixels(pixels, told)
