"""The right side of the features stage: what is pictured, and what the ascent is made with."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.errors import ParameterError
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import PRESETS, preset
from cnnviz_gui.core.params import Spec, build, specs
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ComboBox, KeyValueRows, Label
from cnnviz_gui.panels.features.channel_card import ChannelCard
from cnnviz_gui.panels.features.picture_box import CONCERNS
from cnnviz_gui.panels.features.spectrum_row import SpectrumRow
from cnnviz_gui.panels.features.subject_box import SubjectBox
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.param_form import ParamForm
from cnnviz_gui.state import feature_plan, feature_view, feature_words
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_FOLDS = {
    tr("Views"): ("views", "jitter", "turn", "stretch", "nearest", "farthest", "noise"),
    tr("Penalties"): ("l1", "l2", "variation", "blur", "blur_every", "bound"),
    tr("More"): ("decay", "octaves", "growth", "redirect", "differ", "transparent"),
}
_LABELS = {"parameterisation": tr("Made of")}
"""Where the usual one is longer than its column."""
_STAYS = tr("Changed on the way, the picture goes on from where it is.")
_ANEW = tr("Changed, the picture begins anew.")


class FeatureForm(QWidget):
    """Subject, preset, parameters, numbers; of a sheet, which has none to choose, the channel."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.subject = SubjectBox(state)
        self.preset = ComboBox(tr("Preset"))
        for place, one in enumerate(PRESETS):
            self.preset.addItem(one.title, one.name)
            self.preset.setItemData(place, one.help, Qt.ItemDataRole.ToolTipRole)
        self.preset.activated.connect(self._on_preset)
        self.form = ParamForm(tr("Made with"), folds=_FOLDS)
        self.form.edited.connect(self._on_edited)
        self.spectrum = SpectrumRow(state)
        self.form.set_beneath("parameterisation", self.spectrum)
        self.numbers = KeyValueRows()
        line = QHBoxLayout()
        line.setContentsMargins(theme.PADDING, 0, theme.PADDING, theme.GAP)
        line.setSpacing(theme.INSIDE)
        label = Label(tr("Preset"), "body", "text2")
        label.setFixedWidth(theme.LABEL_COLUMN)
        label.setBuddy(self.preset)
        line.addWidget(label)
        line.addWidget(self.preset, 1)
        rows = QVBoxLayout()
        rows.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        rows.addWidget(self.numbers)
        self._making = QWidget()
        making = QVBoxLayout(self._making)
        making.setContentsMargins(0, 0, 0, 0)
        making.setSpacing(0)
        making.addWidget(self.subject)
        add_layout(making, line)
        making.addWidget(self.form)
        add_layout(making, rows)
        self.channel = ChannelCard(state)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._making)
        column.addWidget(self.channel)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot(int)
    def _on_preset(self, place: int) -> None:
        self._state.select(**feature_view.with_preset(self.preset.itemData(place)))

    @Slot(object)
    def _on_edited(self, values: dict[str, object]) -> None:
        """Take what the hand did; a value the form allows but the ascent refuses is not taken."""
        try:
            parameters = build(FeatureParams, values)
        except ParameterError:
            return
        self._state.select(**feature_view.with_parameters(self._state, parameters))

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & CONCERNS and self._state.selection.stage == "features":
            self._draw()

    def _draw(self) -> None:
        selection = self._state.selection
        in_sheet = self._state.display.feature_view == "sheet"
        self._making.setVisible(not in_sheet)
        self.channel.setVisible(in_sheet)
        self.preset.setCurrentIndex(self.preset.findData(selection.feature_preset))
        chosen = preset(selection.feature_preset)
        self.preset.setToolTip(chosen.help if chosen is not None else "")
        values = selection.feature_parameters.values()
        self.form.set_specs(_specs(selection.feature_preset), values)
        self.spectrum.draw()
        rows = _numbers(self._state)
        self.numbers.setVisible(bool(rows))
        self.numbers.set_rows(rows)


def _specs(name: str) -> tuple[Spec, ...]:
    """Return the parameters with a preset's values as defaults, and what a change of each does."""
    chosen = preset(name) or PRESETS[0]
    defaults = chosen.parameters.values()
    grows = chosen.parameters.grows  # then nothing stays
    stay = {name for name in defaults if feature_plan.goes_on(name) and not grows}
    return tuple(
        dataclasses.replace(
            spec,
            label=_LABELS.get(spec.name, spec.label),
            default=defaults[spec.name],
            help=f"{spec.help} {_STAYS if spec.name in stay else _ANEW}",
        )
        for spec in specs(FeatureParams)
    )


def _numbers(state: AppState) -> list[tuple[str, str]]:
    found = feature_view.shown(state)
    if found is None or not found.current:
        return []
    result = found.result
    high, wide = result.pictures.shape[1:3]
    rows = [
        (feature_words.of_answer(state)[0], fmt.significant(result.activation)),
        (tr("At the start"), fmt.significant(float(result.curve[0]))),
        (tr("Picture"), f"{wide} {fmt.TIMES} {high}"),
    ]
    if found.request.begin is not None:
        rows.append(
            (tr("Goes on from"), tr("step {step}", step=found.request.begin.parameters.steps))
        )
    return rows
