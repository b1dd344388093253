"""Writing a session aside; what would replace or end it waits until it is written."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QThreadPool, QTimer, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from cnnviz_gui.app.session_reading import shown
from cnnviz_gui.panels import question
from cnnviz_gui.state import session_file, settings_fields
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.texts import tr

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written to a file, or is to be."""

    path: str
    document: Document


@dataclass(frozen=True, slots=True)
class _NotSaved:
    text: str


class SessionSaver(QObject):
    """Writes on a thread, and asks before changes are left that are not saved."""

    saved = Signal(object)
    """Carries what was ``Saved``."""
    _happened = Signal(object)

    def __init__(self, window: QWidget, state: AppState) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._saving: list[Saved] = []
        """What is being written, or will be; the newest last."""
        self._then: Callable[[], object] | None = None
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._happened.connect(self._on_happened, Qt.ConnectionType.QueuedConnection)

    @property
    def awaited(self) -> bool:
        """Whether something is done once the session is saved."""
        return self._then is not None

    def write(self, path: str) -> None:
        """Write the session as it is now."""
        saved = Saved(path, document(self._state))
        self._saving.append(saved)
        data = session_file.write(self._state)
        self._pool.start(functools.partial(self._write, saved, data))

    def _write(self, saved: Saved, data: bytes) -> None:
        from cnnviz_gui.core.errors import CnnvizError
        from cnnviz_gui.core.files import write_atomically

        # On a thread of the pool, where an exception would be heard by nobody.
        try:
            write_atomically(saved.path, data)
        except CnnvizError as error:
            self._happened.emit(_NotSaved(str(error)))
        except Exception as error:
            text = tr(
                "{name} cannot be saved ({reason}).",
                name=shown(saved.path),
                reason=str(error) or type(error).__name__,
            )
            self._happened.emit(_NotSaved(text))
        else:
            self._happened.emit(saved)

    @Slot(object)
    def _on_happened(self, what: Saved | _NotSaved) -> None:
        self._saving.pop(0)
        if isinstance(what, _NotSaved):
            self._then = None
            self._state.share(notice=Notice(what.text, "error"))
            return
        self.saved.emit(what)
        if self._then is not None and not self._saving:
            then, self._then = self._then, None
            QTimer.singleShot(0, self, then)

    def may_leave(self, then: Callable[[], object], asks: str, differing: str) -> bool:
        """Ask what becomes of changes since the last save; return whether to go on now.

        Where they are saved first, or are being saved, ``then`` is called once they are: it asks
        this again, for they may have changed meanwhile. It is not called where that fails.

        Parameters
        ----------
        then
            What is to be done.
        asks
            The question, which leaves the ``{name}`` of the file open.
        differing
            The file that has an older state; empty for none.
        """
        last = self._saving[-1] if self._saving else None
        saving = last is not None and last.document == document(self._state)
        if saving and self._then is None:
            self._then = then
            return False
        path = differing if last is None else last.path
        if not path:
            return True
        box = QMessageBox(self._window)
        box.setWindowTitle(tr("Save the session"))
        box.setText(asks.format(name=shown(path)))
        save = box.addButton(tr("Save"), QMessageBox.ButtonRole.AcceptRole)
        leave = box.addButton(tr("Do not save"), QMessageBox.ButtonRole.DestructiveRole)
        question.add_refusal(box)
        box.setDefaultButton(save)
        self._then = None  # nothing is done behind the question
        box.exec()
        chosen = box.clickedButton()
        self._then = then if chosen is save else None
        if chosen is save:
            self._save_again(path)
        return chosen is leave

    def _save_again(self, path: str) -> None:
        """Write the session unless that is under way; it may have ended while it was asked."""
        if not self._saving or self._saving[-1].document != document(self._state):
            self.write(path)

    def close(self, timeout_ms: int) -> bool:
        """Wait for what is being written, so long at most, and return whether it is."""
        self._happened.disconnect(self._on_happened)
        return self._pool.waitForDone(timeout_ms)


def document(state: AppState) -> Document:
    """Return what a change of is worth a mark in the title: not which page is in view."""
    described = session_file.described(state)
    settings = described["settings"]
    kept = {name: settings[name] for name in settings_fields.SETTINGS if name in settings}
    return {**described, "settings": kept}
