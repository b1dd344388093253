"""What the list of notifications shows of the chronicle: which entries fit, which are new."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from cnnviz_gui.state.chronicle import LEVELS, Entry, Level
from cnnviz_gui.texts import tr

ALL = "all"
_LEVELS: dict[Level, str] = {
    "info": tr("info"),
    "warning": tr("warning"),
    "error": tr("error"),
}
_NAMES: dict[Level, str] = {
    "info": tr("Note"),
    "warning": tr("Warning"),
    "error": tr("Error"),
}


def fitting(entries: Iterable[Entry], level: str = ALL, words: str = "") -> tuple[Entry, ...]:
    """Return the entries of a level, or of ``ALL``, that have all the words in them somewhere."""
    wanted = words.casefold().split()
    return tuple(
        one
        for one in entries
        if level in (ALL, one.level)
        and all(word in f"{one.text}\n{one.source}\n{one.details}".casefold() for word in wanted)
    )


def new(entries: Iterable[Entry], looked: int) -> tuple[int, Level]:
    """Return how many warnings and errors came after ``looked``, and the worst level among them.

    ``looked`` is ``Chronicle.told`` of when the list was looked at. What only informs was read
    where it was told.
    """
    levels = [one.level for one in entries if one.last > looked and one.level != "info"]
    return len(levels), max(levels, key=LEVELS.index, default="info")


def counted(shown: Sequence[Entry], everything: Sequence[Entry]) -> str:
    """Return how many entries there are, and of how many."""
    if len(shown) == len(everything):
        return f"{len(shown)}"
    return tr("{done} of {total}", done=len(shown), total=len(everything))


def origin(entry: Entry) -> str:
    """Return where an entry comes from; of what the window tells itself, what it is."""
    return entry.source or _NAMES[entry.level]


def spoken(entry: Entry) -> str:
    """Return what it is, with where it comes from if that is somewhere else."""
    level = _LEVELS[entry.level]
    return f"{level}, {entry.source}" if entry.source else level


def when(entry: Entry, now: float) -> str:
    """Return the time of an entry, with its day unless that is the day of ``now``."""
    return clock(entry.at, now)


def clock(seconds: float, now: float) -> str:
    """Return a time since the epoch as a clock shows it, with its day unless that is today."""
    at, today = time.localtime(seconds), time.localtime(now)
    same = (at.tm_year, at.tm_yday) == (today.tm_year, today.tm_yday)
    return time.strftime("%H:%M:%S" if same else "%Y-%m-%d %H:%M", at)


def as_text(entry: Entry) -> str:
    """Return an entry as it is copied: when, from where, what, and its details."""
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
    level = _LEVELS[entry.level]
    head = f"{at} {level}"
    if entry.source:
        head = tr("{time} {level} from {source}", time=at, level=level, source=entry.source)
    if entry.count > 1:
        head = tr("{entry}, {n} times", entry=head, n=entry.count)
    return f"{head}\n{entry.text}\n{entry.details}".rstrip()
