"""In which order maps are shown, and what is said while the chosen order is not known."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Score
from cnnviz_gui.core.layer_requests import Contributions
from cnnviz_gui.core.layer_results import ChannelContributions
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Attack, ImageRef, InspectLayer, ModelRef
from cnnviz_gui.core.result import LayerMaps
from cnnviz_gui.state import dossier_view, layer_view, map_orders
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding, Problem, stopped

LAYER = LayerFacts(
    "stem", "Conv2d", 0, "", (3, 2, 2), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
    (3, 3), (1, 1), (1, 1), 1, True, "conv",
)  # fmt: skip
FACTS = ModelFacts(
    "net", "net", "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
    ("cat", "dog"), 10, 10, (LAYER,), "stem", True,
)  # fmt: skip
MAPS = np.array([[[1, 1], [1, 1]], [[0, 0], [0, 8]], [[3, 3], [3, 3]]], np.float32)
MOVED = MAPS + np.array([2, 0, -1], np.float32)[:, None, None]


@pytest.fixture
def state():
    made = AppState()
    made.use_network(ModelRef(name="net"), FACTS)
    made.select(image=ImageRef(path="a.png"), stage="layers")
    found(made, "layer", asked(made), LayerMaps(layer="stem", maps=MAPS, filters=None, bias=None))
    return made


def asked(state, **changes):
    chosen = state.selection
    return InspectLayer(model=chosen.model, image=chosen.image, layer="stem", **changes)


def found(state, lane, request, value):
    state.found(lane, Finding().finished(request, value))


def contribute(state, layer="stem"):
    chosen = state.selection
    request = Contributions(model=chosen.model, image=chosen.image, layer=layer)
    value = ChannelContributions(
        layer=layer, target=Score(0, "cat", 0.5, 1.0), values=np.array([0.5, -2.0, 0.1], np.float32)
    )
    found(state, "contributions", request, value)


def attack(state, maps=MOVED):
    chosen = state.selection
    how = Attack(model=chosen.model, image=chosen.image, method="pgd", parameters=Params())
    value = LayerMaps(layer="stem", maps=maps, filters=None, bias=None)
    found(state, "layer-attacked", asked(state, attack=how), value)


def ordered(state, by):
    state.show(map_order=by)
    return layer_view.shown_layer(state).ordered


@pytest.mark.parametrize(
    ("by", "channels", "numbers"),
    [("strength", [2, 1, 0], [1, 2, 3]), ("maximum", [1, 2, 0], [1, 8, 3])],
)
def test_the_largest_number_comes_first(state, by, channels, numbers):
    found = ordered(state, by)
    assert found.channels.tolist() == channels
    assert found.numbers.tolist() == numbers
    assert not found.missing


def test_channels_can_stand_in_their_own_order(state):
    assert ordered(state, "index").channels.tolist() == [0, 1, 2]


def test_contributions_that_are_not_known_leave_the_order_by_strength(state):
    waiting = ordered(state, "contribution")
    assert waiting.channels.tolist() == [2, 1, 0] and "being computed" in waiting.missing
    contribute(state)
    known = ordered(state, "contribution")
    assert known.channels.tolist() == [0, 2, 1] and not known.missing
    assert known.says == "contribution to cat"


def test_contributions_of_another_layer_are_not_taken(state):
    contribute(state, layer="other")
    assert ordered(state, "contribution").missing


def test_why_contributions_failed_is_said(state):
    state.found("contributions", Finding().failed(Problem("No gradient.")))
    assert ordered(state, "contribution").missing == "No gradient."


@pytest.mark.parametrize("by", ["contribution", "moved"])
def test_an_order_of_before_is_marked_while_a_newer_question_waits_or_has_failed(state, by):
    state.select(attack_started=True)
    contribute(state)
    attack(state)
    lane = {"contribution": "contributions", "moved": "layer-attacked"}[by]
    known = ordered(state, by)
    assert not known.missing
    finding = state.finding(lane)
    newer = finding.waiting(dataclasses.replace(finding.request, model=ModelRef(name="newer")))
    state.found(lane, newer)
    waiting = ordered(state, by)
    assert waiting.channels.tolist() == known.channels.tolist()
    assert waiting.missing.endswith("being computed.")
    state.found(lane, newer.stopped())
    assert ordered(state, by).missing == stopped()
    state.found(lane, newer.failed(Problem("No gradient.")))
    assert ordered(state, by).missing == "No gradient."
    of = dossier_view.dossier(state)
    rows = {name: (value, why) for name, value, why in dossier_view.numbers(state, of)}
    assert by == "moved" or rows["Contribution"] == ("–", "No gradient.")


def test_maps_of_an_attack_that_was_given_up_are_marked(state):
    state.select(attack_started=True)
    attack(state)
    state.select(attack_started=False)
    assert "attack first" in ordered(state, "moved").missing


def test_moved_maps_need_an_attack(state):
    assert "attack first" in ordered(state, "moved").missing
    state.select(attack_started=True)
    assert "being computed" in ordered(state, "moved").missing
    attack(state)
    found = ordered(state, "moved")
    assert found.channels.tolist() == [0, 2, 1]
    assert found.numbers.tolist() == pytest.approx([2, 0, 1])


def test_the_distance_is_the_root_of_the_mean_squared_change():
    change = np.zeros((1, 2, 2), np.float32)
    change[0, 0] = 3, 4
    clean, attacked = (
        LayerMaps(layer="stem", maps=maps, filters=None, bias=None)
        for maps in (np.zeros_like(change), change)
    )
    assert map_orders.moved(clean, attacked)[0] == pytest.approx(2.5)
    assert attacked.maps[0, 0, 1] == 4


def test_attacked_maps_of_another_picture_are_not_shown(state):
    attack(state)
    assert map_orders.attacked_layer(state) is not None
    other = dataclasses.replace(asked(state), image=ImageRef(path="b.png"))
    found(state, "layer", other, LayerMaps(layer="stem", maps=MAPS, filters=None, bias=None))
    assert map_orders.attacked_layer(state) is None


def test_the_next_channel_is_the_next_on_display_and_the_last_stays(state):
    ordered(state, "maximum")
    state.select(channel=1)
    steps = []
    for _ in range(3):
        state.select(channel=layer_view.next_channel(state, 1))
        steps.append(state.selection.channel)
    assert steps == [2, 0, 0]
    assert layer_view.next_channel(state, -1) == 2


def test_without_maps_the_next_channel_to_picture_is_the_next_by_number(state):
    state.found("layer", Finding())
    assert layer_view.next_channel(state, 1) is None, "their order will be known in a moment"
    state.select(stage="features")
    assert layer_view.next_channel(state, 1) == 1
    state.select(channel=2)
    assert [layer_view.next_channel(state, by) for by in (1, -1)] == [2, 1]


@pytest.mark.parametrize("by", ["strength", "maximum", "contribution"])
def test_without_a_choice_the_strongest_channel_is_in_use_however_maps_are_sorted(state, by):
    contribute(state)
    ordered(state, by)
    assert layer_view.channel_in_use(state) == 2
