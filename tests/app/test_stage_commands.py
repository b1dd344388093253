"""Pictures are begun, paused and gone on with by the keyboard, from whatever page."""

import pytest
from PySide6.QtWidgets import QWidget

from cnnviz_gui.app import stage_commands
from cnnviz_gui.app.stage_commands import StageCommands
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state import feature_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding


@pytest.fixture
def state(make_facts):
    made = AppState()
    made.use_network(ModelRef(name="net"), make_facts("net"))
    made.select(image=ImageRef(path="cat.png", sha256="1"), stage="features", layer="head")
    made.select(channel=2, feature_started=True)
    made.found("feature", Finding().waiting(feature_view.wanted(made)))
    return made


@pytest.fixture
def commands(qtbot, state):
    window = QWidget()
    qtbot.addWidget(window)
    return StageCommands(window, state)


def test_on_its_page_a_picture_is_paused_and_goes_on(commands, state):
    commands.on_make_feature()
    assert not state.selection.feature_started
    state.found("feature", state.finding("feature").waiting())
    commands.on_make_feature()
    assert state.selection.feature_started


def test_from_another_page_a_picture_goes_on(commands, state):
    state.select(stage="heatmaps")
    state.found("feature", state.finding("feature").waiting())
    commands.on_make_feature()
    assert state.selection.stage == "features" and state.selection.feature_started


def test_only_an_attack_that_is_there_blinks(commands, state, monkeypatch):
    commands.on_blink()
    assert not state.display.blinking and "no attack to blink" in state.shared.notice.text
    monkeypatch.setattr(stage_commands, "attack_on_screen", lambda state: object())
    state.show(attack_view="steps")
    commands.on_blink()
    assert state.display.blinking and state.display.attack_view == "picture"
    assert state.selection.stage == "attack"
    commands.on_blink()
    assert not state.display.blinking
