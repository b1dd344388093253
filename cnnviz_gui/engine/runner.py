"""The loop that computes: takes jobs, runs them, survives whatever they raise. No Qt, no torch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz_gui.core import garbage
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.request import Work
from cnnviz_gui.core.result import Result
from cnnviz_gui.engine.events import (
    Failed,
    Failure,
    Finished,
    Outcome,
    Partial,
    Progress,
    Ready,
    Started,
    StartFailed,
    Starting,
    Stopped,
)
from cnnviz_gui.engine.mailbox import Job, Mailbox
from cnnviz_gui.engine.meter import Meter
from cnnviz_gui.engine.outbox import Outbox
from cnnviz_gui.texts import tr

Execute = Callable[[Work, Any, Context], Result]
"""``execute(request, session, ctx) -> result``."""
Clock = Callable[[], float]
TURN_S = 0.5
"""Seconds after which a job lets one that is as urgent go on."""
REST_S = 2.0
"""Seconds without a job after which the memory of those before is given back."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What the start hands the worker."""

    execute: Execute
    session: Any
    """The worker's memory, given to every call of ``execute``; only the worker touches it."""
    payload: object = None
    """For the window, in ``Ready``."""


Say = Callable[[str], None]
Start = Callable[[Say], Kit]
"""Runs on the worker thread, so that heavy imports do; says what it does through its argument."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of the job that runs."""

    label: str
    seconds: float
    """Since that sign."""


class Runner:
    """Runs jobs one at a time, and a more urgent one inside a step of a less urgent one.

    All methods but ``heartbeat`` belong to the thread that computes.

    Parameters
    ----------
    start
        Makes the worker ready; what it raises becomes ``StartFailed``.
    mailbox, outbox
        Where jobs come from and events go.
    clock
        Returns seconds.
    """

    def __init__(
        self, start: Start, mailbox: Mailbox, outbox: Outbox, clock: Clock = time.monotonic
    ) -> None:
        self._start = start
        self._mailbox = mailbox
        self._outbox = outbox
        self._clock = clock
        self._kit: Kit | None = None
        self._start_failure = Failure(
            tr("The engine has not started."), tr("Wait until it is ready.")
        )
        self._beat: tuple[str, float] | None = None
        self._between_turns: dict[str, JobContext] = {}
        """By lane, of the jobs that wait for their next turn."""

    def run_forever(self) -> None:
        """Start, then run jobs until the mailbox is closed; raises nothing."""
        self.prepare()
        while (job := self._next()) is not None:
            self.run_job(job)

    def _next(self) -> Job | None:
        """Wait for a job, and hold no more memory than is needed where that takes long."""
        job = self._mailbox.take(REST_S)
        if job is None and not self._mailbox.closed:
            garbage.give_back()
            job = self._mailbox.take()
        return job

    def prepare(self) -> None:
        """Call ``start`` and post ``Ready`` or ``StartFailed``; raises nothing.

        After a failed start the loop goes on: each job is answered with the reason.
        """
        self.beat(tr("Starting"))
        try:
            self._kit = self._start(self._say)
        except Cancelled:
            pass
        except BaseException as error:
            self._start_failure = Failure.from_exception(error, tr("The start of the engine"))
        self._beat = None
        if self._kit is not None:
            self._outbox.post(Ready(self._kit.payload))
        elif not self._mailbox.closed:
            self._outbox.post(StartFailed(self._start_failure))

    def run_job(self, job: Job, until: float | None = None) -> None:
        """Run a job taken from the mailbox and post its outcome; raises nothing.

        Where it has not come to its end at the time ``until`` it waits again.
        """
        outside = self._beat
        outcome = self._outcome(job, until)
        self._beat = None if outside is None else (outside[0], self._clock())
        if outcome is None:
            self._mailbox.put_back(job)
            return
        self._mailbox.done(job)
        if isinstance(outcome, Failed) and outcome.failure.details:
            # Nobody knows what it left in reference cycles; after an out-of-memory error it counts.
            garbage.collect()
        self._outbox.post(outcome)

    def run_more_urgent(self, job: Job, meter: Meter) -> None:
        """Run all waiting jobs more urgent than ``job``, off its clock."""
        while (urgent := self._mailbox.take_above(job.lane)) is not None:
            with meter.away():
                self.run_job(urgent)

    def run_beside(self, job: Job) -> None:
        """Give the job that waits in a lane as urgent as that of ``job`` its turn.

        On the clock of both: each tells how long it takes beside the other.
        """
        other = self._mailbox.take_beside(job.lane)
        if other is not None:
            self.run_job(other, until=self._clock() + TURN_S)

    def beat(self, label: str) -> None:
        """Note a sign of life."""
        self._beat = (label, self._clock())

    def heartbeat(self) -> Heartbeat | None:
        """Return the last sign of life, None while there is nothing to do; any thread."""
        beat = self._beat
        return None if beat is None else Heartbeat(beat[0], max(0.0, self._clock() - beat[1]))

    def _say(self, text: str) -> None:
        self.beat(text)
        if self._mailbox.closed:
            raise Cancelled
        self._outbox.post(Starting(text))

    def _context(self, job: Job) -> JobContext:
        """Return the context of a job, that of its last turn if it had one."""
        known = self._between_turns.pop(job.lane.name, None)
        if known is not None and known.job is job:
            known.check()
            return known
        made = JobContext(self, job, self._outbox, Meter(self._clock), self._clock)
        made.check()
        self._outbox.post(Started(job.lane.name, job.ticket, job.label))
        return made

    def _outcome(self, job: Job, until: float | None) -> Outcome | None:
        name, ticket, request = job.lane.name, job.ticket, job.request
        if self._kit is None:
            return Failed(name, ticket, request, self._start_failure)
        failure = None
        try:
            context = self._context(job)
            context.begin_turn(until)
            result = self._kit.execute(request, self._kit.session, context)
        except _TurnOver:
            self._between_turns[name] = context
            return None
        except Cancelled:
            return Stopped(name, ticket, request)
        except BaseException as error:
            failure = Failure.from_exception(error, job.label)
        if job.cancelled.is_set():  # it did not listen, or stumbled while it was stopped
            return Stopped(name, ticket, request)
        if failure is not None:
            return Failed(name, ticket, request, failure)
        return Finished(name, ticket, request, result)


