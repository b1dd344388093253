"""Invariant: the late result of an old ticket never reaches a panel."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.result import Result
from cnnviz_gui.engine.events import Failed, Finished, Stopped

OUTCOMES = (Finished, Failed, Stopped)
LANES = ("predict", "sweep")

lane_names = st.sampled_from(LANES)
window_actions = st.one_of(
    st.tuples(st.just("submit"), lane_names),
    st.tuples(st.just("cancel"), lane_names),
    st.tuples(st.just("forget"), lane_names),
    st.tuples(st.just("cancel all"), st.none()),
    st.tuples(st.just("collect"), st.none()),
)
job_actions = st.one_of(
    window_actions, st.tuples(st.sampled_from(["check", "step", "partial"]), st.none())
)
scripts = st.tuples(
    st.lists(job_actions, max_size=6), st.sampled_from(["return", "raise", "exit", "give up"])
)


class WindowAndWorker(RuleBasedStateMachine):
    """Interleaves what the window does with what jobs do, inside jobs too."""

    bench_class = None

    @initialize()
    def begin(self):
        self.bench = self.bench_class(self.execute)
        self.scripts = []
        self.newest = {}
        self.cancelled = set()
        self.ended = set()

    def execute(self, request, session, ctx):
        actions, end = self.scripts.pop() if self.scripts else ([], "return")
        for done, (name, lane) in enumerate(actions, start=1):
            if name == "check":
                ctx.check()
            elif name == "step":
                self.bench.now += 1
                ctx.step(done, len(actions))
            elif name == "partial":
                ctx.partial(object())
            else:
                self.act(name, lane)
        if end == "raise":
            raise RuntimeError("scripted")
        if end == "exit":
            raise SystemExit(1)
        if end == "give up":
            raise Cancelled
        return Result()

    def act(self, name, lane):
        if name == "submit":
            self.newest[lane] = self.bench.submit(lane)
        elif name == "cancel":
            self.cancelled.add(self.newest.get(lane))
            self.bench.desk.cancel(lane)
        elif name == "forget":
            self.newest.pop(lane, None)
            self.bench.desk.forget(lane)
        elif name == "cancel all":
            self.cancelled.update(self.newest.values())
            self.bench.desk.cancel_all()
        else:
            for event in self.bench.desk.collect():
                self.receive(event)

    def receive(self, event):
        assert self.newest.get(event.lane) == event.ticket, "an event of a replaced job"
        assert event.ticket not in self.ended, "an event after the outcome"
        if event.ticket in self.cancelled:
            assert isinstance(event, Stopped), "an event of a cancelled job"
        if isinstance(event, OUTCOMES):
            self.ended.add(event.ticket)

    @rule(lane=lane_names)
    def submit(self, lane):
        self.act("submit", lane)

    @rule(lane=lane_names)
    def cancel(self, lane):
        self.act("cancel", lane)

    @rule(lane=lane_names)
    def forget(self, lane):
        self.act("forget", lane)

    @rule()
    def cancel_all(self):
        self.act("cancel all", None)

    @rule()
    def collect(self):
        self.act("collect", None)

    @rule(script=scripts, more=st.lists(scripts, max_size=2))
    def work(self, script, more):
        self.scripts = [*more, script]
        self.run_next()

    @rule()
    def run_next(self):
        job = self.bench.mailbox.take(timeout=0)
        if job is not None:
            self.bench.runner.run_job(job)

    @invariant()
    def nothing_runs_between_jobs(self):
        assert self.bench.mailbox.running() == ()
        assert self.bench.runner.heartbeat() is None

    def teardown(self):
        self.scripts = []
        self.bench.run_all()
        self.act("collect", None)
        assert set(self.newest.values()) <= self.ended, "a job without an outcome"


def test_a_superseded_job_is_silent(bench):
    machine = type("Machine", (WindowAndWorker,), {"bench_class": staticmethod(bench)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=120, stateful_step_count=20, deadline=None)
    )
