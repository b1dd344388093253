"""Two networks side by side in the panels."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt

from cnnviz_gui.core.facts import CatalogueEntry, Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Heatmap, ModelRef, Predict
from cnnviz_gui.core.result import AttackResult, Norms, Prediction, Transfer
from cnnviz_gui.panels.attack.page import AttackPage
from cnnviz_gui.panels.attack.transfer_card import TransferCard
from cnnviz_gui.panels.heatmaps.page import HeatmapPage
from cnnviz_gui.panels.prediction_panel import PredictionPanel
from cnnviz_gui.panels.second_chip import SecondChip
from cnnviz_gui.panels.second_prediction import Agreement, SecondPrediction
from cnnviz_gui.state import prediction_view
from cnnviz_gui.state.finding import Finding, Problem

NET, OTHER = ModelRef(name="net"), ModelRef(name="other")
CLEAN = (Score(0, "cat", 0.7, 1.0), Score(1, "dog", 0.3, 0.0))
FLIPPED = (Score(1, "dog", 0.6, 1.0), Score(0, "cat", 0.4, 0.0))
NARROW = 256


class NoParams(Params):
    pass


@pytest.fixture
def other(network):
    return dataclasses.replace(network, name="other", title="Other", input_size=6)


@pytest.fixture
def two(state, network, other):
    """Two networks, both asked about the picture, which they see at different sizes."""
    state.use_second(OTHER, other)
    state.select(
        attack_method="fgsm", attack_parameters=NoParams(), heatmap_method="grad-cam",
        heatmap_parameters=NoParams(),
    )  # fmt: skip
    predicted(state, "predict", NET, CLEAN, network.input_size)
    predicted(state, "predict-second", OTHER, FLIPPED, other.input_size)
    return state


def predicted(state, lane, model, scores, side):
    seen = np.zeros((side, side, 3), np.uint8)
    request = Predict(model=model, image=state.selection.image)
    state.found(lane, Finding().finished(request, Prediction(scores=scores, seen=seen)))


def mapped(state, lane, model, side, *, high=1.0, reason=""):
    request = Heatmap(
        model=model, image=state.selection.image, method="grad-cam", parameters=NoParams()
    )
    values = np.linspace(0, high, side * side, dtype=np.float32).reshape(side, side)
    result = HeatmapResult(
        method="grad-cam", layer="stem", target=CLEAN[0], map=values, coarse=values, signed=False,
        reason=reason,
    )  # fmt: skip
    state.found(lane, Finding().finished(request, result))


def attacked(state, *, success, scores=FLIPPED, target=None, resized=""):
    state.select(stage="attack", attack_started=True)
    attack = prediction_view.wanted_attack(state)
    image = np.zeros((3, 4, 4), np.float32)
    result = AttackResult(
        method="fgsm", epsilon=4.0, norm="linf", target=target, clean=CLEAN, adversarial=FLIPPED,
        clean_image=image, adversarial_image=image, success=True, norms=Norms(0.0, 0.0, 0.0),
        forwards=1, backwards=1,
    )  # fmt: skip
    state.found("attack", Finding().finished(attack, result))
    transfer = Transfer(
        scores=scores, clean=CLEAN, success=success, target=None, resized=resized,
        seen=np.zeros((6, 6, 3), np.uint8),
    )  # fmt: skip
    request = Predict(model=OTHER, image=state.selection.image, attack=attack)
    state.found("attack-transfer", Finding().finished(request, transfer))


def shown(widget_type, state, qtbot):
    widget = widget_type(state)
    qtbot.addWidget(widget)
    widget.resize(900, 700)
    widget.show()
    return widget


@pytest.fixture
def panel(two, qtbot):
    made = shown(PredictionPanel, two, qtbot)
    qtbot.addWidget(made.header)
    return made


def bars(group):
    return [bar for bar in group._bars.bars if bar.isVisible()]


def test_each_network_has_its_name_and_its_classes(panel):
    second = panel.findChild(SecondPrediction)
    assert panel._heading._name.text() == "net"
    assert second._heading._name.text() == "Other"
    assert [bar.index for bar in bars(panel)] == [0, 1]
    assert [bar.index for bar in bars(second)] == [1, 0]
    assert panel.findChild(Agreement)._text.text() == "They differ: cat, dog."


def test_without_a_second_network_nothing_tells_of_it(panel, two):
    two.use_second(None, None)
    assert not panel.findChild(SecondPrediction).isVisible()
    assert not panel.findChild(Agreement).isVisible()
    assert not panel._heading.isVisible()


def test_the_panel_is_readable_in_a_narrow_dock(panel):
    assert panel.minimumSizeHint().width() <= NARROW
    panel.resize(NARROW, 600)
    assert all(bar.width() > 150 for bar in bars(panel) + bars(panel.findChild(SecondPrediction)))


def test_a_click_on_a_class_of_the_second_makes_it_the_target(panel, two, qtbot):
    qtbot.mouseClick(bars(panel.findChild(SecondPrediction))[0], Qt.MouseButton.LeftButton)
    assert two.selection.target == 1


def test_classes_of_another_kind_are_only_to_be_read(panel, two, other, qtbot):
    two.use_second(OTHER, dataclasses.replace(other, labels=("0", "1", "2")))
    qtbot.mouseClick(bars(panel.findChild(SecondPrediction))[0], Qt.MouseButton.LeftButton)
    assert two.selection.target is None


def test_an_untrained_second_network_is_marked_so(panel, two, other):
    two.use_second(OTHER, dataclasses.replace(other, trained=False))
    heading = panel.findChild(SecondPrediction)._heading
    assert heading._name.text() == "Other, untrained"
    assert "means nothing" in heading._name.toolTip()


def test_why_the_second_network_cannot_say_anything_is_said(panel, two):
    two.found("predict-second", Finding().failed(Problem("It answers with NaN.", "Take another.")))
    second = panel.findChild(SecondPrediction)
    assert second._problem.isVisible()
    assert second._problem.text() == "It answers with NaN. Take another."


@pytest.fixture
def maps(two, qtbot):
    mapped(two, "heatmap", NET, 4)
    mapped(two, "heatmap-second", OTHER, 6, high=0.25)
    return shown(HeatmapPage, two, qtbot)


@pytest.mark.parametrize(("layout", "photo"), [("overlay", False), ("side-by-side", True)])
def test_both_maps_stand_side_by_side_in_either_layout(maps, two, layout, photo):
    two.show(heatmap_layout=layout)
    assert [pane.isVisible() for pane in maps._views.box._panes] == [photo, True, True]
    first, second = maps._views.box._map.pane, maps._views.box._second.pane
    assert first.geometry().top() == second.geometry().top()
    assert first.size() == second.size()
    assert second.image().shape[:2] == (6, 6)


def test_each_map_says_network_class_layer_and_scale(maps):
    titles = [
        (view.pane._title, view.pane._details)
        for view in (maps._views.box._map, maps._views.box._second)
    ]
    assert titles == [("net", "cat · stem · to 1.00"), ("Other", "cat · stem · to 0.250")]
    assert maps._views.box._bar._ends == ("0", "own max")


def test_a_map_of_another_class_is_said_to_be_of_its_winner(maps, two, other):
    two.use_second(OTHER, dataclasses.replace(other, labels=("0", "1")))
    assert maps._views.box._second.pane._details.startswith("its winner, cat")


def test_zoom_and_cursor_are_shared_by_all_panes(maps, two):
    maps._views.box._map.pane.surface.zoom_by(2.0)
    maps._views.box._map.pane.zoomed.emit(maps._views.box._map.pane.surface.zoom)
    zooms = [pane.surface.zoom for pane in maps._views.box._panes]
    assert zooms[0] == zooms[1] == zooms[2]
    assert not zooms[0].at_fit


def test_a_map_that_cannot_be_made_leaves_the_other(maps, two):
    problem = Problem("Other has no layer whose output is a stack of maps.")
    two.found("heatmap-second", Finding().failed(problem))
    assert maps._views.box._map.pane.image() is not None
    assert maps._views.box._second.pane.state() == "failed"
    assert maps._views.box._second.pane._message.sentence.text() == problem.message


def test_why_the_second_map_is_blank_is_said_with_its_name(maps, two):
    mapped(two, "heatmap-second", OTHER, 6, high=0.0, reason="This map is zero everywhere.")
    assert maps._reason.isVisible()
    assert maps._reason.accessibleName() == "Other: This map is zero everywhere."


def test_the_end_of_the_comparison_brings_the_page_back(maps, two):
    two.use_second(None, None)
    assert not maps._views.box._second.pane.isVisible()
    assert maps._views.box._map.pane._title == "grad-cam, cat"
    assert maps._views.box._map.pane._details is None
    assert maps._views.box._bar._ends is None


def test_pictures_and_colour_bar_stay_level_when_the_titles_change(maps, two, other, qtbot):
    def level():
        panes = [pane for pane in maps._views.box._panes if pane.isVisible()]
        return {pane.y() + pane.surface.y() for pane in panes} == {maps._views.box._bar.y()}

    for layout in ("overlay", "side-by-side"):
        two.show(heatmap_layout=layout)
        for model, facts in ((None, None), (OTHER, other)):
            two.use_second(model, facts)
            qtbot.waitUntil(level)


@pytest.fixture
def card(two, qtbot):
    page = shown(AttackPage, two, qtbot)  # held by nobody else
    yield page.findChild(TransferCard)
    del page


def lines(card):
    return [[label.text() for label in (line._verdict, *line._changes)] for line in card._lines]


def test_before_an_attack_nothing_is_claimed(card, two):
    two.select(stage="attack")
    assert card.isVisible()
    assert [line[0] for line in lines(card)] == [
        "Fools net: attack it to see", "Fools Other: attack it to see",
    ]  # fmt: skip


@pytest.fixture
def alike(two, network, other):
    """Two networks whose names begin alike."""
    two.share(facts=dataclasses.replace(network, title="EfficientNet-Lite0"))
    two.use_second(OTHER, dataclasses.replace(other, title="EfficientNet-Lite1", trained=False))
    two.select(stage="attack")
    return two


@pytest.mark.parametrize("width", [640, 300, 230])
def test_names_that_begin_alike_are_told_apart_at_every_width(alike, qtbot, width):
    page = shown(AttackPage, alike, qtbot)
    card = page.findChild(TransferCard)
    card.resize(width, 90)
    card.layout().activate()
    said = [line._verdict.shown_text() for line in card._lines]
    assert "Lite0" in said[0] and "Lite1, untrained" in said[1]
    assert width < 640 or said[1] == "Fools EfficientNet-Lite1, untrained: attack it to see"
    attacked(alike, success=False)
    card.layout().activate()
    said = [line._verdict.shown_text() for line in card._lines]
    assert width < 300 or ("Lite0" in said[0] and "Lite1" in said[1])
    assert said[0].endswith("yes") and said[1].endswith("no")


def test_nothing_is_made_before_an_attack(alike, qtbot):
    page = shown(AttackPage, alike, qtbot)
    assert page.findChild(TransferCard).caption.text() == " "


def test_a_narrow_chip_names_what_tells_the_networks_apart(alike, qtbot):
    name = shown(SecondChip, alike, qtbot)._name
    assert name.shown_text(400) == "EfficientNet-Lite1, untrained"
    assert name.shown_text(110) == "…Lite1, untrained"


def test_both_networks_are_told_of_before_and_after(card, two):
    attacked(two, success=False, scores=CLEAN, resized="resized from 4 × 4 to 6 × 6")
    assert lines(card) == [
        ["Fools net: yes", "cat 70.0 % → 40.0 %", "dog 30.0 % → 60.0 %"],
        ["Fools Other: no", "cat 70.0 % → 70.0 %", ""],
    ]
    assert card.caption.text() == "made on net, resized from 4 × 4 to 6 × 6"


def test_a_goal_the_second_does_not_know_is_said(card, two):
    attacked(two, success=True, target=FLIPPED[0])
    assert [line[0] for line in lines(card)] == ["Fools net into dog: yes", "Fools Other: yes"]
    assert card.caption.text().endswith("Other has no class dog")


def test_what_was_said_of_another_attack_is_dimmed(card, two):
    attacked(two, success=True)
    assert card._lines[1]._verdict.property("tone") == "text1"
    two.select(target=1)
    assert card._lines[1]._verdict.property("tone") == "text3"


def test_the_card_is_there_only_for_two(card, two):
    attacked(two, success=True)
    two.use_second(None, None)
    assert not card.isVisible()


def test_the_chip_names_the_second_network_and_ends_the_comparison(two, other, qtbot):
    chip = shown(SecondChip, two, qtbot)
    assert chip._name._text == "Other"
    two.use_second(OTHER, dataclasses.replace(other, trained=False))
    assert chip._name.accessibleName() == "Compared with Other, untrained"
    entry = CatalogueEntry("deep", "Deep", "Nets", 1, "here", 4, None, None, None)
    two.share(catalogue=(entry,), pending_second=ModelRef(name="deep"))
    assert chip._name._text == "Deep, opening"
    with qtbot.waitSignal(chip.stop_wanted):
        qtbot.mouseClick(chip._cross, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(chip.another_wanted):
        qtbot.mouseClick(chip._name, Qt.MouseButton.LeftButton)
    two.share(pending_second=None)
    two.use_second(None, None)
    assert not chip.isVisible()
