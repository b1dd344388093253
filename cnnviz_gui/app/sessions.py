"""Sessions as files: opened, saved, named in the title of the window."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QThreadPool, QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.app import new_session, session_questions, session_reading
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.app.networks import Networks
from cnnviz_gui.app.session_reading import Loaded, NotRead, Strange, shown, told
from cnnviz_gui.app.session_saving import Document, Saved, SessionSaver, document
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.app.undoing import Opening
from cnnviz_gui.app.unsaved_work import UnsavedWork, with_offer
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels import save_dialog
from cnnviz_gui.state import session_file, settings_fields
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.catalogue_view import HERE
from cnnviz_gui.state.session_file import SUFFIX, Opened
from cnnviz_gui.texts import tr

_TITLE = "CNN explorer"
_KINDS = tr("Session ({endings})", endings=f"*{SUFFIX}")
_MARK_MS = 250
_CLOSES = tr("Save the changes of {name} before the window is closed?")
_BEGINS = tr("Save the changes of {name} before a new session begins?")
_OPENS = tr("Save the changes of {name} before another is opened?")
_RESTORES = tr("Save the changes of {name} before another is restored?")


class Sessions(QObject):
    """Handlers of the actions of sessions; see ``actions.SPECS``."""

    changed = Signal()
    """Something that is remembered changed."""
    restored = Signal(str)
    """All that another run has left in this file is open."""
    begun = Signal()
    """A new session is open, without a picture so far."""
    taken = Signal(object)
    """What is shown is another piece of work; its second network, or None, may still come."""
    _happened = Signal(object)

    def __init__(
        self,
        window: QWidget,
        state: AppState,
        gallery: Gallery,
        opening: Opening,
        networks: Networks,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._gallery = gallery
        self._opening = opening
        self._networks = networks
        self._settings = settings
        self.path = ""
        """Of the file in use; empty before the first was opened or saved."""
        self._document: Document = {}
        """What is in it."""
        self._waiting: Loaded | None = None
        """Read, and not begun: the program is not ready, or the networks here are not known."""
        self._awaited: tuple[Opened, Loaded] | None = None
        """Waits for its network."""
        self._unsettled: tuple[str, ModelRef] | None = None
        """The file of another run of which all is open but this second network, which may come."""
        self._offered: tuple[Opened, Loaded] | None = None
        """Open but for what belongs to its network, whose weights are not here yet."""
        self.unsaved = UnsavedWork(self, state)
        self._aside = ""
        """The file in which is what the session replaced that was opened last, if anything."""
        self._saver = SessionSaver(window, state)
        self._saver.saved.connect(self._on_saved)
        self._stop = threading.Event()
        """Of what is being read."""
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._happened.connect(self._on_happened, Qt.ConnectionType.QueuedConnection)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_MARK_MS)
        self._soon.timeout.connect(self._mark)
        state.observe(self._on_state_changed, at_once=True)

    # the actions

    @Slot()
    def on_new_session(self) -> None:
        """Begin as the program does at its start; what is in use is saved first, if wanted."""
        if self.may_leave(self.on_new_session, _BEGINS):
            self._begin()

    def _begin(self) -> None:
        state = self._state
        aside = self.unsaved.set_aside()
        if aside is None:
            return
        self._stop.set()  # of what is being read, or waits for its network
        self._waiting = self._awaited = self._offered = self._unsettled = None
        self._gallery.read_no_more()
        state.bring_back({**new_session.values(state), "second": state.selection.second})
        self._gallery.lay_out(())
        state.share(kept_features=None, kept_asked=None, notice=None)
        self._opening.second(None)
        self.taken.emit(None)
        self._use("", document(state))
        self.begun.emit()
        if aside:
            begun = Notice(tr("A new session has begun."))
            state.share(notice=with_offer(begun, aside))

    @Slot()
    def on_open_session(self) -> None:
        """Ask for a session and open it."""
        path, _ = QFileDialog.getOpenFileName(
            self._window, tr("Open a session"), self._settings.last_session_folder, _KINDS
        )
        if path:
            self.open(path)

    @Slot()
    def on_save_session(self) -> None:
        """Save the session where it came from; ask where to if it is a new one."""
        if self.path:
            self._write(self.path)
        else:
            self.on_save_session_as()

    @Slot()
    def on_save_session_as(self) -> None:
        """Ask where the session is to be saved."""
        here = Path(self.path) if self.path else self._suggested()
        asked = save_dialog.ask(self._window, here, _KINDS, tr("Save the session"))
        if asked is None:
            return
        chosen = asked[0]
        path = save_dialog.with_ending(chosen, SUFFIX)
        if save_dialog.make_way(self._window, self._state, path, chosen):
            self._write(str(path))

    def _suggested(self) -> Path:
        image = self._state.selection.image
        name = Path(image.path).stem if image is not None else "session"
        folder = self._settings.last_session_folder
        return (Path(folder) if folder else save_dialog.begin_in(self._state)) / f"{name}{SUFFIX}"

    # opening

    @Slot(object)
    def open(self, path: str) -> None:
        """Open a session; what is in use is saved first, where the user wants it."""
        if self.may_leave(functools.partial(self.open, path), _OPENS):
            self._settings.last_session_folder = str(Path(path).parent)
            self._read(path)

    def restore(self, path: str) -> bool:
        """Open what a run that ended unexpectedly has left; return whether the user wants it.

        What is in use is saved first, as before another is opened.
        """
        if self.may_leave(functools.partial(self.restore, path), _RESTORES):
            self._read(path, recovered=True)
            return True
        return self._saver.awaited

    def _read(self, path: str, *, recovered: bool = False) -> None:
        self._look(functools.partial(session_reading.read, path, recovered))

    def _look(self, work: Callable[[threading.Event], object]) -> None:
        """Read, in place of what is being read."""
        self._stop.set()
        self._stop = threading.Event()
        asked = functools.partial(work, self._stop)
        self._pool.start(functools.partial(self._run, asked))

    def _run(self, work: functools.partial[object]) -> None:
        # On a thread of the pool, where an exception would be heard by nobody.
        try:
            self._happened.emit(work())
        except Exception as error:
            self._happened.emit(NotRead(str(error) or type(error).__name__))

    @Slot(object)
    def _on_happened(self, what: object) -> None:
        match what:
            case Loaded():
                self._waiting = what
                self._begin_when_ready()
            case Strange():
                agreed = session_questions.agreed(self._window, what)
                self._look(functools.partial(session_reading.go_on, what, agreed))
            case NotRead():
                self._state.share(notice=Notice(what.text, "error"))

    def _begin_when_ready(self) -> None:
        shared, loaded = self._state.shared, self._waiting
        if loaded is None or not shared.methods or shared.facts is None:
            return
        self._networks.listing.when_known(self._take_up)  # which tells whether its network is here

    def _take_up(self) -> None:
        shared, loaded = self._state.shared, self._waiting
        if loaded is None:
            return
        self._waiting = self._offered = None
        aside = self.unsaved.set_aside()  # another network drops the first of it
        if aside is None:
            return
        self._aside = aside
        opened = session_file.read(loaded.raw, shared.method, self._state)
        model = opened.values["model"]
        self._awaited = opened, loaded
        if model == self._state.selection.model:
            self._take()
        elif self._is_here(model):
            self._opening.first(model)
        else:
            missing = tr(
                "Its network {network} is not on this machine; the rest is open.",
                network=model.name,
            )
            self._awaited = None
            self._apply(opened, loaded, missing)
            self._offered = opened, loaded  # its layer and classes follow with its weights
            self._networks.show_network(model.name)

    def _is_here(self, model: ModelRef) -> bool:
        if model.untrained or model.checkpoint is not None:
            return True
        entry = next((e for e in self._state.shared.catalogue if e.name == model.name), None)
        return entry is None or entry.weights in HERE

    def _take(self) -> None:
        awaited, self._awaited = self._awaited, None
        if awaited is not None:
            self._apply(*awaited)

    def _apply(self, opened: Opened, loaded: Loaded, missing: str = "") -> None:
        """Take all of a session; without its network if ``missing`` says why that is not there."""
        state, facts = self._state, self._state.shared.facts
        assert facts is not None
        values, reset = dict(opened.values), (*opened.reset, *loaded.left_out)
        chosen, second = state.selection, values["second"]
        if missing:
            values = session_file.without_network(values)
        else:
            values, unfit = session_file.fitting(values, facts)
            reset += unfit
        pictures = [ref for ref in opened.pictures if ref.path not in loaded.lost]
        image = values["image"]
        if image is None or image.path in loaded.lost:
            image = pictures[0] if pictures else chosen.image if loaded.lost else None
        values = session_file.with_picture(values, image)
        if image is not None:
            pictures += [image] if all(ref.path != image.path for ref in pictures) else []
            self._gallery.put(image)
        self._gallery.lay_out(pictures)
        state.remembered.update(opened.remembered)
        state.bring_back({**values, "model": chosen.model, "second": chosen.second})
        state.share(kept_features=None)
        state.share(kept_asked=None if missing else opened.kept)
        self._unsettled = None
        if second != chosen.second and second != chosen.model:
            self._opening.second(second)
        self.taken.emit(second)
        self._use(opened.file if loaded.recovered else loaded.path, document(state))
        if loaded.recovered:
            self._document = {}  # the file, if there is one, has an older state
            self.unsaved.begin(opened.file, unsaved=True)
            self._mark()
        state.share(notice=with_offer(told(loaded, missing, reset), self._aside))
        if not missing:
            self._settle(loaded, reset, second)

    def _settle(self, loaded: Loaded, reset: tuple[str, ...], second: ModelRef | None) -> None:
        """Tell of what another run has left once all of it is open, and never else."""
        self._unsettled = None
        if not loaded.recovered or loaded.lost or reset:
            return
        if second in (None, self._state.selection.second, self._state.selection.model):
            self.restored.emit(loaded.path)
        elif second is not None and second == self._state.shared.pending_second:
            self._unsettled = loaded.path, second

    def _see_second(self) -> None:
        """See what became of the second network that was still to come."""
        assert self._unsettled is not None
        path, second = self._unsettled
        if self._state.selection.second == second:
            self._unsettled = None
            self.restored.emit(path)
        elif self._state.shared.pending_second != second:
            self._unsettled = None

    # saving

    def _write(self, path: str) -> None:
        self._settings.last_session_folder = str(Path(path).parent)
        self._state.share(save_folder=str(Path(path).parent))
        self._saver.write(path)

    @Slot(object)
    def _on_saved(self, saved: Saved) -> None:
        self._use(saved.path, saved.document)
        self._state.share(notice=Notice(tr("Saved {name}.", name=shown(saved.path)), done=True))

    def may_leave(self, then: Callable[[], object], asks: str = _CLOSES) -> bool:
        """Ask what becomes of changes since the last save; see ``SessionSaver.may_leave``."""
        return self._saver.may_leave(then, asks, self.path if self._differs() else "")

    def close(self, timeout_ms: int) -> bool:
        """Stop reading, wait so long at most for what is being written; return whether it is."""
        self._soon.stop()
        self._stop.set()
        self._happened.disconnect(self._on_happened)
        written = self._saver.close(timeout_ms)
        return self._pool.waitForDone(timeout_ms) and written

    # the title

    def _use(self, path: str, document: Document) -> None:
        self.path, self._document = path, document
        self.unsaved.begin(path)
        if path:
            self._settings.add_recent_session(path)
            self._window.setWindowTitle(f"{shown(path)}[*] – {_TITLE}")
        else:
            self._window.setWindowTitle(_TITLE)
        self._mark()
        self.changed.emit()

    @Slot()
    def _mark(self) -> None:
        self._window.setWindowModified(bool(self.path) and self._differs())

    def _differs(self) -> bool:
        return document(self._state) != self._document

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"methods", "facts"}:
            self._begin_when_ready()
        if changes & {"model", "pending_model"} and self._awaited is not None:
            self._go_on("model" in changes)
        if changes & {"second", "pending_second"} and self._unsettled is not None:
            self._see_second()
        if "model" in changes and self._offered is not None:
            self._complete()
        if self.path and not self._soon.isActive():
            self._soon.start()

    def _go_on(self, opened: bool) -> None:
        """Apply what waits for a network once that is ready, or cannot be."""
        assert self._awaited is not None
        session, loaded = self._awaited
        if self._state.selection.model == session.values["model"]:
            self._take()
        elif opened:
            self._awaited = None  # the user has chosen another one
        elif self._state.shared.pending_model is None and self._is_here(session.values["model"]):
            self._awaited = None
            notice = self._state.shared.notice
            missing = notice.text if notice is not None else tr("Without a network.")
            self._apply(session, loaded, missing)

    def _complete(self) -> None:
        """Take what belongs to a network that was not here when its session was opened."""
        assert self._offered is not None
        (opened, loaded), self._offered = self._offered, None
        state, facts = self._state, self._state.shared.facts
        if facts is None or opened.values["model"] != state.selection.model:
            return
        now = settings_fields.values(state.selection, state.display)
        fit, unfit = session_file.fitting(opened.values, facts)
        state.bring_back({**now, **session_file.of_network(fit)})
        self.taken.emit(opened.values["second"])
        self._settle(loaded, (*opened.reset, *unfit), opened.values["second"])


def is_session(path: str) -> bool:
    """Tell by its name whether a file is a session."""
    return path.lower().endswith(SUFFIX)
