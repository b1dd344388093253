import threading
import weakref

import numpy as np
import pytest

from cnnviz_gui.core.result import Result
from cnnviz_gui.engine.events import (
    Failed,
    Failure,
    Finished,
    Partial,
    Progress,
    Ready,
    Started,
    Stopped,
)
from cnnviz_gui.engine.outbox import Outbox


class Bell:
    def __init__(self):
        self.rings = 0

    def ring(self):
        self.rings += 1


@pytest.fixture
def bell():
    return Bell()


@pytest.fixture
def outbox(bell):
    return Outbox(bell.ring)


def progress(lane, ticket, done):
    return Progress(lane, ticket, done, 10, None, 0.0)


def test_of_partials_and_progress_only_the_newest_of_each_lane_is_kept(outbox, ask):
    for number in range(5):
        for lane in ("heatmap", "sweep"):
            outbox.post(Partial(lane, 1, ask(1), number))
            outbox.post(progress(lane, 1, number))
    events = outbox.drain()
    assert sorted((e.lane, e.value) for e in events if isinstance(e, Partial)) == [
        ("heatmap", 4),
        ("sweep", 4),
    ]
    assert sorted((e.lane, e.done) for e in events if isinstance(e, Progress)) == [
        ("heatmap", 4),
        ("sweep", 4),
    ]
    assert len(events) == 4


def test_everything_else_keeps_its_order(outbox, ask):
    posted = [Ready(None), Started("a", 1, "A"), Stopped("b", 1, ask(1)), Started("a", 2, "A")]
    for event in posted:
        outbox.post(event)
    assert outbox.drain() == posted
    assert outbox.drain() == []


def test_a_partial_never_overtakes_the_start_of_its_job(outbox, ask):
    outbox.post(Partial("a", 1, ask(1), "old"))
    outbox.post(Started("a", 2, "A"))
    outbox.post(Partial("a", 2, ask(1), "new"))
    assert [type(event) for event in outbox.drain()] == [Started, Partial]


@pytest.mark.parametrize("kind", ["finished", "failed", "stopped"])
def test_an_outcome_removes_what_is_pending_of_its_lane(outbox, ask, kind):
    outcome = {
        "finished": Finished("a", 1, ask(1), Result()),
        "failed": Failed("a", 1, ask(1), Failure("No.")),
        "stopped": Stopped("a", 1, ask(1)),
    }[kind]
    other = Partial("b", 2, ask(1), "other lane")
    outbox.post(Partial("a", 1, ask(1), "older"))
    outbox.post(progress("a", 1, 3))
    outbox.post(other)
    outbox.post(outcome)
    assert outbox.drain() == [other, outcome]


def test_an_outcome_leaves_what_belongs_to_a_newer_job(outbox, ask):
    newer = Partial("a", 2, ask(1), "newer")
    outbox.post(newer)
    outbox.post(Stopped("a", 1, ask(1)))
    assert newer in outbox.drain()


def test_the_bell_rings_once_each_time_the_box_stops_being_empty(outbox, bell, ask):
    for _ in range(3):
        outbox.post(Started("a", 1, "A"))
    assert bell.rings == 1
    outbox.drain()
    assert bell.rings == 1
    outbox.post(Started("a", 2, "A"))
    assert bell.rings == 2


def test_the_bell_may_drain_the_box(ask):
    seen = []
    outbox = Outbox(lambda: seen.extend(outbox.drain()))
    outbox.post(Started("a", 1, "A"))
    outbox.post(Started("a", 2, "A"))
    assert [event.ticket for event in seen] == [1, 2]


def test_conflation_keeps_memory_bounded(outbox, ask):
    alive = []
    for _ in range(1500):
        image = np.zeros((3, 224, 224), np.float32)  # 0.6 MB
        alive.append(weakref.ref(image))
        outbox.post(Partial("heatmap", 1, ask(1), image))
    del image
    assert sum(ref() is not None for ref in alive) == 1


def test_nothing_is_lost_or_doubled_between_two_threads(ask):
    ready = threading.Event()
    outbox = Outbox(ready.set)
    count = 2000

    def post_all():
        for ticket in range(1, count + 1):
            outbox.post(Started("a", ticket, "A"))

    poster = threading.Thread(target=post_all)
    poster.start()
    seen = []
    while len(seen) < count:
        assert ready.wait(timeout=10)
        ready.clear()
        seen += [event.ticket for event in outbox.drain()]
    poster.join(timeout=10)
    assert seen == list(range(1, count + 1))
