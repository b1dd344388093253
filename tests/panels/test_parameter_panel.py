import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.race_requests import RaceParams
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Heatmap, ImageRef, OpenModel, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.panels.attack.race_tools import RaceTools
from cnnviz_gui.panels.controls import ComboBox, Toggle
from cnnviz_gui.panels.heatmaps.contrast_row import ContrastRow
from cnnviz_gui.panels.heatmaps.display_section import DisplaySection
from cnnviz_gui.panels.parameter_panel import ParameterPanel
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.race_plan import LANE
from tests.state.test_plan import BallParams
from tests.state.test_race_view import give, racing, runner, waiting


@pytest.fixture
def display(qtbot, state):
    made = DisplaySection(state)
    qtbot.addWidget(made)
    return made


def found(state, method, peak, *, signed=False, colour=None):
    result = HeatmapResult(
        method=method, layer="stem", target=Score(0, "cat", 0.5, 1.0),
        map=np.full((4, 4), peak, np.float32), coarse=None, signed=signed, colour=colour,
    )  # fmt: skip
    request = Heatmap(
        model=state.selection.model, image=state.selection.image, method=method,
        parameters=Params(),
    )  # fmt: skip
    state.found("heatmap", Finding().finished(request, result))


def test_a_range_can_be_locked_once_there_is_a_map(display, state):
    lock = display.findChild(Toggle)
    assert not lock.isEnabled()
    found(state, "grad-cam", 2.0)
    assert lock.isEnabled()
    lock.click()
    assert (state.display.locked_range.low, state.display.locked_range.high) == (0.0, 2.0)
    state.select(image=ImageRef(path="b.png"))
    assert not lock.isEnabled()


def test_the_switch_says_whether_the_lock_holds_for_the_map_shown(display, state):
    lock = display.findChild(Toggle)
    found(state, "grad-cam", 2.0)
    lock.click()
    found(state, "occlusion", 0.1)
    assert not lock.isChecked()
    found(state, "grad-cam", 5.0)
    assert lock.isChecked()
    lock.click()
    assert state.display.locked_range is None


def test_the_colours_of_a_signed_map_are_no_choice_and_say_why(display, state):
    colours = display.findChild(ComboBox)
    found(state, "grad-cam", 2.0)
    assert colours.isEnabled() and colours.currentText() == "Inferno"
    found(state, "occlusion", 2.0, signed=True)
    assert not colours.isEnabled() and "two signs" in colours.toolTip()
    assert (colours.currentText(), colours.placeholderText()) == ("", "Diverging")
    state.show(heatmap_view="grid")
    assert colours.isEnabled(), "other maps than this one are in sight"
    state.show(heatmap_view="map")
    assert not colours.isEnabled()
    found(state, "grad-cam", 2.0)
    assert colours.isEnabled() and colours.currentText() == "Inferno"
    assert state.display.heatmap_colours == "inferno"


def test_maps_with_a_sign_remember_what_lies_under_them(display, state):
    found(state, "grad-cam", 2.0)
    assert display.photograph.value() == "colour"
    found(state, "occlusion", 2.0, signed=True)
    assert display.photograph.value() == "grey"
    display.photograph.chosen.emit("none")
    assert (state.display.photograph, state.display.photograph_signed) == ("colour", "none")
    found(state, "grad-cam", 2.0)
    assert display.photograph.value() == "colour"


def test_only_a_map_that_was_merged_of_colours_can_be_drawn_in_them(display, state):
    found(state, "grad-cam", 2.0)
    assert display.drawn.isHidden() or display.drawn.parentWidget().isHidden()
    found(state, "guided-backprop", 2.0, colour=np.ones((3, 4, 4), np.float32))
    assert not display.drawn.parentWidget().isHidden()
    display.drawn.chosen.emit("colours")
    assert state.display.heatmap_in_colour
    assert not display.photograph.isEnabled() and not display.findChild(Toggle).isEnabled()
    assert "need no colour map" in display.findChild(ComboBox).toolTip()


def test_the_class_it_is_set_against_is_chosen_and_taken_back(state, qtbot):
    row = ContrastRow(state)
    qtbot.addWidget(row)
    state.select(stage="heatmaps")
    row.show()
    assert row.picker.text_shown() == "No other class"
    row.picker.popup.picked.emit(1)
    assert state.selection.against == 1
    assert row.picker.text_shown() == state.shared.facts.labels[1]
    assert row.picker.accessibleName().startswith("Class the target is set against")
    row.picker.popup.picked.emit(None)
    assert state.selection.against is None


