"""Work is safe from a sudden end: it is kept as it changes, and offered again at the next start."""

from __future__ import annotations

import functools
from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, QTimer, Slot

from cnnviz_gui.app import recovery_file
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.recovery_file import RecoveryFile
from cnnviz_gui.app.sessions import Sessions
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.state import session_file, settings_fields
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.recovered import Recovered
from cnnviz_gui.texts import tr

_SAVE_MS = 3000
"""After a change; what changes meanwhile is kept with it."""
_WRITE_MS = 1000
_KEPT = frozenset({*settings_fields.SETTINGS, *session_file.KEPT, "strip"})


class Recovery(QObject):
    """Keeps the session of this process, and offers those of processes that ended unexpectedly.

    ``folder`` is where; without one nothing is kept.
    """

    def __init__(
        self,
        window: MainWindow,
        state: AppState,
        engine: Engine,
        sessions: Sessions,
        folder: Path | None,
    ) -> None:
        super().__init__(window)
        self._state = state
        self._sessions = sessions
        self._folder = folder
        self._file = RecoveryFile(folder) if folder is not None else None
        sessions.restored.connect(self._drop)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SAVE_MS)
        self._soon.timeout.connect(self.save)
        self._engine = engine
        if self._file is not None:
            engine.happened.connect(self._on_event)
            window.closing.connect(self._on_closing)
            window.stage.remedy_wanted.connect(self._on_remedy)
            window.stage.notices.refused.connect(self._on_refused)
            state.observe(self._on_state_changed, at_once=True)

    def offer(self, said: str = "") -> bool:
        """Offer the newest session that was left, after what else is to be said; tell whether."""
        found = recovery_file.left(self._folder) if self._folder is not None else ()
        if not found:
            return False
        ended = tr("The last run ended unexpectedly.")
        text = f"{said} {ended}".lstrip()
        remedy = Recovered(str(found[0]))
        offered = Notice(text, "warning", "", tr("Restore the session"), remedy, stays=True)
        self._state.share(notice=offered)
        return True

    @Slot(object)
    def _on_remedy(self, remedy: object) -> None:
        """Open what was offered; it is removed once it is safe in the file of this process."""
        if isinstance(remedy, Recovered) and not self._sessions.restore(remedy.path):
            self.offer()

    @Slot()
    def save(self) -> None:
        """Keep the session, aside."""
        self._soon.stop()
        if self._file is None or self._state.selection.image is None:
            return  # nothing was begun
        data = session_file.write(self._state, self._sessions.path)
        self._pool.start(functools.partial(self._file.write, data))

    def save_now(self) -> None:
        """Keep the session before what may not come to an end."""
        self.save()
        self._pool.waitForDone(_WRITE_MS)

    def close(self) -> None:
        """Remove the file: the program ends as it should."""
        self._soon.stop()
        self._pool.waitForDone(_WRITE_MS)
        if self._file is not None:
            self._file.close()

    @Slot()
    def _on_closing(self) -> None:
        """Keep the session before what runs is waited for."""
        self._engine.happened.disconnect(self._on_event)
        self.save_now()

    @Slot(str)
    def _drop(self, restored: str) -> None:
        """Remove what was restored, once the file of this process has all of it."""
        self._soon.stop()
        if self._file is not None:
            data = session_file.write(self._state, self._sessions.path)
            self._pool.start(functools.partial(_take_over, self._file, data, Path(restored)))
            self._pool.waitForDone(_WRITE_MS)

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Failed) and event.failure.offer == "lost":
            self.save()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _KEPT and not self._soon.isActive():
            self._soon.start()

    @Slot(object)
    def _on_refused(self, remedy: object) -> None:
        """Remove what was offered: the user has closed the offer."""
        if isinstance(remedy, Recovered):
            recovery_file.remove(Path(remedy.path))


def _take_over(file: RecoveryFile, data: bytes, restored: Path) -> None:
    """Remove what was restored, where it could be written to the file of this process."""
    if file.write(data):
        recovery_file.remove(restored)
