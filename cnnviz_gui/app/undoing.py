"""Undo and redo: the actions, and what they need of the rest of the program."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication

from cnnviz_gui.app.controller import Controller
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state.app_state import FOLLOWS, AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.settings_fields import SETTINGS
from cnnviz_gui.state.settings_history import SettingsHistory
from cnnviz_gui.texts import tr

_POLL_MS = 50
_WATCHED = frozenset({*SETTINGS, "facts", "pending_model", "pending_second"})


class Opening:
    """Opens networks and pictures that were open before, for those who bring settings back."""

    def __init__(self, controller: Controller, gallery: Gallery) -> None:
        self._controller = controller
        self._gallery = gallery

    def first(self, model: ModelRef) -> None:
        """Open the network in use."""
        self._controller.choose_model(model)

    def second(self, model: ModelRef | None) -> None:
        """Open the network to compare with, or end the comparison."""
        if model is None:
            self._controller.stop_comparing()
        else:
            self._controller.choose_second(model)

    def picture(self, image: ImageRef) -> None:
        """Take a picture that was open before."""
        self._gallery.put(image)

    def strip(self, refs: tuple[ImageRef, ...]) -> None:
        """Let these pictures be at hand, and no others."""
        self._gallery.read_no_more()
        self._gallery.lay_out(refs)


class Undoing(QObject):
    """Handlers of undo and redo; see ``actions.SPECS``.

    ``starting`` is the network to compare with that comes back with the start of the program. It
    is no step, and nor is that of a session.
    """

    told = Signal(str)
    """What was undone or made again, which need not be in sight; empty while that is awaited."""

    def __init__(
        self, parent: QObject, state: AppState, opening: Opening, starting: str = ""
    ) -> None:
        super().__init__(parent)
        self._starting = starting
        self.history = SettingsHistory(state, opening, taken=self._tell)
        self.actions: dict[str, QAction] = {}
        self._state = state
        self._over = False
        self._release = QTimer(self)
        self._release.setInterval(_POLL_MS)
        self._release.timeout.connect(self._on_poll)
        state.observe(self._on_state_changed, at_once=True)

    @Slot()
    def on_undo(self) -> None:
        """Take back the last change of the settings."""
        self.history.undo()
        self._begun()

    @Slot()
    def on_redo(self) -> None:
        """Make the change again that was taken back last."""
        self.history.redo()
        self._begun()

    def stop(self) -> None:
        """Wait for no hand any more: the program closes, maybe under a button still pressed."""
        self._over = True
        self._release.stop()

    def _begun(self) -> None:
        self._name()
        if self.history.awaiting:
            self.told.emit("")  # what was told of the step before is read as if it were of this one

    def _tell(self, change: str, value: str, back: bool) -> None:
        """Say what was taken back, or made again."""
        if back and value:
            self.told.emit(tr("Undone: {change} (back to {value})", change=change, value=value))
        elif back:
            self.told.emit(tr("Undone: {change}", change=change))
        elif value:
            self.told.emit(tr("Redone: {change} ({value})", change=change, value=value))
        else:
            self.told.emit(tr("Redone: {change}", change=change))

    @Slot(object)
    def begin_anew(self, second: ModelRef | None) -> None:
        """Forget all steps: another session is open, whose second network may still come."""
        self.history.clear()
        coming = second is not None and second != self._state.selection.second
        self._starting = str(second) if coming else ""
        self._name()

    def _on_state_changed(self, changes: Changes) -> None:
        if self._over or not changes & _WATCHED:
            return
        if "second" in changes and self._starting:
            if str(self._state.selection.second) == self._starting:
                self.history.clear()
            self._starting = ""
        if FOLLOWS not in changes and not self._release.isActive() and _pressed():
            self.history.held = True
            self._release.start()
        self._name()

    @Slot()
    def _on_poll(self) -> None:
        """See whether the hand let go of what it draws: the next change is another step."""
        if not _pressed():
            self._release.stop()
            self.history.held = False
            self.history.seal()

    def _name(self) -> None:
        """Let the actions say what they would do."""
        history = self.history
        undone, redone = history.undone_next, history.redone_next
        titles = {
            "undo": _undo(undone, history.value_next(back=True)),
            "redo": _redo(redone, history.value_next(back=False)),
        }
        for name, word in (("undo", undone), ("redo", redone)):
            action = self.actions.get(name)
            if action is not None:
                action.setEnabled(bool(word))
                if action.text() != titles[name]:
                    action.setText(titles[name])


def _undo(change: str, value: str) -> str:
    if value:
        return tr("&Undo {change} (back to {value})", change=change, value=value)
    return tr("&Undo {change}", change=change) if change else tr("&Undo")


def _redo(change: str, value: str) -> str:
    if value:
        return tr("&Redo {change} ({value})", change=change, value=value)
    return tr("&Redo {change}", change=change) if change else tr("&Redo")


def _pressed() -> bool:
    return QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
