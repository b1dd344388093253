import gc
from dataclasses import dataclass

import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.params import Params, Scale, choice, number
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.recovered import Recovered

IMAGE = ImageRef(path="a.png", sha256="1")
OTHER = ImageRef(path="b.png", sha256="2")


@dataclass(frozen=True, slots=True)
class BallParams(Params):
    norm: str = choice("linf", {"linf": "L∞", "l2": "L2"}, help="Size of the change.")
    epsilon: float = number(
        4.0,
        0.0,
        64.0,
        help="Budget.",
        depends_on="norm",
        scales={"linf": Scale(4.0, 0.0, 64.0, 0.25, "/ 255"), "l2": Scale(1.5, 0.0, 30.0, 0.1)},
    )


class Watcher:
    def __init__(self, state):
        self.seen = []
        state.observe(self.on_change)

    def on_change(self, changes):
        self.seen.append(changes)


@pytest.fixture
def state():
    return AppState()


def method(name):
    return Method("attack", name, name, "", "", "", BallParams, lambda facts: "", False, print)


def test_a_change_names_exactly_what_differs(state):
    watcher = Watcher(state)
    state.select(target=3, stage=state.selection.stage)
    assert watcher.seen == [frozenset({"target"})]


def test_writing_back_an_equal_value_starts_no_loop(state):
    state.select(target=3)
    watcher = Watcher(state)
    state.select(target=3)
    state.show(opacity=state.display.opacity)
    assert watcher.seen == []


def test_an_observer_that_died_is_forgotten(state):
    watcher = Watcher(state)
    seen = watcher.seen
    del watcher
    gc.collect()
    state.select(target=1)
    assert seen == []


def test_another_network_resets_layer_channel_and_target_in_one_change(state):
    state.select(layer="head", channel=3, target=5)
    watcher = Watcher(state)
    state.use_network(ModelRef(name="resnet18"), facts())
    chosen = state.selection
    assert (chosen.layer, chosen.channel, chosen.target) == ("", None, None)
    assert len(watcher.seen) == 1
    assert {"facts", "model", "layer", "target"} <= watcher.seen[0]


@pytest.mark.parametrize("swapped", [False, True])
def test_another_network_resets_what_was_chosen_inside_a_recommended_layer(state, swapped):
    second = ModelRef(name="resnet18")
    state.use_network(state.selection.model, facts())
    state.use_second(second, facts())
    inside = {"cell": (1, 2), "matrix_window": (0, 0, 4, 4), "input_channel": 3}
    inside["patches_of"] = ("head", 3)
    state.select(channel=3, flip_wanted=True, **inside)
    state.swap_networks() if swapped else state.use_network(second, facts())
    chosen = state.selection
    assert (chosen.layer, chosen.channel, chosen.cell) == ("", None, None)
    assert (chosen.matrix_window, chosen.input_channel, chosen.flip_wanted) == (None, 0, False)
    assert chosen.patches_of is None


def test_another_picture_keeps_target_and_layer_but_stops_attacking(state):
    state.select(image=IMAGE, layer="head", target=5, attack_started=True)
    state.select(image=OTHER)
    assert (state.selection.layer, state.selection.target) == ("head", 5)
    assert not state.selection.attack_started


def test_another_layer_resets_the_channel(state):
    state.select(layer="head", channel=7)
    state.select(layer="stem")
    assert state.selection.channel is None


def test_the_epsilon_axis_grows_to_hold_epsilon_and_follows_the_norm(state):
    state.select(attack_parameters=BallParams())
    assert state.selection.sweep_maximum == 4.0
    state.select(attack_parameters=BallParams(epsilon=3.0))
    assert state.selection.sweep_maximum == 4.0
    state.select(attack_parameters=BallParams(epsilon=10.0))
    assert state.selection.sweep_maximum == 16.0
    state.select(attack_parameters=BallParams(norm="l2", epsilon=1.5))
    assert state.selection.sweep_maximum == 1.5


def test_each_method_keeps_its_own_parameters(state):
    state.share(methods=(method("one"), method("two")))
    state.choose_method("attack", "one")
    state.select(attack_parameters=BallParams(epsilon=7.65))
    state.choose_method("attack", "two")
    assert state.selection.attack_parameters == BallParams()
    state.choose_method("attack", "one")
    assert state.selection.attack_parameters.epsilon == 7.65


def test_an_unknown_method_changes_nothing(state):
    before = state.selection
    state.choose_method("attack", "no such")
    assert state.selection == before


def facts():
    layer = LayerFacts(
        "stem", "Conv2d", 0, "", (8, 4, 4), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip
    return ModelFacts(
        "resnet18", "ResNet-18", "ResNet", True, "here", 224, 256, "bilinear", (0.5,) * 3,
        (0.2,) * 3, ("a", "b"), 10, 10, (layer,), "stem", True,
    )  # fmt: skip


def test_the_offer_of_work_that_was_left_is_not_pushed_out_by_what_is_told_later(state):
    offer = Notice("It ended.", remedy="Restore", remedy_ref=Recovered("/r"), stays=True)
    state.share(notice=offer)
    for count in range(9):
        state.share(notice=Notice(str(count), stays=True))
    assert [one.text for one in state.shared.notices] == ["It ended.", "6", "7", "8"]
    state.dismiss(offer)
    state.share(notice=Notice("9", stays=True))
    assert [one.text for one in state.shared.notices] == ["6", "7", "8", "9"]
