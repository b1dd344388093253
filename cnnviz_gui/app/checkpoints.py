"""What the checkpoint window asks of the worker, and the answers on their way into the state."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from cnnviz_gui.core.request import (
    ImageRef,
    InspectCheckpoint,
    ModelRef,
    ProbeNormalisation,
    ReadLabels,
    Request,
)
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Advance, Finding, Problem
from cnnviz_gui.state.labels import describe

LANES = ("checkpoint", "labels", "probe")
"""Each is also the name of the finding in which the answer stands."""


class Checkpoints(QObject):
    """Inspects files of weights, reads class names, probes normalisations."""

    def __init__(self, state: AppState, engine: Engine) -> None:
        super().__init__()
        self._state = state
        self._engine = engine
        engine.happened.connect(self._on_event)

    def inspect(self, path: str) -> None:
        """Find out what a file of weights holds; answers about another file are forgotten."""
        for lane in ("labels", "probe"):
            self._engine.forget(lane)
            self._state.found(lane, Finding())
        self._state.found("checkpoint", Finding())
        self._ask("checkpoint", InspectCheckpoint(path=path))

    def read_labels(self, path: str, classes: int) -> None:
        """Read class names for a network of so many classes."""
        self._ask("labels", ReadLabels(path=path, classes=classes))

    def probe(self, model: ModelRef, image: ImageRef) -> None:
        """Rank the usual normalisations on a picture."""
        self._ask("probe", ProbeNormalisation(model=model, image=image))

    def stop(self) -> None:
        """Ask for nothing more: the window closes."""
        self._engine.happened.disconnect(self._on_event)

    def leave(self) -> None:
        """Stop what the checkpoint window asked for: it was closed."""
        for lane in LANES:
            self._engine.forget(lane)
            finding = self._state.finding(lane)
            if finding.status in ("loading", "stale", "partial"):
                self._state.found(lane, finding.stopped())

    def _ask(self, lane: str, request: Request) -> None:
        self._state.found(lane, self._state.finding(lane).waiting(request))
        self._engine.submit(lane, request, describe(request, self._state.shared))

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        lane = getattr(event, "lane", "")
        if lane not in LANES:
            return
        finding = self._state.finding(lane)
        match event:
            case events.Progress():
                advance = Advance(event.done, event.total, event.seconds_left)
                self._state.found(lane, finding.advanced(advance))
            case events.Finished():
                self._state.found(lane, finding.finished(event.request, event.result))
            case events.Failed():
                failure = event.failure
                problem = Problem(failure.message, failure.advice, failure.offer, failure.details)
                self._state.found(lane, finding.failed(problem))
            case events.Stopped():
                self._state.found(lane, finding.stopped())
