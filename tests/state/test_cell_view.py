"""What is shown of one cell: order, words and text, for numbers that can be checked by hand."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.layer_requests import ExamineCell
from cnnviz_gui.core.layer_results import CellArithmetic, NormArithmetic
from cnnviz_gui.core.request import ChannelEdit, ImageRef, ModelRef
from cnnviz_gui.state import cell_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding

CONV = LayerFacts(
    "conv", "Conv2d", 0, "", (8, 4, 4), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
    (1, 2), (1, 1), (1, 1), 1, True, "conv",
)  # fmt: skip
POOL = dataclasses.replace(CONV, name="pool", groups=None, role="pool")
FACTS = ModelFacts(
    "net", "Net", "Nets", True, "here", 224, 256, "bilinear", (0.5,) * 3, (0.2,) * 3,
    ("cat", "dog"), 10, 10, (CONV, POOL), "conv", True,
)  # fmt: skip
MODEL, CAT = ModelRef(name="net"), ImageRef(path="cat.png")
REQUEST = ExamineCell(model=MODEL, image=CAT, layer="conv", channel=5, row=2, column=3)
PATCH = np.array([[[1.0, 2.0]], [[3.0, 0.0]], [[-1.0, 4.0]]], np.float32)
KERNEL = np.array([[[0.5, 0.25]], [[-2.0, 9.0]], [[1.0, 0.5]]], np.float32)
NORM = NormArithmetic(mean=-1.0, variance=3.0, eps=1.0, weight=-2.0, bias=0.5, value=0.5)


def arithmetic(**changes):
    given = {
        "layer": "conv", "channel": 5, "row": 2, "column": 3, "source": "act",
        "patch": PATCH, "kernel": KERNEL, "first_channel": 6, "corner": (1, 3),
        "dilation": (1, 2), "sum": -4.0, "bias": None, "norm": None, "activation": "",
        "value": -4.0, "factor": 1.0, "shown": -4.0,
    }  # fmt: skip
    return CellArithmetic(**(given | changes))


@pytest.fixture
def state():
    made = AppState()
    made.use_network(MODEL, FACTS)
    made.select(image=CAT, stage="layers", layer="conv")
    made.select(channel=5, cell=(2, 3))
    return made


def shown(state, **changes):
    state.found("cell", Finding().finished(REQUEST, arithmetic(**changes)))
    return cell_view.shown_cell(state)


def test_the_input_channel_that_matters_most_comes_first(state):
    found = shown(state)
    assert found.parts.tolist() == [1.0, -6.0, 1.0]
    assert found.order.tolist() == [1, 0, 2]
    assert found.parts.sum() == found.result.sum
    assert cell_view.rank(found, 0) == "input 7, 1 of 3 by size"
    assert cell_view.rank(found, 2) == "input 8, 3 of 3 by size"


def test_the_picture_has_colours_for_channels(state):
    found = shown(state, source="", first_channel=0)
    assert cell_view.rank(found, 0) == "input green, 1 of 3 by size"
    assert [found.name(channel) for channel in range(3)] == ["red", "green", "blue"]


def test_products_are_written_out(state):
    found = shown(state)
    assert cell_view.written_out(found, 1) == "3.0 · (−2.0) + 0 · 9.0 = −6.00"
    assert cell_view.written_out(found, 2) == "−1.0 · 1.0 + 4.0 · 0.50 = 1.00"
    assert cell_view.product(found, 0, 0, 1) == "2.00 × 0.250 = 0.500"


def test_the_steps_lead_from_the_sum_to_the_map():
    result = arithmetic(bias=3.0, norm=NORM, activation="ReLU6", value=0.5, factor=0.5, shown=0.25)
    titles = {step.title: step.value for step in cell_view.steps(result)}
    assert titles == {
        "sum": -4.0, "+ bias": -1.0, "norm": 0.5, "ReLU6": 0.5, "× 0.5": 0.25, "map": 0.25,
    }  # fmt: skip
    how = {step.title: step.how for step in cell_view.steps(result)}
    assert how["sum"] == "6 products (3 × 1 × 2) add up to −4.000000"
    assert how["+ bias"] == "−4.000000 + 3.000000 = −1.000000"
    assert how["norm"] == (
        "(−1.000000 + 1.000000) / √(3.000000 + 1.000000) · (−2.000000) + 0.5000000 = 0.5000000"
    )
    assert cell_view.agrees(result)
    assert "the same up to rounding" in how["map"]


@pytest.mark.parametrize(("factor", "title"), [(0.0, "× 0"), (1.5, "× 1.5")])
def test_a_silenced_or_scaled_channel_has_a_step_after_the_map(state, factor, title):
    edit = ChannelEdit(layer="conv", channel=5, factor=factor)
    state.select(edits=(dataclasses.replace(edit, channel=4), edit))
    found = shown(state)
    *_, map_, after = cell_view.steps(found.result, found.factor)
    assert map_.of_map and (map_.title, map_.value) == ("map", -4.0)
    assert not after.of_map and (after.title, after.value) == (title, -4.0 * factor)
    assert cell_view.as_text(found).splitlines()[-1].startswith(f"{title}\t")
    plain = dataclasses.replace(found, factor=1.0)
    assert not found.same(plain) and not plain.same(found)
    state.select(edits=())
    assert cell_view.shown_cell(state).factor == 1.0


def test_a_difference_is_not_hidden():
    result = arithmetic(shown=-4.1)
    assert not cell_view.agrees(result)
    assert "not the same" in cell_view.steps(result)[-1].how


def test_the_text_has_every_number_at_its_place(state):
    lines = cell_view.as_text(shown(state)).splitlines()
    assert lines[0] == "conv, channel 5, row 2, column 3"
    rows = [line.split("\t") for line in lines[3:9]]
    assert rows[0] == ["7", "1", "3", "3", "-2", "-6"]
    assert rows[1] == ["7", "1", "5", "0", "9", "0"]
    assert sum(float(row[-1]) for row in rows) == -4.0
    assert lines[-1] == "map\t-4"


def test_the_arithmetic_of_another_layer_or_picture_is_not_shown(state):
    assert shown(state).current
    state.select(cell=(0, 0))
    state.found("cell", state.finding("cell").waiting(dataclasses.replace(REQUEST, row=0)))
    stale = cell_view.shown_cell(state)
    assert stale is not None
    assert not stale.current
    state.select(cell=None)
    assert cell_view.shown_cell(state) is None
    state.select(cell=(0, 0), image=ImageRef(path="dog.png"))
    assert cell_view.shown_cell(state) is None
    state.select(image=CAT, layer="pool")
    state.select(cell=(0, 0))
    assert cell_view.shown_cell(state) is None


def test_it_is_said_why_there_is_nothing():
    assert "Choose a convolution" in cell_view.why_none(None, None)
    assert cell_view.why_none(POOL, (0, 0)).startswith("pool is no convolution")
    assert "Click a cell" in cell_view.why_none(CONV, None)
    assert cell_view.why_none(CONV, (0, 0)) == ""


def test_the_strongest_cell_of_a_map():
    assert cell_view.strongest(np.array([[0.0, 1.0, 2.0], [5.0, 4.0, 3.0]])) == (1, 0)
