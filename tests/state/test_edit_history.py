"""What is silenced or scaled can be taken back step by step, and made again."""

import pytest

from cnnviz_gui.core.request import ChannelEdit, ModelRef
from cnnviz_gui.state import edits_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.edit_history import EditHistory


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def state():
    return AppState()


@pytest.fixture
def history(state, clock):
    return EditHistory(state, clock)


def multiply(state, channel, factor):
    edits = edits_view.with_factor(state.selection.edits, "stem", channel, factor)
    state.select(edits=edits)


def factors(state):
    return {edit.channel: edit.factor for edit in state.selection.edits}


def test_each_edit_is_taken_back_and_made_again(state, history):
    assert not history.can_undo() and not history.can_redo()
    multiply(state, 1, 0.0)
    multiply(state, 2, 0.0)
    state.select(edits=(), flip_wanted=True)
    history.undo()
    assert factors(state) == {1: 0.0, 2: 0.0} and not state.selection.flip_wanted
    history.undo()
    assert factors(state) == {1: 0.0} and history.can_redo()
    history.redo()
    assert factors(state) == {1: 0.0, 2: 0.0}
    history.undo()
    history.undo()
    history.undo()
    assert factors(state) == {} and not history.can_undo()


def test_a_new_edit_ends_what_could_be_made_again(state, history):
    multiply(state, 1, 0.0)
    history.undo()
    multiply(state, 2, 0.0)
    history.redo()
    assert factors(state) == {2: 0.0} and not history.can_redo()


def test_a_drag_of_the_slider_is_one_edit(state, history, clock):
    multiply(state, 1, 0.9)
    for factor in (0.8, 0.7, 0.6):
        clock.now += 0.1
        multiply(state, 1, factor)
    clock.now += 5
    multiply(state, 1, 0.2)
    multiply(state, 2, 0.5)
    seen = []
    while history.can_undo():
        history.undo()
        seen.append(factors(state))
    assert seen == [{1: 0.2}, {1: 0.6}, {}]


def test_silencing_at_once_after_a_drag_is_an_edit_of_its_own(state, history):
    multiply(state, 1, 0.5)
    multiply(state, 1, 0.0)
    history.undo()
    assert factors(state) == {1: 0.5}


def test_another_network_brings_back_nothing_of_the_former(state, history):
    state.select(edits=(ChannelEdit(layer="stem", channel=1),))
    state.select(model=ModelRef(name="other"))
    assert state.selection.edits == () and not history.can_undo()
