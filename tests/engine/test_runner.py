import threading
import weakref

import pytest

from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.result import Result
from cnnviz_gui.engine import runner as runner_module
from cnnviz_gui.engine.events import (
    Failed,
    Finished,
    Partial,
    Ready,
    Started,
    StartFailed,
    Starting,
)
from cnnviz_gui.engine.mailbox import Mailbox
from cnnviz_gui.engine.outbox import Outbox
from cnnviz_gui.engine.runner import Kit, Runner

TIMEOUT = 20


def answer(request, session, ctx):
    return Result(seconds=request.top)


def kinds(events):
    return [type(event) for event in events]


def test_a_job_starts_and_finishes_with_its_result(bench):
    desk = bench(answer)
    ticket = desk.submit("heatmap", 7)
    desk.run_all()
    started, finished = desk.collect()
    assert started == Started("heatmap", ticket, "Heatmap")
    assert finished.ticket == ticket and finished.result.seconds == 7
    assert finished.request.top == 7
    assert desk.mailbox.running() == ()


def test_execute_gets_the_session_of_the_kit(bench):
    seen = []
    desk = bench(lambda request, session, ctx: seen.append(session) or Result())
    desk.submit("heatmap")
    desk.run_all()
    assert seen == ["session"]


class Rude(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Unhashable(Exception):
    __hash__ = None


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("shape"),
        MethodError("It cannot.", "Choose another."),
        SystemExit(2),
        KeyboardInterrupt(),
        GeneratorExit(),
        StopIteration(),
        MemoryError(),
        RecursionError(),
        Rude(),
        Unhashable([]),
        Exception(b"\xff"),
        Exception("\udc80"),
        BaseExceptionGroup("many", [SystemExit(1)]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_the_worker_survives_whatever_a_job_raises(bench, error):
    def execute(request, session, ctx):
        if request.top == 1:
            raise error
        return Result(seconds=request.top)

    desk = bench(execute)
    desk.submit("heatmap", 1)
    desk.submit("sweep", 2)
    desk.run_all()
    _, failed, _, finished = desk.collect()
    assert isinstance(failed, Failed) and failed.lane == "heatmap" and failed.failure.message
    assert isinstance(finished, Finished) and finished.result.seconds == 2
    assert desk.runner.heartbeat() is None


def test_nothing_of_a_failed_job_stays_in_memory(bench):
    refs = []

    class Tensor:
        pass

    def execute(request, session, ctx):
        tensor = Tensor()
        tensor.itself = tensor
        refs.append(weakref.ref(tensor))
        raise RuntimeError("failed")

    desk = bench(execute)
    desk.submit("heatmap")
    desk.run_all()
    events = desk.collect()
    assert kinds(events) == [Started, Failed] and refs[0]() is None


def test_a_partial_carries_request_and_value(bench):
    def execute(request, session, ctx):
        ctx.partial("half")
        (desk.half,) = [e for e in desk.outbox.drain() if isinstance(e, Partial)]
        return Result()

    desk = bench(execute)
    ticket = desk.submit("heatmap", 5)
    desk.run_all()
    assert (desk.half.ticket, desk.half.request.top, desk.half.value) == (ticket, 5, "half")


def test_the_outbox_holds_no_partial_of_a_cancelled_job(bench):
    def execute(request, session, ctx):
        desk.mailbox.cancel("heatmap")
        ctx.partial("half")
        desk.seen = desk.outbox.drain()
        return Result()

    desk = bench(execute)
    desk.submit("heatmap")
    desk.run_all()
    assert kinds(desk.seen) == [Started]


def test_the_heartbeat_tells_the_job_and_its_silence(bench):
    def execute(request, session, ctx):
        ctx.check()
        desk.now += 12
        desk.beat = desk.runner.heartbeat()
        ctx.step(1, 2)
        desk.after = desk.runner.heartbeat()
        return Result()

    desk = bench(execute)
    desk.submit("heatmap")
    desk.run_all()
    assert (desk.beat.label, desk.beat.seconds) == ("Heatmap", 12)
    assert desk.after.seconds == 0
    assert desk.runner.heartbeat() is None


def test_the_window_hears_how_the_start_goes(lanes):
    def start(say):
        say("Loading the networks")
        return Kit(answer, None, payload=("facts",))

    outbox = Outbox(lambda: None)
    Runner(start, Mailbox(lanes), outbox).prepare()
    starting, ready = outbox.drain()
    assert starting == Starting("Loading the networks")
    assert isinstance(ready, Ready) and ready.payload == ("facts",)


@pytest.mark.parametrize("error", [ImportError("No module named 'torch'"), SystemExit(1)])
def test_after_a_failed_start_every_job_gets_the_reason(lanes, ask, error):
    def start(say):
        raise error

    mailbox, outbox = Mailbox(lanes), Outbox(lambda: None)
    runner = Runner(start, mailbox, outbox)
    runner.prepare()
    mailbox.put("heatmap", ask(1), "Grad-CAM")
    runner.run_job(mailbox.take(timeout=0))
    start_failed, failed = outbox.drain()
    assert isinstance(start_failed, StartFailed) and isinstance(failed, Failed)
    assert start_failed.failure == failed.failure
    assert "The start of the engine failed" in failed.failure.message


def test_closing_during_the_start_ends_it_at_the_next_word(lanes):
    mailbox, outbox = Mailbox(lanes), Outbox(lambda: None)

    def start(say):
        say("first")
        mailbox.close()
        say("second")
        raise AssertionError("the start went on")

    Runner(start, mailbox, outbox).run_forever()
    assert outbox.drain() == [Starting("first")]


def test_memory_is_given_back_once_where_no_job_comes_for_some_time(lanes, ask, monkeypatch):
    mailbox, given = Mailbox(lanes), []
    done, rested = threading.Event(), threading.Event()
    monkeypatch.setattr(runner_module, "REST_S", 0.05)
    monkeypatch.setattr(runner_module.garbage, "give_back", lambda: (given.append(1), rested.set()))
    kit = Kit(lambda request, session, ctx: done.set() or Result(), None)
    worker = threading.Thread(target=Runner(lambda say: kit, mailbox, Outbox(int)).run_forever)
    worker.start()
    assert rested.wait(TIMEOUT) and not done.wait(0.2) and given == [1]
    rested.clear()
    mailbox.put("heatmap", ask(1), "Grad-CAM")
    assert done.wait(TIMEOUT) and rested.wait(TIMEOUT)
    mailbox.close()
    worker.join(TIMEOUT)
    assert given == [1, 1], "closing is no rest"


def test_a_thousand_slider_moves_end_with_the_last_value_and_few_jobs(lanes, ask):
    mailbox = Mailbox(lanes)
    woken, last, first = threading.Event(), threading.Event(), threading.Event()
    outbox = Outbox(woken.set)
    ran = []

    def execute(request, session, ctx):
        ran.append(request.top)
        first.set()
        if request.top < 1000:
            while not last.wait(timeout=0.001):
                ctx.check()
            ctx.check()
        return Result(seconds=request.top)

    runner = Runner(lambda say: Kit(execute, None), mailbox, outbox)
    worker = threading.Thread(target=runner.run_forever)
    worker.start()
    mailbox.put("heatmap", ask(0), "Grad-CAM")
    assert first.wait(TIMEOUT)
    for value in range(1, 1001):
        ticket = mailbox.put("heatmap", ask(value), "Grad-CAM")
    last.set()
    finished = []
    while not finished:
        assert woken.wait(TIMEOUT)
        woken.clear()
        finished = [e for e in outbox.drain() if isinstance(e, Finished)]
    mailbox.close()
    worker.join(TIMEOUT)
    assert [(e.ticket, e.result.seconds) for e in finished] == [(ticket, 1000)]
    assert ran[-1] == 1000 and len(ran) <= 250
    assert not worker.is_alive()
