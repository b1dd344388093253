"""Copying what is in view as code: a script in Python, or a line of the command ``cnnviz``."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication

from cnnviz_gui.app.saving import Saving
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.request import Request
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.texts import tr


class Copying(QObject):
    """Puts code on the clipboard that computes what the page in view shows."""

    def __init__(self, saving: Saving, state: AppState) -> None:
        super().__init__(saving)
        self._saving = saving
        self._state = state

    @Slot()
    def on_copy_python(self) -> None:
        """Copy what is in view as a script in Python."""
        from cnnviz_gui.core import as_python  # the methods come with it

        self._copy(as_python.script, tr("The script is in the clipboard."))

    @Slot()
    def on_copy_command(self) -> None:
        """Copy what is in view as a command."""
        from cnnviz_gui.core import as_command

        self._copy(as_command.command, tr("The command is in the clipboard."))

    def _copy(self, written: Callable[[Request], str], said: str) -> None:
        request = self._saving.request_in_view()
        if request is None:
            return  # it was said why
        try:
            text = written(request)
        except RequestError as error:
            self._state.share(notice=Notice(str(error), "warning"))
            return
        QGuiApplication.clipboard().setText(text)
        self._state.share(notice=Notice(said))
