"""What is set can be taken back step by step, and made again."""

import dataclasses
import typing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnviz_gui.core.params import Params, Scale, choice, number
from cnnviz_gui.core.request import ChannelEdit, ImageRef, ModelRef
from cnnviz_gui.state import choice_words, edits_view, settings_fields
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.selection import Display, Selection
from cnnviz_gui.state.settings_history import SettingsHistory


@dataclasses.dataclass(frozen=True, slots=True)
class BallParams(Params):
    norm: str = choice("linf", {"linf": "L∞", "l2": "L2"}, help="How size is measured.")
    epsilon: float = number(
        4.0,
        0.0,
        64.0,
        help="Budget.",
        depends_on="norm",
        scales={"l2": Scale(0.5, 0.0, 8.0, 0.1)},
    )
    step_size: float = number(1.0, 0.0, 8.0, label="Step size", help="Of each step.")


@dataclasses.dataclass(frozen=True, slots=True)
class OtherParams(Params):
    epsilon: float = number(2.0, 0.0, 64.0, help="Budget.")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@dataclasses.dataclass(frozen=True)
class Facts:
    name: str
    labels: tuple = tuple(map(str, range(10)))


class Opener:
    """Opens networks when it is told to, as the worker does: later."""

    def __init__(self, state):
        self.state = state
        self.asked = []
        self.pictures = []

    def first(self, model):
        self.asked.append(model)
        self.state.share(pending_model=model)

    def second(self, model):
        if model is None:
            self.state.use_second(None, None)
        else:
            self.asked.append(model)
            self.state.share(pending_second=model)

    def picture(self, image):
        self.pictures.append(image)

    def arrive(self):
        for _ in range(4):
            shared = self.state.shared
            if shared.pending_model is not None:
                model = shared.pending_model
                self.state.use_network(model, Facts(model.name))
            elif shared.pending_second is not None:
                model = shared.pending_second
                self.state.use_second(model, Facts(model.name))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def state():
    return begun()


def begun():
    made = AppState()
    made.use_network(made.selection.model, Facts("net"))
    made.select(image=ImageRef(path="cat.png", sha256="1"), attack_method="pgd")
    made.select(attack_parameters=BallParams())
    return made


@pytest.fixture
def opener(state):
    return Opener(state)


@pytest.fixture
def history(state, opener, clock):
    return SettingsHistory(state, opener, clock)


def multiply(state, channel, factor):
    edits = edits_view.with_factor(state.selection.edits, "stem", channel, factor)
    state.select(edits=edits)


def factors(state):
    return {edit.channel: edit.factor for edit in state.selection.edits}


def test_each_edit_is_taken_back_and_made_again(state, history):
    assert not history.undone_next and not history.redone_next
    multiply(state, 1, 0.0)
    multiply(state, 2, 0.0)
    state.select(edits=(), flip_wanted=True)
    history.undo()
    assert factors(state) == {1: 0.0, 2: 0.0} and not state.selection.flip_wanted
    history.undo()
    assert factors(state) == {1: 0.0} and history.redone_next == "edit of a channel"
    history.redo()
    assert factors(state) == {1: 0.0, 2: 0.0}
    history.undo()
    history.undo()
    history.undo()
    assert factors(state) == {} and not history.undone_next


def test_a_new_edit_ends_what_could_be_made_again(state, history):
    multiply(state, 1, 0.0)
    history.undo()
    multiply(state, 2, 0.0)
    history.redo()
    assert factors(state) == {2: 0.0} and not history.redone_next


def test_a_drag_of_the_slider_is_one_edit(state, history, clock):
    multiply(state, 1, 0.9)
    for factor in (0.8, 0.7, 0.6):
        clock.now += 0.1
        multiply(state, 1, factor)
    clock.now += 5
    multiply(state, 1, 0.2)
    multiply(state, 2, 0.5)
    seen = []
    while history.undone_next:
        history.undo()
        seen.append(factors(state))
    assert seen == [{1: 0.2}, {1: 0.6}, {}]


def test_silencing_at_once_after_a_drag_is_an_edit_of_its_own(state, history):
    multiply(state, 1, 0.5)
    multiply(state, 1, 0.0)
    history.undo()
    assert factors(state) == {1: 0.5}


def test_another_network_brings_back_nothing_before_it_is_ready(state, history, opener, clock):
    edits = (ChannelEdit(layer="stem", channel=1),)
    state.select(edits=edits, target=3)
    clock.now += 5
    first, other = state.selection.model, ModelRef(name="other")
    state.use_network(other, Facts("other"))
    assert state.selection.edits == () and history.undone_next == "network"
    history.undo()
    assert (state.selection.model, state.selection.edits) == (other, ())
    opener.arrive()
    assert (state.selection.model, state.selection.edits) == (first, edits)
    assert state.selection.target == 3 and history.redone_next == "network"
    history.redo()
    opener.arrive()
    assert (state.selection.model, state.selection.edits) == (other, ())


