"""Where the interpreter writes what it was at when it crashes: a file for each run of the program.

A run that ends in order takes its file away. What is left over by a run that does not live any more
tells of a crash; an empty one only of a process that was ended from outside.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

MOST = 5
"""So many reports are kept."""
LONGEST = 256_000
"""Bytes of a report."""
MOST_LINES = 200
"""So many lines of a log belong to a report."""
_READ = 100_000
"""Bytes of the log that are looked at."""
_LIVE, _KEPT = "running-*.crash", "crash-*.txt"
_ASIDE_S = 10.0
"""A process that began so much earlier or later, in seconds, is another one of the same number."""


@dataclass(frozen=True, slots=True)
class Crash:
    """The report of a run that ended in a crash."""

    path: Path
    text: str
    at: float
    """Seconds since the epoch."""
    log: tuple[str, ...] = ()
    """The last lines that were logged before the next start."""


def own(folder: Path) -> Path:
    """Return the file of this process, which no other one touches while it lives."""
    process = psutil.Process()
    return folder / f"running-{process.pid}-{int(process.create_time())}.crash"


def take_former(folder: Path, log: Path) -> Crash | None:
    """Put aside what former runs left, and return the newest report, None where there is none.

    Each is told once, to one of several programs that start at the same time. ``log`` is the file
    in which a former run wrote what it did.

    Raises
    ------
    OSError
        The folder cannot be read.
    """
    taken = []
    for left in sorted(folder.glob(_LIVE)):
        if _lives(left):
            continue
        with contextlib.suppress(OSError):  # another program was quicker, or it is protected
            if not left.stat().st_size:
                left.unlink()
                continue
            at = left.stat().st_mtime
            moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(at))
            aside = left.with_name(f"crash-{moment}-{left.stem.split('-')[1]}.txt")
            left.replace(aside)
            os.truncate(aside, min(aside.stat().st_size, LONGEST))
            text = aside.read_text(encoding="utf-8", errors="replace")
            taken.append(Crash(aside, text, at, _last_lines(log)))
    for old in sorted(folder.glob(_KEPT))[:-MOST]:
        with contextlib.suppress(OSError):
            old.unlink()
    return max(taken, key=lambda one: one.at, default=None)


def _last_lines(log: Path) -> tuple[str, ...]:
    """Return the end of a log, empty where it cannot be read."""
    with contextlib.suppress(OSError), log.open("rb") as opened:
        opened.seek(max(0, log.stat().st_size - _READ))
        lines = opened.read(_READ).decode("utf-8", "replace").splitlines()
        return tuple(lines[-MOST_LINES:])
    return ()


def _lives(left: Path) -> bool:
    """Tell whether the process that made a file still runs."""
    try:
        _, pid, began = left.stem.split("-")
        return abs(psutil.Process(int(pid)).create_time() - int(began)) < _ASIDE_S
    except psutil.AccessDenied:
        return True
    except (ValueError, psutil.Error):
        return False
