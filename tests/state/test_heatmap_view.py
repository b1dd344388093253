import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Heatmap, ImageRef, ModelRef
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.heatmap_view import (
    lock,
    natural_range,
    of_class,
    share_of_maximum,
    shown_map,
    took,
)


@pytest.fixture
def state():
    made = AppState()
    made.select(model=ModelRef(name="net"), image=ImageRef(path="a.png"))
    return made


def found(state, peak, method="grad-cam", *, signed=False, **more):
    values = np.linspace(0.0, peak, 9, dtype=np.float32).reshape(3, 3)
    result = HeatmapResult(
        method=method,
        layer="stem",
        target=Score(0, "cat", 0.5, 1.0),
        map=values,
        coarse=np.ones((2, 2), np.float32),
        signed=signed,
        **more,
    )
    request = Heatmap(
        model=state.selection.model, image=state.selection.image, method=method,
        parameters=Params(),
    )  # fmt: skip
    state.found("heatmap", Finding().finished(request, result))
    return result


def test_a_locked_range_holds_for_the_maps_of_its_method(state):
    state.show(locked_range=lock(found(state, 2.0)))
    found(state, 8.0)
    shown = shown_map(state)
    assert (shown.low, shown.high) == (0.0, 2.0)


@pytest.mark.parametrize("other", [{"method": "occlusion"}, {"signed": True}])
def test_a_locked_range_leaves_maps_in_other_units_alone(state, other):
    state.show(locked_range=lock(found(state, 2.0)))
    result = found(state, 0.01, **other)
    shown = shown_map(state)
    assert (shown.low, shown.high) == natural_range(result)


def test_the_share_is_that_of_the_maps_own_maximum(state):
    state.show(locked_range=lock(found(state, 2.0)))
    assert share_of_maximum(found(state, 8.0), 4.0) == pytest.approx(0.5)


def test_the_class_a_map_explains_is_named_with_the_one_it_is_set_against():
    cat, dog = Score(0, "cat", 0.5, 1.0), Score(1, "dog", 0.4, 0.9)
    result = HeatmapResult(
        method="m", layer="", target=cat, map=np.zeros((2, 2), np.float32), coarse=None,
        signed=False,
    )  # fmt: skip
    assert of_class(result) == "cat"
    assert of_class(dataclasses.replace(result, against=dog)) == "cat rather than dog"


def test_how_long_a_map_took_is_said_once_it_is_done(state):
    result = found(state, 2.0, seconds=3.2, samples=2000, expected=2000)
    assert took(state) == "3.2 s"
    on_the_way, all_of_them = dataclasses.replace(result, seconds=0.0), fmt.count(2000)
    done = state.finding("heatmap")
    state.found("heatmap", done.partial(done.request, on_the_way))
    assert took(state) == f"{all_of_them} of {all_of_them}", (
        "no seconds that nobody has counted yet"
    )
    one_pass = dataclasses.replace(on_the_way, samples=0, expected=0)
    state.found("heatmap", done.partial(done.request, one_pass))
    assert took(state) == ""


def test_a_map_that_was_stopped_says_where(state):
    some = found(state, 2.0, samples=24, expected=2000)
    done = state.finding("heatmap")
    part = done.partial(done.request, some)
    state.found("heatmap", part)
    assert took(state) == f"24 of {fmt.count(2000)}"
    state.found("heatmap", part.stopped())
    assert took(state) == f"stopped at 24 of {fmt.count(2000)}"
    other = dataclasses.replace(done.request, method="rise")
    state.found("heatmap", done.waiting(other).stopped())  # an older map is on screen
    assert took(state) == "stopped"
    state.found("heatmap", Finding().waiting(other).stopped())
    assert took(state) == "stopped"
