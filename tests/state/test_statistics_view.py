"""What is told of statistics: of which layers, over which pictures, and how far they are."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.layer_requests import ActivationStatistics
from cnnviz_gui.core.layer_results import LayerActivity, NetworkActivity
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state import statistics_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding

CONV = LayerFacts(
    "a.conv", "Conv2d", 1, "a", (8, 4, 4), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
    (3, 3), (1, 1), (1, 1), 1, True, "conv",
)  # fmt: skip
ROWS = (
    dataclasses.replace(CONV, name="a", type="Sequential", depth=0, parent="", leaf=False),
    CONV,
    dataclasses.replace(CONV, name="a.act", type="ReLU", role="activation"),
    dataclasses.replace(CONV, name="a.add", type="add", role="add", operation=True),
    dataclasses.replace(CONV, name="b", depth=0, parent=""),
)
FACTS = ModelFacts(
    "net", "Net", "Nets", True, "here", 224, 256, "bilinear", (0.5,) * 3, (0.2,) * 3,
    ("cat", "dog"), 10, 10, ROWS, "b", True,
)  # fmt: skip
MODEL = ModelRef(name="net")
ASKED = ActivationStatistics(model=MODEL, images=(ImageRef(path="a.png"),))


def activity(name, **changes):
    made = LayerActivity(
        layer=name, counts=np.float32([0.25, 0.5, 0.25]), low=-1.5, high=1.5, least=-1.4,
        most=1.2, mean=0.1, std=0.5, zeros=0.2, dead=(1, 3), channels=8,
        channel_means=np.zeros(8, np.float32),
    )  # fmt: skip
    return dataclasses.replace(made, **changes)


def result(**changes):
    layers = tuple(activity(row.name) for row in ROWS)
    return dataclasses.replace(NetworkActivity(layers=layers, looked_at=3, total=3), **changes)


@pytest.fixture
def state():
    state = AppState()
    state.use_network(MODEL, FACTS)
    state.select(stage="layers")
    return state


def test_statistics_of_another_network_are_not_shown(state):
    state.found("statistics", Finding().finished(ASKED, result()))
    assert statistics_view.shown_activity(state).complete
    assert statistics_view.layer_activity(state).layer == "b"
    state.select(layer="a.act")
    assert statistics_view.layer_activity(state).layer == "a.act"
    state.use_network(ModelRef(name="other"), FACTS)
    assert statistics_view.shown_activity(state) is None
    assert statistics_view.layer_activity(state) is None


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("", ["a.conv", "a.act", "a.add", "b"]),
        ("/", ["a", "b"]),
        ("Conv2d", ["a.conv", "b"]),
    ],
)
def test_a_plot_shows_the_layers_of_its_kind_in_order(kind, names):
    shown = statistics_view.plotted(result(), FACTS, kind)
    assert [layer.layer for layer in shown] == names


def test_kinds_are_offered_where_there_are_several_layers_of_one():
    assert statistics_view.kinds(FACTS) == (
        ("", "Every layer"), ("/", "Blocks (2)"), ("Conv2d", "Conv2d (2)"),
    )  # fmt: skip


def test_what_is_counted_is_told(state):
    state.found("statistics", Finding().finished(ASKED, result()))
    assert statistics_view.said(statistics_view.shown_activity(state)) == "3 pictures"
    partial = result(looked_at=28, total=33, skipped=(("x.png", "no"),))
    state.found("statistics", state.finding("statistics").partial(ASKED, partial))
    shown = statistics_view.shown_activity(state)
    assert statistics_view.said(shown) == "28 of 33 pictures, 1 unreadable"
    assert statistics_view.source(state) == "Pictures at hand"
    state.select(layer_folder="/home/cats")
    assert statistics_view.source(state) == "cats"


def test_the_histogram_leaves_out_what_is_exactly_zero():
    assert statistics_view.without_zeros(activity("x")) == pytest.approx([0.25, 0.3, 0.25])
    positive = activity("x", low=0.0, high=3.0, zeros=0.25)
    assert statistics_view.without_zeros(positive) == pytest.approx([0.0, 0.5, 0.25])
    away = activity("x", low=1.0, high=3.0, zeros=0.0)
    assert statistics_view.without_zeros(away) == pytest.approx([0.25, 0.5, 0.25])
