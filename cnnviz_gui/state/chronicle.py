"""All that was told and all that went wrong since the program began, in one list."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Level = Literal["info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("info", "warning", "error")
"""From what only informs to what went wrong."""
MOST = 500
_LONGEST_TEXT = 1000
_LONGEST_DETAILS = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was told, with how often."""

    number: int
    """Stays the same when it is told again."""
    last: int
    """Place in the order of all that was told, of the last time."""
    at: float
    """Seconds since the epoch, of the last time."""
    level: Level
    text: str
    source: str
    """Where it comes from, in a few words; empty for the window itself."""
    details: str = ""
    remedy: str = ""
    """Label of the button that applies ``remedy_ref``; empty for none."""
    remedy_ref: object = None
    count: int = 1


class Chronicle:
    """The newest entries, told from whatever thread.

    The same words at the same level are one entry. From the same source they count once more; from
    another one they are the same happening, told by somebody else, who may know more of it.

    Parameters
    ----------
    most
        So many entries are kept.
    clock
        Returns seconds since the epoch.
    """

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.time) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.RLock()  # a garbage collection inside of it may tell something
        self._entries: dict[tuple[str, str], Entry] = {}
        """By level and text, the newest last."""
        self._told = 0
        self._listeners: list[Callable[[], None]] = []
        self._announced = False

    def listen(self, listener: Callable[[], None]) -> None:
        """Let ``listener`` be called once after each ``entries``, when there is something new.

        In the thread that told it. However many messages follow, no more is heard until somebody
        has looked.
        """
        with self._lock:
            self._listeners.append(listener)
            self._announced = False

    def leave(self, listener: Callable[[], None]) -> None:
        """Call a listener no more."""
        with self._lock:
            self._listeners.remove(listener)

    def note(
        self,
        level: Level,
        text: str,
        source: str,
        details: str = "",
        remedy: str = "",
        remedy_ref: object = None,
    ) -> None:
        """Add something, or count it once more; what is too long is cut."""
        text = " ".join(text.split())[:_LONGEST_TEXT]
        with self._lock:
            old = self._entries.get((level, text))
            if old is None or old.source == source:
                self._told += 1
                self._entries.pop((level, text), None)  # so that it comes last
                number = self._told if old is None else old.number
                count = 1 if old is None else old.count + 1
                new = Entry(number, self._told, self._clock(), level, text, source, count=count)
            else:
                new = old
            known = old if old is not None else new
            self._entries[level, text] = dataclasses.replace(
                new,
                source=known.source or source,
                details=details[-_LONGEST_DETAILS:] or known.details,
                remedy=remedy or known.remedy,
                remedy_ref=remedy_ref if remedy else known.remedy_ref,
            )
            if len(self._entries) > self._most:
                del self._entries[next(iter(self._entries))]
        self._announce()

    def details_of(self, level: Level, text: str) -> str:
        """Return the details of what was told in these words, empty where there are none."""
        with self._lock:
            entry = self._entries.get((level, " ".join(text.split())[:_LONGEST_TEXT]))
            return entry.details if entry is not None else ""

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries, the newest first."""
        with self._lock:
            self._announced = False
            return tuple(reversed(self._entries.values()))

    @property
    def told(self) -> int:
        """How much was told so far: ``Entry.last`` of the newest."""
        return self._told

    def use_up(self, remedy_ref: object) -> None:
        """Offer a remedy no longer: it was pressed."""
        with self._lock:
            for key, entry in self._entries.items():
                if entry.remedy and entry.remedy_ref == remedy_ref:
                    changed = dataclasses.replace(entry, remedy="", remedy_ref=None)
                    self._entries[key] = changed
        self._announce()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
        self._announce()

    def _announce(self) -> None:
        with self._lock:
            listeners = () if self._announced else tuple(self._listeners)
            self._announced = True
        for listener in listeners:
            listener()
