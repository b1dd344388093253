from hypothesis import given
from hypothesis import strategies as st

from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.result import Result
from cnnviz_gui.engine.events import (
    Finished,
    Started,
    Stopped,
)

TIMEOUT = 20


def answer(request, session, ctx):
    return Result(seconds=request.top)


def kinds(events):
    return [type(event) for event in events]


def test_a_superseded_job_is_silent_and_stops_at_its_next_check(bench):
    reached = []

    def execute(request, session, ctx):
        if request.top == 1:
            desk.submit("heatmap", 2)
            ctx.partial("stale")
            ctx.check()
            reached.append("after the check")
        return Result(seconds=request.top)

    desk = bench(execute)
    desk.submit("heatmap", 1)
    desk.run_all()
    events = desk.collect()
    assert kinds(events) == [Started, Finished] and events[1].result.seconds == 2
    assert not reached


def test_a_cancelled_job_is_stopped_once_even_if_it_finishes(bench):
    def execute(request, session, ctx):
        desk.desk.cancel("heatmap")
        desk.desk.cancel("heatmap")
        return Result()

    desk = bench(execute)
    desk.submit("heatmap")
    desk.run_all()
    assert kinds(desk.collect()) == [Stopped]


def test_a_finished_result_that_was_not_yet_shown_can_still_be_cancelled(bench):
    desk = bench(answer)
    desk.submit("heatmap")
    desk.run_all()
    desk.desk.cancel("heatmap")
    assert kinds(desk.collect()) == [Stopped]
    desk.desk.cancel("heatmap")
    assert desk.collect() == []


def test_nothing_is_heard_of_a_forgotten_job_even_if_it_was_cancelled_before(bench):
    desk = bench(answer)
    desk.submit("heatmap")
    desk.run_all()
    desk.desk.cancel("heatmap")
    desk.desk.forget("heatmap")
    desk.submit("sweep")
    desk.desk.forget("sweep")
    desk.run_all()
    assert desk.collect() == []


def test_a_job_cancelled_while_it_waits_is_stopped_without_running(bench):
    ran = []
    desk = bench(lambda request, session, ctx: ran.append(1) or Result())
    desk.submit("heatmap")
    desk.desk.cancel_all()
    desk.run_all()
    assert kinds(desk.collect()) == [Stopped] and not ran


def test_a_job_cancelled_between_taking_and_running_does_not_start(bench):
    ran = []
    desk = bench(lambda request, session, ctx: ran.append(1) or Result())
    desk.submit("heatmap")
    job = desk.mailbox.take(timeout=0)
    desk.desk.cancel("heatmap")
    desk.runner.run_job(job)
    assert kinds(desk.collect()) == [Stopped] and not ran


def test_a_failure_after_cancel_counts_as_stopped(bench):
    def execute(request, session, ctx):
        desk.mailbox.cancel("heatmap")
        raise RuntimeError("the network wrapped the cancellation")

    desk = bench(execute)
    desk.submit("heatmap")
    desk.run_all()
    assert kinds(desk.collect()) == [Stopped]


def test_a_job_that_gives_up_by_itself_is_stopped(bench):
    def execute(request, session, ctx):
        raise Cancelled

    desk = bench(execute)
    desk.submit("heatmap")
    desk.run_all()
    assert kinds(desk.collect()) == [Started, Stopped]


@given(stop_at=st.integers(0, 9), supersede=st.booleans())
def test_cancel_anywhere_then_rerun_equals_an_uninterrupted_run(bench, stop_at, supersede):
    plain = bench(accumulate)
    plain.submit("heatmap", 3)
    plain.run_all()

    runs = []

    def interrupted(request, session, ctx):
        runs.append(request)
        if len(runs) == 1:
            ctx = StopAt(ctx, stop_at, again if supersede else cancel)
        return accumulate(request, session, ctx)

    def again():
        desk.submit("heatmap", 3)

    def cancel():
        desk.desk.cancel("heatmap")

    desk = bench(interrupted)
    desk.submit("heatmap", 3)
    desk.run_all()
    if not supersede:
        assert [e for e in desk.collect() if isinstance(e, Finished)] == []
        again()
        desk.run_all()
    assert len(runs) == 2
    (expected,) = [e for e in plain.collect() if isinstance(e, Finished)]
    (actual,) = [e for e in desk.collect() if isinstance(e, Finished)]
    assert actual.result.seconds == expected.result.seconds


def accumulate(request, session, ctx):
    value = 1.0
    for done in range(1, 11):
        value = value * 1.1 + request.top
        ctx.step(done, 10)
        ctx.partial(value)
    return Result(seconds=value)


class StopAt:
    """Does something in the middle of a job, before the context's own step."""

    def __init__(self, ctx, at, do):
        self.ctx, self.at, self.do = ctx, at, do
        self.check, self.partial = ctx.check, ctx.partial

    def step(self, done, total):
        if done == self.at + 1:
            self.do()
        self.ctx.step(done, total)
