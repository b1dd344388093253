import gc
import os
import subprocess
import sys
import threading
import time
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QObject, QThread, Slot

from cnnviz_gui.core import garbage
from cnnviz_gui.core.result import Result
from cnnviz_gui.engine import engine as engine_module
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.engine.events import Failed, Finished, Partial, Ready, Started, Stopped
from cnnviz_gui.engine.runner import Kit

TIMEOUT = 20


class Window(QObject):
    """Notes what happens, and on which thread."""

    def __init__(self, engine):
        super().__init__()
        self.engine = engine
        self.events = []
        self.threads = set()
        engine.happened.connect(self.on_happened)

    @Slot(object)
    def on_happened(self, event):
        self.events.append(event)
        self.threads.add(threading.get_ident())

    def of(self, *kinds):
        return [event for event in self.events if isinstance(event, kinds)]

    def has(self, kind):
        return bool(self.of(kind))


@pytest.fixture
def open_window(qapp, lanes):
    engines = []

    def open_with(execute, start=None):
        engine = Engine(start or (lambda say: Kit(execute, "session", "facts")), lanes)
        engines.append(engine)
        window = Window(engine)
        engine.start()
        return window

    yield open_with
    for engine in engines:
        assert engine.shutdown(TIMEOUT * 1000)


def answer(request, session, ctx):
    return Result(seconds=request.top)


def test_jobs_run_on_another_thread_and_events_arrive_on_this_one(open_window, qtbot, ask):
    threads = []

    def execute(request, session, ctx):
        threads.append(threading.get_ident())
        return Result(seconds=request.top)

    window = open_window(execute)
    ticket = window.engine.submit("heatmap", ask(5), "Grad-CAM")
    qtbot.waitUntil(lambda: window.has(Finished), timeout=TIMEOUT * 1000)
    assert [type(event) for event in window.events] == [Ready, Started, Finished]
    assert window.of(Ready)[0].payload == "facts"
    assert window.events[2].ticket == ticket and window.events[2].result.seconds == 5
    assert window.threads == {threading.get_ident()} and threads[0] not in window.threads
    assert not window.engine.busy


def test_the_start_runs_on_the_worker(open_window, qtbot):
    threads = []

    def start(say):
        threads.append(threading.get_ident())
        return Kit(answer, None)

    window = open_window(None, start)
    qtbot.waitUntil(lambda: window.has(Ready), timeout=TIMEOUT * 1000)
    assert threads != [threading.get_ident()]


def test_a_slider_flood_shows_the_last_value_and_nothing_stale(open_window, qtbot, ask):
    def execute(request, session, ctx):
        never = threading.Event()
        for done in range(1, 4):
            never.wait(timeout=0.001)
            ctx.step(done, 3)
            ctx.partial(request.top)
        ran.append(request.top)
        return Result(seconds=request.top)

    ran = []
    window = open_window(execute)
    for value in range(1, 1001):
        ticket = window.engine.submit("heatmap", ask(value), "Grad-CAM")
    qtbot.waitUntil(lambda: window.has(Finished), timeout=TIMEOUT * 1000)
    assert {event.ticket for event in window.of(Started, Partial, Finished)} == {ticket}
    assert window.of(Finished)[0].result.seconds == 1000
    assert len(ran) <= 250


def test_partials_do_not_pile_up_while_the_window_is_busy(open_window, qtbot, ask):
    alive, streamed, go_on = [], threading.Event(), threading.Event()

    def execute(request, session, ctx):
        for _ in range(1500):
            image = np.zeros((3, 224, 224), np.float32)  # 0.6 MB
            alive.append(weakref.ref(image))
            ctx.partial(image)
        del image
        streamed.set()
        go_on.wait(TIMEOUT)
        return Result()

    window = open_window(execute)
    window.engine.submit("heatmap", ask(1), "Grad-CAM")
    assert streamed.wait(TIMEOUT)  # without the event loop: a window that draws something else
    assert sum(ref() is not None for ref in alive) == 1
    qtbot.waitUntil(lambda: window.has(Partial), timeout=TIMEOUT * 1000)
    go_on.set()
    qtbot.waitUntil(lambda: window.has(Finished), timeout=TIMEOUT * 1000)
    assert len(window.of(Partial)) == 1


