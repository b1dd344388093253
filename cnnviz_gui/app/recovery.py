"""Work is safe from a sudden end, and from one without saving: the next start offers it again."""

from __future__ import annotations

import functools
import time
from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, QTimer, Slot

from cnnviz_gui.app import log, recovery_file
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.recovery_file import RecoveryFile
from cnnviz_gui.app.sessions import Sessions
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.state import chronicle_view, session_file, settings_fields
from cnnviz_gui.state.app_state import AppState, Notice, ShowReport
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.recovered import Recovered
from cnnviz_gui.texts import ntr, tr

_SAVE_MS = 3000
"""After a change; what changes meanwhile is kept with it."""
_WRITE_MS = 1000
_KEPT = frozenset({*settings_fields.SETTINGS, *session_file.KEPT, "strip", "kept_features"})


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
            sessions.unsaved.keep = self._set_aside
        self._refused: list[Path] = []
        """Offers that were closed: their files go with the end of the program."""
        self._keeps = False
        """What is in use is in no file, and is to be offered at the next start."""

    def offer(self, said: str = "") -> bool:
        """Offer the newest session that was left, after what else is to be said; tell whether."""
        found = recovery_file.left(self._folder) if self._folder is not None else ()
        found = tuple(path for path in found if path not in self._refused)
        if not found:
            return False
        remedy = Recovered(str(found[0]))
        if recovery_file.in_order(found[0]):
            when = chronicle_view.clock(recovery_file.when(found[0]), time.time())
            text = tr("Your work of {when} is kept, though you did not save it.", when=when)
            level, label, details = "info", tr("Continue where you left"), ""
        else:
            text, details = self._ended()
            level, label = "warning", tr("Restore the session")
        if older := len(found) - 1:
            text += " " + ntr(
                "An older one is offered at the next start.",
                "{n} older ones are offered at the next starts.",
                older,
            )
        text = f"{said} {text}".lstrip()
        self._state.share(notice=Notice(text, level, details, label, remedy, stays=True))
        return True

    def _ended(self) -> tuple[str, str]:
        """Say how the last run ended, with the report of a crash, which need not be told apart."""
        crashes = (one for one in self._state.shared.notices if one.remedy_ref == ShowReport())
        crash = next(crashes, None)
        if crash is None:
            return tr("The last run ended unexpectedly."), ""
        self._state.dismiss(crash)
        from cnnviz_gui.app.report import scrub  # what it asks of is not needed before

        former = log.former_crash()
        details = "" if former is None else scrub(former.text)
        return tr("The last run ended in a crash. Its work is kept."), details

    def _set_aside(self) -> str:
        """Write what another piece of work replaces; return where, empty where that fails."""
        assert self._folder is not None
        kept: list[Path | None] = []
        data = session_file.write(self._state)
        folder = self._folder
        self._pool.start(lambda: kept.append(recovery_file.set_aside(folder, data)))
        self._pool.waitForDone(_WRITE_MS)
        return str(kept[0]) if kept and kept[0] is not None else ""

    @Slot(object)
    def _on_remedy(self, remedy: object) -> None:
        """Open what was offered; it is removed once it is safe in the file of this process."""
        if isinstance(remedy, Recovered) and not self._sessions.restore(remedy.path):
            self.offer()

    @Slot()
    def save(self) -> None:
        """Keep the session, aside."""
        self._soon.stop()
        begun = self._state.selection.image is not None or self._sessions.unsaved.exists
        if self._file is None or not begun:
            return
        data = session_file.write(self._state, self._sessions.path)
        self._pool.start(functools.partial(self._file.write, data))

    def save_now(self) -> None:
        """Keep the session before what may not come to an end."""
        self.save()
        self._pool.waitForDone(_WRITE_MS)

    def close(self) -> bool:
        """Remove the file, unless it has work that is in no other one.

        Returns whether all that was being written is: Qt waits for a thread that hangs without end.
        """
        self._soon.stop()
        written = self._pool.waitForDone(_WRITE_MS)
        if self._file is not None:
            self._file.close(keep=self._keeps)
        for refused in self._refused:
            recovery_file.remove(refused)
        return written

    @Slot()
    def _on_closing(self) -> None:
        """Keep the session before what runs is waited for."""
        self._keeps = self._sessions.unsaved.exists
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
        """Offer it no more, and let a hand that slipped have it back from the notifications."""
        if isinstance(remedy, Recovered):
            self._refused.append(Path(remedy.path))
            text = tr("What was kept stays in the notifications until the program ends.")
            self._state.share(notice=Notice(text))


def _take_over(file: RecoveryFile, data: bytes, restored: Path) -> None:
    """Remove what was restored, where it could be written to the file of this process."""
    if file.write(data):
        recovery_file.remove(restored)
