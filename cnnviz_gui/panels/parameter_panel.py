"""The form of the method in use, how results are drawn, and what the method does."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core.params import ParameterError, Value, build
from cnnviz_gui.core.registry import Kind, Method
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.display_section import AttackDisplay
from cnnviz_gui.panels.controls import (
    Button,
    DockHeader,
    IconButton,
    KeyValueRows,
    Notice,
)
from cnnviz_gui.panels.features.form import FeatureForm
from cnnviz_gui.panels.form_section import (
    border_section,
    knowing_section,
    plane_section,
    race_section,
    trust_section,
)
from cnnviz_gui.panels.heatmaps.contrast_row import ContrastRow
from cnnviz_gui.panels.heatmaps.display_section import DisplaySection
from cnnviz_gui.panels.heatmaps.findings_card import CurveCard
from cnnviz_gui.panels.heatmaps.place_section import PlaceSection
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.panels.layers.dossier import Dossier
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.param_form import ParamForm
from cnnviz_gui.state import (
    attack_folder_view,
    attack_numbers,
    border_plan,
    defence_plan,
    epsilon_words,
    feature_view,
    map_folder_view,
    prediction_view,
    race_plan,
    race_view,
    similar_view,
)
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.layer_view import why_none
from cnnviz_gui.texts import tr

_ATTACK_LANES = {
    "borders": border_plan.LANE,
    "race": race_plan.LANE,
    "defences": defence_plan.LANE,
    "folder": attack_folder_view.LANE,
}
"""Of the views of attacks that show something else than the attack of the form."""
_SAVE_SHEET = tr("Save the sheet")
_SAVE_ATTACK = {
    "borders": tr("Save the chart"),
    "race": tr("Save the table"),
    "defences": tr("Save the table"),
    "folder": _SAVE_SHEET,
}
"""What the button says that saves the picture of these."""
_CONCERNS = frozenset(
    {
        "facts",
        "stage",
        "methods",
        "heatmap_view",
        "heatmap_method",
        "heatmap_parameters",
        "attack_method",
        "attack_parameters",
        "attack_scaled",
        "attack_scale",
        "attack_started",
        "opacity",
        "heatmap_colours",
        "locked_range",
        "finding.layer",
        "finding.heatmap",
        f"finding.{map_folder_view.LANE}",
        "finding.attack",
        "finding.sweep",
        "finding.plane",
        *("attack_view", "race_parameters", "race_attacks", "target"),
        *(f"finding.{lane}" for lane in _ATTACK_LANES.values()),
        "finding.embed",
        "finding.feature",
        "finding.feature-sheet",
        "feature_view",
        "epsilon_unit",
    }
)
_LANES = {
    "layers": "layer",
    "features": "feature",
    "heatmaps": "heatmap",
    "attack": "attack",
    "plane": "plane",
    "similar": "embed",
}
"""The lane whose answer the page of a stage shows."""
_SIMILAR = tr(
    "The embedding is what the classifier is given. Pictures are alike to the"
    " network as far as their embeddings point the same way, whatever their pixels"
    " say."
)
_SIMILAR_PAPER = "Donahue et al. 2014, DeCAF, arXiv:1310.1531"


class ParameterPanel(QWidget):
    """One column: parameters, display, numbers, the method in a sentence.

    On the layers stage it is the dossier of the channel in use; the features bring their own form.
    """

    save_wanted = Signal()
    about_wanted = Signal()
    """The manual is to tell of the method."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        theme.surface(self, "panel")
        self.header = DockHeader(tr("Parameters"))
        self._about = IconButton("question", tr("About this method"))
        key_tip(self._about, tr("About this method"), "about_method")
        self._about.clicked.connect(self.about_wanted)
        self._reset = IconButton("arrow-counter-clockwise", tr("Put all defaults back"))
        self._form = ParamForm()
        self._form.edited.connect(self._on_edited)
        self._form.modified_changed.connect(self._reset.setEnabled)
        self._reset.setEnabled(False)
        self._reset.clicked.connect(self._form.reset)
        self.header.add_tool(self._about)
        self.header.add_tool(self._reset)
        self._contrast = ContrastRow(state)
        self._heatmap_display = DisplaySection(state)
        self.attack_display = AttackDisplay(state)
        self.dossier = Dossier(state)
        self.features = FeatureForm(state)
        self.place = PlaceSection(state)
        self.trust = trust_section(state)
        self.plane = plane_section(state)
        self.borders = border_section(state)
        self.race = race_section(state)
        self.knowing = knowing_section(state)
        self._curve = CurveCard(state)
        self._numbers = KeyValueRows()
        self._save = Button(tr("Save the picture"), "export", "primary")
        self._save.clicked.connect(self.save_wanted)
        self._note = Notice()
        self._lay_out()
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.PADDING)
        column.setSpacing(0)
        column.addWidget(self._contrast)
        column.addWidget(self.plane)
        column.addWidget(self.borders)
        column.addWidget(self.race)
        column.addWidget(self._form)
        column.addWidget(self.knowing)
        column.addWidget(self.trust)
        column.addWidget(self._curve)
        column.addWidget(self._heatmap_display)
        column.addWidget(self.attack_display)
        column.addWidget(self.place)
        column.addWidget(self.dossier)
        column.addWidget(self.features)
        body = QVBoxLayout()
        body.setContentsMargins(theme.PADDING, theme.INSIDE, theme.PADDING, 0)
        body.setSpacing(theme.PADDING)
        body.addWidget(self._numbers)
        body.addWidget(self._save)
        body.addWidget(self._note)
        add_layout(column, body)
        column.addStretch(1)

    def _kind(self) -> Kind | None:
        stages: dict[str, Kind] = {"heatmaps": "heatmap", "attack": "attack", "plane": "attack"}
        return stages.get(self._state.selection.stage)

    def _method(self) -> Method | None:
        kind = self._kind()
        if kind is None:
            return None
        return self._state.shared.method(kind, getattr(self._state.selection, f"{kind}_method"))

    @Slot(object)
    def _on_edited(self, values: dict[str, Value]) -> None:
        """Take what the hand did; a value the form allows but the method refuses is not taken.

        Nor is one of the method before, which the form shows until its turn to follow comes.
        """
        method = self._method()
        if method is None or values.keys() != {spec.name for spec in method.specs}:
            return
        before = getattr(self._state.selection, f"{method.kind}_parameters")
        kept = before.values() if before is not None else {}
        unit = self._state.display.epsilon_unit
        try:
            taken = epsilon_words.from_form(method.specs, values, kept, unit)
            parameters = build(method.params, taken)
        except ParameterError:
            return
        self._state.select(**{f"{method.kind}_parameters": parameters})

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()

    def _draw(self) -> None:
        stage, method = self._state.selection.stage, self._method()
        racing = stage == "attack" and self._state.display.attack_view == "race"
        self._form.setVisible(method is not None and bool(method.specs) and not racing)
        in_map = self._state.display.heatmap_view == "map"
        free = method is not None and method.class_free and in_map
        self._contrast.setVisible(stage == "heatmaps" and not free)
        self.place.setVisible(stage == "heatmaps" and in_map)
        of_folder = stage == "heatmaps" and self._state.display.heatmap_view == "folder"
        self._heatmap_display.setVisible(stage == "heatmaps" and not of_folder)
        self.dossier.setVisible(stage == "layers" and not why_none(self._state.shared.facts))
        self.features.setVisible(stage == "features")
        sheet = stage == "features" and self._state.display.feature_view == "sheet"
        self.header.title.setText(tr("Channel") if stage == "layers" or sheet else tr("Parameters"))
        save = _SAVE_SHEET if sheet or of_folder else tr("Save the picture")
        if stage == "layers":
            save = tr("Save the maps")
        elif stage == "attack":
            save = _SAVE_ATTACK.get(self._state.display.attack_view, save)
        self._save.setText(save)
        self._note.setVisible((method is not None and not racing) or stage == "similar")
        self._reset.setVisible(method is not None and not racing)
        lane = map_folder_view.LANE if of_folder else _LANES[stage]
        there = self._state.finding(lane).value is not None
        if stage == "attack" and self._state.display.attack_view in _ATTACK_LANES:
            there = self._state.finding(_ATTACK_LANES[self._state.display.attack_view]).current
            there = race_view.ready(self._state) is not None if racing else there
        self._save.setEnabled(feature_view.shown_sheet(self._state) is not None if sheet else there)
        if method is not None:
            parameters = getattr(self._state.selection, f"{method.kind}_parameters")
            values = parameters.values() if parameters is not None else {}
            unit = self._state.display.epsilon_unit
            self._form.set_specs(*epsilon_words.form(method.specs, values, unit))
            self._note.set_notice(method.summary, method.paper)
            self._note.setToolTip(method.formula)
        elif stage == "similar":
            self._note.set_notice(_SIMILAR, _SIMILAR_PAPER)
            self._note.setToolTip("similarity = e₁ · e₂ / (|e₁| |e₂|)")
        tables = {"attack": attack_numbers.rows, "similar": similar_view.numbers}
        rows = tables[stage](self._state) if stage in tables else []
        self._numbers.setVisible(bool(rows))
        self._numbers.set_rows(rows)
        attacked = prediction_view.attack_on_screen(self._state) if stage == "attack" else None
        self._numbers.set_stale(attacked is not None and attacked.doubtful)
