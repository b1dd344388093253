"""What the worker is to write, one file after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from cnnviz_gui.app.lanes import MADE_BEHIND
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.request import Request
from cnnviz_gui.core.save_requests import (
    CopyDrawing,
    SaveDrawing,
    SaveFilm,
    SaveNumbers,
    SaveStep,
)
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine

LANE = "save"
_MADE = SaveFilm | SaveDrawing | SaveStep | SaveNumbers | CopyDrawing


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """One thing to write."""

    request: Request
    label: str
    """What the user calls it."""
    facts: ModelFacts | None
    """Of the network that what is written was made with."""

    @property
    def path(self) -> Path | None:
        """Of the file; None for a picture that is for the clipboard."""
        name: str | None = getattr(self.request, "path", None)
        return None if name is None else Path(name)


Tell = Callable[[events.Outcome, Order, int], None]
"""Takes what became of an order, and how many files that waited for it will not be written."""


class SaveQueue(QObject):
    """Gives the worker the next thing to write once one is done: its lane holds the newest only."""

    def __init__(self, engine: Engine, tell: Tell, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self._tell = tell
        self._at: Order | None = None
        self._next: list[Order] = []
        self._dropped = 0
        """Of the files that were to be written next, how many will not be."""
        engine.happened.connect(self._on_event)

    def put(self, order: Order) -> None:
        """Let the worker write, once what it was asked to write before is done."""
        self._next.append(order)
        self._begin()

    def drop_waiting(self) -> None:
        """Write nothing of what waits for its turn, because every job is being stopped."""
        self._dropped += sum(order.path is not None for order in self._next)
        self._next.clear()

    def unwritten(self) -> tuple[Order, ...]:
        """Return the files that are still to be written, the one that is being written first."""
        orders = (*self._under_way(), *self._next)
        return tuple(order for order in orders if order.path is not None)

    def give_up(self, path: Path | None) -> None:
        """Write nothing to this path, or the clipboard, as something newer is to be there."""
        self._next = [order for order in self._next if order.path != path]
        if self._at is not None and self._at.path == path:
            self._engine.forget(LANE)
            self._at = None
            self._begin()

    def _under_way(self) -> tuple[Order, ...]:
        """Return what the worker is at, unless it was stopped or is done."""
        at = self._at
        if at is None:
            return ()
        # In this order: what has just been taken from those that wait is among those that run.
        for job in (*self._engine.waiting(), *self._engine.running()):
            if job.request is at.request and not job.cancelled.is_set():
                return (at,)
        return ()

    def _begin(self) -> None:
        if self._at is not None or not self._next:
            return
        order = self._next.pop(0)
        behind = MADE_BEHIND if isinstance(order.request, _MADE) else ""
        self._engine.submit(LANE, order.request, order.label, behind=behind)
        self._at = order

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Outcome) or event.lane != LANE or self._at is None:
            return
        ended, dropped = self._at, self._dropped
        self._at, self._dropped = None, 0
        try:
            self._tell(event, ended, dropped)
        finally:  # whatever is wrong with one file, the others are written
            self._begin()
