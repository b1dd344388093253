"""What is asked for the grid of heat maps, and what it shows."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Score
from cnnviz_gui.core.grid_results import GridCell, GridColumn, HeatmapGridResult
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.layer_results import EditedPrediction
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ChannelEdit, ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.state import grid_plan
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding, Problem
from cnnviz_gui.state.grid_view import progress, shown_grid
from cnnviz_gui.state.plan import plan

LABELS = tuple(f"class {index}" for index in range(8))
SEEN = np.zeros((4, 4, 3), np.uint8)


@dataclasses.dataclass(frozen=True, slots=True)
class Strength(Params):
    strength: float = number(1.0, 0.0, 9.0, step=0.5, help="How strong.")


def method(name, *, layered=True, gathers=False, needs=""):
    return Method(
        "heatmap", name, name.title(), "", "", "", Strength, lambda facts: needs, layered,
        lambda: None, gathers,
    )  # fmt: skip


def layer(name, side):
    return LayerFacts(
        name, "Conv2d", 0, "", (8, side, side), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip


FACTS = ModelFacts(
    "net", "Net", "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3, LABELS, 10, 10,
    (layer("a", 8), layer("b", 8), layer("c", 4), layer("d", 2), layer("e", 2)), "e", True,
)  # fmt: skip
METHODS = (
    method("average"),
    method("gather", gathers=True),
    method("never", needs="It cannot be."),
    method("pixels", layered=False),
)


def scores(*indices):
    return tuple(Score(i, LABELS[i], 0.5 / (place + 1), 1.0) for place, i in enumerate(indices))


@pytest.fixture
def state():
    made = AppState()
    made.share(facts=FACTS, methods=METHODS)
    made.select(
        model=ModelRef(name="net"),
        image=ImageRef(path="a.png"),
        heatmap_method="average",
        heatmap_parameters=Strength(),
    )
    made.show(heatmap_view="grid")
    predict(made, 5, 2, 7, 1, 0)
    return made


def predict(state, *indices, lane="predict", model=None):
    request = Predict(model=model or state.selection.model, image=state.selection.image)
    state.found(lane, Finding().finished(request, Prediction(scores=scores(*indices), seen=SEEN)))


def request(state, lane="heatmap-grid"):
    return grid_plan.grid_requests(state).get(lane)


def rows(state):
    return [use.method for use in request(state).methods]


def heat(use, column, **changes):
    whole = {"samples": 0, "expected": 0} | changes
    return HeatmapResult(
        method=use.method, layer=column.layer, target=column.target, signed=False,
        map=np.ones((4, 4), np.float32), coarse=None, **whole,
    )  # fmt: skip


def answer(asked, *, only=None, refused=(), **changes):
    """Return what the core gives: all cells, or those of some places."""
    columns = tuple(
        GridColumn(Score(target, LABELS[target], 0.25, 1.0), name)
        for target in asked.targets or (4,)
        for name in asked.layers
    )
    cells = tuple(
        GridCell(row, place, None, "It cannot be.")
        if (row, place) in refused
        else GridCell(row, place, heat(use, column, **changes))
        for row, use in enumerate(asked.methods)
        for place, column in enumerate(columns)
        if only is None or (row, place) in only
    )
    titles = tuple(use.method.title() for use in asked.methods)
    return HeatmapGridResult(rows=titles, columns=columns, cells=cells)


def finish(state, lane="heatmap-grid", **changes):
    asked = request(state, lane)
    state.found(lane, Finding().finished(asked, answer(asked, **changes)))


def states(state):
    return {place: cell.state for place, cell in shown_grid(state).cells.items()}


def test_quick_methods_and_the_three_best_classes_are_asked_without_a_word(state):
    asked = request(state)
    assert rows(state) == ["average", "pixels"]
    assert asked.targets == (5, 2, 7)
    assert asked.layers == ("e",)


def test_nothing_else_is_asked_while_the_grid_is_looked_at(state):
    wanted = plan(state.selection, FACTS, state.display)
    assert not {lane for lane in wanted if lane.startswith("heatmap")}


def test_nothing_is_asked_out_of_sight_or_before_the_prediction(state):
    state.show(heatmap_view="map")
    assert not grid_plan.grid_requests(state)
    state.show(heatmap_view="grid")
    state.select(stage="layers")
    assert not grid_plan.grid_requests(state)
    state.select(stage="heatmaps", image=ImageRef(path="b.png"))
    assert not grid_plan.grid_requests(state)
    assert shown_grid(state) is None


def test_the_target_is_always_among_the_classes_but_only_once(state):
    state.select(target=2)
    assert request(state).targets == (5, 2, 7)
    state.select(target=3)
    assert request(state).targets == (5, 2, 7, 3)
    state.select(grid_classes=(0, 6))
    assert request(state).targets == (0, 6, 3)


def test_chosen_methods_are_rows_the_slow_ones_below(state):
    state.select(grid_methods=("gather", "average"))
    assert rows(state) == ["average", "gather"]


def test_a_row_has_the_parameters_last_used_with_its_method(state):
    state.choose_method("heatmap", "pixels")
    state.select(heatmap_parameters=Strength(strength=3.0))
    state.choose_method("heatmap", "average")
    used = {use.method: use.parameters.strength for use in request(state).methods}
    assert used == {"average": 1.0, "pixels": 3.0}


def test_across_layers_only_methods_of_layers_are_rows(state):
    state.select(grid_across="layers", target=3)
    asked = request(state)
    assert rows(state) == ["average"]
    assert asked.layers == ("b", "c", "e"), "the last at each resolution"
    assert asked.targets == (3,)
    state.select(grid_layers=("d", "a"))
    assert request(state).layers == ("a", "d")


def test_across_networks_each_is_asked_for_the_same_class(state):
    state.select(grid_across="networks")
    assert grid_plan.across(state) == "classes", "there is no second network"
    state.use_second(ModelRef(name="other"), dataclasses.replace(FACTS, title="Other"))
    first, second = request(state), request(state, "heatmap-grid-second")
    assert (first.targets, second.targets) == ((5,), (5,))
    assert second == dataclasses.replace(first, model=ModelRef(name="other"))


def test_a_network_with_other_classes_explains_its_own(state):
    other = dataclasses.replace(FACTS, title="Other", labels=tuple("abcdefgh"))
    state.select(grid_across="networks")
    state.use_second(ModelRef(name="other"), other)
    assert request(state, "heatmap-grid-second").targets == ()
    predict(state, 4, lane="predict-second", model=ModelRef(name="other"))
    finish(state)
    finish(state, "heatmap-grid-second")
    heads = [(head.title, head.caption) for head in shown_grid(state).columns]
    assert heads == [("Net", "class 5, 50.0 %"), ("Other", "e, 50.0 %")]
    assert set(states(state).values()) == {"done"}


def test_with_channels_edited_the_classes_are_those_seen_then(state):
    edits = (ChannelEdit(layer="a", channel=1),)
    state.select(edits=edits)
    assert request(state) is None, "what the network sees then is not known"
    edited = EditedPrediction(scores=scores(6, 5, 2), before=scores(5, 2), seen=SEEN)
    asked = Predict(model=state.selection.model, image=state.selection.image, edits=edits)
    state.found("predict-edited", Finding().finished(asked, edited))
    assert request(state).targets == (6, 5, 2)
    assert request(state).edits == edits


def test_another_network_has_other_classes_and_layers_but_the_same_methods(state):
    state.select(grid_methods=("average",), grid_classes=(1,), grid_layers=("a",))
    state.use_network(ModelRef(name="third"), FACTS)
    chosen = state.selection
    assert (chosen.grid_methods, chosen.grid_classes, chosen.grid_layers) == (("average",), (), ())


def test_cells_wait_run_refuse_and_are_done(state):
    state.select(grid_methods=("average", "pixels", "gather"))
    assert set(states(state).values()) == {"waiting"}
    asked = request(state)
    part = answer(asked, only={(0, 0), (0, 1)}, refused={(0, 1)})
    running = GridCell(2, 0, heat(asked.methods[2], part.columns[0], samples=1200, expected=6000))
    part = dataclasses.replace(part, cells=(*part.cells, running))
    state.found("heatmap-grid", Finding().waiting(asked).partial(asked, part))
    shown = shown_grid(state)
    assert (shown.cells[0, 0].state, shown.cells[0, 2].state) == ("done", "waiting")
    assert (shown.cells[0, 1].state, shown.cells[0, 1].said) == ("refused", "It cannot be.")
    assert shown.cells[2, 0].state == "running"
    assert shown.cells[2, 0].said == "1\N{THIN SPACE}200 of 6\N{THIN SPACE}000"
    assert progress(state) == "2 of 9"
    state.found("heatmap-grid", state.finding("heatmap-grid").stopped())
    shown = shown_grid(state)
    assert shown.cells[2, 0].said.startswith("stopped at 1")
    assert shown.cells[1, 1].said == "Stopped. F5 computes it again."


def test_heads_name_class_and_probability_and_mark_what_is_in_use(state):
    state.select(target=3)
    finish(state)
    shown = shown_grid(state)
    assert [(c.title, c.caption) for c in shown.columns] == [
        ("class 5", "50.0 %"),
        ("class 2", "25.0 %"),
        ("class 7", "16.7 %"),
        ("class 3", "25.0 %"),
    ], "that of a class beyond the best is known from its map"
    assert [column.chosen for column in shown.columns] == [False, False, False, True]
    assert [(row.title, row.chosen) for row in shown.rows] == [("Average", True), ("Pixels", False)]


def test_what_is_known_already_stays_when_a_class_is_added(state):
    finish(state)
    state.select(target=3)
    state.found("heatmap-grid", state.finding("heatmap-grid").waiting(request(state)))
    found = states(state)
    assert [found[0, place] for place in range(4)] == ["done", "done", "done", "waiting"]


def test_maps_of_other_parameters_are_shown_as_stale(state):
    finish(state)
    state.select(heatmap_parameters=Strength(strength=2.0))
    found = states(state)
    assert (found[0, 0], found[1, 0]) == ("stale", "done")


def test_a_class_that_others_are_set_against_is_named(state):
    finish(state)
    state.select(against=2)
    assert request(state).against == 2
    assert states(state)[0, 0] == "stale"
    heads = [head.caption for head in shown_grid(state).columns]
    assert heads == ["50.0 %, rather than class 2", "25.0 %", "16.7 %, rather than class 2"]


def test_a_map_that_is_zero_everywhere_says_so(state):
    finish(state, reason="This map is zero everywhere.")
    assert {cell.said for cell in shown_grid(state).cells.values()} == {"blank"}


def test_maps_of_another_picture_are_not_shown(state):
    finish(state)
    state.select(image=ImageRef(path="b.png"))
    predict(state, 5, 2, 7)
    assert set(states(state).values()) == {"waiting"}


def test_a_failure_is_told_where_there_is_no_map(state):
    asked = request(state)
    failed = Finding().waiting(asked).partial(asked, answer(asked, only={(0, 0)}))
    state.found("heatmap-grid", failed.failed(Problem("There is not enough memory.")))
    shown = shown_grid(state)
    assert shown.cells[0, 0].state == "done"
    assert (shown.cells[1, 0].state, shown.cells[1, 0].said) == (
        "failed",
        "There is not enough memory.",
    )
