"""What pictures will cost, told before they are begun."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.feature_requests import Feature, Unit
from cnnviz_gui.core.feature_results import FeaturePictures
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state import feature_cost
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding

NET, OTHER = ModelRef(name="net"), ModelRef(name="other")
FAST = FeatureParams()


def layer(name, shape, macs):
    return LayerFacts(
        name, "Conv2d", 0, "", shape, 10, "", macs, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip


ROWS = (
    layer("stem", (8, 80, 80), 10**6),
    layer("deep", (1280, 40, 40), 10**9),
    layer("head", (3,), 10**6),
)
FACTS = ModelFacts(
    "net", "Net", "Nets", True, "here", 160, 160, "bilinear", (0.5,) * 3, (0.2,) * 3,
    ("cat", "dog", "cup"), 10, 10, ROWS, "deep", True,
)  # fmt: skip


@pytest.fixture
def state():
    made = AppState()
    made.use_network(NET, FACTS)
    made.select(stage="features", image=ImageRef(path="a.png"), layer="deep", channel=3)
    return made


def measured(state, pace, model=NET, **parameters):
    """Let steps of another channel of the same layer have taken ``pace`` seconds each."""
    request = Feature(
        model=model,
        units=(Unit(layer="deep", channel=7),),
        parameters=dataclasses.replace(FAST, **parameters),
    )
    result = FeaturePictures(
        pictures=np.zeros((1, 4, 4, 3), np.float32),
        shown=np.zeros((1, 4, 4, 3), np.uint8),
        opacity=None,
        curve=np.zeros(96, np.float32),
        steps=96,
        of="it",
        film=np.zeros((0, 1, 1, 3), np.uint8),
        pace=pace,
    )
    state.found("feature", Finding().finished(request, result))


def choose(state, **changes):
    state.select(feature_parameters=dataclasses.replace(FAST, **changes))
    return feature_cost.time_needed(state)


def test_what_is_quick_needs_no_word_and_what_is_not_known_is_said_not_to_be(state):
    assert choose(state) == ""
    assert choose(state, size=1024) == "time not known yet"
    assert choose(state, steps=4096) == "time not known yet"
    state.show(feature_view="sheet")
    assert feature_cost.time_needed(state) == "time not known yet"


def test_steps_that_were_made_tell_how_long_others_will_take(state):
    measured(state, 0.5)
    assert choose(state) == "about 50 s"
    assert choose(state, steps=960) == "about 8 min"
    assert choose(state, size=640) == "about 13 min", "sixteen times the area"
    assert choose(state, views=8).startswith("about 6"), "the network has most of the work"
    state.select(feature_aim="differ", feature_pictures=4)
    assert choose(state) == "about 3 min"
    state.select(feature_aim="excite", layer="stem")
    assert choose(state) == "a few seconds", "of the network hardly anything runs"
    measured(state, 0.5, model=OTHER)
    assert choose(state) == "", "another network's steps tell nothing"


def test_the_network_sees_its_own_size_where_it_is_to_name_a_class(state):
    measured(state, 0.5)
    state.select(feature_target="class", target=1)
    deep = feature_cost.about(0.5 * 96 * 1.0)
    assert choose(state) == deep
    large = choose(state, size=640)
    assert large.startswith("about") and large != "about 13 min"


def test_more_steps_are_told_too(state):
    assert feature_cost.time_of_more(state, 192) == ""
    measured(state, 0.5)
    assert feature_cost.time_of_more(state, 192) == "about 2 min"


def test_only_what_is_left_is_counted(state):
    measured(state, 0.5)
    asked = dataclasses.replace(
        state.finding("feature").request, units=(Unit(layer="deep", channel=3),)
    )
    half = dataclasses.replace(state.finding("feature").value, curve=np.zeros(48, np.float32))
    state.found("feature", Finding().waiting(asked).partial(asked, half).stopped())
    assert choose(state) == "about 25 s"


def test_a_picture_that_grows_is_small_at_first(state):
    measured(state, 0.5)
    whole = {"size": 640, "parameterisation": "pixel"}
    assert choose(state, **whole) == "about 13 min"
    assert choose(state, **whole, octaves=4, growth=2.0) == "about 4 min"


def test_a_sheet_takes_as_long_as_all_its_channels(state):
    measured(state, 0.1)
    state.show(feature_view="sheet")
    assert feature_cost.time_needed(state) == "about 37 min"


@pytest.mark.parametrize(
    "seconds, said",
    [
        (3, "a few seconds"),
        (18, "about 20 s"),
        (80, "about 1 min"),
        (5000, "about 1.5 h"),
        (1e6, "about 12 days"),
    ],
)
def test_a_time_that_is_not_known_well_is_told_roundly(seconds, said):
    assert feature_cost.about(seconds) == said


def test_memory_grows_with_area_views_and_pictures_and_is_warned_of(state):
    choose(state)
    small = feature_cost.memory_needed(state)
    choose(state, size=640)
    assert feature_cost.memory_needed(state) == pytest.approx(16 * small, rel=0.01)
    choose(state, size=640, views=4)
    state.select(feature_aim="differ", feature_pictures=4)
    large = feature_cost.memory_needed(state)
    assert 180 * small < large < 256 * small
    assert feature_cost.too_large(large, 2 * large) == ""
    assert feature_cost.too_large(100 << 20, 1) == "", "so much there is always"
    said = feature_cost.too_large(6_100_000_000, 3_200_000_000)
    assert "6.1 GB" in said and "3.2 GB are free" in said and "fewer views" in said
