"""The running program: everything that is made once, in the order in which it must be made."""

from __future__ import annotations

import functools
import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QMenu

from cnnviz_gui import resources
from cnnviz_gui.app import actions, ending, log, worker
from cnnviz_gui.app.areas import Areas
from cnnviz_gui.app.closing import Closing
from cnnviz_gui.app.commands import Commands
from cnnviz_gui.app.comparing import Comparing
from cnnviz_gui.app.computing import Computing
from cnnviz_gui.app.controller import Controller
from cnnviz_gui.app.copying import Copying
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.app.incoming import Offer, Spool
from cnnviz_gui.app.keeping import Keeping
from cnnviz_gui.app.kept_making import KeptMaking
from cnnviz_gui.app.keyboard import Keyboard
from cnnviz_gui.app.lanes import LANES
from cnnviz_gui.app.loader import Loader
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.manual_desk import ManualDesk
from cnnviz_gui.app.menus import Menus
from cnnviz_gui.app.networks import Networks, is_checkpoint
from cnnviz_gui.app.notifications import Notifications
from cnnviz_gui.app.pages import make_room_for_two, page_steps
from cnnviz_gui.app.preferences import Preferences
from cnnviz_gui.app.recents import Recents
from cnnviz_gui.app.recovery import Recovery
from cnnviz_gui.app.restoring import Restoring
from cnnviz_gui.app.samples import Samples
from cnnviz_gui.app.second_network import SecondNetwork
from cnnviz_gui.app.sessions import Sessions, is_session
from cnnviz_gui.app.settings import SettingsFile
from cnnviz_gui.app.smallest import SmallestEpsilon
from cnnviz_gui.app.turns import Turns
from cnnviz_gui.app.undoing import Opening, Undoing
from cnnviz_gui.app.watchdog import Watchdog
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.engine.runner import Start
from cnnviz_gui.panels import theme
from cnnviz_gui.state.app_state import AppState, Notice, SaveAgain
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.restored import Restore
from cnnviz_gui.state.selection import EMBEDDED
from cnnviz_gui.texts import tr


