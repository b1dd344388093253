import dataclasses
import itertools

import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.state import layer_profile, layer_tree, layer_words
from cnnviz_gui.state.layer_ways import HEAD, Way, ways

SKIPS = {"residual": "add", "inverted": "add", "dense": "cat"}


def row(name, role="conv", *, inputs=(), parent=None, shape=(8, 4, 4), kind="Thing", **more):
    """Return a row; by default its parent is all of its name but the last part."""
    above = name.rpartition(".")[0] if parent is None else parent
    given = {"parameters": 10, "macs": 100, "leaf": True, "operation": False} | more
    kernel = (3, 3) if role in ("conv", "depthwise") else None
    return LayerFacts(
        name, kind, name.count("."), above, shape, given["parameters"], "", given["macs"], (3, 3),
        (1, 1), (0.0, 0.0), kernel, kernel and (1, 1), kernel and (1, 1), kernel and 1,
        given["leaf"], role,
        tuple(inputs), given["operation"], SKIPS.get(role, "") if not given["leaf"] else "",
    )  # fmt: skip


def network(*rows, size=32):
    return ModelFacts(
        "net", "net", "Nets", True, "here", size, size, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 1000, 20000, rows, "stem", True,
    )  # fmt: skip


RESIDUAL = network(
    row("stem"),
    row("layer1", "block", kind="Sequential", leaf=False),
    row("layer1.0", "residual", leaf=False, inputs=["stem"]),
    row("layer1.0.conv1", inputs=["stem"]),
    row("layer1.0.relu", "activation", inputs=["layer1.0.conv1"]),
    row("layer1.0.conv2", inputs=["layer1.0.relu"]),
    row("layer1.0.downsample", "block", kind="Sequential", leaf=False, inputs=["stem"]),
    row("layer1.0.downsample.0", inputs=["stem"]),
    row("layer1.0.downsample.1", "norm", inputs=["layer1.0.downsample.0"]),
    row(
        "layer1.0.add",
        "add",
        inputs=["layer1.0.conv2", "layer1.0.downsample"],
        operation=True,
        parameters=0,
    ),
    row("fc", "linear", inputs=["layer1.0.add"], shape=(2,)),
)


def names(nodes):
    return [node.name for node in nodes]


def block(facts, name):
    def below(nodes):
        for node in nodes:
            yield node
            yield from below(node.children)

    return next(node for node in below(layer_tree.tree(facts)) if node.layer.name == name)


def test_a_plain_list_gives_its_place_to_its_members():
    top = layer_tree.tree(RESIDUAL)
    assert names(top) == ["stem", "layer1.0", "fc"]
    inside = ["conv1", "relu", "conv2", "downsample.0", "downsample.1", "add"]
    assert names(top[1].children) == inside


def test_every_role_is_of_one_kind():
    from typing import get_args

    from cnnviz_gui.core.facts import Role

    for role in get_args(Role):
        assert sum(role in kind.roles for kind in layer_words.KINDS) == 1, role


def test_a_way_leads_past_what_is_added_to():
    made = ways(block(RESIDUAL, "layer1.0"), RESIDUAL)
    # the block's input goes to the downsampling, conv2 past it to the addition
    assert {(way.starts, way.ends) for way in made} == {((HEAD,), (3,)), ((2,), (5,))}
    assert len({way.lane for way in made}) == 2  # they lie beside one another


def test_an_identity_leads_from_the_head_to_the_addition():
    facts = network(
        row("stem"),
        row("b", "residual", leaf=False, inputs=["stem"]),
        row("b.conv", inputs=["stem"]),
        row("b.norm", "norm", inputs=["b.conv"]),
        row("b.add", "add", inputs=["b.norm", "stem"], operation=True),
    )
    assert ways(block(facts, "b"), facts) == (Way((HEAD,), (2,)),)


