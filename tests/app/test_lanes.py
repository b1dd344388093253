"""Which jobs give way to which."""

import pytest

from cnnviz_gui.app.asking import ASKING
from cnnviz_gui.app.lanes import LANES, PLANNED, RESUMED, SLOW_BEHIND, stopped_with
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.engine.mailbox import Mailbox

JOB = Predict(model=ModelRef(name="net"), image=ImageRef(path="a.png"))


@pytest.mark.parametrize("other", ["heatmap-second", "plane"])
def test_a_slow_map_takes_no_turns(other):
    mailbox = Mailbox(LANES)
    mailbox.put("heatmap", JOB, "", behind=SLOW_BEHIND)
    runs = mailbox.take(timeout=0)
    mailbox.put(other, JOB, "", behind=SLOW_BEHIND if other != "plane" else "")
    waits = mailbox.waiting()[0]
    assert waits.lane.urgency == runs.lane.urgency, "or it would not be told from those that do"
    assert mailbox.take_beside(runs.lane) is None
    assert mailbox.take_above(runs.lane) is None
    mailbox.done(runs)
    assert mailbox.take(timeout=0) is waits, "it comes afterwards"


@pytest.mark.parametrize("long", ["attack", "sweep", "feature"])
def test_thumbnails_wait_for_a_prediction_and_for_nothing_long(long):
    mailbox = Mailbox(LANES)
    mailbox.put(long, JOB, "")
    runs = mailbox.take(timeout=0)
    mailbox.put("thumbnails", JOB, "")
    mailbox.put("predict", JOB, "")
    order = [mailbox.take_above(runs.lane).lane.name for _ in range(2)]
    assert order == ["predict", "thumbnails"]
    mailbox.put("thumbnails", JOB, "", behind="device")
    assert mailbox.take_above(runs.lane) is None


def test_the_pictures_of_two_networks_are_stopped_together():
    both = stopped_with("feature")
    assert both == stopped_with("feature-second")
    assert set(both) == {"feature", "feature-second"}
    assert stopped_with("sweep") == ("sweep",)


def test_an_attack_is_stopped_with_its_sweep_and_defences_with_their_checks():
    assert stopped_with("attack")[-1] == "attack" and "sweep" in stopped_with("attack")
    assert set(stopped_with("attack")) < set(stopped_with("attack-steps"))
    assert stopped_with("masking")[-1] == "masking"
    assert set(stopped_with("masking")) == {"defences", "masking", "defences-known"}


def test_the_pictures_of_two_networks_take_turns():
    mailbox = Mailbox(LANES)
    mailbox.put("feature", JOB, "")
    mailbox.put("feature-second", JOB, "")
    first = mailbox.take(timeout=0)
    assert mailbox.take_beside(first.lane).lane.name == "feature-second"


def test_what_goes_on_when_told_names_lanes_and_what_begins_them():
    assert set(RESUMED) <= set(PLANNED)
    assert all(not begun or begun in ASKING for begun in RESUMED.values())
