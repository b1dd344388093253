import threading

import pytest

from cnnviz_gui.engine.mailbox import Lane, Mailbox, lanes_in_order


@pytest.fixture
def mailbox(lanes):
    return Mailbox(lanes)


def test_the_newest_job_of_a_lane_is_the_only_one_waiting(mailbox, ask):
    for number in range(1, 6):
        mailbox.put("heatmap", ask(number), "Grad-CAM")
    assert [job.request for job in mailbox.waiting()] == [ask(5)]
    assert mailbox.take(timeout=0).request == ask(5)
    assert mailbox.take(timeout=0) is None


def test_tickets_grow(mailbox, ask):
    tickets = [mailbox.put(lane, ask(1), "") for lane in ("sweep", "predict", "sweep", "heatmap")]
    assert tickets == sorted(set(tickets)) and tickets[0] > 0


def test_the_most_urgent_lane_goes_first_whatever_the_order_of_asking(mailbox, ask):
    for lane in ("sweep", "heatmap", "predict"):
        mailbox.put(lane, ask(1), "")
    assert [job.lane.name for job in mailbox.waiting()] == ["predict", "heatmap", "sweep"]
    taken = [mailbox.take(timeout=0).lane.name for _ in range(3)]
    assert taken == ["predict", "heatmap", "sweep"]


def test_equally_urgent_lanes_take_turns_by_ticket(ask):
    mailbox = Mailbox([Lane("a", 1), Lane("b", 1)])
    mailbox.put("b", ask(1), "")
    mailbox.put("a", ask(1), "")
    assert [job.lane.name for job in mailbox.waiting()] == ["b", "a"]


def test_putting_cancels_the_running_job_of_the_lane_and_no_other(mailbox, ask):
    mailbox.put("heatmap", ask(1), "")
    heatmap = mailbox.take(timeout=0)
    mailbox.put("sweep", ask(1), "")
    sweep = mailbox.take(timeout=0)
    mailbox.put("heatmap", ask(2), "")
    assert heatmap.cancelled.is_set() and not sweep.cancelled.is_set()


def test_only_the_newest_uncancelled_ticket_is_current(mailbox, ask):
    first = mailbox.put("heatmap", ask(1), "")
    assert mailbox.is_current("heatmap", first)
    mailbox.take(timeout=0)
    assert mailbox.is_current("heatmap", first)
    second = mailbox.put("heatmap", ask(2), "")
    assert not mailbox.is_current("heatmap", first)
    assert mailbox.is_current("heatmap", second)
    mailbox.cancel("heatmap")
    assert not mailbox.is_current("heatmap", second)
    assert not mailbox.is_current("sweep", second)


def test_cancel_reaches_waiting_and_running_jobs_of_one_lane(mailbox, ask):
    mailbox.put("heatmap", ask(1), "")
    running = mailbox.take(timeout=0)
    mailbox.put("sweep", ask(1), "")
    mailbox.cancel("heatmap")
    assert running.cancelled.is_set()
    mailbox.cancel("predict")
    assert [job.lane.name for job in mailbox.waiting()] == ["sweep"]
    mailbox.cancel_all()
    assert mailbox.waiting() == ()


def test_cancel_reaches_a_job_that_is_done_but_not_yet_shown(mailbox, ask):
    ticket = mailbox.put("heatmap", ask(1), "")
    mailbox.done(mailbox.take(timeout=0))
    assert mailbox.is_current("heatmap", ticket)
    mailbox.cancel("heatmap")
    assert not mailbox.is_current("heatmap", ticket)


def test_take_above_takes_only_what_is_strictly_more_urgent(mailbox, ask, lanes):
    predict, heatmap, sweep = lanes
    mailbox.put("heatmap", ask(1), "")
    assert mailbox.take_above(predict) is None
    assert mailbox.take_above(heatmap) is None
    assert mailbox.take_above(sweep).lane == heatmap


