"""The ways to a second network: actions, palette, chip."""

import pytest
from PySide6.QtGui import QAction

from cnnviz_gui.app.comparing import Comparing
from cnnviz_gui.app.palette_commands import to_compare
from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels.second_chip import SecondChip
from cnnviz_gui.state.app_state import AppState

NET, OTHER = ModelRef(name="net"), ModelRef(name="other")
NAMES = ("compare", "swap_networks", "stop_comparing")


@pytest.fixture
def actions(qapp):
    return {name: QAction(name) for name in NAMES}


@pytest.fixture
def state():
    return AppState()


@pytest.fixture
def chip(state, actions, qtbot):
    made = SecondChip(state)
    qtbot.addWidget(made)
    Comparing(state, actions, made, parent=made)
    return made


def enabled(actions):
    return [name for name, action in actions.items() if action.isEnabled()]


def test_actions_are_offered_as_they_make_sense(state, chip, actions, make_facts):
    assert enabled(actions) == []
    state.use_network(NET, make_facts("net"))
    assert enabled(actions) == ["compare"]
    state.share(pending_second=OTHER)
    assert enabled(actions) == ["compare", "stop_comparing"]
    state.use_second(OTHER, make_facts("other"))
    assert enabled(actions) == list(NAMES)
    state.use_second(None, None)
    assert enabled(actions) == ["compare"]


def test_the_chip_triggers_the_actions(state, chip, actions, make_facts, qtbot):
    state.use_network(NET, make_facts("net"))
    state.use_second(OTHER, make_facts("other"))
    with qtbot.waitSignal(actions["stop_comparing"].triggered):
        chip.stop_wanted.emit()
    with qtbot.waitSignal(actions["compare"].triggered):
        chip.another_wanted.emit()


def test_every_network_but_those_in_use_can_be_compared(state, make_facts):
    entries = [
        CatalogueEntry(name, name.title(), "Nets", 1, weights, 4, None, None, None)
        for name, weights in (("net", "embedded"), ("other", "here"), ("third", "download"))
    ]
    state.share(catalogue=tuple(entries))
    state.use_network(NET, make_facts("net"))
    chosen = []
    offered = to_compare(state, chosen.append)
    assert [(command.title, command.hint) for command in offered] == [
        ("Other", "here"), ("Third", "untrained"),
    ]  # fmt: skip
    for command in offered:
        command.run()
    assert chosen == [OTHER, ModelRef(name="third", untrained=True)]
    state.use_second(OTHER, make_facts("other"))
    assert [command.title for command in to_compare(state, chosen.append)] == ["Third"]