def test_a_network_that_cannot_be_opened_leaves_all_as_it_is(state, history, opener, clock):
    state.use_network(ModelRef(name="other"), Facts("other"))
    history.undo()
    state.share(pending_model=None)
    assert history.undone_next == "network" and not history.redone_next
    clock.now += 5
    state.select(target=2)
    history.undo()
    assert state.selection.target is None and history.undone_next == "network"


def test_the_hand_is_quicker_than_a_network(state, history, opener, clock):
    state.use_network(ModelRef(name="other"), Facts("other"))
    history.undo()
    clock.now += 5
    state.show(opacity=0.1)
    assert history.undone_next == "opacity"
    opener.arrive()
    assert state.display.opacity == 0.1


def test_a_step_is_named_by_what_was_changed(state, history, clock):
    def named(**changes):
        clock.now += 5
        part = state.show if set(changes) <= settings_fields.OF_DISPLAY else state.select
        part(**changes)
        return history.undone_next

    assert named(attack_parameters=BallParams(epsilon=8.0)) == "epsilon"
    assert named(attack_parameters=BallParams(epsilon=8.0, step_size=2.0)) == "step size"
    assert named(attack_parameters=BallParams(norm="l2", epsilon=1.0, step_size=2.0)) == "norm"
    assert named(attack_method="other", attack_parameters=OtherParams()) == "method"
    assert named(heatmap_colours="jet") == "colours"
    assert named(attack_view="race") == "view"
    assert named(layer="head", channel=4) == "layer"
    assert named(image=ImageRef(path="dog.png", sha256="2")) == "picture"


def test_a_step_tells_where_it_leads_if_that_is_short(state, history, clock):
    def led(**changes):
        clock.now += 5
        part = state.show if set(changes) <= settings_fields.OF_DISPLAY else state.select
        part(**changes)
        back = history.value_next(back=True)
        history.undo()
        again = history.value_next(back=False)
        history.redo()
        return back, again

    assert led(attack_parameters=BallParams(epsilon=8.0)) == ("4", "8")
    assert led(attack_parameters=BallParams(norm="l2", epsilon=1.0)) == ("L∞", "L2")
    assert led(target=3) == ("the winner", "3")
    assert led(image=ImageRef(path="/a/dog.png", sha256="2")) == ("cat.png", "dog.png")
    assert led(image=ImageRef(path=f"{'long' * 20}.png")) == ("dog.png", f"{('long' * 7)[:27]}…")
    assert led(layer="head", channel=4) == ("the recommended one", "head")
    assert led(edits=(ChannelEdit(layer="stem", channel=1),)) == ("", "")
    assert led(opacity=0.5) == ("62 %", "50 %")
    assert led(heatmap_view="grid") == ("Map", "Grid")
    assert led(heatmap_layout="overlay") == ("Beside", "Overlay")
    assert led(linked=False) == ("on", "off")


def test_every_value_of_a_choice_has_a_word():
    hints = typing.get_type_hints(Selection) | typing.get_type_hints(Display)
    for field, words in choice_words.WORDS.items():
        assert set(typing.get_args(hints[field])) == set(words), field
    views = {name for name in settings_fields.OF_DISPLAY if name.endswith("_view")}
    assert views <= set(choice_words.WORDS)


def test_redo_shows_the_page_of_a_channel(state, history):
    state.select(stage="layers", layer="head")
    state.select(channel=4)
    history.undo()
    state.select(stage="plane")
    history.redo()
    assert (state.selection.stage, state.selection.channel) == ("layers", 4)


def test_a_drag_is_one_step_however_slow_and_another_drag_another(state, history, clock):
    history.held = True
    for epsilon in (5.0, 6.0, 7.0):
        clock.now += 3
        state.select(attack_parameters=BallParams(epsilon=epsilon), attack_started=True)
    history.held = False
    history.seal()
    clock.now += 0.1
    state.select(attack_parameters=BallParams(epsilon=9.0))
    history.undo()
    assert state.selection.attack_parameters.epsilon == 7.0
    history.undo()
    assert state.selection.attack_parameters.epsilon == 4.0
    assert not state.selection.attack_started and not history.undone_next


def test_what_one_act_changes_and_what_follows_is_one_step(state, history, clock):
    before = settings_fields.values(state.selection, state.display)
    state.show(attack_view="picture", blinking=True)
    clock.now += 0.001
    state.select(stage="attack", target=1)
    clock.now += 3
    state.follow(against=4)
    history.undo()
    assert not history.undone_next
    left = {name for name, value in before.items() if value != _now(state)[name]}
    assert left == {"stage", "against_of"}