def test_a_job_put_behind_a_lane_lets_that_lane_pass(mailbox, ask, lanes):
    mailbox.put("heatmap", ask(1), "", behind="sweep")
    mailbox.put("sweep", ask(2), "")
    assert mailbox.take(timeout=0).request == ask(2)
    slow = mailbox.take(timeout=0)
    assert (slow.request, slow.lane.name) == (ask(1), "heatmap")
    mailbox.put("sweep", ask(3), "")
    assert mailbox.take_above(slow.lane).request == ask(3)
    mailbox.put("heatmap", ask(4), "")
    assert slow.cancelled.is_set()
    assert mailbox.take(timeout=0).lane == lanes[1]


def test_a_job_is_never_more_urgent_than_its_lane(mailbox, ask, lanes):
    mailbox.put("sweep", ask(1), "", behind="predict")
    assert mailbox.take(timeout=0).lane == lanes[2]


def test_running_jobs_are_listed_until_done(mailbox, ask):
    mailbox.put("sweep", ask(1), "")
    outer = mailbox.take(timeout=0)
    mailbox.put("predict", ask(1), "")
    inner = mailbox.take_above(outer.lane)
    assert mailbox.running() == (outer, inner)
    mailbox.done(inner)
    assert mailbox.running() == (outer,)


def test_closing_wakes_the_taker_and_cancels_everything(mailbox, ask):
    mailbox.put("sweep", ask(1), "")
    running = mailbox.take(timeout=0)
    taken = ["nothing yet"]
    taker = threading.Thread(target=lambda: taken.append(mailbox.take()))
    taker.start()
    mailbox.close()
    taker.join(timeout=10)
    assert taken[1:] == [None]
    assert running.cancelled.is_set()
    mailbox.put("predict", ask(1), "")
    assert mailbox.closed and mailbox.waiting() == () and mailbox.take(timeout=0) is None


def test_a_waiting_taker_gets_a_job_put_by_another_thread(mailbox, ask):
    taken = []
    taker = threading.Thread(target=lambda: taken.append(mailbox.take(timeout=10)))
    taker.start()
    mailbox.put("predict", ask(7), "")
    taker.join(timeout=10)
    assert [job.request for job in taken] == [ask(7)]


def test_unknown_and_repeated_lanes_are_refused(mailbox, ask):
    with pytest.raises(KeyError):
        mailbox.put("nowhere", ask(1), "")
    with pytest.raises(ValueError):
        Mailbox([Lane("a", 1), Lane("a", 2)])


def test_lanes_that_take_turns_are_as_urgent_as_the_first_of_them():
    lanes = lanes_in_order("a", "b", "c", "d", "e", turns=("d", "b"))
    urgency = {lane.name: lane.urgency for lane in lanes}
    assert urgency["a"] > urgency["b"] == urgency["d"] > urgency["c"] > urgency["e"]
    assert [lane.name for lane in lanes] == ["a", "b", "c", "d", "e"]


def test_beside_a_lane_is_one_that_is_as_urgent(ask):
    lanes = lanes_in_order("a", "b", "c", turns=("b", "c"))
    mailbox = Mailbox(lanes)
    mailbox.put("b", ask(1), "")
    assert mailbox.take_beside(lanes[1]) is None, "itself is not beside it"
    assert mailbox.take_above(lanes[2]) is None
    job = mailbox.take_beside(lanes[2])
    assert job.request == ask(1)
    mailbox.put_back(job)
    assert mailbox.waiting() == (job,) and not mailbox.running()


@pytest.mark.parametrize("end", ["cancel", "close", "newer"])
def test_what_was_cancelled_is_not_put_back(ask, end):
    mailbox = Mailbox(lanes_in_order("a"))
    mailbox.put("a", ask(1), "")
    job = mailbox.take(timeout=0)
    if end == "newer":
        mailbox.put("a", ask(2), "")
    else:
        mailbox.close() if end == "close" else mailbox.cancel("a")
    mailbox.put_back(job)
    assert [one.request for one in mailbox.waiting()] == ([ask(2)] if end == "newer" else [])


def test_lanes_in_order_have_falling_urgency():
    urgencies = [lane.urgency for lane in lanes_in_order("a", "b", "c")]
    assert urgencies == sorted(set(urgencies), reverse=True)