def test_cancel_is_answered_at_once_even_by_a_deaf_job(open_window, qtbot, ask):
    began, release = threading.Event(), threading.Event()

    def execute(request, session, ctx):
        began.set()
        release.wait(TIMEOUT)
        return Result()

    window = open_window(execute)
    left, sweep = [], ask(1)
    window.engine.left.connect(left.append)
    window.engine.submit("sweep", sweep, "Sweep")
    assert began.wait(TIMEOUT)
    window.engine.submit("heatmap", ask(2), "Grad-CAM")
    assert [job.label for job in window.engine.waiting()] == ["Grad-CAM"]
    window.engine.cancel_all()
    qtbot.waitUntil(lambda: len(window.of(Stopped)) == 2, timeout=TIMEOUT * 1000)
    assert window.engine.busy and [job.label for job in window.engine.running()] == ["Sweep"]
    assert window.engine.heartbeat().label == "Sweep" and window.engine.waiting() == ()
    assert left == [], "the worker is still at it"
    release.set()
    window.engine.submit("predict", ask(3), "Predict")
    qtbot.waitUntil(lambda: window.has(Finished), timeout=TIMEOUT * 1000)
    assert window.of(Finished)[0].lane == "predict" and len(window.of(Stopped)) == 2
    assert left == [sweep], "told once, and of nothing that never ran"


def test_an_exit_inside_a_job_leaves_the_worker_alive(open_window, qtbot, ask):
    def execute(request, session, ctx):
        if request.top == 1:
            sys.exit(3)
        return Result(seconds=request.top)

    window = open_window(execute)
    window.engine.submit("heatmap", ask(1), "Grad-CAM")
    qtbot.waitUntil(lambda: window.has(Failed), timeout=TIMEOUT * 1000)
    window.engine.submit("heatmap", ask(2), "Grad-CAM")
    qtbot.waitUntil(lambda: window.has(Finished), timeout=TIMEOUT * 1000)


def test_shutdown_stops_a_listening_job_and_nothing_is_heard_after(open_window, qapp, ask):
    began = threading.Event()

    def execute(request, session, ctx):
        began.set()
        never = threading.Event()
        while True:
            never.wait(timeout=0.001)
            ctx.check()

    window = open_window(execute)
    window.engine.submit("sweep", ask(1), "Sweep")
    assert began.wait(TIMEOUT)
    assert window.engine.shutdown(TIMEOUT * 1000)
    assert window.engine.shutdown(0)
    window.engine.submit("sweep", ask(1), "Sweep")
    window.engine.cancel("sweep")
    qapp.sendPostedEvents()
    assert window.events == []


def test_shutdown_of_a_deaf_job_gives_up_in_time_and_can_be_repeated(open_window, ask):
    began, release = threading.Event(), threading.Event()

    def execute(request, session, ctx):
        began.set()
        release.wait(TIMEOUT)
        return Result()

    window = open_window(execute)
    window.engine.submit("sweep", ask(1), "Sweep")
    assert began.wait(TIMEOUT)
    before = time.monotonic()
    assert not window.engine.shutdown(50)
    assert time.monotonic() - before < 5
    release.set()
    assert window.engine.shutdown(TIMEOUT * 1000)


class Knot:
    """Kept alive by itself alone; notes the thread in which it goes."""

    def __init__(self, went):
        self.me, self.went = self, went

    def __del__(self):
        self.went.append(threading.get_ident())


def test_cycles_that_the_worker_makes_are_looked_for_in_the_thread_of_the_window(
    open_window, qtbot, ask
):
    went = []

    def execute(request, session, ctx):
        for _ in range(20 * gc.get_threshold()[0]):
            Knot(went)
        return Result(seconds=0.0)

    window = open_window(execute)
    window.engine.submit("heatmap", ask(1), "Grad-CAM")
    qtbot.waitUntil(lambda: len(went) > 0, timeout=TIMEOUT * 1000)
    assert set(went) == {threading.get_ident()}
    assert window.engine.shutdown(TIMEOUT * 1000) and gc.isenabled()


def test_a_worker_can_want_cycles_to_be_looked_for_and_go_on_without(
    open_window, qtbot, ask, monkeypatch
):
    monkeypatch.setattr(engine_module, "_PATIENCE_S", TIMEOUT)  # there may be much to look through
    went, gone, waited = [], [], threading.Event()

    def execute(request, session, ctx):
        Knot(went)
        if request.top == 1:
            garbage.collect()
            gone.append(list(went))
        else:
            waited.wait(TIMEOUT)
            garbage.collect()
        return Result(seconds=0.0)

    window = open_window(execute)
    window.engine.submit("heatmap", ask(1), "Grad-CAM")
    qtbot.waitUntil(lambda: window.has(Finished), timeout=TIMEOUT * 1000)
    assert gone == [[threading.get_ident()]]
    monkeypatch.setattr(engine_module, "_PATIENCE_S", 0.1)
    window.engine.submit("heatmap", ask(2), "Grad-CAM")
    qtbot.waitUntil(lambda: len(window.of(Started)) == 2, timeout=TIMEOUT * 1000)
    waited.set()
    assert window.engine.shutdown(TIMEOUT * 1000), "though the window waits for it meanwhile"


