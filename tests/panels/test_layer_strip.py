"""The row of heat maps: a click, a drag and the arrows choose the layer."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Score
from cnnviz_gui.core.heatmap_results import HeatmapLayersResult, LayerMap
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Heatmap, HeatmapLayers, ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.panels.heatmaps.layer_strip import LayerStrip
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding

NAMES = ("stem", "middle", "head")
MODEL, IMAGE = ModelRef(name="net"), ImageRef(path="cat.png", sha256="1")


def layer(name, side):
    return LayerFacts(
        name, "Conv2d", 0, "", (8, side, side), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip


FACTS = ModelFacts(
    "net", "Net", "Nets", True, "here", 32, 32, "bilinear", (0.5,) * 3, (0.2,) * 3,
    ("cat", "dog"), 10, 10, tuple(layer(n, 8) for n in NAMES), "head", True,
)  # fmt: skip


@pytest.fixture
def state():
    made = AppState()
    made.use_network(MODEL, FACTS)
    made.select(image=IMAGE, stage="heatmaps")
    seen = np.full((32, 32, 3), 90, np.uint8)
    prediction = Prediction(scores=(Score(0, "cat", 0.9, 1.0),), seen=seen)
    made.found("predict", Finding("done", Predict(model=MODEL, image=IMAGE), prediction))
    return made


@pytest.fixture
def strip(qtbot, state):
    made = LayerStrip(state)
    qtbot.addWidget(made)
    made.resize(600, 120)
    with qtbot.waitExposed(made):
        made.show()
    return made


def find(state, *names, status="partial", against=None):
    heatmap = Heatmap(
        model=MODEL, image=IMAGE, method="grad-cam", parameters=Params(), target=0, against=against
    )
    request = HeatmapLayers(heatmap=heatmap, layers=NAMES)
    maps = tuple(LayerMap(name, np.eye(8, dtype=np.float32), False) for name in names)
    result = HeatmapLayersResult(maps=maps, expected=3)
    state.found("heatmap-layers", Finding(status, request, result, asked=request))


def centre(strip, place):
    return strip._rect(place).center()


def test_a_click_chooses_the_layer(qtbot, state, strip):
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=centre(strip, 1))
    assert state.selection.layer == "middle"


def test_dragging_scrubs_through_the_layers(qtbot, state, strip):
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=centre(strip, 2))
    qtbot.mouseMove(strip, centre(strip, 0))
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=centre(strip, 0))
    assert state.selection.layer == "stem"


def test_a_click_beside_the_tiles_chooses_nothing(qtbot, state, strip):
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(5, 2))
    assert state.selection.layer == ""


def test_the_arrows_step_and_stop_at_the_ends(qtbot, state, strip):
    strip.setFocus()
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert state.selection.layer == "middle"
    qtbot.keyClick(strip, Qt.Key.Key_Home)
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert state.selection.layer == "stem"


def test_maps_appear_as_they_come_and_go_with_the_picture(qtbot, state, strip):
    find(state, "head")
    qtbot.waitUntil(lambda: set(strip._tiles) == {"head"})
    find(state, *NAMES)
    qtbot.waitUntil(lambda: set(strip._tiles) == set(NAMES))  # a few in each turn of the loop
    state.select(image=ImageRef(path="dog.png", sha256="2"))
    assert strip._tiles == {}


def test_thumbnails_that_answer_an_older_question_recede(qtbot, state, strip):
    find(state, *NAMES, status="done")
    qtbot.waitUntil(lambda: strip._fresh == set(NAMES))
    first, last = (strip.grab(strip._rect(place)).toImage() for place in (0, 2))
    find(state, "head", against=1)
    qtbot.waitUntil(lambda: strip._dimming.opacity < 1.0)
    assert strip._fresh == {"head"} and strip._title().endswith("1 of 3")
    assert strip.grab(strip._rect(0)).toImage() != first
    assert strip.grab(strip._rect(2)).toImage() == last
    find(state, "middle", "head", status="done", against=1)
    qtbot.waitUntil(lambda: set(strip._tiles) == strip._fresh == {"middle", "head"})
    assert strip._dimming.opacity == 1.0


def test_what_was_stopped_says_so_is_empty_where_nothing_was_found_and_goes_on(qtbot, state, strip):
    find(state, *NAMES, status="done")
    qtbot.waitUntil(lambda: strip._fresh == set(NAMES))
    assert not strip._go_on.isVisible()
    find(state, "head", against=1)
    state.found("heatmap-layers", state.finding("heatmap-layers").stopped())
    qtbot.waitUntil(strip._go_on.isVisible)
    assert set(strip._tiles) == {"head"} and strip._title().endswith("stopped at 1 of 3")
    with qtbot.waitSignal(strip.again) as asked:
        qtbot.mouseClick(strip._go_on, Qt.MouseButton.LeftButton)
    assert asked.args == ["heatmap-layers"] and state.selection.layer == ""
    newer = dataclasses.replace(state.finding("heatmap-layers").request, layers=NAMES[1:])
    state.found("heatmap-layers", state.finding("heatmap-layers").waiting(newer).stopped())
    assert strip._tiles == {} and strip._title().endswith("stopped at 0 of 3")
    find(state, *NAMES, status="done")
    assert not strip._go_on.isVisible()


def test_the_title_names_the_method_that_leads_to_a_layer(strip, state):
    def method(name, title, *, gathers, family="layer"):
        told = (name, title, "", "", "", Params, lambda facts: "", True, print, gathers, family)
        return Method("heatmap", *told)

    grad_cam = method("grad-cam", "Grad-CAM", gathers=False)
    layer_cam = method("layer-cam", "LayerCAM", gathers=False)
    score_cam = method("score-cam", "Score-CAM", gathers=True)
    guided = method("guided-grad-cam", "Guided Grad-CAM", gathers=False, family="gradient")
    state.share(methods=(grad_cam, layer_cam, score_cam, guided))
    led = ((layer_cam, "LayerCAM"), (score_cam, "Grad-CAM"), (guided, "Grad-CAM"))
    for chosen, named in led:
        state.select(heatmap_method=chosen.name)
        assert strip._title().startswith(f"{named} of every layer")


def test_a_layer_without_a_tile_is_marked_at_the_one_it_is_part_of(state, strip):
    assert strip._around() == ""
    inner = dataclasses.replace(layer("middle.conv", 8), parent="middle")
    rows = (layer("stem", 8), layer("middle", 8), inner, layer("head", 8))
    state.use_network(MODEL, dataclasses.replace(FACTS, layers=rows))
    state.select(layer="middle.conv")
    assert strip._names() == NAMES
    assert strip._around() == "middle"
    assert strip._title().startswith("middle.conv is marked at middle")
    state.select(layer="head")
    assert strip._around() == ""