class Explorer(QObject):
    """Window, state, engine and what lies between them.

    ``model`` is opened first, where it is given. A ``guest`` never ends the process it lives in.
    ``recovery`` is the folder in which work is safe from a sudden end; None for no such thing.
    """

    over = Signal()
    """The window is closed; ``stopped`` says whether nothing runs any more."""

    def __init__(
        self,
        settings_path: Path,
        cache: Path,
        images: Sequence[str] = (),
        *,
        start: Start | None = None,
        fetch: Start | None = None,
        window: MainWindow | None = None,
        model: ModelRef | None = None,
        guest: bool = False,
        recovery: Path | None = None,
    ) -> None:
        super().__init__()
        self._images = tuple(images)
        self._model = model
        self._guest = guest
        self.stopped = False
        self._file = SettingsFile(settings_path)
        self.settings, mended = self._file.read()
        self._said = mended
        self.state = AppState()
        self.state.share(own_folders=(str(resources.root()), str(cache)))
        self._turns = Turns(self.state.bulletin, self)
        usual = functools.partial(worker.start_as_set, self.settings, whole=guest)
        self.engine = Engine(start or usual, LANES)
        self._loader = Loader(self)
        self._loader.finished.connect(self._on_loaded)
        self._closed = False
        self._spool = Spool(cache / "pictures", self)
        self.gallery = Gallery(self.state, self.engine, self._spool.folder)
        self.controller = Controller(self.state, self.engine, self.gallery)
        self._smallest = SmallestEpsilon(self.state, self)
        theme.set_high_contrast(self.settings.high_contrast)
        theme.apply(cast(QApplication, QApplication.instance()), self.settings.scheme)
        self.window = window or MainWindow(self.settings.scheme)
        self.keeping = Keeping(self.state, self.settings, self._file, self.window)
        self.window.furnish(self.state)
        self.networks = Networks(
            self.window, self.state, self.engine, self.controller, self.settings, fetch
        )
        self.commands = Commands(
            self.window,
            self.state,
            self.gallery,
            self.controller,
            self.settings,
            self._spool,
            self.engine,
            self.networks,
        )
        self.keyboard = Keyboard(self.window, self.settings)
        self.copying = Copying(self.commands.saving, self.state)
        self.restoring = Restoring(
            self.window, self.state, self.engine, self.controller, self.gallery, self.settings
        )
        self._said = " ".join(filter(None, (self._said, self.keyboard.said)))
        opening = Opening(self.controller, self.gallery)
        self.undoing = Undoing(self, self.state, opening, self.settings.second_network)
        self.notifications = Notifications(self.window, self.state, self.settings, self.engine)
        self.manual = ManualDesk(self.window, self.state)
        self.sessions = Sessions(
            self.window, self.state, self.gallery, opening, self.networks, self.settings
        )
        self.undoing.told.connect(self.window.status.tell)
        self._kept = KeptMaking(self, self.state, self.engine)
        self.sessions.taken.connect(self.undoing.begin_anew)
        self.closing = Closing(self, self.state, self.gallery, self.controller)
        self.sessions.begun.connect(self.closing.forget)
        owners = (
            *(self.commands, self.keyboard, self.undoing, self.notifications),
            *(self.manual, self.copying, self.sessions, self.closing, Areas(self.window)),
        )
        self.commands.actions = self.manual.entries = actions.build(owners, self.window)
        self.undoing.actions = self.commands.actions
        self._recovery = Recovery(self.window, self.state, self.engine, self.sessions, recovery)
        self.commands.actions["toggle_link"].setChecked(self.state.display.linked)
        self.commands.actions[f"theme_{self.settings.scheme}"].setChecked(True)
        menus = actions.fill(self.window.menuBar(), self.commands.actions)
        self.keyboard.take(self.commands.actions, menus)
        stage = self.window.stage  # held in place of this object, which the window outlives
        marks = Menus(menus, self.commands.actions, self.state, lambda: stage.page, self.window)
        self.commands.marked = marks.marked
        comparing = Comparing(self.state, self.commands.actions, self.window.top_bar.second, self)
        comparing.began.connect(functools.partial(make_room_for_two, self.window))
        self._recent = Recents(
            menus,
            self.state,
            self.settings,
            open_pictures=self.gallery.open_paths,
            open_network=self.commands.choose_network,
            open_session=self.sessions.open,
        )
        self._second = SecondNetwork(self.state, self.settings, self.networks, self)
        self.computing = Computing(
            menus["Run"], self.state, self.settings, self.controller.use_device
        )
        self.commands.devices = self.computing.entries
        self.preferences = Preferences(
            self.window,
            self.state,
            self.settings,
            self.networks,
            self.computing,
            dress=self.commands.dress,
            reset=self.window.reset_layout,
            forget=self._recent.forget_all,
        )
        self._watchdog = Watchdog(
            self.window, self.state, self.settings, self.engine, self.computing
        )
        self._opening = EMBEDDED
        self.complete = False
        """All pages are there and the layout is back."""
        self._steps: list[Callable[[], None]] = []
        self._add_dock_entries(menus["View"])
        self._wire()

    def _add_dock_entries(self, menu: QMenu) -> None:
        menu.addSeparator()
        self._panels = menu.addMenu(tr("Pa&nels"))
        for dock in self.window.docks.values():
            self._panels.addAction(dock.toggleViewAction())

    def _wire(self) -> None:
        window, commands = self.window, self.commands
        window.painted.connect(self._on_painted)
        window.dropped.connect(commands.take)
        window.closing.connect(self._on_closing)
        sessions = self.sessions  # held in place of this object, which the window outlives
        commands.intake.session_wanted.connect(sessions.open)
        window.may_close = lambda: sessions.may_leave(window.close) and commands.may_close()
        window.status.cancelled.connect(self.controller.cancel)
        window.status.device_wanted.connect(self.computing.offer)
        window.status.watch_accelerator(self.computing.memory)
        keepers = (
            *(self.computing, self.networks, self.preferences, self._recent, self._second),
            *(self.keyboard, self.sessions),
        )
        for keeper in keepers:
            keeper.changed.connect(self.keeping.note)
        self.networks.settings_wanted.connect(self.preferences.show)
        self.networks.lost.connect(self._on_lost)
        window.status.download.wanted.connect(self.networks.show_network)
        bar, stage = window.top_bar, window.stage
        bar.network_wanted.connect(commands.on_choose_network)
        bar.palette_wanted.connect(commands.on_palette)
        bar.theme_wanted.connect(commands.on_toggle_theme)
        bar.help_wanted.connect(self.manual.on_show_manual)
        bar.settings_wanted.connect(commands.on_settings)
        commands.settings_wanted.connect(self.preferences.show_setting)
        commands.chapter_wanted.connect(self.manual.open_chapter)
        commands.search_wanted.connect(self.manual.search)
        bar.strip.opened.connect(self.gallery.open)
        bar.strip.closed.connect(self.closing.close)
        bar.strip.others_closed.connect(self.closing.close_others)
        bar.strip.added.connect(commands.on_open_files)
        stage.open_wanted.connect(commands.on_open_files)
        stage.fit_wanted.connect(commands.on_fit)
        stage.export_wanted.connect(commands.on_save_picture)
        stage.remedy_wanted.connect(self._on_remedy)
        self.gallery.opened.connect(self._recent.add)
        commands.settings_changed.connect(self.keeping.note)
        self.state.observe(self._on_state_changed, at_once=True)
        # Queued: it may come from another thread, and from the midst of a change of the state.
        queued = Qt.ConnectionType.QueuedConnection
        log.herald().unforeseen.connect(self._on_unforeseen, queued)

    def show(self) -> None:
        """Show the window; everything heavy follows its first paint, or now if that is over."""
        if self.window.isVisible():
            QTimer.singleShot(0, self, self._on_painted)
            return
        self.window.restore_geometry(self.settings.geometry)
        self.window.show()

    @Slot()
    def _on_painted(self) -> None:
        """Load what the pages need, aside: in this thread it would stop the window."""
        self._loader.start()

    @Slot()
    def _on_loaded(self) -> None:
        """Make the pages, ask for the first network and picture, start the worker.

        It comes late: while torch is imported, all else takes three times as long.
        """
        if self._closed:
            return
        self._steps = [
            self.engine.prepare,
            self._open_first_network,
            self._open_first_picture,
            *page_steps(self),
            self._bring_layout_back,
            self.engine.start,
            self._tell,
        ]
        self._take_step()

    @Slot()
    def _take_step(self) -> None:
        """Do the next step of the start; the window lives on between two of them."""
        if self._closed or not self._steps:
            return
        try:
            self._steps.pop(0)()
        except Exception as error:
            log.keep(error)
            reason = f"{type(error).__name__}: {error}"
            problem = tr(
                "A part of the program cannot be loaded ({reason}). Install it again.",
                reason=reason,
            )
            self.state.share(start_problem=problem)
        QTimer.singleShot(0, self, self._take_step)

    def _bring_layout_back(self) -> None:
        self.window.remember_pristine()
        self.window.restore_layout(self.settings.layout)
        self.complete = self.keeping.laid_out = True

    def _tell(self) -> None:
        """Say what had to be mended; last, for whatever is opened takes a notice away."""
        if not self._recovery.offer(self._said) and self._said:
            self.state.share(notice=Notice(self._said, "warning"))

    def _open_first_network(self) -> None:
        model = self._model or self._recent.first_network() or EMBEDDED
        if model.checkpoint is not None:
            self.networks.reopen(model)
        else:
            self.controller.choose_model(model)

    @Slot(object)
    def _on_lost(self, model: ModelRef) -> None:
        """Where the first network of all cannot be opened, open the one that always can."""
        self._recent.drop_network(model)
        QTimer.singleShot(0, self, self._open_embedded)

    def _open_first_picture(self) -> None:
        if self._images:
            notice = self.state.shared.notice
            self.commands.take(Offer(paths=self._images))
            self.state.share(notice=notice)  # which tells of the first network
        self._samples = Samples(self.state, self.gallery)
        self.sessions.begun.connect(self._samples.begin)
        if all(is_checkpoint(path) or is_session(path) for path in self._images):
            self._samples.open_first()

    @Slot(object)
    def _on_remedy(self, remedy: object) -> None:
        """Do what a notice offers: open a picture in another way, or write a file again."""
        if isinstance(remedy, ImageRef):
            self.gallery.open(remedy)
        elif isinstance(remedy, SaveAgain):
            self.commands.on_save_again(remedy)
        elif isinstance(remedy, Restore):
            self.restoring.begin(remedy)

    @Slot(object)
    def _on_unforeseen(self, line: str) -> None:
        if self._closed:
            return
        text = log.unforeseen_text(line)
        self.state.share(notice=Notice(text, "error", log.chronicle().details_of("error", text)))

    def add_view_entry(self, name: str) -> None:
        """Put a dock that was made later into the View menu."""
        self._panels.addAction(self.window.docks[name].toggleViewAction())

    def _on_state_changed(self, changes: Changes) -> None:
        if "model" in changes:
            self._on_model_changed()
        if "pending_model" in changes:
            self._on_pending_model_changed("notice" in changes)
        if "linked" in changes:
            self.commands.actions["toggle_link"].setChecked(self.state.display.linked)

    def _on_model_changed(self) -> None:
        """Remember the network; of a module that only this process has, tell what was noted."""
        model, facts = self.state.selection.model, self.state.shared.facts
        if not model.given:
            self.settings.add_recent_network(str(model))
        elif facts is not None and facts.notes:
            self.state.share(notice=Notice(" ".join(facts.notes)))

    def _on_pending_model_changed(self, told: bool) -> None:
        """Where the first network of all cannot be opened, open the one that always can."""
        shared = self.state.shared
        if shared.pending_model is not None:
            self._opening = shared.pending_model
        elif told and shared.facts is None:
            self._recent.drop_network(self._opening)
            if self._opening != EMBEDDED:
                QTimer.singleShot(0, self, self._open_embedded)

    @Slot()
    def _open_embedded(self) -> None:
        shared = self.state.shared
        if not self._closed and shared.facts is None and shared.pending_model is None:
            self.controller.choose_model(EMBEDDED)
            self.state.share(notice=shared.notice)

    @Slot()
    def _on_closing(self) -> None:
        """Save what is remembered, then stop the work; never wait long."""
        if self._closed:
            return
        self._closed = True
        log.herald().unforeseen.disconnect(self._on_unforeseen)
        self.keeping.gather()
        self.manual.close()
        self.window.hide()
        for part in (self._turns, self.undoing, self.controller, self.networks):
            part.stop()
        self.keeping.close()
        others = (self._loader.wait, self._spool.close, self.sessions.close, self.networks.close)
        importing = not self._guest and ending.imports(self.state.shared)
        ended, status = ending.stop_all(others, self.engine, importing=importing)
        kept = self._recovery.close()
        self.stopped = ended and kept
        gc.unfreeze()  # or libraries under torch complain at exit of what they see left behind
        if not self.stopped and not self._guest:
            # Qt aborts the process when a running thread is destroyed; everything is saved.
            os._exit(status if kept else 1)
        self.over.emit()
