"""What the views of a layer ask for, and what they do not ask for again."""

import dataclasses

import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.layer_requests import (
    ActivationStatistics,
    Contributions,
    ExamineCell,
    InspectFilters,
)
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import ChannelEdit, ImageRef, InspectLayer, ModelRef
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.plan import plan
from cnnviz_gui.state.selection import Display, Selection

CONV = LayerFacts(
    "conv", "Conv2d", 0, "", (8, 4, 4), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
    (3, 3), (1, 1), (1, 1), 1, True, "conv",
)  # fmt: skip
POINT = dataclasses.replace(CONV, name="point", kernel=(1, 1))
DEPTH = dataclasses.replace(CONV, name="depth", role="depthwise")
HEAD = dataclasses.replace(CONV, name="head", role="linear", kernel=None, output_shape=(10,))
FACTS = ModelFacts(
    "net", "Net", "Nets", True, "here", 224, 256, "bilinear", (0.5,) * 3, (0.2,) * 3,
    ("cat", "dog"), 10, 10, (CONV, POINT, DEPTH, HEAD), "conv", True,
)  # fmt: skip
CAT, DOG = ImageRef(path="cat.png"), ImageRef(path="dog.png")
MODEL = ModelRef(name="net")


def selected(**changes):
    return Selection(model=MODEL, image=CAT, stage="layers", **changes)


def asked(lane, view, selection, **more):
    return plan(selection, FACTS, Display(layer_view=view), **more).get(lane)


@pytest.mark.parametrize("view", ["maps", "statistics", "table"])
def test_filters_are_asked_for_where_they_are_seen(view):
    assert asked("filters", view, selected()) is None
    elsewhere = dataclasses.replace(selected(), stage="heatmaps")
    assert asked("filters", "filters", elsewhere) is None
    assert asked("filters", "filters", selected()) == InspectFilters(model=MODEL, layer="conv")


def test_the_channel_matters_only_to_the_slices_of_one_filter():
    def of(view, channel):
        return asked("filters", "filters", selected(filter_view=view, channel=channel))

    assert of("filter", 3) != of("filter", 4)
    assert of("filter", None) == of("filter", 0)
    assert of("input", 3) == of("input", 4)
    assert of("whole", 3) == of("whole", 4)


@pytest.mark.parametrize("layer", ["point", "head"])
def test_a_matrix_is_asked_for_by_window_and_order_alone(layer):
    def of(**changes):
        return asked("filters", "filters", selected(layer=layer, **changes))

    assert of(filter_view="filter", channel=3) == of(filter_view="input", input_channel=2)
    assert of(matrix_window=(0, 0, 4, 4)) != of()
    assert of(filter_order="norm") != of()


def test_the_order_of_kernels_costs_no_request():
    assert asked("filters", "filters", selected(filter_order="norm")) == asked(
        "filters", "filters", selected()
    )
    depth = selected(layer="depth", filter_view="input", input_channel=4)
    assert asked("filters", "filters", depth) == InspectFilters(model=MODEL, layer="depth")


def test_statistics_are_of_the_pictures_at_hand_or_of_a_folder():
    hand = asked("statistics", "statistics", selected(), at_hand=(CAT, DOG))
    assert hand == ActivationStatistics(model=MODEL, images=(CAT, DOG))
    alone = asked("statistics", "statistics", selected())
    assert alone == ActivationStatistics(model=MODEL, images=(CAT,))
    folder = selected(layer_folder="/p")
    of_folder = asked("statistics", "statistics", folder, at_hand=(CAT, DOG))
    assert of_folder == ActivationStatistics(model=MODEL, folder="/p")
    assert asked("statistics", "maps", folder) is None


def test_another_layer_is_looked_at_from_its_beginning():
    state = AppState()
    state.use_network(MODEL, FACTS)
    state.select(layer="head", input_channel=7, matrix_window=(1, 1, 3, 3))
    state.select(layer="conv")
    assert (state.selection.input_channel, state.selection.matrix_window) == (0, None)


def test_a_cell_is_examined_where_a_convolution_made_it():
    before, after = (ChannelEdit(layer=name, channel=1) for name in ("conv", "depth"))
    chosen = selected(layer="point", channel=7, cell=(3, 2), edits=(before, after))
    wanted = ExamineCell(
        model=MODEL, image=CAT, layer="point", channel=7, row=3, column=2, edits=(before,)
    )
    assert asked("cell", "maps", chosen) == wanted
    assert asked("cell", "statistics", chosen) is None
    assert asked("cell", "maps", dataclasses.replace(chosen, layer="head")) is None
    assert asked("cell", "maps", dataclasses.replace(chosen, stage="heatmaps")) is None


