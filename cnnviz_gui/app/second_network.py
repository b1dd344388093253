"""The network compared with: it is remembered, and comes back once the first is open."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cnnviz_gui.app.networks import Networks
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes


class SecondNetwork(QObject):
    """Between the state, the settings and what opens networks.

    Nothing is brought back beside a module that only this process has.
    """

    changed = Signal()
    """There is something to save."""

    def __init__(
        self, state: AppState, settings: Settings, networks: Networks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._settings = settings
        self._networks = networks
        self._wanted = settings.second_network
        """What is still to be brought back."""
        self._opening = False
        networks.lost.connect(self._on_lost)
        state.observe(self._on_state_changed, at_once=True)

    def _on_state_changed(self, changes: Changes) -> None:
        if "second" in changes:
            self._remember()
        elif "pending_second" in changes and self._state.shared.pending_second is None:
            self._forget_failed()
        if "facts" in changes and self._state.shared.facts is not None:
            self._bring_back()

    def _remember(self) -> None:
        second = self._state.selection.second
        self._wanted, self._opening = "", False
        self._keep("" if second is None or second.given else str(second))

    def _bring_back(self) -> None:
        wanted, self._wanted = self._wanted, ""
        first = self._state.selection.model
        if not wanted or first.given or self._state.shared.pending_second is not None:
            return
        model = _parsed(wanted)
        if model is None or wanted == str(first):
            self._keep("")
            return
        self._opening = True
        notice = self._state.shared.notice
        self._networks.reopen_second(model)
        self._state.share(notice=notice)  # which tells of the first network

    def _forget_failed(self) -> None:
        """Try what cannot be opened no more; why is told already."""
        if self._opening:
            self._opening = False
            self._keep("")

    def _on_lost(self, model: ModelRef) -> None:
        if self._opening and str(model) == self._settings.second_network:
            self._forget_failed()

    def _keep(self, name: str) -> None:
        if name != self._settings.second_network:
            self._settings.second_network = name
            self.changed.emit()


def _parsed(name: str) -> ModelRef | None:
    try:
        return ModelRef.parse(name)
    except RequestError:
        return None
