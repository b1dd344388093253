"""Weights on their way to this machine: what is known of each download. No clocks, no threads."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.state.finding import Problem
from cnnviz_gui.texts import tr

Phase = Literal["waiting", "running", "stopped", "failed"]
_MIB, _GIB = 1 << 20, 1 << 30
_MEMORY = 4.0
"""Seconds after which an earlier speed has lost most of its weight."""
_LEAST = 0.25
"""Seconds between two measurements of the speed."""


@dataclass(frozen=True, slots=True)
class DownloadState:
    """One download that is not finished; a finished one is a network that is here."""

    name: str
    """Of the network."""
    title: str
    phase: Phase = "waiting"
    done: int = 0
    """Bytes, those of an earlier try included."""
    total: int = 0
    """Bytes; 0 while the server has not told."""
    speed: float | None = None
    """Bytes a second; None while it is unknown or nothing arrives."""
    seconds_left: float | None = None
    problem: Problem | None = None
    opens: bool = False
    """The network is to be opened once its weights are here."""

    @property
    def active(self) -> bool:
        """Whether it runs or will."""
        return self.phase in ("waiting", "running")

    @property
    def fraction(self) -> float | None:
        """Part done, in [0, 1]; None while the end is unknown."""
        return min(1.0, self.done / self.total) if self.total > 0 else None

    def waiting(self) -> DownloadState:
        """Return it put back into the queue; what it has stays."""
        return replace(self, phase="waiting", speed=None, seconds_left=None, problem=None)

    def opening(self, opens: bool) -> DownloadState:
        """Return it with the wish to open the network, or without."""
        return replace(self, opens=opens)

    def advanced(self, done: int, total: int, speed: float | None) -> DownloadState:
        """Return it further on."""
        left = (total - done) / speed if speed and total > 0 else None
        return replace(
            self, phase="running", done=done, total=total, speed=speed, seconds_left=left
        )

    def stalled(self) -> DownloadState:
        """Return it with nothing arriving."""
        return replace(self, speed=None, seconds_left=None)

    def ended(self, phase: Phase, problem: Problem | None = None) -> DownloadState:
        """Return it stopped by the user or failed."""
        return replace(self, phase=phase, speed=None, seconds_left=None, problem=problem)


class Pace:
    """Speed of one download out of its progress reports.

    What was there before the first report does not count as downloaded.
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        self._bytes = 0.0
        self._last: tuple[float, int] | None = None

    def update(self, elapsed: float, done: int) -> float | None:
        """Return bytes a second, None before two reports lie far enough apart.

        Parameters
        ----------
        elapsed
            Seconds of work so far.
        done
            Bytes so far.
        """
        if self._last is None or done < self._last[1]:
            self._last = (elapsed, done)
            self._seconds = self._bytes = 0.0
            return None
        seconds = elapsed - self._last[0]
        if seconds >= _LEAST:
            fade = math.exp(-seconds / _MEMORY)
            self._seconds = self._seconds * fade + seconds
            self._bytes = self._bytes * fade + done - self._last[1]
            self._last = (elapsed, done)
        return self._bytes / self._seconds if self._seconds else None


def amount(state: DownloadState) -> str:
    """Return ``23.4 of 97.8 MiB``, in the unit of the whole, which is that of the catalogue."""
    if state.total <= 0:
        return fmt.file_size(state.done)
    unit, scale = ("GiB", _GIB) if state.total >= 0.9995 * _GIB else ("MiB", _MIB)
    digits = 2 if unit == "GiB" else 1
    done, total = f"{state.done / scale:.{digits}f}", f"{state.total / scale:.{digits}f} {unit}"
    return tr("{done} of {total}", done=done, total=total)


def telling(state: DownloadState, ahead: str = "") -> str:
    """Return one line on how it goes: ``4.1 MiB/s · 18 s left``.

    ``ahead`` is the title of the download it waits for.
    """
    match state.phase:
        case "waiting":
            return tr("Waiting for {ahead}", ahead=ahead) if ahead else tr("Waiting")
        case "stopped":
            return tr("Stopped; it goes on where it stopped") if state.done else tr("Stopped")
        case "failed":
            return ""
    if state.speed is None:
        return tr("Connecting") if state.done == 0 else tr("Waiting for the server")
    words = f"{fmt.file_size(state.speed)}/s"
    if state.seconds_left is not None and state.done < state.total:
        words += f" · {fmt.time_left(state.seconds_left)}"
    return words


def find(downloads: tuple[DownloadState, ...], name: str) -> DownloadState | None:
    """Return the download of a network, None where there is none."""
    return next((one for one in downloads if one.name == name), None)


def changed(downloads: tuple[DownloadState, ...], new: DownloadState) -> tuple[DownloadState, ...]:
    """Return the downloads with one replaced, or added at the end."""
    if find(downloads, new.name) is None:
        return (*downloads, new)
    return tuple(new if one.name == new.name else one for one in downloads)


def without(downloads: tuple[DownloadState, ...], name: str) -> tuple[DownloadState, ...]:
    """Return the downloads but for one."""
    return tuple(one for one in downloads if one.name != name)
