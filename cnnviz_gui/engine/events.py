"""What the worker tells the window: frozen values, safe to hand from thread to thread.

An exception never travels: its traceback would keep every tensor of the failed computation alive.
What is worth telling of it is copied into a ``Failure``.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from cnnviz_gui.core.errors import CnnvizError
from cnnviz_gui.core.request import Work
from cnnviz_gui.core.result import Result
from cnnviz_gui.texts import tr

MAX_MESSAGE = 300
MAX_DETAILS = 20_000
_MEMORY_PHRASES = (
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "cannot allocate memory",
)


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong and what to do about it, as text that any label and any log can hold."""

    message: str
    advice: str = ""
    offer: str = ""
    """The name of a remedy the program can apply, as in ``CnnvizError``."""
    details: str = ""
    """The traceback of a failure nobody foresaw; empty for one that ``message`` explains."""

    @classmethod
    def from_exception(cls, error: BaseException, label: str) -> Failure:
        """Describe ``error``, raised by what the user knows as ``label``; never raises."""
        try:
            if isinstance(error, CnnvizError):
                return cls(_clean(error.message), _clean(error.advice), error.offer)
            return cls._unforeseen(error, label)
        except BaseException:
            # An exception can be so broken, or memory so short, that it cannot be described.
            return cls(
                tr("{label} failed.", label=label), tr("Try again; everything else still works.")
            )

    @classmethod
    def _unforeseen(cls, error: BaseException, label: str) -> Failure:
        said = _clean(_text_of(error))
        name = type(error).__name__
        details = _clean("".join(traceback.format_exception(error)))[-MAX_DETAILS:]
        if _is_memory(error, said):
            return cls(
                tr("{label} failed: there is not enough memory.", label=label),
                tr("Choose a smaller network, or close other programs."),
                details=details,
            )
        line = next((line for line in said.splitlines() if line.strip()), name)
        return cls(
            tr(
                "{label} failed: {reason}.",
                label=label,
                reason=_shortened(line.strip()).rstrip("."),
            ),
            tr("Everything else still works; the details say where it happened."),
            details=details,
        )


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # whatever ``__str__`` raises, the job's own failure is what matters
        return ""


def _clean(text: str) -> str:
    """Return ``text`` without lone surrogates, which no file and no label can take."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _shortened(line: str) -> str:
    return line if len(line) <= MAX_MESSAGE else line[: MAX_MESSAGE - 1] + "…"


def _is_memory(error: BaseException, said: str) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return any(phrase in said.lower() for phrase in _MEMORY_PHRASES)


@dataclass(frozen=True, slots=True)
class Starting:
    """What the worker does before it can take a job."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """The worker can take jobs."""

    payload: object
    """What the start found out for the window, such as the networks there are."""


@dataclass(frozen=True, slots=True)
class StartFailed:
    """The worker cannot compute; every job fails with the same ``failure``."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Started:
    """A job has begun."""

    lane: str
    ticket: int
    label: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. Time spent on a more urgent job in between does not count."""

    lane: str
    ticket: int
    done: int
    total: int
    seconds_left: float | None
    """Estimate, at least 0; None while there is none."""
    elapsed: float
    """Seconds of work so far."""


@dataclass(frozen=True, slots=True, eq=False)
class Partial:
    """An intermediate result; of several, only the newest is delivered."""

    lane: str
    ticket: int
    request: Work
    value: object


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A job has its result."""

    lane: str
    ticket: int
    request: Work
    result: Result


@dataclass(frozen=True, slots=True)
class Failed:
    """A job has no result."""

    lane: str
    ticket: int
    request: Work
    failure: Failure


@dataclass(frozen=True, slots=True)
class Stopped:
    """A job was cancelled."""

    lane: str
    ticket: int
    request: Work


Outcome = Finished | Failed | Stopped
"""Exactly one of these ends a job, unless a newer job of its lane replaced it: then none does."""
JobEvent = Started | Progress | Partial | Outcome
Event = Starting | Ready | StartFailed | JobEvent
