"""Wall time of jobs on one thread, where a more urgent job runs inside a step of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter


class Stopwatch:
    """Measures a job without the jobs that ran inside it; for one thread."""

    def __init__(self) -> None:
        self._ended = 0.0
        """Seconds of all jobs that have ended, each without those inside it."""

    def start(self) -> Callable[[], float]:
        """Return what tells the seconds since now, without those of jobs begun since."""
        began, ended = perf_counter(), self._ended
        return lambda: perf_counter() - began - (self._ended - ended)

    @contextmanager
    def job(self) -> Iterator[Callable[[], float]]:
        """Do the same for a whole job, however it ends: no job around it counts its seconds."""
        own = self.start()
        try:
            yield own
        finally:
            self._ended += own()