def test_the_likely_classes_come_first_where_one_is_set_against_the_target(state, qtbot, network):
    facts = dataclasses.replace(network, labels=("tench", "goldfish", "tabby", "tiger cat"))
    state.use_network(state.selection.model, facts)
    state.select(stage="heatmaps")
    row = ContrastRow(state)
    qtbot.addWidget(row)

    def listed():
        model = row.picker.popup.model
        return [model.index(place).data() for place in range(model.rowCount())]

    assert listed() == ["No other class", "tench", "goldfish", "tabby", "tiger cat"]
    scores = tuple(Score(index, facts.labels[index], 0.3, 1.0) for index in (3, 2, 1))
    request = Predict(model=state.selection.model, image=state.selection.image)
    answer = Prediction(scores=scores, seen=np.zeros((4, 4, 3), np.uint8))
    state.found("predict", Finding("done", request, answer))
    assert listed() == ["No other class", "tabby", "goldfish", "tench", "tiger cat"]
    state.select(target=2)
    assert listed()[1:3] == ["tiger cat", "goldfish"], "the target itself is no rival"
    row.picker.popup.search.setText("t")
    assert listed()[0] == "tench", "what is searched for has its own order"


def test_a_class_to_set_against_is_offered_only_where_the_map_looks_at_one(qtbot, state):
    one = Method(
        "heatmap", "probe", "Probe", "", "", "", Params, lambda facts: "", True, print,
        class_free=True,
    )  # fmt: skip
    state.share(methods=(dataclasses.replace(one, name="other", class_free=False), one))
    state.select(stage="heatmaps", heatmap_method="other")
    panel = ParameterPanel(state)
    qtbot.addWidget(panel)
    row = panel.findChild(ContrastRow)
    assert not row.isHidden()
    state.choose_method("heatmap", "probe")
    assert row.isHidden()
    state.show(heatmap_view="grid")
    assert not row.isHidden(), "other methods of the grid look at it"


@pytest.mark.parametrize("unit", ["255ths", "one"])
def test_a_value_of_the_method_before_is_not_taken(qtbot, state, unit):
    """The hand is faster than the form, which follows the method in a later turn."""
    own = Method("attack", "pgd", "PGD", "", "", "", BallParams, lambda facts: "", False, print)
    state.share(methods=(own,))
    state.show(epsilon_unit=unit)
    state.select(stage="attack", attack_method="pgd", attack_parameters=BallParams())
    panel = ParameterPanel(state)
    qtbot.addWidget(panel)
    panel._on_edited({"overshoot": 0.02})
    assert state.selection.attack_parameters == BallParams()
    panel._on_edited({"epsilon": 3.0})
    assert state.selection.attack_parameters == BallParams(epsilon=3.0)


def test_how_an_attack_knows_defences_is_chosen_where_they_are_seen(qtbot, state):
    panel = ParameterPanel(state)
    qtbot.addWidget(panel)
    assert panel.knowing.isHidden()
    state.select(stage="attack")
    assert panel.knowing.isHidden()
    state.show(attack_view="defences")
    assert not panel.knowing.isHidden()
    panel.knowing.form.edited.emit({"draws": 20})
    assert state.selection.knowing_parameters.draws == 20


@pytest.mark.parametrize(
    ("view", "text"), [("race", "Save the table"), ("picture", "Save the picture")]
)
def test_the_button_names_what_the_view_gives_away(qtbot, state, view, text):
    panel = ParameterPanel(state)
    qtbot.addWidget(panel)
    panel.show()
    state.select(stage="attack", attack_method="pgd", attack_parameters=BallParams())
    state.found("race", Finding(asked=OpenModel(model=state.selection.model)))
    state.show(attack_view=view)
    assert panel._save.text() == text and not panel._save.isEnabled()


def test_a_race_is_given_away_wherever_its_table_is_the_stopped_one_too(qtbot):
    state = racing()
    panel, tools = ParameterPanel(state), RaceTools(state)
    for widget in (panel, tools):
        qtbot.addWidget(widget)
    give(state, runner("pgd"), waiting("fgsm"), status="partial")
    state.found(LANE, state.finding(LANE).stopped())
    tools.draw()
    assert panel._save.isEnabled() and tools.save.isEnabled()
    state.select(race_parameters=RaceParams(gradients=7))
    tools.draw()
    assert not panel._save.isEnabled() and not tools.save.isEnabled()
