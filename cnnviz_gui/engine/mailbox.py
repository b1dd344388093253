"""Where jobs wait: one place a lane, the newest wins, the most urgent lane goes first.

With an ordinary queue, 200 slider moves a second show the last value a minute and a half late; here
a newer job replaces the waiting one and tells the running one to stop.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from cnnviz_gui.core.request import Work


@dataclass(frozen=True, slots=True)
class Lane:
    """A line of jobs of which only the newest matters."""

    name: str
    urgency: int
    """Higher goes first, and may run inside a step of a lane with a lower one.

    Lanes that are equally urgent take turns: each of their jobs must go on where it was when it
    was stopped and is asked again. A job put behind another lane takes no turns with that one.
    """


def lanes_in_order(*names: str, turns: Collection[str] = ()) -> tuple[Lane, ...]:
    """Return lanes of these names, the first the most urgent.

    No two are equally urgent but those in ``turns``: all of them are as the first one.
    """
    places = {name: place for place, name in enumerate(names)}
    places |= dict.fromkeys(turns, min((places[name] for name in turns), default=0))
    return tuple(Lane(name, len(names) - places[name]) for name in names)


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Work on its way. Any thread may read it; the mailbox alone sets ``cancelled``."""

    lane: Lane
    ticket: int
    label: str
    request: Work
    """Most often a ``Request``."""
    cancelled: threading.Event = field(default_factory=threading.Event, repr=False)


class Mailbox:
    """Jobs between the thread that asks and the thread that computes.

    No call but ``take`` waits for anything, and no lock is held while a job runs.

    Parameters
    ----------
    lanes
        All lanes there are; their names differ.

    Raises
    ------
    ValueError
        Two lanes have one name.
    """

    def __init__(self, lanes: Iterable[Lane]) -> None:
        given = tuple(lanes)
        self._lanes = {lane.name: lane for lane in given}
        if len(self._lanes) != len(given):
            raise ValueError("two lanes have the same name")
        self._changed = threading.Condition()
        self._waiting: dict[str, Job] = {}
        self._running: list[Job] = []
        self._newest: dict[str, Job] = {}
        self._tickets = 0
        self._closed = False

    def put(self, lane: str, request: Work, label: str, *, behind: str = "") -> int:
        """Leave a job and return its ticket, higher than all before; for the thread that asks.

        It replaces the job that waits in the lane and cancels the one that runs. After ``close`` it
        is forgotten.

        Parameters
        ----------
        behind
            A lane that this one job is less urgent than, whatever its own lane is: for one that
            takes long in a lane of short ones.

        Raises
        ------
        KeyError
            There is no such lane.
        """
        with self._changed:
            self._tickets += 1
            own, urgency = self._lanes[lane], self._lanes[behind or lane].urgency - bool(behind)
            placed = dataclasses.replace(own, urgency=min(own.urgency, urgency))
            job = Job(placed, self._tickets, label, request)
            self._cancel(lane)
            self._newest[lane] = job
            if not self._closed:
                self._waiting[lane] = job
                self._changed.notify()
            return job.ticket

    def take(self, timeout: float | None = None) -> Job | None:
        """Wait for a job and take the most urgent; for the thread that computes.

        Parameters
        ----------
        timeout
            Seconds; None to wait as long as it takes.

        Returns
        -------
        Job or None
            None when the mailbox is closed or the time is up.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting, timeout)
            return self._taken(self._next(lambda lane: True))

    def take_above(self, lane: Lane) -> Job | None:
        """Take the most urgent waiting job if it is more urgent than ``lane``; never waits.

        For the thread that computes.
        """
        with self._changed:
            return self._taken(self._next(lambda other: other.urgency > lane.urgency))

    def take_beside(self, lane: Lane) -> Job | None:
        """Take the waiting job of another lane that takes turns with ``lane``; never waits.

        For the thread that computes.
        """
        with self._changed:
            return self._taken(self._next(lambda other: self._take_turns(lane, other)))

    def put_back(self, job: Job) -> None:
        """Let a taken job wait again, unless it was cancelled; for the thread that computes."""
        with self._changed:
            self._running.remove(job)
            if not self._closed and not job.cancelled.is_set():
                self._waiting[job.lane.name] = job

    def done(self, job: Job) -> None:
        """Note that a taken job has ended; for the thread that computes."""
        with self._changed:
            self._running.remove(job)

    def cancel(self, lane: str) -> None:
        """Forget the job that waits in a lane and tell the one that runs to stop; any thread."""
        with self._changed:
            self._cancel(lane)

    def cancel_all(self) -> None:
        """Cancel every lane; any thread."""
        with self._changed:
            for lane in self._lanes:
                self._cancel(lane)

    def close(self) -> None:
        """Cancel every lane and let ``take`` return None from now on; any thread."""
        with self._changed:
            self._closed = True
            for lane in self._lanes:
                self._cancel(lane)
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called; any thread."""
        return self._closed

    def is_current(self, lane: str, ticket: int) -> bool:
        """Tell whether a ticket is the newest of its lane and not cancelled; any thread."""
        with self._changed:
            job = self._newest.get(lane)
            return job is not None and job.ticket == ticket and not job.cancelled.is_set()

    def waiting(self) -> tuple[Job, ...]:
        """Return the jobs that wait, in the order in which they would run; any thread."""
        with self._changed:
            return tuple(sorted(self._waiting.values(), key=_order))

    def running(self) -> tuple[Job, ...]:
        """Return the jobs that run, the innermost last; any thread."""
        with self._changed:
            return tuple(self._running)

    def _cancel(self, lane: str) -> None:
        self._waiting.pop(lane, None)
        for job in self._running:
            if job.lane.name == lane:
                job.cancelled.set()
        if lane in self._newest:  # waiting, running, or done with its result not yet shown
            self._newest[lane].cancelled.set()

    def _take_turns(self, lane: Lane, other: Lane) -> bool:
        """Tell whether two differ and are as urgent by themselves, not only by where they wait."""
        own = self._lanes[lane.name], self._lanes[other.name]
        alike = own[0].urgency == own[1].urgency and lane.urgency == other.urgency
        return alike and lane.name != other.name

    def _next(self, which: Callable[[Lane], bool]) -> Job | None:
        """Return the most urgent of the jobs that wait in some lanes."""
        return min(
            (job for job in self._waiting.values() if which(job.lane)), key=_order, default=None
        )

    def _taken(self, job: Job | None) -> Job | None:
        if job is not None:
            del self._waiting[job.lane.name]
            self._running.append(job)
        return job


def _order(job: Job) -> tuple[int, int]:
    return -job.lane.urgency, job.ticket
