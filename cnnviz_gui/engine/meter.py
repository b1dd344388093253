"""Few, calm progress reports out of many calls of ``step``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

REPORTS_A_SECOND = 30
FIRST_ESTIMATE_AFTER = 1.0
"""Seconds of work before a remaining time is worth telling."""
_MEMORY = 3.0
"""Seconds after which earlier speed has lost most of its weight."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What ``Progress`` tells, without the job it belongs to."""

    done: int
    total: int
    seconds_left: float | None
    elapsed: float


class Meter:
    """Measures the speed of one job; for the thread that computes.

    Parameters
    ----------
    clock
        Returns seconds. A clock that is set back does no harm.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self._away = 0.0
        self._done = 0
        self._total: int | None = None
        self._sampled = 0.0  # own time of the last sample
        self._seconds = 0.0  # spent on ...
        self._units = 0.0  # ... so many units, both fading
        self._stride = 1  # units between the last two samples: bytes come in blocks
        self._shown: tuple[int, int, int | None] | None = None
        self._reported = -math.inf

    @contextmanager
    def away(self) -> Iterator[None]:
        """Time inside is not this job's own."""
        left = self._clock()
        try:
            yield
        finally:
            self._away += max(0.0, self._clock() - left)

    def update(self, done: int, total: int) -> Reading | None:
        """Note that ``done`` of ``total`` units are finished.

        Returns
        -------
        Reading or None
            None when a report would change nothing on the screen, or follow the last too closely.
        """
        total = max(total, 0)
        done = min(max(done, 0), total)
        elapsed = max(0.0, self._clock() - self._began - self._away)
        self._sample(done, total, elapsed)
        left = self._left(done, total, elapsed)
        shown = (
            1000 * done // total if total else 0,
            total,
            None if left is None else math.ceil(left),
        )
        soon = 0 <= elapsed - self._reported < 1 / REPORTS_A_SECOND
        if shown == self._shown or (soon and done < total):
            return None
        self._shown, self._reported = shown, elapsed
        return Reading(done, total, left, elapsed)

    def _sample(self, done: int, total: int, elapsed: float) -> None:
        gone_on = self._total is None and done > 1  # with what was done before, none of its own
        new_phase = gone_on or self._total not in (None, total) or done < self._done
        if new_phase:
            self._seconds = self._units = 0.0
        elif done > self._done:
            seconds = max(0.0, elapsed - self._sampled)
            fade = max(0.5, math.exp(-seconds / _MEMORY))  # one slow unit is not the whole truth
            self._seconds = self._seconds * fade + seconds
            self._units = self._units * fade + done - self._done
            self._stride = done - self._done
        if new_phase or done > self._done:
            self._sampled = elapsed
        self._done, self._total = done, total

    def _left(self, done: int, total: int, elapsed: float) -> float | None:
        if not self._units or elapsed < FIRST_ESTIMATE_AFTER:
            return None
        # What is under way has taken so long already; the first may have cost next to nothing.
        seconds = max(self._seconds / self._units, (elapsed - self._sampled) / self._stride)
        return seconds * (total - done)
