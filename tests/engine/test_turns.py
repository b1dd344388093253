"""Jobs that are equally urgent and can go on where they were take turns."""

import pytest

from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.result import Result
from cnnviz_gui.engine.events import Failed, Finished, Partial, Progress, Started, Stopped
from cnnviz_gui.engine.runner import TURN_S

A, B = 1, 2
STEP_S = TURN_S / 2


class Climbing:
    """Two jobs of some steps that go on where they were; each step takes its time."""

    def __init__(self, bench, a=6, b=6):
        self.steps = {A: a, B: b}
        self.done = {A: 0, B: 0, 3: 0}
        self.order = []
        self.while_at = {}
        """What to do at (job, steps done)."""
        self.bench = bench(self.execute, ("heatmap", "sweep"))

    def execute(self, request, session, ctx):
        number = request.top
        steps = self.steps.get(number, 1)
        while self.done[number] < steps:
            ctx.step(self.done[number], steps)
            self.while_at.pop((number, self.done[number]), lambda: None)()
            self.order.append(number)
            self.done[number] += 1
            self.bench.now += STEP_S
            ctx.partial(self.done[number])
        return Result(seconds=number)

    def run(self):
        self.bench.submit("heatmap", A)
        self.bench.submit("sweep", B)
        self.bench.run_all()
        return self.bench.collect()


def numbers(events, kind):
    return [event.request.top for event in events if isinstance(event, kind)]


def test_both_go_on_by_turns_until_the_longer_is_alone(bench):
    jobs = Climbing(bench, a=5, b=9)
    events = jobs.run()
    assert jobs.order == [A, A, B, B, A, A, B, B, A, B, B, B, B, B]
    assert numbers(events, Finished) == [A, B]
    assert [event.lane for event in events if isinstance(event, Started)] == ["heatmap", "sweep"]
    assert not jobs.bench.mailbox.waiting() and not jobs.bench.mailbox.running()


def test_the_one_beside_may_end_first(bench):
    jobs = Climbing(bench, a=7, b=3)
    events = jobs.run()
    assert jobs.order == [A, A, B, B, A, A, B, A, A, A]
    assert numbers(events, Finished) == [B, A]


def test_whichever_came_first_the_other_is_let_in(bench):
    jobs = Climbing(bench)
    jobs.while_at[B, 1] = lambda: jobs.bench.submit("heatmap", A)
    jobs.bench.submit("sweep", B)
    jobs.bench.run_all()
    assert jobs.order == [B, B, A, A, B, B, A, A, B, B, A, A]


def test_a_more_urgent_job_passes_in_every_turn(bench):
    jobs = Climbing(bench)
    jobs.while_at[B, 1] = lambda: jobs.bench.submit("predict", 3)
    events = jobs.run()
    assert jobs.order[:5] == [A, A, B, B, 3]
    assert numbers(events, Finished) == [3, A, B]


@pytest.mark.parametrize("lane", ["heatmap", "sweep"])
def test_one_that_is_cancelled_leaves_the_other_alone(bench, lane):
    for during in ((A, 2), (B, 1)):
        jobs = Climbing(bench)
        jobs.while_at[during] = lambda jobs=jobs: jobs.bench.desk.cancel(lane)
        events = jobs.run()
        stopped, finished = (A, B) if lane == "heatmap" else (B, A)
        assert numbers(events, Stopped) == [stopped]
        assert numbers(events, Finished) == [finished]
        assert jobs.done[finished] == 6 and jobs.done[stopped] < 6


def test_a_newer_one_begins_with_a_turn_of_its_own(bench):
    jobs = Climbing(bench)
    jobs.steps[3], jobs.while_at[A, 2] = 2, lambda: jobs.bench.submit("sweep", 3)
    events = jobs.run()
    assert jobs.order == [A, A, B, B, A, A, 3, 3, A, A]
    tickets = [event.ticket for event in events if isinstance(event, Started)]
    assert tickets == [1, 3], "of the former nothing more is heard"
    assert numbers(events, Finished) == [3, A]


@pytest.mark.parametrize("end", [RuntimeError("inner"), Cancelled()])
def test_what_befalls_one_leaves_the_other_alone(bench, end):
    jobs = Climbing(bench)

    def fails():
        raise end

    jobs.while_at[B, 2] = fails
    events = jobs.run()
    kind = Stopped if isinstance(end, Cancelled) else Failed
    assert (numbers(events, kind), numbers(events, Finished)) == ([B], [A])


def test_the_time_left_is_that_beside_the_other(bench):
    jobs = Climbing(bench, a=40, b=40)
    told = {A: [], B: []}

    def note():
        for event in jobs.bench.collect():
            if isinstance(event, Progress) and event.seconds_left is not None:
                told[A if event.lane == "heatmap" else B].append((event.done, event.seconds_left))

    for number in (A, B):
        for step in range(40):
            jobs.while_at[number, step] = note
    jobs.run()
    for lane in (A, B):
        done, left = told[lane][len(told[lane]) // 2]
        assert left == pytest.approx(2 * STEP_S * (40 - done), rel=0.6)


def test_closing_ends_both(bench):
    jobs = Climbing(bench)
    jobs.while_at[B, 1] = lambda: jobs.bench.mailbox.close()
    jobs.run()
    assert jobs.order == [A, A, B, B], "the step that was under way"
    assert not jobs.bench.mailbox.running() and not jobs.bench.mailbox.waiting()


def test_partial_results_of_both_are_shown(bench):
    jobs = Climbing(bench)
    seen = []

    def note():
        seen.extend(
            event.request.top for event in jobs.bench.collect() if isinstance(event, Partial)
        )

    jobs.while_at |= {(A, 4): note, (B, 4): note}
    jobs.run()
    assert set(seen) == {A, B}
