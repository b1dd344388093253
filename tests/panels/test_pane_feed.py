"""What a pane says in the place of a picture it does not have."""

from cnnviz_gui.core.request import Forget
from cnnviz_gui.panels.pane_feed import pane_state
from cnnviz_gui.state.finding import STOPPED, Finding


def test_what_was_stopped_before_it_was_there_says_how_to_go_on():
    stopped = Finding().waiting(Forget()).stopped()
    assert pane_state(stopped, False) == ("empty", STOPPED)
    assert "Continue" in pane_state(stopped, False, button=True)[1]
    assert pane_state(Finding().waiting(Forget()), False) == ("loading", "")
