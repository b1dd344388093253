"""Networks that are not to be believed are marked wherever their results are shown."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.grid_requests import HeatmapGrid
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.request import Heatmap, ImageRef, InspectLayer, ModelRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.panels.controls import ProbabilityBar
from cnnviz_gui.panels.heatmaps.page import HeatmapPage
from cnnviz_gui.panels.prediction_panel import PredictionPanel
from cnnviz_gui.panels.stage import Stage
from cnnviz_gui.panels.top_bar import NetworkButton
from cnnviz_gui.state import comparison_view, trust
from cnnviz_gui.state.finding import Finding

SEEN = np.zeros((4, 4, 3), np.uint8)
SCORES = (Score(0, "cat", 0.9, 2.0), Score(1, "dog", 0.1, 0.0))


@pytest.fixture
def untrained(network):
    return dataclasses.replace(network, trained=False, weights="untrained, seed 0")


@pytest.fixture
def headless(network):
    return dataclasses.replace(network, headless=True)


@pytest.fixture
def use(state):
    """Let a network be in use that has predicted and explained the picture."""

    def begin(facts):
        model = ModelRef(name=facts.name)
        state.use_network(model, facts)
        picture = ImageRef(path="a.png")
        asked = Predict(model=model, image=picture)
        state.found("predict", Finding().finished(asked, Prediction(scores=SCORES, seen=SEEN)))
        heat = Heatmap(model=model, image=picture, method="grad-cam", parameters=None)
        found = HeatmapResult(
            method="grad-cam",
            layer="stem",
            target=SCORES[0],
            map=np.ones((4, 4), np.float32),
            coarse=None,
            signed=False,
        )
        state.select(heatmap_method="grad-cam")
        state.found("heatmap", Finding().finished(heat, found))

    return begin


def test_a_trained_network_is_not_doubted(network):
    assert trust.mark(network) == ""
    assert trust.warning(network) == ""
    assert trust.mark(None) == ""


def test_each_kind_has_its_word_and_sentence(untrained, headless):
    assert trust.mark(untrained) == "untrained"
    assert "random weights" in trust.warning(untrained)
    assert not trust.nameless(untrained)
    assert trust.mark(headless) == "no classifier"
    assert "features work, predictions mean nothing" in trust.warning(headless)
    assert trust.nameless(headless)


@pytest.mark.parametrize("kind", ["untrained", "headless"])
def test_the_mark_stands_over_every_page(qtbot, state, use, request, kind):
    stage = Stage(state)
    qtbot.addWidget(stage)
    stage.show()
    assert not stage.doubt.isVisible()
    facts = request.getfixturevalue(kind)
    use(facts)
    for page in ("heatmaps", "layers", "attack", "similar"):
        state.select(stage=page)
        assert stage.doubt.isVisible()
        assert stage.doubt.text() == trust.mark(facts)
        assert stage.doubt.toolTip() == trust.warning(facts)


@pytest.mark.parametrize("kind", ["untrained", "headless"])
def test_the_button_of_the_network_bears_it(qtbot, state, use, request, kind):
    button = NetworkButton(state)
    qtbot.addWidget(button)
    facts = request.getfixturevalue(kind)
    use(facts)
    assert trust.mark(facts) in button.accessibleName()


def test_predictions_of_an_untrained_network_are_shown_with_a_warning(qtbot, state, use, untrained):
    panel = PredictionPanel(state)
    qtbot.addWidget(panel)
    panel.show()
    use(untrained)
    assert panel._untrained.isVisible()
    assert any(bar.isVisible() for bar in panel.findChildren(ProbabilityBar))


def test_predictions_without_a_classifier_are_not_shown_at_all(
    qtbot, state, use, headless, network
):
    panel = PredictionPanel(state)
    qtbot.addWidget(panel)
    panel.show()
    use(headless)
    assert panel._untrained.text() == trust.warning(headless)
    assert not any(bar.isVisible() for bar in panel.findChildren(ProbabilityBar))
    assert not panel._picker.isEnabled()
    assert not panel._empty.isVisible()
    use(network)
    assert not panel._untrained.isVisible()
    assert any(bar.isVisible() for bar in panel.findChildren(ProbabilityBar))
    assert panel._picker.isEnabled()


def test_the_title_of_a_heat_map_bears_the_mark_and_no_class_without_a_classifier(
    qtbot, state, use, untrained, headless, network
):
    page = HeatmapPage(state)
    qtbot.addWidget(page)
    use(untrained)
    assert page._views.box._map.pane.accessibleName() == "grad-cam, untrained, cat"
    use(headless)
    assert page._views.box._map.pane.accessibleName() == "grad-cam, no classifier"
    assert page._target.text() == "–"
    use(network)
    assert page._views.box._map.pane.accessibleName() == "grad-cam, cat"


def test_two_networks_are_told_apart_with_their_marks(untrained, headless):
    assert comparison_view.name(untrained) == "net, untrained"
    assert comparison_view.name(headless) == "net, no classifier"


def test_a_saved_picture_bears_the_mark_in_its_name(untrained, headless):
    from cnnviz_gui.app import saving

    heat = Heatmap(
        model=ModelRef(name="net"), image=ImageRef(path="a"), method="m", parameters=None
    )
    maps = InspectLayer(model=ModelRef(name="net"), image=ImageRef(path="a"), layer="stem")
    grid = HeatmapGrid(model=ModelRef(name="net"), image=ImageRef(path="a"), methods=())
    for facts, request, mark in (
        (untrained, heat, "untrained"),
        (untrained, maps, "untrained"),
        (headless, heat, "no classifier"),
        (headless, grid, "no classifier"),
        (headless, maps, ""),
    ):
        assert saving._doubt(request, facts) == mark
