import pytest

from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.result import Result
from cnnviz_gui.engine.events import (
    Failed,
    Finished,
    Progress,
    Stopped,
)

TIMEOUT = 20


def test_an_urgent_job_runs_inside_a_step_of_a_background_job(bench):
    order = []

    def execute(request, session, ctx):
        order.append(f"begin {request.top}")
        if request.top == 1:
            desk.submit("heatmap", 2)
            ctx.step(1, 2)
        if request.top == 2:
            desk.submit("predict", 3)
            desk.submit("sweep", 4)  # supersedes the outermost, and waits for its turn
            ctx.step(1, 2)
        order.append(f"end {request.top}")
        return Result(seconds=request.top)

    desk = bench(execute)
    desk.submit("sweep", 1)
    desk.run_all()
    assert order == ["begin 1", "begin 2", "begin 3", "end 3", "end 2", "begin 4", "end 4"]
    finished = [e.result.seconds for e in desk.collect() if isinstance(e, Finished)]
    assert finished == [3, 2, 4]


def test_an_equally_or_less_urgent_job_waits(bench):
    order = []

    def execute(request, session, ctx):
        order.append(request.top)
        if request.top == 1:
            desk.submit("sweep", 2)
            ctx.step(1, 2)
        order.append(-request.top)
        return Result()

    desk = bench(execute)
    desk.submit("heatmap", 1)
    desk.run_all()
    assert order == [1, -1, 2, -2]


@pytest.mark.parametrize("end", [RuntimeError("inner"), Cancelled(), SystemExit(1)])
def test_what_befalls_the_inner_job_leaves_the_outer_alone(bench, end):
    def execute(request, session, ctx):
        if request.top == 2:
            raise end
        desk.submit("predict", 2)
        ctx.step(1, 2)
        assert desk.runner.heartbeat().label == "Sweep"
        ctx.check()
        return Result(seconds=request.top)

    desk = bench(execute)
    desk.submit("sweep", 1)
    desk.run_all()
    events = desk.collect()
    assert [e.lane for e in events if isinstance(e, Finished)] == ["sweep"]
    assert [e.lane for e in events if isinstance(e, Failed | Stopped)] == ["predict"]


def test_cancelling_the_outer_job_lets_the_inner_finish(bench):
    def execute(request, session, ctx):
        if request.top == 1:
            desk.submit("predict", 2)
            ctx.step(1, 2)
            raise AssertionError("the outer job went on")
        desk.desk.cancel("sweep")
        ctx.check()
        return Result(seconds=request.top)

    desk = bench(execute)
    desk.submit("sweep", 1)
    desk.run_all()
    events = desk.collect()
    assert [e.lane for e in events if isinstance(e, Finished)] == ["predict"]
    assert [e.lane for e in events if isinstance(e, Stopped)] == ["sweep"]


def test_the_time_of_an_inner_job_is_not_the_outers(bench):
    def execute(request, session, ctx):
        if request.top == 2:
            desk.now += 500
            return Result()
        for done in range(1, 4):
            desk.now += 1
            if done == 1:
                desk.submit("predict", 2)
            ctx.step(done, 4)
        desk.seen = [e for e in desk.outbox.drain() if isinstance(e, Progress)]
        return Result()

    desk = bench(execute)
    desk.submit("sweep", 1)
    desk.run_all()
    (progress,) = desk.seen
    assert (progress.done, progress.total) == (3, 4)
    assert progress.elapsed == pytest.approx(3) and progress.seconds_left == pytest.approx(1)
