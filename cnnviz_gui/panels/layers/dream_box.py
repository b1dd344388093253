"""What excites the channel most: a picture made for it, when it is asked for."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, Label, SectionHeader
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.panels.layers.channel_head import Thumb
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state import feature_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {"facts", "stage", "layer", "channel", "map_order", "dream_wanted"}
    | {"finding.layer", "finding.feature", "finding.feature-kept", "finding.feature-sheet"}
)
_SIDE = 112
_INVITATION = tr("Nothing is computed until you ask.")


class DreamBox(QWidget):
    """The picture at the left; what is said of it and two buttons at the right."""

    again = Signal(object)
    """The lane to go on with."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.picture = Thumb(tr("What excites it"), _SIDE)
        self.said = Label("", "caption", "text2", wrap=True)
        self.make = Button(tr("Make it"), "sparkle")
        self.make.setToolTip(
            tr("Make a small picture that excites this channel, by gradient ascent")
        )
        self.make.clicked.connect(self._on_make)
        self.open = Button(tr("Open in Features"), "arrow-right")
        key_tip(self.open, tr("Make it larger, with all that can be chosen"), "show_features")
        self.open.clicked.connect(self._on_open)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.said, 1, Qt.AlignmentFlag.AlignTop)
        body = QVBoxLayout()
        body.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        body.setSpacing(theme.INSIDE)
        add_layout(body, row)
        for button in (self.make, self.open):
            body.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.GAP)
        column.setSpacing(0)
        column.addWidget(SectionHeader(tr("What excites it"), level=2))
        add_layout(column, body)
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
        small = feature_view.small_picture(self._state) if found is None else None
        wanted = self._state.selection.dream_wanted
        halted = wanted and finding.status in ("stopped", "failed", "empty")
        failed = wanted and finding.problem is not None
        self.make.setText(
            tr("Continue") if halted else tr("Make it") if small is None else tr("Make it finer")
        )
        self.make.setVisible(halted or (not wanted and found is None))
        if failed and finding.problem is not None:
            said = f"{finding.problem.message} {finding.problem.advice}".strip()
        elif found is None and wanted:
            said = tr("A moment…")
        elif found is None:
            said = _INVITATION if small is None else _said_of(small.answer)
        elif found.done < found.steps:
            at = {"done": found.done, "total": found.steps}
            said = (
                tr("stopped at {done} of {total}", **at)
                if halted
                else tr("step {done} of {total}", **at)
            )
        else:
            said = _said_of(found.activation)
        self.said.setText(said)
        if found is not None:
            self.picture.set_pixels(found.shown[0], tr("What excites it"))
        elif small is not None:
            self.picture.set_pixels(small.pixels, tr("What excites it, small"))
        else:
            self.picture.set_pixels(None, tr("What excites it, not made yet"))


def _said_of(answer: float) -> str:
    if not answer:
        return tr("The channel does not react.")
    return tr("The channel answers {value}.", value=fmt.significant(answer))
