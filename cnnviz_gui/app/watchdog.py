"""Sees when the worker gives no sign of life, and starts another one if the user wants that."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from cnnviz_gui.app import ending, log
from cnnviz_gui.app.computing import Computing
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.save_queue import LANE as SAVING
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import tr

PATIENCE_S = 10.0
"""Seconds without a sign of life after which that is told."""


class Watchdog(QObject):
    """Offers in the status strip to start the engine again; who waits need do nothing.

    It looks when ten seconds without a sign of life could be over, and not at all while nothing is
    computed.
    """

    def __init__(
        self,
        window: MainWindow,
        state: AppState,
        settings: Settings,
        engine: Engine,
        computing: Computing,
    ) -> None:
        super().__init__(window)
        self._strip = window.status
        self._state = state
        self._settings = settings
        self._engine = engine
        self._computing = computing
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self.look)
        self._strip.restart_wanted.connect(self.restart)
        window.closing.connect(self._next.stop)
        state.observe(self._on_state_changed)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"activity", "waiting"}:
            if self._strip.stuck:
                self.look()
            elif not self._next.isActive():
                self._next.start(round(1000 * PATIENCE_S))

    @Slot()
    def look(self) -> None:
        """See how long ago the last sign of life was, and look again when it may be too long."""
        beat = self._engine.heartbeat()
        silent = beat is not None and beat.seconds >= PATIENCE_S
        stuck = silent and not ending.imports(self._state.shared)
        if beat is not None and stuck and not self._strip.stuck:
            text = tr(
                "{label} gave no sign of life for {seconds:.0f} s.",
                label=beat.label,
                seconds=PATIENCE_S,
            )
            log.chronicle().note("warning", text, tr("Engine"))
        self._strip.set_stuck(beat.label if beat is not None and stuck else "")
        if beat is None:
            self._next.stop()
        else:
            self._next.start(round(1000 * max(1.0, PATIENCE_S - beat.seconds)))

    @Slot()
    def restart(self) -> None:
        """Leave the worker to itself and go on with another one, on the device that was chosen."""
        self._strip.set_stuck("")
        writing = any(job.lane.name == SAVING for job in self._engine.running())
        self._engine.restart()
        self._computing.choose(self._settings.device)
        self._state.share(notice=Notice(_started_again(writing), "warning"))


def _started_again(writing: bool) -> str:
    again = KEYS.doer("compute_again")
    text = tr(
        "The engine was started again. What it was at was stopped; {key} computes it anew.",
        key=again,
    )
    late = tr("A file that it was writing may still be written.")
    return f"{text} {late}" if writing else text
