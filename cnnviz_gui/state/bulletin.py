"""Telling those who observe the state what changed, at once or a few at a time."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass

Changes = frozenset[str]
"""Names of what changed: ``layer``, ``opacity``, ``facts``, ``finding.heatmap``."""
Observer = Callable[[Changes], None]


@dataclass(slots=True, eq=False)
class _Reader:
    observer: weakref.WeakMethod[Observer]
    at_once: bool
    first: bool
    unread: Changes = frozenset()


class Bulletin:
    """Observers in the order in which they came.

    Left alone, it tells everybody before ``post`` returns. A window would stall so: each of its
    panels takes a few milliseconds to redraw, and one result concerns many. With ``later`` set,
    what was posted waits, merged for each observer, until ``deliver`` is called.
    """

    def __init__(self) -> None:
        self._readers: list[_Reader] = []
        self._last: _Reader | None = None
        """The one after whose turn the time was up."""
        self._at_hand = False
        """What is under the hand was told in the last turn, so that the others have the next."""
        self.later: Callable[[], None] | None = None
        """Called when something waits to be delivered."""

    def observe(self, observer: Observer, *, at_once: bool = False, first: bool = False) -> None:
        """Call a bound method with the names of what changed, until its object dies.

        ``at_once`` is for those who decide something, and must see every change as it happens;
        those who draw need only the newest state. ``first`` is for what is under the hand: it
        does not wait for its turn among them.
        """
        self._readers.append(_Reader(weakref.WeakMethod(observer), at_once, first))

    def post(self, changes: Changes) -> None:
        """Tell, or note for later, that something changed."""
        for reader in self._readers:
            reader.unread |= changes
        if self.later is None:
            self._tell(tuple(self._readers), float("inf"))
        else:
            self.later()
            self._tell(tuple(r for r in self._readers if r.at_once), float("inf"))

    def deliver(self, seconds: float) -> bool:
        """Tell observers what they have not read; return whether some still wait.

        Parameters
        ----------
        seconds
            After this time what is left waits for the next call and begins it: while a slider
            moves, all have something to read each time. Those who are ``first`` are told in every
            call, and have each other one, where they have something to read, for themselves.

        Raises
        ------
        Exception
            The first that an observer raised, after all whose turn it was have been told.
        """
        self._readers = [reader for reader in self._readers if reader.observer() is not None]
        at_hand = tuple(reader for reader in self._readers if reader.first and reader.unread)
        self._at_hand = bool(at_hand) and not self._at_hand
        self._tell(at_hand, float("inf"))
        if not self._at_hand:
            turn = self._readers.index(self._last) + 1 if self._last in self._readers else 0
            self._last = None
            others = (*self._readers[turn:], *self._readers[:turn])
            self._tell(tuple(reader for reader in others if not reader.first), seconds)
        return self.waits

    @property
    def waits(self) -> bool:
        """Whether anybody is still to be told of something."""
        return any(reader.unread for reader in self._readers)

    def deliver_all(self) -> None:
        """Tell everybody what waits; for what needs the window to be as the state is."""
        while self.deliver(float("inf")):
            pass

    def _tell(self, readers: tuple[_Reader, ...], seconds: float) -> None:
        failed: Exception | None = None
        end = time.perf_counter() + seconds
        for reader in readers:
            observer = reader.observer()
            if observer is None or not reader.unread:
                continue
            unread, reader.unread = reader.unread, frozenset()
            try:
                observer(unread)
            except Exception as error:  # the others must still learn what changed
                failed = failed or error
            if time.perf_counter() > end:
                self._last = reader
                break
        if failed is not None:
            raise failed
