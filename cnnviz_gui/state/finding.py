"""What is known of one question: its answer so far and how far the work has come."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cnnviz_gui.core.request import Request
from cnnviz_gui.core.result import Result
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import tr

Status = Literal["empty", "loading", "partial", "done", "stale", "failed", "stopped"]


def stopped() -> str:
    """Return what is said in the place of what the user stopped."""
    return tr("Stopped. {key} computes it again.", key=KEYS.doer("compute_again"))


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure as the user reads it."""

    message: str
    advice: str = ""
    offer: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a job is."""

    done: int
    total: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """The latest answer in a lane.

    ``value`` belongs to ``request``; while a newer question, ``asked``, is being worked on it
    stays, marked stale, so that nothing the user had is lost before there is something better.
    """

    status: Status = "empty"
    request: Request | None = None
    value: Result | None = None
    problem: Problem | None = None
    advance: Advance | None = None
    asked: Request | None = None
    left: bool = False
    """Nobody works on it any more, though the answer is not complete."""

    @property
    def current(self) -> bool:
        """Whether ``value`` answers the latest question, as far as it goes."""
        answered = self.status in ("partial", "done", "stopped")
        return answered and self.value is not None and self.request == self.asked

    @property
    def at_work(self) -> bool:
        """Whether an answer, or the rest of it, is still to come."""
        return not self.left and self.status in ("loading", "partial", "stale")

    @property
    def halted(self) -> bool:
        """Whether the user stopped the job, with or without something found, and it can go on."""
        return self.status == "stopped" or (self.status == "empty" and self.asked is not None)

    def about(self, of: Callable[[Request], bool]) -> bool:
        """Whether ``of`` is true of what was asked last."""
        asked = self.asked or self.request
        return asked is not None and of(asked)

    def counted(self, done: int, total: int) -> tuple[int, int]:
        """Return how far the job is, as it last told everywhere; else as its answer counts."""
        told = self.advance
        return (done, total) if told is None else (told.done, told.total)

    def waiting(self, asked: Request | None = None) -> Finding:
        """Note that a newer question was asked, or, without one, that nobody works on it."""
        status: Status = "stale" if self.value is not None else "loading"
        if asked is None:
            return Finding(status, self.request, self.value, asked=self.asked, left=True)
        return Finding(status, self.request, self.value, asked=asked)

    def advanced(self, advance: Advance) -> Finding:
        """Note that the job came further."""
        return dataclasses.replace(self, advance=advance)

    def partial(self, request: Request, value: Result) -> Finding:
        """Take an intermediate answer."""
        return Finding("partial", request, value, None, self.advance, self.asked)

    def finished(self, request: Request, value: Result) -> Finding:
        """Take the complete answer."""
        return Finding("done", request, value, asked=request)

    def failed(self, problem: Problem) -> Finding:
        """Note that there is no answer; the last good one stays, marked so."""
        return Finding("failed", self.request, self.value, problem, asked=self.asked)

    def stopped(self) -> Finding:
        """Note that the user stopped the job; what is there stays, with the count it reached."""
        status: Status = "stopped" if self.value is not None else "empty"
        return dataclasses.replace(self, status=status)