def test_branches_fan_out_and_come_together():
    facts = network(
        row("stem"),
        row("b", "branches", leaf=False, inputs=["stem"]),
        row("b.one", inputs=["stem"]),
        row("b.two", inputs=["stem"]),
        row("b.two.deep", inputs=["stem"]),
        row("b.three", inputs=["stem"]),
        row("b.cat", "cat", inputs=["b.one", "b.two.deep", "b.three"], operation=True),
    )
    made = ways(block(facts, "b"), facts)
    assert made == (Way((HEAD,), (1, 2), 0), Way((0, 1), (3,), 1))


def test_more_lines_than_fit_are_one():
    inside = []
    for place in range(6):
        read = ["stem", *(f"b.{earlier}" for earlier in range(place))]
        inside.append(row(f"b.{place}", inputs=read))
    facts = network(row("stem"), row("b", "dense", leaf=False, inputs=["stem"]), *inside)
    (way,) = ways(block(facts, "b"), facts)
    assert way.starts == (HEAD, 0, 1, 2, 3)
    assert way.ends == (1, 2, 3, 4, 5)


def test_a_row_without_known_inputs_has_no_ways():
    facts = network(row("b", "block", leaf=False), row("b.0"), row("b.1"), row("b.2"))
    assert ways(block(facts, "b"), facts) == ()


@pytest.mark.parametrize(
    ("query", "chosen", "expected"),
    [
        ("conv1", (), {"layer1.0.conv1"}),
        ("LAYER1.0 normal", (), {"layer1.0.downsample.1"}),
        ("layer1.0", ("join",), {"layer1.0.add"}),
        ("", ("linear", "norm"), {"fc", "layer1.0.downsample.1"}),
        ("nothing of the kind", (), set()),
    ],
)
def test_what_is_looked_for(query, chosen, expected):
    assert layer_tree.found(RESIDUAL, query, chosen) == expected


def test_what_is_inside_of_a_row_that_fits_is_found_with_it():
    found = layer_tree.found(RESIDUAL, "residual")
    assert "layer1.0.conv1" in found and "stem" not in found


def test_operations_are_rows_and_no_layers():
    assert "layer1.0.add" in layer_tree.order(RESIDUAL)
    assert layer_tree.count(RESIDUAL) == 7  # stem, five in the block, fc


def test_kinds_come_with_their_numbers():
    numbers = {kind.name: number for kind, number in layer_tree.kinds(RESIDUAL)}
    assert numbers == {
        "block": 1, "conv": 4, "linear": 1, "norm": 1, "activation": 1, "join": 1
    }  # fmt: skip


def test_a_convolution_counts_once_with_what_stands_for_it():
    facts = network(
        row("stem", leaf=False), row("stem.0"), row("stem.1", "norm"), row("stem.2", "activation")
    )
    numbers = {kind.name: number for kind, number in layer_tree.kinds(facts)}
    assert numbers == {"conv": 1, "norm": 1, "activation": 1}
    assert layer_tree.found(facts, "", ("conv",)) == {"stem"}


def test_every_layer_that_counts_has_a_row():
    downsample = row("downsample", kind="Sequential", leaf=False)
    facts = network(row("stem"), downsample, row("downsample.0"), row("downsample.1", "norm"))
    counted = [layer.name for layer in layer_tree.units(facts)]
    assert counted == layer_tree.order(facts) == ["stem", "downsample.0", "downsample.1"]


def test_heat_maps_are_shown_of_blocks_of_every_role():
    rows = [row(f"b{n}", role, leaf=False) for n, role in enumerate(("inverted", "branches"))]
    facts = network(row("stem"), *rows, row("add", "add", operation=True))
    assert layer_tree.strip_layers(facts) == ("stem", "b0", "b1")


def test_heat_maps_are_shown_of_the_recommended_layer_whatever_it_is():
    facts = network(row("c1"), row("relu1", "activation"), row("c2"), row("relu2", "activation"))
    ended = dataclasses.replace(facts, recommended_layer="relu2")
    assert layer_tree.strip_layers(ended) == ("c1", "c2", "relu2")
    nowhere = dataclasses.replace(facts, recommended_layer="")
    assert layer_tree.strip_layers(nowhere) == ("c1", "c2")


