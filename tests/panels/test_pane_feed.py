"""What a pane says in the place of a picture it does not have."""

from cnnviz_gui.core.request import Forget
from cnnviz_gui.core.result import Result
from cnnviz_gui.panels.pane_feed import pane_state
from cnnviz_gui.state.finding import STOPPED, Finding


def test_what_was_stopped_before_it_was_there_says_how_to_go_on():
    stopped = Finding().waiting(Forget()).stopped()
    assert pane_state(stopped, False) == ("empty", STOPPED)
    assert "Continue" in pane_state(stopped, False, button="Continue")[1]
    assert pane_state(Finding().waiting(Forget()), False) == ("loading", "")


def test_nothing_is_to_come_of_what_was_stopped():
    found = Finding().waiting(Forget()).finished(Forget(), Result())
    newer = found.waiting(Forget(disk=True))
    assert pane_state(found, True) == ("done", "")
    assert pane_state(newer, True) == ("stale", "")
    assert pane_state(newer.stopped(), True) == ("stopped", "")
