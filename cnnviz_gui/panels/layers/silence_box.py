"""Silence or scale the channel, and find the channels that flip the label."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.request import ChannelEdit
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    BusyArc,
    Button,
    ElidedLabel,
    IconButton,
    Label,
    Slider,
    Toggle,
)
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state import dossier_view, edits_view, layer_view, no_maps
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "stage",
        "layer",
        "channel",
        "edits",
        "map_order",
        "flip_wanted",
        "finding.layer",
        "finding.predict",
        "finding.flipping-set",
    }
)
_STEPS = 100
"""Of the slider between 0 and 1."""
_LISTED = 6
_FIND = tr("Find what flips the label")
_FIND_TIP = tr(
    "Silence channels of this layer, those first that hold the predicted class most"
    " (gradient times activation), until the prediction changes; then leave out"
    " whatever is not needed"
)


class SilenceBox(QWidget):
    """Switch, factor, what is edited, and the search for a set."""

    again = Signal(object)
    """The lane to go on with."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.switch = Toggle(tr("Silence"))
        key_tip(
            self.switch, tr("Set this channel to zero while the network looks"), "silence_channel"
        )
        self.factor = Slider(
            tr("Factor"), tr("What the channel is multiplied by; 1 leaves it as it is")
        )
        self.factor.setRange(0, round(edits_view.MOST * _STEPS))
        self.factor.setPageStep(_STEPS // 4)
        self._value = Label("", "caption", "text1")
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._rows = [_EditRow(state) for _ in range(_LISTED)]
        self._more = Label("", "caption", "text3")
        self.restore = Button(tr("Restore all"), "arrow-counter-clockwise", "quiet")
        self.restore.setToolTip(tr("Leave every channel of every layer as it is"))
        self.find = Button(_FIND, "flag-banner")
        self.find.setToolTip(_FIND_TIP)
        self._busy = BusyArc()
        self.said = Label("", "caption", "text2", wrap=True)
        self.apply = Button("", "eye-slash", "quiet")
        self._connect()
        self._lay_out()
        state.observe(self._on_state_changed)
        self._draw()

    def _connect(self) -> None:
        self.switch.chosen.connect(self._on_switched)
        self.factor.valueChanged.connect(self._on_factor)
        self.restore.clicked.connect(self._on_restore)
        self.find.clicked.connect(self._on_find)
        self.apply.clicked.connect(self._on_apply)

    def _lay_out(self) -> None:
        silence = Label(tr("Silence"), "body", "text2")
        silence.setBuddy(self.switch)
        switch = QHBoxLayout()
        switch.addWidget(silence)
        switch.addStretch(1)
        switch.addWidget(ElidedLabel(tr("see the bars react"), "caption", "text3"))
        switch.addSpacing(theme.INSIDE)
        switch.addWidget(self.switch)
        label = Label(tr("Factor"), "body", "text2")
        label.setBuddy(self.factor)
        label.setFixedWidth(silence.sizeHint().width())
        self._value.setFixedWidth(44)
        factor = QHBoxLayout()
        factor.setSpacing(theme.INSIDE)
        factor.addWidget(label)
        factor.addWidget(self.factor, 1)
        factor.addWidget(self._value)
        listed = QHBoxLayout()
        listed.addWidget(self._more, 1)
        listed.addWidget(self.restore)
        flip = QHBoxLayout()
        flip.setSpacing(theme.INSIDE)
        flip.addWidget(self.find, 1)
        flip.addWidget(self._busy)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PADDING, 4, theme.PADDING, theme.GAP)
        column.setSpacing(4)
        add_layout(column, switch)
        add_layout(column, factor)
        for row in self._rows:
            column.addWidget(row)
        add_layout(column, listed)
        add_layout(column, flip)
        column.addWidget(self.said)
        apply = QHBoxLayout()
        apply.addWidget(self.apply)
        apply.addStretch(1)
        add_layout(column, apply)

    @Slot(object)
    def _on_switched(self, silent: bool) -> None:
        self._state.select(**edits_view.multiplied(self._state, 0.0 if silent else 1.0))

    @Slot(int)
    def _on_factor(self, value: int) -> None:
        here = edits_view.here(self._state)
        if here is None:
            return
        before = edits_view.factor_of(self._state.selection.edits, *here)
        if round(before * _STEPS) != value:
            self._state.select(**edits_view.multiplied(self._state, value / _STEPS))

    @Slot()
    def _on_restore(self) -> None:
        self._state.select(edits=(), flip_wanted=False)

    @Slot()
    def _on_find(self) -> None:
        if self._state.selection.flip_wanted:
            finding = self._state.finding("flipping-set")
            if finding.halted or finding.problem is not None:
                self.again.emit("flipping-set")
            else:
                self._state.select(flip_wanted=False)
        else:
            self._state.select(flip_wanted=True)

    @Slot()
    def _on_apply(self) -> None:
        found = dossier_view.flipping(self._state)
        if found is not None:
            edits = edits_view.silenced(self._state.selection.edits, found.layer, found.channels)
            self._state.select(edits=edits, flip_wanted=False)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "layers":
            self._draw()

    def _draw(self) -> None:
        here, edits = edits_view.here(self._state), self._state.selection.edits
        factor = 1.0 if here is None else edits_view.factor_of(edits, *here)
        for control in (self.switch, self.factor):
            control.setEnabled(here is not None)
        self.switch.setChecked(factor == 0)
        self.factor.setValue(round(factor * _STEPS))
        self._value.setText(f"{fmt.TIMES} {factor:.2f}")
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(edits))
            if place < len(edits):
                row.show_edit(edits[place])
        more = len(edits) - _LISTED
        self._more.setText(tr("and {more} more", more=more) if more > 0 else "")
        for part in (self._more, self.restore):
            part.setVisible(bool(edits))
        self._draw_set()

    def _draw_set(self) -> None:
        finding = self._state.finding("flipping-set")
        wanted = self._state.selection.flip_wanted
        working = wanted and finding.status in ("loading", "partial", "stale")
        found = dossier_view.flipping(self._state)
        stopped = wanted and finding.halted
        self._busy.setVisible(working)
        self._busy.start() if working else self._busy.stop()
        self.find.setText(tr("Stop") if working else tr("Continue") if stopped else _FIND)
        answered = wanted and finding.status == "done"
        layer = layer_view.current_layer(self._state)
        possible = layer is not None and no_maps.has_maps(layer)
        possible = possible and dossier_view.clean_winner_known(self._state)
        self.find.setEnabled(possible and not answered)
        if wanted and finding.problem is not None:
            said = f"{finding.problem.message} {finding.problem.advice}".strip()
        elif found is None:
            said = (
                tr("Looking for the smallest set…")
                if working
                else tr("Stopped.")
                if stopped
                else ""
            )
        else:
            said = dossier_view.said_of_set(found, done=finding.status == "done")
        self.said.setText(said)
        self.said.setVisible(bool(said))
        held = {(e.layer, e.channel) for e in self._state.selection.edits if e.factor == 0}
        new = found is not None and any((found.layer, c) not in held for c in found.channels)
        self.apply.setVisible(new and not working)
        if found is not None and found.channels:
            alone = len(found.channels) == 1
            self.apply.setText(tr("Silence it") if alone else tr("Silence them"))
            self.apply.setToolTip(
                tr("Silence the channel that was found")
                if alone
                else tr("Silence all channels of this set")
            )


class _EditRow(QWidget):
    """One edited channel, and the button that restores it."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self._key = ("", 0)
        self._text = ElidedLabel("", "caption", "text1")
        self._what = Label("", "caption", "text3")
        self._restore = IconButton("x", tr("Restore this channel"))
        self._restore.clicked.connect(self._on_restore)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)
        row.addWidget(self._text, 1)
        row.addWidget(self._what)
        row.addWidget(self._restore)
        self.setFixedHeight(theme.CONTROL)

    def show_edit(self, edit: ChannelEdit) -> None:
        """Show what is done to which channel."""
        self._key = (edit.layer, edit.channel)
        self._text.setText(f"{edit.layer}, {edit.channel}")
        self._what.setText(edits_view.said(edit))
        self._restore.setAccessibleName(
            tr("Restore channel {channel} of {layer}", channel=edit.channel, layer=edit.layer)
        )

    @Slot()
    def _on_restore(self) -> None:
        edits = edits_view.with_factor(self._state.selection.edits, *self._key, 1.0)
        self._state.select(edits=edits, flip_wanted=False)
