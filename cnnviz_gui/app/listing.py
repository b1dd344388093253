"""Reading the catalogue of networks: after all that is on screen, or at once where it is needed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from cnnviz_gui.core.request import ListNetworks
from cnnviz_gui.core.result import ListedNetworks
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.labels import describe
from cnnviz_gui.texts import tr

_LANE = "catalogue"
_QUIET_MS = 300
"""So long nothing must have happened before the first look: torchvision, whose import takes
seconds, comes with it, and the network that is embedded does without."""


class Listing(QObject):
    """Keeps ``Shared.catalogue``."""

    def __init__(self, state: AppState, engine: Engine, parent: QObject) -> None:
        super().__init__(parent)
        self._state = state
        self._engine = engine
        self.known = False
        """The catalogue has been read."""
        self._told = ""
        """What was said of a catalogue that is not whole: once is enough."""
        self._calls: list[Callable[[], None]] = []
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(_QUIET_MS)
        self._quiet.timeout.connect(self._on_quiet)
        engine.happened.connect(self._on_event)

    @Slot()
    def refresh(self) -> None:
        """Look anew which networks there are, and which weights are on this machine."""
        self._quiet.stop()
        request = ListNetworks()
        self._engine.submit(_LANE, request, describe(request, self._state.shared))

    def when_known(self, call: Callable[[], None]) -> None:
        """Call at once where the catalogue is known, else once it was read or cannot be."""
        if self.known:
            call()
        elif call not in self._calls:
            self._calls.append(call)
            if len(self._calls) == 1:
                self.refresh()

    def stop(self) -> None:
        """Ask for nothing more: the window closes."""
        self._engine.happened.disconnect(self._on_event)
        self._quiet.stop()
        self._calls.clear()

    @Slot()
    def _on_quiet(self) -> None:
        if self._engine.busy:
            self._quiet.start()
        else:
            self.refresh()

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        match event:
            case events.Ready() if self.known:
                self.refresh()  # this worker may have been told of another folder of weights
            case events.Ready():
                self._quiet.start()
            case events.Finished(result=ListedNetworks() as result):
                self.known = True
                self._quiet.stop()
                self._state.share(catalogue=result.entries)
                self._answer()
                if result.problem:
                    text = tr(
                        "The networks of torchvision are not there. {why}", why=result.problem
                    )
                    self._tell(Notice(text, "warning"))
            case events.Failed(lane=lane, failure=failure) if lane == _LANE:
                self._answer()
                text = f"{failure.message} {failure.advice}".strip()
                self._tell(Notice(text, "error", failure.details))
            case events.Stopped(lane=lane) if lane == _LANE:
                self._answer()
                if not self.known:
                    self._quiet.start()
            case _ if self._quiet.isActive():
                self._quiet.start()

    def _tell(self, notice: Notice) -> None:
        if notice.text != self._told:
            self._told = notice.text
            self._state.share(notice=notice)

    def _answer(self) -> None:
        calls, self._calls = self._calls, []
        for call in calls:
            call()
