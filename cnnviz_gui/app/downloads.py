"""Fetching weights while everything else goes on: one at a time, on a worker of their own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cnnviz_gui.core.request import DownloadWeights
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.engine.mailbox import lanes_in_order
from cnnviz_gui.engine.runner import Kit, Start
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.downloads import DownloadState, Pace, changed, find, without
from cnnviz_gui.state.finding import Problem
from cnnviz_gui.state.labels import describe

_LANE = "download"
_STALLED_MS = 3000
"""After so long without a byte the last speed is no longer told."""


def start(say: Callable[[str], None]) -> Kit:
    """Return what downloads; on the thread that does."""
    from cnnviz_gui.core.models import download

    return Kit(download.execute, None)


class Downloads(QObject):
    """The queue of downloads. Its worker starts with the first of them.

    Lives in the GUI thread; what it knows stands in ``Shared.downloads``.
    """

    arrived = Signal(object, bool)
    """Weights are here: the network's name, and whether it is to be opened."""

    def __init__(self, state: AppState, start: Start = start) -> None:
        super().__init__()
        self._state = state
        self._start = start
        self._engine: Engine | None = None
        self._closed = False
        self._running = ""
        self._pace = Pace()
        self._stall = QTimer(self)
        self._stall.setSingleShot(True)
        self._stall.setInterval(_STALLED_MS)
        self._stall.timeout.connect(self._on_stalled)

    def fetch(self, name: str, opens: bool) -> None:
        """Fetch the weights of a network now or after those asked for before.

        Asked again of one that is on its way, it changes whether the network is opened then; one
        that was stopped or failed goes on.
        """
        entries = self._state.shared.catalogue
        title = next((entry.title for entry in entries if entry.name == name), name)
        known = find(self._state.shared.downloads, name) or DownloadState(name, title)
        if not known.active:  # it queues up behind the others
            self._share(without(self._state.shared.downloads, name))
            known = known.waiting()
        self._put(known.opening(opens))
        self._go_on()

    def cancel(self, name: str) -> None:
        """Stop a download; what has come is kept."""
        if name == self._running and self._engine is not None:
            self._engine.cancel(_LANE)
            return
        known = find(self._state.shared.downloads, name)
        if known is not None and known.active:
            self._drop_or_keep(known)

    def cancel_all(self) -> None:
        """Stop every download; what has come is kept."""
        for one in self._state.shared.downloads:
            self.cancel(one.name)

    def close(self, timeout_ms: int) -> bool:
        """Stop everything, wait so long at most, and return whether the worker has ended."""
        self._stall.stop()
        self._closed = True
        return self._engine is None or self._engine.shutdown(timeout_ms)

    def _go_on(self) -> None:
        """Start the first download that waits, unless one runs."""
        waiting = (one for one in self._state.shared.downloads if one.phase == "waiting")
        one = next(waiting, None)
        if self._running or one is None or self._closed:
            return
        if self._engine is None:
            self._engine = Engine(self._start, lanes_in_order(_LANE), self)
            self._engine.happened.connect(self._on_event)
            self._engine.start()
        self._running = one.name
        self._pace = Pace()
        self._put(one.advanced(one.done, one.total, None))
        request = DownloadWeights(name=one.name)
        self._engine.submit(_LANE, request, describe(request, self._state.shared))

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        known = find(self._state.shared.downloads, self._running)
        if known is None:
            return
        match event:
            case events.Progress():
                speed = self._pace.update(event.elapsed, event.done)
                self._put(known.advanced(event.done, event.total, speed))
                self._stall.start()
            case events.Finished():
                self._end()
                self._share(without(self._state.shared.downloads, known.name))
                self.arrived.emit(known.name, known.opens)
                self._go_on()
            case events.Failed():
                failure = event.failure
                problem = Problem(failure.message, failure.advice, failure.offer, failure.details)
                self._end()
                self._put(known.ended("failed", problem))
                self._go_on()
            case events.Stopped():
                self._end()
                self._drop_or_keep(known)
                self._go_on()

    def _end(self) -> None:
        self._running = ""
        self._stall.stop()

    def _drop_or_keep(self, known: DownloadState) -> None:
        """Keep a stopped download in sight where something of it has come."""
        if known.done:
            self._put(known.ended("stopped"))
        else:
            self._share(without(self._state.shared.downloads, known.name))

    @Slot()
    def _on_stalled(self) -> None:
        known = find(self._state.shared.downloads, self._running)
        if known is not None:
            self._put(known.stalled())

    def _put(self, one: DownloadState) -> None:
        self._share(changed(self._state.shared.downloads, one))

    def _share(self, downloads: tuple[DownloadState, ...]) -> None:
        self._state.share(downloads=downloads)
