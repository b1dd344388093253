"""What is pictured: a channel, a cell of it, a layer or a class, alone or beside another."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core.feature_requests import Unit
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.class_picker import ClassPicker
from cnnviz_gui.panels.controls import (
    ComboBox,
    ElidedLabel,
    IconButton,
    Label,
    NumberBox,
    Segmented,
    Toggle,
)
from cnnviz_gui.panels.features.picture_box import CONCERNS
from cnnviz_gui.state import feature_plan, feature_view, layer_view, prediction_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import ptr, tr

_TARGETS = (
    ("channel", tr("Channel")),
    ("neuron", tr("Neuron")),
    ("layer", tr("Layer")),
    ("class", tr("Class")),
)
_AIMS = (
    ("excite", tr("Excite it"), tr("One picture that it answers to as strongly as can be")),
    ("joint", tr("Together with another"), tr("One picture that both answer to, by their weights")),
    ("blend", tr("Walk to another"), tr("Several pictures on the way from one to the other")),
    (
        "differ",
        tr("Several different"),
        tr("Pictures of the same that look as different as they can"),
    ),
    ("direction", tr("Exaggerate photo"), tr("More of what the layer sees in the photograph")),
    ("imitate", tr("Rebuild photo"), tr("A picture that the layer takes for the photograph")),
)
_HEAVIEST = 10.0


class SubjectBox(QWidget):
    """One column of controls; each writes what the hand does into the state."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.target = Segmented(_TARGETS, tr("Target"))
        self.target.setToolTip(tr("What of the network is pictured"))
        self.target.chosen.connect(self._on_target)
        self.channel = NumberBox(tr("Channel"))
        self.channel.setToolTip(tr("The channel of the layer chosen at the left"))
        self.channel.chosen.connect(self._on_channel)
        self._of = ElidedLabel("", "caption", "text3", mode=Qt.TextElideMode.ElideMiddle)
        self._at = ElidedLabel("", "caption", "text3")
        self.picker = ClassPicker()
        self.picker.chosen.connect(self._on_class)
        self.aim = ComboBox(tr("Aim"))
        for place, (value, word, tooltip) in enumerate(_AIMS):
            self.aim.addItem(word, value)
            self.aim.setItemData(place, tooltip, Qt.ItemDataRole.ToolTipRole)
        self.aim.activated.connect(self._on_aim)
        self.second = NumberBox(tr("Second channel"))
        self.second.setToolTip(tr("The other channel, of the layer in use"))
        self.second.chosen.connect(self._on_second)
        self.second_class = ClassPicker()
        self.second_class.chosen.connect(self._on_second)
        self.keep = IconButton(
            "push-pin", tr("Keep the one in use as the second; then choose another first one")
        )
        self.keep.clicked.connect(self._on_keep)
        self._kept = ElidedLabel("", "caption", "text3", mode=Qt.TextElideMode.ElideMiddle)
        self.weight = NumberBox(tr("Weight of the second"))
        self.weight.setToolTip(tr("Beside 1 of the first; negative for what the second dislikes"))
        self.weight.set_scale(-_HEAVIEST, _HEAVIEST, 0.1)
        self.weight.chosen.connect(self._on_weight)
        self.pictures = NumberBox(tr("Pictures"))
        self.pictures.setToolTip(tr("How many are made together, from 2 to 9"))
        self.pictures.set_scale(2, 9, 1, whole=True)
        self.pictures.chosen.connect(self._on_pictures)
        self.negative = Toggle(tr("Negative"), tr("Picture what it dislikes: the least answer"))
        self.negative.chosen.connect(self._on_negative)
        self._lay_out()
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.GAP)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self.target)
        self._channel_row = _row(tr("Channel"), self.channel, self._of)
        self._cell_row = _row(tr("Cell"), self._at)
        self._class_row = _row(tr("Class"), self.picker)
        self._aim_row = _row(tr("Aim"), self.aim)
        self._second_row = _row(
            ptr("channel", "Second"), self.second, self.second_class, self._kept, self.keep
        )
        self._weight_row = _row(tr("Weight"), self.weight)
        self._pictures_row = _row(tr("Pictures"), self.pictures)
        self._negative_row = _row(tr("Negative"), self.negative)
        self._negative_row.layout().addStretch(1)
        for row in (
            *(self._channel_row, self._cell_row, self._class_row, self._aim_row),
            *(self._second_row, self._weight_row, self._pictures_row, self._negative_row),
        ):
            column.addWidget(row)

    # The hand

    @Slot(object)
    def _on_target(self, value: str) -> None:
        self._state.select(feature_target=value, feature_second=None)

    @Slot(object)
    def _on_channel(self, value: int) -> None:
        self._state.select(channel=value)

    @Slot(object)
    def _on_class(self, index: int | None) -> None:
        self._state.select(target=index)

    @Slot(int)
    def _on_aim(self, place: int) -> None:
        self._state.select(feature_aim=self.aim.itemData(place))

    @Slot(object)
    def _on_second(self, value: int | None) -> None:
        unit = self._second()
        if unit is not None and value is not None:
            kept = self._state.selection.feature_second
            layer = layer_view.current_layer(self._state)
            here = unit.layer if kept is not None or layer is None else layer.name
            other = dataclasses.replace(unit, layer=here if unit.layer else "", channel=value)
            self._state.select(feature_second=other)

    @Slot()
    def _on_keep(self) -> None:
        wanted = feature_view.wanted(self._state)
        if wanted is not None:
            unit = dataclasses.replace(wanted.units[0], weight=1.0)
            self._state.select(feature_second=unit)

    @Slot(object)
    def _on_weight(self, value: float) -> None:
        self._state.select(feature_weight=float(value))

    @Slot(object)
    def _on_pictures(self, value: int) -> None:
        self._state.select(feature_pictures=value)

    @Slot(object)
    def _on_negative(self, negative: bool) -> None:
        self._state.select(feature_negative=negative)

    # Drawing

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & CONCERNS and self._state.selection.stage == "features":
            self._draw()

    def _second(self) -> Unit | None:
        wanted = feature_view.wanted(self._state)
        return wanted.units[1] if wanted is not None and len(wanted.units) > 1 else None

    def _draw(self) -> None:
        selection, facts = self._state.selection, self._state.shared.facts
        aim, target = selection.feature_aim, selection.feature_target
        sees = feature_plan.looks_at_photograph(aim)
        self.target.set_value(target)
        self.aim.setCurrentIndex(self.aim.findData(aim))
        self.aim.setToolTip(next(tip for value, _, tip in _AIMS if value == aim))
        # What follows the photograph follows all channels, at a cell or, to rebuild it, in all.
        self.target.setVisible(aim != "imitate")
        self._channel_row.setVisible(target in ("channel", "neuron") and not sees)
        self._cell_row.setVisible(target == "neuron" and aim == "direction")
        self._class_row.setVisible(target == "class" and not sees)
        self._weight_row.setVisible(aim == "joint")
        self._pictures_row.setVisible(aim in ("blend", "differ"))
        self.weight.set_value(selection.feature_weight)
        self.pictures.set_value(selection.feature_pictures)
        self.negative.setChecked(selection.feature_negative)
        self._negative_row.setVisible(not sees)
        self._draw_channel()
        labels = facts.labels if facts is not None else ()
        meant = prediction_view.aimed(self._state)
        for picker in (self.picker, self.second_class):
            picker.set_labels(labels)
        said = (meant[0].label, meant[1]) if meant is not None else ()
        self.picker.set_current(selection.target, *said)
        self._draw_second()

    def _draw_channel(self) -> None:
        layer, wanted = layer_view.current_layer(self._state), feature_view.wanted(self._state)
        none = feature_view.why_no_channels(self._state)
        known = layer is not None and layer.output_shape and not none
        count = layer.output_shape[0] if known else 1
        self.channel.setEnabled(not none)
        self.channel.set_scale(0, count - 1, 1, whole=True)
        channel = wanted.units[0].channel if wanted is not None else None
        self.channel.set_value(channel or 0)
        said = at = ptr("channel", "none") if none else tr("of {count}", count=count)
        tooltip = none
        if self._state.selection.feature_target == "neuron" and wanted is not None:
            cell = wanted.units[0].cell
            said, at = _cell_words(cell)
            tooltip = tr(
                "The cell is chosen on the maps of the layer{hint}", hint=KEYS.hint("show_layers")
            )
            if cell is None:
                tooltip = tr(
                    "{layer} gives numbers and no maps: each is one neuron",
                    layer=wanted.units[0].layer,
                )
        for label, words in ((self._of, said), (self._at, at)):
            label.setText(words)
            label.set_tooltip(tooltip)

    def _draw_second(self) -> None:
        unit, facts = self._second(), self._state.shared.facts
        self._second_row.setVisible(unit is not None)
        if unit is None or facts is None:
            return
        of_class = not unit.layer
        self.second.setVisible(not of_class)
        self.second_class.setVisible(of_class)
        layer, row = layer_view.current_layer(self._state), facts.layer(unit.layer)
        if of_class:
            self.second_class.set_current(unit.channel)
        elif row is not None:
            self.second.set_scale(0, row.output_shape[0] - 1, 1, whole=True)
            self.second.set_value(unit.channel or 0)
        elsewhere = layer is not None and not of_class and unit.layer != layer.name
        self._kept.setText(tr("of {layer}", layer=unit.layer) if elsewhere else "")
        self._kept.setVisible(elsewhere)


def _cell_words(cell: tuple[int, int] | str | None) -> tuple[str, str]:
    """Return what a cell is called, and the same behind a label that says what it is."""
    if isinstance(cell, tuple):
        return tr("cell {row}, {column}", row=cell[0], column=cell[1]), f"{cell[0]}, {cell[1]}"
    said = tr("centre") if cell else tr("no cells")
    return said, said


def _row(text: str, *controls: QWidget) -> QWidget:
    """Put a label before its controls, the first of which takes the room."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.INSIDE)
    label = Label(text, "body", "text2")
    label.setFixedWidth(theme.LABEL_COLUMN)
    label.setBuddy(controls[0])
    row.addWidget(label)
    for control in controls:
        row.addWidget(control)
    return holder
