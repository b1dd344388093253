"""Grad-CAM step by step, as it is shown."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.core.step_results import GradCamStepsResult
from cnnviz_gui.panels.controls import Button
from cnnviz_gui.panels.heatmaps.steps_box import StepsBox
from cnnviz_gui.state.finding import Finding, Problem
from cnnviz_gui.state.steps_view import LANE, STEPS, shown_steps, steps_requests

CAT = Score(0, "cat", 0.5, 1.0)
GRAD_CAM = Method(
    "heatmap", "grad-cam", "Grad-CAM", "", "", "", Params, lambda facts: "", True, print
)


def result(weights=(0.5, -0.25, 0.1)):
    maps = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    weighted = np.array([[1.0, -0.5], [0.25, 0.0]], np.float32)
    heatmap = HeatmapResult(
        method="grad-cam", layer="stem", target=CAT, map=np.ones((4, 4), np.float32),
        coarse=np.maximum(weighted, 0), signed=False,
    )  # fmt: skip
    return GradCamStepsResult(
        channels=(2, 1), maps=maps, gradients=maps - 4, weights=np.array(weights, np.float32),
        shares=np.array([0.3, -0.1], np.float32), weighted=weighted, heatmap=heatmap,
    )  # fmt: skip


@pytest.fixture
def asked(state):
    image = state.selection.image
    state.share(methods=(GRAD_CAM,))
    state.select(stage="heatmaps", heatmap_method="grad-cam")
    state.show(heatmap_view="steps")
    seen = np.full((4, 4, 3), 90, np.uint8)
    request = Predict(model=state.selection.model, image=image)
    state.found("predict", Finding("done", request, Prediction(scores=(CAT,), seen=seen)))
    return steps_requests(state)[LANE]


@pytest.fixture
def box(asked, state, qtbot):
    state.found(LANE, Finding(asked=asked).finished(asked, result()))
    made = StepsBox(state)
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    return made


def test_nothing_is_asked_while_another_view_is_in_sight(asked, state):
    assert asked.heatmap.method == "grad-cam" and asked.heatmap.image == state.selection.image
    state.show(heatmap_view="map")
    assert steps_requests(state) == {}


def test_the_class_it_is_set_against_goes_into_the_steps(asked, state):
    state.select(against=1)
    assert steps_requests(state)[LANE].heatmap.against == 1
    state.select(against=0)  # the winner itself
    assert steps_requests(state)[LANE].heatmap.against is None


def test_every_step_says_what_happens_in_it(box, state):
    said = set()
    for step, _ in STEPS:
        state.show(heatmap_step=step)
        assert box.steps.value() == step
        said.add((box._told.text(), box._formula.text()))
    assert len(said) == len(STEPS) and all(sentence.endswith(".") for sentence, _ in said)
    assert any("2 of 3 channels speak for it" in sentence for sentence, _ in said)
    assert any("first the one that changes it most" in sentence for sentence, _ in said)


def test_maps_and_gradients_are_of_the_channels_that_weigh_most(box, state):
    panes = box._tiles.panes()
    assert [pane.accessibleName() for pane in panes] == ["Channel 2", "Channel 1"]
    before = [pane.image().copy() for pane in panes]
    state.show(heatmap_step="gradients")
    assert not np.array_equal(before[0], box._tiles.panes()[0].image())
    panes[1].clicked.emit((0, 0))
    assert state.selection.channel == 1


def test_a_click_on_a_weight_chooses_its_channel(box, state, qtbot):
    state.show(heatmap_step="weights")
    assert box.bars.accessibleDescription() == "channel 2 0.100, channel 1 −0.250"
    qtbot.mouseClick(box.bars, Qt.MouseButton.LeftButton, pos=QPoint(60, 40))
    assert state.selection.channel == 2


def test_the_sum_has_two_signs_and_the_picture_the_map(box, state):
    state.show(heatmap_step="sum")
    signed, positive = (feed.pane.image() for feed in (box._sum, box._positive))
    assert not np.array_equal(signed[0, 1], positive[0, 1])
    assert np.array_equal(signed[0, 0], positive[0, 0])
    state.show(heatmap_step="picture")
    assert box._map.pane.accessibleName() == "Grad-CAM, cat"
    assert box.export().array.shape == (4, 4)
    state.show(heatmap_step="gradients")
    assert box.export().array.shape == (2, 2, 2)


def test_another_picture_takes_the_steps_away_and_a_failure_says_why(box, state, asked):
    problem = Problem("There is no layer.", "Choose another.")
    state.found(LANE, Finding(asked=asked).failed(problem))
    assert box._failure.isVisible() and box._told.text() == ""
    box.layout().activate()
    card, head = box._failure.geometry(), box.steps.geometry()
    assert card.top() - head.bottom() < 24, "right below the choice of the step"
    assert card.height() <= box._failure.minimumSizeHint().height() + 8
    box._failure.remedied.emit()
    assert state.display.heatmap_view == "steps", "it is tried again"
    state.found(LANE, Finding(asked=asked).finished(asked, result()))
    assert box._stack.currentWidget() is box._tiles and not box._failure.isVisible()
    state.select(image=dataclasses.replace(state.selection.image, path="other.png"))
    assert shown_steps(state) is None and box._told.text() == ""


def test_the_method_that_a_failure_offers_is_shown_where_it_can_be(box, state, asked):
    saliency = dataclasses.replace(GRAD_CAM, name="saliency", title="Saliency")
    state.share(methods=(GRAD_CAM, saliency))
    state.found(LANE, Finding(asked=asked).failed(Problem("No.", "Use it.", offer="saliency")))
    box._failure.remedied.emit()
    assert state.selection.heatmap_method == "saliency"
    assert state.display.heatmap_view == "map", "it has no steps"


def test_another_method_is_not_taken_for_the_one_whose_steps_these_are(box, state, qtbot):
    assert not box.elsewhere.isVisible()
    saliency = dataclasses.replace(GRAD_CAM, name="saliency", title="Saliency")
    state.share(methods=(GRAD_CAM, saliency))
    state.choose_method("heatmap", "saliency")
    assert box.elsewhere.isVisible() and "Saliency" in box.elsewhere.accessibleName()
    button = box.elsewhere.findChild(Button)
    assert button.text() == "Use Grad-CAM"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert state.selection.heatmap_method == "grad-cam" and not box.elsewhere.isVisible()


@pytest.mark.parametrize(
    ("step", "means"),
    [
        ("maps", "activation · one scale for all"),
        ("gradients", "below 0 lowers the score, above 0 raises it · one scale for all"),
        ("sum", "below 0 against the class, above 0 for it"),
        ("picture", "how much speaks for the class"),
    ],
)
def test_the_key_says_what_the_colours_of_a_step_mean(box, state, step, means):
    state.show(heatmap_step=step)
    assert box._bar.isVisible()
    assert box._bar.accessibleName().endswith(f", {means}")
