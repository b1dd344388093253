"""Kept pictures of a session that was opened: made again, one after the other."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.core.feature_results import FeaturePictures
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.state import comparison_view, session_kept
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.kept_features import KeptFeatures, KeptPart
from cnnviz_gui.state.labels import describe
from cnnviz_gui.state.network_title import title_while_opening

LANE = "kept"


class KeptMaking(QObject):
    """Makes what ``Shared.kept_asked`` names; it can be stopped, and what is there then stays."""

    def __init__(self, parent: QObject, state: AppState, engine: Engine) -> None:
        super().__init__(parent)
        self._state = state
        self._engine = engine
        self._made: tuple[KeptPart, ...] = ()
        self._shown: KeptFeatures | None = None
        engine.happened.connect(self._on_event)
        state.observe(self._on_state_changed, at_once=True)

    def _on_state_changed(self, changes: Changes) -> None:
        shared = self._state.shared
        if "kept_asked" in changes:
            self._engine.forget(LANE)
            self._made, self._shown = (), None
            self._go_on()
        elif "kept_features" in changes and shared.kept_features is not self._shown:
            self._state.share(kept_asked=None)  # the hand has kept others, or none

    def _go_on(self) -> None:
        asked, at = self._state.shared.kept_asked, len(self._made)
        if asked is None:
            return
        if at == len(asked.requests):
            self._state.share(kept_asked=None)
            return
        request = asked.requests[at]
        self._engine.submit(LANE, request, describe(request, self._state.shared))

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        if getattr(event, "lane", "") != LANE or self._state.shared.kept_asked is None:
            return
        match event:
            case events.Partial(request=Feature() as request, value=FeaturePictures() as value):
                self._show(request, value)
            case events.Finished(request=Feature() as request, result=FeaturePictures() as result):
                self._show(request, result)
                self._made = self._shown.parts if self._shown is not None else ()
                self._go_on()
            case events.Failed(failure=failure):
                text = f"{failure.message} {failure.advice}".strip()
                notice = Notice(text, "error", failure.details)
                self._state.share(kept_asked=None, notice=notice)

    def _show(self, request: Feature, result: FeaturePictures) -> None:
        state, shared = self._state, self._state.shared
        assert shared.kept_asked is not None
        both = (state.selection.model, state.selection.second)
        facts = dict(zip(both, (shared.facts, shared.second_facts), strict=True)).get(request.model)
        names = dict(zip(both, comparison_view.names(state), strict=False))
        part = KeptPart(
            session_kept.lane_of(len(self._made)),
            names.get(request.model) or title_while_opening(request.model, shared),
            () if facts is None else facts.labels,
            request,
            result,
        )
        self._shown = KeptFeatures((*self._made, part), shared.kept_asked.selection)
        state.share(kept_features=self._shown)
