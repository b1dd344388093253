"""The counter between the window and the worker: jobs go in, events that still matter come out."""

from __future__ import annotations

from collections.abc import Iterator

from cnnviz_gui.core.request import Work
from cnnviz_gui.engine.events import (
    Event,
    Failed,
    Finished,
    Ready,
    StartFailed,
    Starting,
    Stopped,
)
from cnnviz_gui.engine.mailbox import Mailbox
from cnnviz_gui.engine.outbox import Outbox


class Desk:
    """Decides on arrival, by ticket, whether an event is still wanted.

    Of every job that no newer job of its lane replaces, exactly one outcome comes out; of one that
    is replaced, nothing more. After ``cancel`` only ``Stopped`` does, and at once: the window need
    not wait until a deaf computation notices. All methods belong to the thread that shows.
    """

    def __init__(self, mailbox: Mailbox, outbox: Outbox) -> None:
        self._mailbox = mailbox
        self._outbox = outbox
        self._open: dict[str, tuple[int, Work]] = {}
        self._left: list[Work] = []

    def submit(self, lane: str, request: Work, label: str, *, behind: str = "") -> int:
        """Ask for a job, in place of any other of the lane, and return its ticket."""
        ticket = self._mailbox.put(lane, request, label, behind=behind)
        self._open[lane] = (ticket, request)
        return ticket

    def cancel(self, lane: str) -> None:
        """Stop the lane's job, waiting or running; nothing happens where there is none."""
        self._mailbox.cancel(lane)
        if lane in self._open:
            ticket, request = self._open[lane]
            self._outbox.post(Stopped(lane, ticket, request))

    def forget(self, lane: str) -> None:
        """Stop the lane's job as if a newer one had replaced it: nothing more is heard of it."""
        self._mailbox.cancel(lane)
        self._open.pop(lane, None)

    def cancel_all(self) -> None:
        """Stop the jobs of every lane."""
        for lane in tuple(self._open):
            self.cancel(lane)

    def collect(self) -> Iterator[Event]:
        """Yield the events that are wanted at the moment they are yielded.

        What the receiver does with one, such as asking for another job, counts for the next.
        """
        for event in self._outbox.drain():
            if self._is_wanted(event):
                yield event
            elif isinstance(event, Finished | Failed | Stopped):
                self._left.append(event.request)

    def left(self) -> tuple[Work, ...]:
        """Return, once, what the worker has left since it was stopped or replaced.

        To be asked after ``collect``: an end that nobody waits for is no event.
        """
        left = tuple(self._left)
        self._left.clear()
        return left

    def _is_wanted(self, event: Event) -> bool:
        if isinstance(event, Starting | Ready | StartFailed):
            return True
        if self._open.get(event.lane, (0, None))[0] != event.ticket:
            return False
        if not isinstance(event, Stopped) and not self._mailbox.is_current(
            event.lane, event.ticket
        ):
            return False
        if isinstance(event, Finished | Failed | Stopped):
            del self._open[event.lane]
        return True
