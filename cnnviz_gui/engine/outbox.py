"""Where events wait for the window: of what is superseded anyway, only the newest is kept.

Without this, 1500 partial results of 0.6 MB sent to a window that is busy drawing grow the memory
by 700 MB; with it, by one of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from cnnviz_gui.engine.events import Event, Failed, Finished, Partial, Progress, Stopped

_CONFLATED = (Partial, Progress)


class Outbox:
    """Events between the thread that computes and the thread that shows.

    Holds at most one ``Partial`` and one ``Progress`` a lane, and none of a job that has ended;
    everything else in the order in which it was posted.

    Parameters
    ----------
    wake
        Called without arguments, by the thread that posts, once each time the box stops being
        empty. It must not wait for the thread that drains.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._events: dict[object, Event] = {}  # in order; the key says what replaces what
        self._posted = 0

    def post(self, event: Event) -> None:
        """Add an event; any thread."""
        with self._lock:
            was_empty = not self._events
            self._add(event)
        if was_empty:
            self._wake()

    def drain(self) -> list[Event]:
        """Take all events, oldest first; for the thread that shows."""
        with self._lock:
            events = list(self._events.values())
            self._events = {}
            return events

    def _add(self, event: Event) -> None:
        if isinstance(event, _CONFLATED):
            key: object = (type(event), event.lane)
            self._events.pop(key, None)  # the newer one belongs at the end
        else:
            self._posted += 1
            key = self._posted
            if isinstance(event, Finished | Failed | Stopped):
                self._drop(event.lane, event.ticket)
        self._events[key] = event

    def _drop(self, lane: str, ticket: int) -> None:
        for kind in _CONFLATED:
            pending = self._events.get((kind, lane))
            if isinstance(pending, _CONFLATED) and pending.ticket <= ticket:
                del self._events[kind, lane]
