"""Work that is in no file is kept without a question, and offered again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from PySide6.QtCore import QObject

from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.recovered import Recovered
from cnnviz_gui.state.session_work import work
from cnnviz_gui.state.settings_fields import Values
from cnnviz_gui.texts import tr


class UnsavedWork(QObject):
    """Tells whether there is any, and lets it be kept before other work takes its place."""

    def __init__(self, parent: QObject, state: AppState) -> None:
        super().__init__(parent)
        self._state = state
        self._begun: Values | None = None
        """What there was at the beginning; None before the program is ready."""
        self.file = ""
        """The user's own file of the session in use; its changes are asked about instead."""
        self.keep: Callable[[], str] | None = None
        """Writes what is in use into a file and returns its path, empty where that fails."""
        state.observe(self._on_state_changed, at_once=True)

    @property
    def exists(self) -> bool:
        """Whether anything was done that is in no file."""
        known = not self.file and self._begun is not None
        return known and work(self._state) != self._begun

    def begin(self, file: str, *, unsaved: bool = False) -> None:
        """Note that other work is in use; ``unsaved`` where it is in no file as it is."""
        self.file = file
        self._begun = {} if unsaved else work(self._state)

    def set_aside(self) -> str | None:
        """Keep what would be replaced; return its path, empty where nothing was done.

        None where it cannot be kept, which is told: then nothing may take its place.
        """
        if not self.exists or self.keep is None:
            return ""
        path = self.keep()
        if not path:
            text = tr("What is open cannot be kept. Save the session first, or free some space.")
            self._state.share(notice=Notice(text, "error"))
            return None
        return path

    def _on_state_changed(self, changes: Changes) -> None:
        shared, image = self._state.shared, self._state.selection.image
        if self._begun is None and shared.methods and shared.facts is not None and image:
            self._begun = work(self._state)


def with_offer(notice: Notice, kept: str) -> Notice:
    """Let a notice offer what was kept in a file; an empty path leaves it as it is."""
    if not kept:
        return notice
    text = " ".join((notice.text, tr("What was open before is kept.")))
    back = tr("Go back to it")
    return dataclasses.replace(
        notice, text=text, remedy=back, remedy_ref=Recovered(kept), stays=True
    )