@pytest.mark.parametrize(
    "missing", [{"channel": None}, {"cell": None}, {"channel": 8}, {"cell": (4, 0)}]
)
def test_a_cell_that_is_not_there_is_not_asked_for(missing):
    chosen = dataclasses.replace(selected(channel=7, cell=(3, 2)), **missing)
    assert asked("cell", "maps", chosen) is None


def test_maps_follow_only_edits_before_the_layer():
    def of(layer, *edited):
        edits = tuple(ChannelEdit(layer=name, channel=1) for name in edited)
        return asked("layer", "maps", selected(layer=layer, edits=edits)).edits

    first, second = ChannelEdit(layer="conv", channel=1), ChannelEdit(layer="depth", channel=1)
    assert of("depth", "conv", "depth", "head") == (first,)
    assert of("head", "conv", "depth") == (first, second)
    assert of("conv", "conv", "depth") == ()


def test_a_block_follows_edits_inside_it():
    inside = dataclasses.replace(CONV, name="block.conv", parent="block", depth=1)
    block = dataclasses.replace(CONV, name="block", leaf=False)
    facts = dataclasses.replace(FACTS, layers=(block, inside))
    edit = ChannelEdit(layer="block.conv", channel=0)
    chosen = selected(layer="block", edits=(edit,))
    assert plan(chosen, facts)["layer"].edits == (edit,)
    assert plan(dataclasses.replace(chosen, layer="block.conv"), facts)["layer"].edits == ()


def test_a_block_that_runs_twice_follows_edits_inside_the_same_run():
    rows = []
    for run in ("#1", "#2"):
        rows.append(dataclasses.replace(CONV, name=f"block{run}", leaf=False))
        unit = dataclasses.replace(CONV, name=f"block.unit{run}", parent=f"block{run}", depth=1)
        rows.append(unit)
        rows.append(dataclasses.replace(CONV, name=f"block.unit.0{run}", parent=unit.name, depth=2))
    facts = dataclasses.replace(FACTS, layers=tuple(rows))
    first, second = (ChannelEdit(layer=f"block.unit.0#{run}", channel=0) for run in (1, 2))

    def of(layer):
        return plan(selected(layer=layer, edits=(first, second)), facts)["layer"].edits

    assert of("block#1") == (first,)
    assert of("block#2") == (first, second)
    assert of("block.unit#2") == (first, second)
    assert of("block.unit.0#2") == (first,)


def test_contributions_follow_target_and_edits():
    edit = ChannelEdit(layer="head", channel=1)
    found = asked("contributions", "maps", selected(target=1, edits=(edit,)))
    expected = Contributions(model=MODEL, image=CAT, layer="conv", target=1, edits=(edit,))
    assert found == expected
    tokens = dataclasses.replace(CONV, output_shape=(16, 64))
    facts = dataclasses.replace(FACTS, layers=(tokens,))
    assert "contributions" not in plan(selected(), facts)


def test_attacked_maps_are_asked_for_once_there_is_an_attack_and_they_are_sorted_by_it():
    def of(order, beside=False, **changes):
        chosen = selected(attack_method="pgd", attack_parameters=Params(), **changes)
        display = Display(map_order=order, maps_beside=beside)
        return plan(chosen, FACTS, display, winner=0).get("layer-attacked")

    assert of("moved") is None
    assert of("strength", attack_started=True) is None
    assert of("strength", beside=True) is None
    found = of("moved", attack_started=True)
    assert of("strength", beside=True, attack_started=True) == found
    assert (found.layer, found.attack.method, found.attack.image) == ("conv", "pgd", CAT)


@pytest.mark.parametrize("view", ["maps", "filters", "statistics"])
def test_maps_are_not_asked_of_tokens(view):
    tokens = dataclasses.replace(CONV, name="tokens", role="block", output_shape=(197, 768))
    facts = dataclasses.replace(FACTS, layers=(CONV, tokens))
    wanted = plan(selected(layer="tokens", channel=3), facts, Display(layer_view=view), channel=3)
    asked_for = {type(request) for request in wanted.values()}
    assert not asked_for & {InspectLayer, Contributions, ExamineCell}
