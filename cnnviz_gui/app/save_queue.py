"""What the worker is to write, one file after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from cnnviz_gui.app.lanes import MADE_BEHIND
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.request import Work
from cnnviz_gui.core.save_work import (
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

    request: Work
    label: str
    """What the user calls it."""
    facts: ModelFacts | None
    """Of the network that what is written was made with."""

    @property
    def path(self) -> Path | None:
        """Of the file; None for a picture that is for the clipboard."""
        name: str | None = getattr(self.request, "path", None)
        return None if name is None else Path(name)


Tell = Callable[[events.Outcome, Order, int, bool], None]
"""Takes what became of an order, and how many files that waited for it will not be written.

At last, of one that was stopped: whether its file was written all the same. Where the worker had
not left it when it was stopped, that is told once more as soon as it turns out to be so.
"""


@dataclass(frozen=True, slots=True, eq=False)
class _Begun:
    """An order that the worker was given."""

    order: Order
    before: object
    """What was at its path."""

    @property
    def written(self) -> bool:
        """Whether something else is there now."""
        return _at(self.order.path) != self.before


def _at(path: Path | None) -> object:
    """Return what tells a file from any that is written in its place; None for no file."""
    try:
        found = path.stat() if path is not None else None
    except (OSError, ValueError):
        return None
    return found and (found.st_ino, found.st_mtime_ns, found.st_size)


class SaveQueue(QObject):
    """Gives the worker the next thing to write once one is done: its lane holds the newest only."""

    def __init__(self, engine: Engine, tell: Tell, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self._tell = tell
        self._at: _Begun | None = None
        self._next: list[Order] = []
        self._dropped = 0
        """Of the files that were to be written next, how many will not be."""
        self._stopped: list[tuple[events.Stopped, _Begun, int]] = []
        """What the worker may still write, having been told too late, and what was told of it."""
        engine.happened.connect(self._on_event)
        engine.left.connect(self._on_left)

    def put(self, order: Order) -> None:
        """Let the worker write, once what it was asked to write before is done."""
        self._await_no_more(order.path)
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
        self._await_no_more(path)
        self._next = [order for order in self._next if order.path != path]
        if self._at is not None and self._at.order.path == path:
            self._engine.forget(LANE)
            self._at = None
            self._begin()

    def _under_way(self) -> tuple[Order, ...]:
        """Return what the worker is at, unless it was stopped or is done."""
        if self._at is None:
            return ()
        order = self._at.order
        # In this order: what has just been taken from those that wait is among those that run.
        for job in (*self._engine.waiting(), *self._engine.running()):
            if job.request is order.request and not job.cancelled.is_set():
                return (order,)
        return ()

    def _begin(self) -> None:
        if self._at is not None or not self._next:
            return
        order = self._next.pop(0)
        behind = MADE_BEHIND if isinstance(order.request, _MADE) else ""
        begun = _Begun(order, _at(order.path))
        self._engine.submit(LANE, order.request, order.label, behind=behind)
        self._at = begun

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Outcome) or event.lane != LANE or self._at is None:
            return
        ended, dropped = self._at, self._dropped
        self._at, self._dropped = None, 0
        busy, written = self._is_at(ended.order), ended.written
        if isinstance(event, events.Stopped) and busy and not written:
            self._stopped.append((event, ended, dropped))
        try:
            self._tell(event, ended.order, dropped, written)
        finally:  # whatever is wrong with one file, the others are written
            self._begin()

    @Slot(object)
    def _on_left(self, request: Work) -> None:
        """Tell of what the worker has left since it was stopped, if it had written it by then."""
        left = [told for told in self._stopped if told[1].order.request is request]
        self._stopped = [told for told in self._stopped if told not in left]
        for event, ended, dropped in left:
            if ended.written:
                self._tell(event, ended.order, dropped, True)

    def _await_no_more(self, path: Path | None) -> None:
        """Tell nothing more of what was stopped: something newer is to be there."""
        self._stopped = [told for told in self._stopped if told[1].order.path != path]

    def _is_at(self, order: Order) -> bool:
        """Tell whether the worker has not left an order, stopped or not."""
        return any(job.request is order.request for job in self._engine.running())