class _TurnOver(Cancelled):
    """A job stops for a while, and will be asked again."""


class JobContext:
    """The ``Context`` of one job; for the thread that computes."""

    def __init__(
        self, runner: Runner, job: Job, outbox: Outbox, meter: Meter, clock: Clock
    ) -> None:
        self.job = job
        self._runner = runner
        self._outbox = outbox
        self._meter = meter
        self._clock = clock
        self._turn = clock()
        """When the turn began."""
        self._until: float | None = None

    def begin_turn(self, until: float | None) -> None:
        """Note that the job runs from now on: until a time, or to its end with turns for others."""
        self._turn, self._until = self._clock(), until

    def check(self) -> None:
        """Give a sign of life; raise ``Cancelled`` if the job should stop."""
        self._runner.beat(self.job.label)
        if self.job.cancelled.is_set():
            raise Cancelled

    def step(self, done: int, total: int) -> None:
        """Report progress, do as ``check``, and let more urgent jobs go first."""
        job, reading = self.job, self._meter.update(done, total)
        if reading is not None:
            self._outbox.post(
                Progress(
                    job.lane.name,
                    job.ticket,
                    reading.done,
                    reading.total,
                    reading.seconds_left,
                    reading.elapsed,
                )
            )
        self.check()
        self._runner.run_more_urgent(job, self._meter)
        self.check()
        self._take_turns()

    def _take_turns(self) -> None:
        now = self._clock()
        if self._until is not None and now >= self._until:
            raise _TurnOver
        if self._until is None and now >= self._turn + TURN_S:
            self._runner.run_beside(self.job)
            self._turn = self._clock()
            self.check()

    def partial(self, value: object) -> None:
        """Show an intermediate result, unless the job was cancelled."""
        job = self.job
        self._runner.beat(job.label)
        if not job.cancelled.is_set():
            self._outbox.post(Partial(job.lane.name, job.ticket, job.request, value))