def test_an_engine_that_never_started_shuts_down(qapp, lanes):
    assert Engine(lambda say: Kit(answer, None), lanes).shutdown(0)


def test_no_thread_is_left_after_shutdown(qapp, lanes, qtbot):
    engine = Engine(lambda say: Kit(answer, None), lanes)
    engine.start()
    assert engine.shutdown(TIMEOUT * 1000)
    threads = [item for item in gc.get_objects() if isinstance(item, QThread)]
    assert not any(thread.isRunning() for thread in threads)


class Chain(QObject):
    """Asks for the next job when one has finished."""

    def __init__(self, engine, ask, count):
        super().__init__()
        self.engine, self.ask, self.left = engine, ask, count
        engine.happened.connect(self.on_happened)

    @Slot(object)
    def on_happened(self, event):
        if isinstance(event, Ready | Finished):
            self.left -= 1
            if self.left > 0:
                self.engine.submit("predict", self.ask(1), "Predict")


def test_a_thousand_emissions_steal_no_reference_to_a_singleton(qapp, qtbot, lanes, ask):
    # PySide6 6.12.0 on Python 3.11 takes one reference to True at every emission, then aborts.
    engine = Engine(lambda say: Kit(answer, None), lanes)
    chain = Chain(engine, ask, 1000)
    before = [sys.getrefcount(value) for value in (True, False, None)]
    engine.start()
    qtbot.waitUntil(lambda: chain.left <= 0, timeout=TIMEOUT * 1000)
    after = [sys.getrefcount(value) for value in (True, False, None)]
    assert engine.shutdown(TIMEOUT * 1000)
    assert all(b - a < 200 for b, a in zip(before, after, strict=True)), (before, after)


def test_only_the_engine_knows_qt_and_nothing_knows_torch():
    program = (
        "import sys\n"
        "from cnnviz_gui.engine import desk, events, mailbox, meter, outbox, runner\n"
        "assert not {'PySide6', 'torch'} & set(sys.modules), 'without the engine'\n"
        "from cnnviz_gui.engine import engine\n"
        "assert not {'PySide6.QtGui', 'PySide6.QtWidgets', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        timeout=60,
        check=True,
    )


def test_a_worker_that_hangs_is_left_and_another_one_goes_on(open_window, qtbot, ask):
    go_on, hangs, sessions = threading.Event(), threading.Event(), []

    def execute(request, session, ctx):
        sessions.append(session)
        if request.top == 1:
            hangs.set()
            go_on.wait(TIMEOUT)  # deaf
        return Result(seconds=request.top)

    window = open_window(None, lambda say: Kit(execute, object(), "facts"))
    engine, left, one_that_hangs = window.engine, [], ask(1)
    engine.left.connect(left.append)
    engine.submit("heatmap", one_that_hangs, "one that hangs")
    qtbot.waitUntil(hangs.is_set)
    engine.submit("sweep", ask(2), "one that waits")
    engine.restart()
    assert [event.lane for event in window.of(Stopped)] == ["heatmap", "sweep"]
    engine.submit("heatmap", ask(3), "a new one")
    qtbot.waitUntil(lambda: window.has(Finished), timeout=TIMEOUT * 1000)
    assert [event.result.seconds for event in window.of(Finished)] == [3]
    assert sessions[0] is not sessions[1]
    assert [job.request for job in engine.running()] == [one_that_hangs] and left == []
    assert not engine.busy, "nobody waits for it"
    go_on.set()
    qtbot.waitUntil(lambda: bool(left), timeout=TIMEOUT * 1000)
    assert left == [one_that_hangs] and engine.running() == ()
    assert engine.shutdown(TIMEOUT * 1000)
    qtbot.waitUntil(lambda: True)
    assert len(window.of(Finished)) == 1


def test_a_worker_that_hangs_holds_the_program_until_it_comes_back(open_window, qtbot, ask):
    go_on, hangs = threading.Event(), threading.Event()

    def execute(request, session, ctx):
        hangs.set()
        go_on.wait(TIMEOUT)  # deaf
        return Result()

    window = open_window(execute)
    left = []
    window.engine.left.connect(left.append)
    window.engine.submit("heatmap", ask(1), "one that hangs")
    qtbot.waitUntil(hangs.is_set)
    window.engine.restart()
    assert not window.engine.shutdown(10)
    go_on.set()
    assert window.engine.shutdown(TIMEOUT * 1000)
    qtbot.waitUntil(lambda: not window.engine.running())
    assert left == [], "nothing is told any more"
