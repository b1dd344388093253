"""Which button of a page a key presses: by what it is there for, not by what is written on it."""

import pytest
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.app import primary
from cnnviz_gui.panels.controls import Button, Notice
from cnnviz_gui.state.app_state import Activity, AppState


@pytest.fixture
def page(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.row = QHBoxLayout(made)
    made.pressed = []
    return made


def add(page, widget, name):
    page.row.addWidget(widget)
    (widget.acted if isinstance(widget, Notice) else widget.clicked).connect(
        lambda: page.pressed.append(name)
    )
    return widget


def test_the_key_goes_on_with_what_was_stopped_but_does_not_do_what_else_is_offered(page):
    other = add(page, Notice(action="Continue"), "other")
    assert not primary.press(page)
    other.set_stopped("Stopped at 3 of 7.")
    assert primary.press(page) and page.pressed == ["other"]
    other.set_notice("It is done.", action="Continue")
    assert not primary.press(page), "it stops being there for that"


def test_what_begins_comes_before_what_goes_on(page):
    add(page, Notice(), "on").set_stopped("Stopped.")
    begin = add(page, Button("Continue", kind="primary"), "begin")
    assert primary.press(page)
    begin.setEnabled(False)
    assert primary.press(page)
    assert page.pressed == ["begin", "on"]


def test_what_is_under_way_is_named():
    state = AppState()
    assert "nothing to start" in primary.nothing(state).text
    state.share(activity=Activity("Race of the attacks", "attack-race"))
    assert "already: Race of the attacks." in primary.nothing(state).text