def test_what_is_pointed_at_is_no_step(state, history):
    state.select(stage="plane", cell=(1, 2), plane_point=(0.1, 0.2), plane_started=True)
    state.show(attack_step=3, heatmap_step="sum")
    assert not history.undone_next


def test_an_undo_shows_the_page_where_it_is_seen(state, history, clock):
    state.select(stage="attack")
    state.show(amplification=10)
    clock.now += 5
    state.select(stage="heatmaps")
    state.select(target=2)
    clock.now += 5
    history.undo()
    assert state.selection.stage == "heatmaps"
    history.undo()
    assert state.selection.stage == "attack" and state.display.amplification == 0


def test_an_undo_begins_no_attack(state, history, clock):
    told = state.selection.attack_told
    state.select(attack_started=True)
    clock.now += 5
    begun = state.selection.attack_told
    state.select(image=ImageRef(path="dog.png", sha256="2"), target=3)
    history.undo()
    assert state.selection.attack_started and state.selection.attack_told == begun != told


def test_a_hundred_steps_are_kept_and_not_all(state, history, clock):
    for target in [None, *range(9)] * 30:
        clock.now += 5
        state.select(target=target)
    steps = 0
    while history.undone_next:
        history.undo()
        steps += 1
    assert 100 <= steps < 290


def test_fields_are_known_and_share_no_name():
    fields = settings_fields.OF_SELECTION | settings_fields.OF_DISPLAY
    assert set(settings_fields.SETTINGS) <= fields
    assert not settings_fields.OF_SELECTION & settings_fields.OF_DISPLAY


def _now(state):
    return settings_fields.values(state.selection, state.display)


def _settings(state):
    values = _now(state)
    return {name: values[name] for name in settings_fields.SETTINGS}


_CHANGES = st.one_of(
    st.builds(lambda v: ("select", {"target": v}), st.sampled_from([None, 1, 2, 9])),
    st.builds(lambda v: ("select", {"layer": v}), st.sampled_from(["", "stem", "head"])),
    st.builds(lambda v: ("select", {"channel": v, "cell": (v, v)}), st.integers(0, 5)),
    st.builds(
        lambda v, w: ("select", {"layer": v, "channel": w}),
        st.sampled_from(["stem", "head"]),
        st.integers(0, 2),
    ),
    st.builds(
        lambda v: ("select", {"attack_parameters": v, "attack_started": True}),
        st.builds(BallParams, epsilon=st.sampled_from([0.0, 4.0, 30.0, 64.0])),
    ),
    st.builds(
        lambda v: ("select", {"attack_parameters": v}),
        st.builds(BallParams, norm=st.just("l2"), epsilon=st.sampled_from([0.5, 2.0])),
    ),
    st.builds(
        lambda v: ("select", {"image": ImageRef(path=v, sha256=v)}), st.sampled_from(["a", "b"])
    ),
    st.builds(lambda v: ("select", {"against": v}), st.sampled_from([None, 3])),
    st.builds(lambda v: ("select", {"truth": v}), st.sampled_from([None, (0, 0, 2, 2)])),
    st.builds(
        lambda v: ("select", {"edits": (ChannelEdit(layer="stem", channel=0, factor=v),)}),
        st.sampled_from([0.0, 0.5, 1.5]),
    ),
    st.builds(lambda v: ("select", {"feature_weight": v}), st.sampled_from([0.5, 1.0])),
    st.builds(
        lambda v: ("select", {"stage": v}), st.sampled_from(["attack", "layers", "heatmaps"])
    ),
    st.builds(lambda v: ("show", {"opacity": v}), st.sampled_from([0.1, 0.62, 0.9])),
    st.builds(lambda v: ("show", {"attack_view": v}), st.sampled_from(["picture", "race"])),
    st.builds(lambda v: ("network", v), st.sampled_from(["net", "other"])),
    st.builds(lambda v: ("second", v), st.sampled_from([None, "third"])),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(_CHANGES, st.sampled_from([0.001, 0.1, 5.0])), max_size=25))
def test_any_run_of_changes_is_undone_and_redone_wholly(run):
    state, clock = begun(), Clock()
    opener = Opener(state)
    history = SettingsHistory(state, opener, clock)
    first = _settings(state)
    for (what, change), pause in run:
        clock.now += pause
        if what == "network":
            state.use_network(ModelRef(name=change), Facts(change))
        elif what == "second":
            state.use_second(change and ModelRef(name=change), change and Facts(change))
        else:
            getattr(state, what)(**change)
    last = _settings(state)
    for go, left in ((history.undo, "undone_next"), (history.redo, "redone_next")) * 2:
        while getattr(history, left):
            go()
            opener.arrive()
        assert _settings(state) == (first if left == "undone_next" else last)