@pytest.mark.parametrize("place", range(30))
def test_of_many_layers_the_recommended_one_is_kept(place):
    names = [f"c{number}" for number in range(30)]
    facts = network(*map(row, names))
    chosen = layer_tree.strip_layers(dataclasses.replace(facts, recommended_layer=names[place]))
    assert names[place] in chosen and len(set(chosen)) == 20
    assert list(chosen) == sorted(chosen, key=names.index)


def test_the_profile_begins_with_the_picture_and_opens_what_is_too_coarse():
    steps = layer_profile.profile(RESIDUAL)
    assert (steps[0].layer, steps[0].side, steps[0].channels) == (None, 32, 3)
    shown = [step.layer.name for step in steps[1:]]
    assert shown[:2] == ["stem", "layer1.0.conv1"]  # three top rows are too few
    assert layer_profile.at(steps, RESIDUAL, "fc") == len(steps) - 1
    assert layer_profile.at(steps, RESIDUAL, "gone") is None


def test_a_layer_lies_in_the_step_that_encloses_it():
    rows = [row(f"b{n}", "block", leaf=False) for n in range(9)]
    facts = network(*rows[:4], row("b3.conv"), *rows[4:])
    steps = layer_profile.profile(facts)
    assert layer_profile.at(steps, facts, "b3.conv") == 4


def test_the_side_of_tokens_is_that_of_the_square_they_fill():
    facts = network(*(row(f"b{n}", "attention", shape=(196, 768)) for n in range(8)))
    step = layer_profile.profile(facts)[1]
    assert (step.side, step.channels, step.shape) == (14, 768, "196 × 768")


def test_each_doubling_is_as_high():
    heights = [layer_profile.height(n, 64) for n in (8, 16, 32, 64)]
    gaps = [b - a for a, b in itertools.pairwise(heights)]
    assert gaps == pytest.approx([1 / 6] * 3)
    assert layer_profile.height(1, 64) > 0


def test_figures_say_formula_share_and_what_is_read():
    layer = dataclasses.replace(
        row("b.conv", "depthwise", inputs=["b.one", "stem"]), groups=8, parameters=72,
        parameters_formula="8 · 1 · 3 · 3", stride=(2, 1), padding="same",
    )  # fmt: skip
    said = {name: values for name, *values in layer_words.figures(layer, RESIDUAL)}
    assert said["Stride, padding"][0] == "2 × 1, same"
    assert said["Groups"][0] == "8, 1 channel each"
    whole = "8 · 1 · 3 · 3 = 72, 7.2 % of the network's parameters"
    assert said["Parameters"] == ["8 · 1 · 3 · 3 = 72", whole, "72 · 7.2 %"]
    assert said["Multiply-adds"][0] == "100 · 0.5 %"
    assert said["Reads"][0] == "one, stem"
    longer = dataclasses.replace(layer, parameters_formula="64 · 64 · 3 · 3 + 2 · 64")
    said = {name: value for name, value, _ in layer_words.figures(longer, RESIDUAL)}
    assert said["Parameters"] == "72 · 7.2 %"
    lines = layer_words.tooltip(layer, RESIDUAL).splitlines()
    assert "Kernel 3 × 3, stride 2 × 1, padding same, groups 8" in lines
    assert "Parameters 8 · 1 · 3 · 3 = 72 (7.2 %)" in lines


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("blocks.3.conv_dw", "conv_dw"),
        ("features.1.0", "features.1.0"),
        ("layer1.0.downsample.0", "downsample.0"),
        ("layer1.0.relu#2", "relu#2"),
        ("0", "0"),
    ],
)
def test_a_short_name_is_never_a_number_alone_if_it_can_be_helped(name, short):
    assert layer_words.short_name(name) == short
