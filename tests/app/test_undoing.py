"""Settings by the keyboard: taken back, made again, and never instead of typed text."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from cnnviz_gui.app import actions
from cnnviz_gui.app.undoing import Undoing
from cnnviz_gui.core.request import ChannelEdit, ModelRef
from cnnviz_gui.state.app_state import AppState

EDITS = (ChannelEdit(layer="stem", channel=1),)
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def state():
    made = AppState()
    made.share(facts=object())
    return made


@pytest.fixture
def window(qtbot, state):
    made = QWidget()
    qtbot.addWidget(made)
    made.field = QLineEdit(made)
    made.undoing = Undoing(made, state, None)
    specs = [spec for spec in actions.SPECS if spec.handler in ("undo", "redo")]
    made.undoing.actions = actions.build((made.undoing,), made, specs)
    state.bulletin.post(frozenset({"facts"}))
    made.show()
    qtbot.waitActive(made)
    made.setFocus()
    return made


def test_keys_take_back_and_make_again(qtbot, window, state):
    undo, redo = (window.undoing.actions[name] for name in ("undo", "redo"))
    assert not undo.isEnabled() and not redo.isEnabled()
    state.select(edits=EDITS)
    assert undo.isEnabled() and not redo.isEnabled()
    assert undo.text() == "&Undo edit of a channel" and redo.text() == "&Redo"
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert state.selection.edits == () and not undo.isEnabled() and redo.isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert state.selection.edits == EDITS


def test_a_text_field_takes_back_its_own(qtbot, window, state):
    state.select(edits=EDITS)
    window.field.setFocus()
    qtbot.keyClicks(window.field, "conv")
    qtbot.keyClick(window.field, Qt.Key.Key_Z, CTRL)
    assert window.field.text() == "" and state.selection.edits == EDITS


def test_a_step_names_what_it_leads_to_and_is_told(window, state):
    said = []
    window.undoing.told.connect(said.append)
    state.show(opacity=0.25)
    window.undoing.history.seal()
    undo, redo = (window.undoing.actions[name] for name in ("undo", "redo"))
    assert undo.text() == "&Undo opacity (back to 62 %)"
    undo.trigger()
    assert redo.text() == "&Redo opacity (25 %)"
    redo.trigger()
    assert said == ["Undone: opacity (back to 62 %)", "Redone: opacity (25 %)"]
    undo.trigger()
    undo.trigger()
    assert len(said) == 3, "nothing was undone"


class Opener:
    """Opens no network by itself: that takes a while."""

    def first(self, model):
        self.asked = model


def test_a_step_to_another_network_is_told_once_that_is_there(qtbot, state, make_facts):
    owner = QWidget()
    qtbot.addWidget(owner)
    opener, said = Opener(), []
    undoing = Undoing(owner, state, opener)
    undoing.told.connect(said.append)
    network = make_facts("lenet5")
    first, other = state.selection.model, ModelRef(name="lenet5")
    state.use_network(other, network)
    for step, model, told in (
        (undoing.on_undo, first, "Undone: network (back to EfficientNet-Lite0)"),
        (undoing.on_redo, other, "Redone: network (LeNet-5)"),
    ):
        said[:] = []
        step()
        assert said == [""] and opener.asked == model, "what was told before is no longer true"
        state.use_network(model, network)
        assert said == ["", told]
