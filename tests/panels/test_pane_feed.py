"""What a pane shows, and what it says in the place of a picture it does not have."""

import weakref

import numpy as np

from cnnviz_gui.core.request import Forget, ImageRef, UseDevice
from cnnviz_gui.core.result import Result
from cnnviz_gui.panels import take_out
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.pane_feed import GO_ON, PaneFeed, pane_state
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding, stopped


def test_what_was_stopped_before_it_was_there_says_how_to_go_on():
    halted = Finding().waiting(Forget()).stopped()
    assert pane_state(halted, False) == ("empty", stopped())
    assert pane_state(halted, False, rests=GO_ON) == ("empty", GO_ON)
    assert pane_state(Finding().waiting(Forget()), False) == ("loading", "")


def test_nothing_is_to_come_of_what_was_stopped():
    found = Finding().waiting(Forget()).finished(Forget(), Result())
    newer = found.waiting(UseDevice(device="cpu"))
    assert pane_state(found, True) == ("done", "")
    assert pane_state(newer, True) == ("stale", "")
    assert pane_state(newer.stopped(), True) == ("stopped", "")


def test_as_many_pictures_as_are_kept_are_not_made_again(qtbot):
    pane = ImagePane("Picture")
    qtbot.addWidget(pane)
    feed = PaneFeed(pane, AppState(), kept=2)
    made = []

    def make(value):
        made.append(value)
        return np.full((4, 4, 3), value, dtype=np.uint8)

    for value in (1, 2, 1, 2, 3, 2, 1):
        feed.show("done", make, value)
        assert pane.image()[0, 0, 0] == value
    assert made == [1, 2, 3, 1]
    feed.clear()
    feed.show("done", make, 1)
    assert made == [1, 2, 3, 1, 1]


def test_what_a_kept_picture_was_made_of_is_not_kept(qtbot):
    pane = ImagePane("Picture")
    qtbot.addWidget(pane)
    feed = PaneFeed(pane, AppState(), kept=2)
    pixels = np.zeros((4, 4, 3), dtype=np.uint8)
    left = weakref.ref(pixels)
    feed.show("done", np.copy, pixels)
    feed.show("done", np.copy, np.ones((4, 4, 3), dtype=np.uint8))
    del pixels
    assert left() is None


def test_a_picture_is_saved_under_the_name_of_the_photograph_it_is_made_of(qtbot, monkeypatch):
    names = []
    monkeypatch.setattr(take_out, "save_as", lambda *given: names.append(given[3]))
    state = AppState()
    pane = ImagePane("Störung")
    qtbot.addWidget(pane)
    feed = PaneFeed(pane, state)
    feed.show("done", np.zeros, (4, 4, 3), np.uint8)
    pane.save_as()
    state.select(image=ImageRef(path="/photos/Kätzchen.jpg"))
    pane.save_as()
    state.select(stage="features")  # those are made of noise
    pane.save_as()
    written = ["störung.png", "kätzchen-störung.png", "störung.png"]
    assert [take_out.file_name(name) for name in names] == written


class Telling:
    """A writer on a page whose request is known."""

    def told(self):
        return b'{"format":1}'


def test_a_photograph_that_leaves_the_window_tells_of_no_request(qtbot, monkeypatch):
    state = AppState()
    state.writer = Telling()
    saved, dragged = [], []
    monkeypatch.setattr(take_out, "save_as", lambda *given: saved.append(given[-1]))
    monkeypatch.setattr(take_out, "drag", lambda *given: dragged.append(given[-1]))
    for input_only in (False, True):
        pane = ImagePane("Photograph")
        qtbot.addWidget(pane)
        feed = PaneFeed(pane, state, input_only=input_only)
        feed.show("done", lambda: np.zeros((4, 4, 3), np.uint8))
        pane.save_as()
        pane._on_drag_wanted()
    assert saved == dragged == [b'{"format":1}', b""]
