"""Choosing networks: the windows for it, the downloads behind them, the user's own files."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog

from cnnviz_gui.app.checkpoints import Checkpoints
from cnnviz_gui.app.controller import Controller
from cnnviz_gui.app.downloads import Downloads
from cnnviz_gui.app.listing import Listing
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.core.request import CHECKPOINT_SUFFIXES, ModelRef
from cnnviz_gui.core.result import CheckpointReport
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.engine.runner import Start
from cnnviz_gui.panels.checkpoint.checkpoint_window import CheckpointWindow
from cnnviz_gui.panels.networks.network_window import NetworkWindow
from cnnviz_gui.panels.places import keep_window
from cnnviz_gui.state import checkpoint_form
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.catalogue_view import HERE
from cnnviz_gui.texts import tr

_WEIGHTS = tr(
    "Weights ({endings});;All files (*)",
    endings=" ".join("*" + suffix for suffix in CHECKPOINT_SUFFIXES),
)
_NAMES = tr("Class names ({endings});;All files (*)", endings="*.txt *.csv *.json *.names")


class Networks(QObject):
    """Opens the two windows and does what is wished in them."""

    changed = Signal()
    """Something that is remembered changed."""
    settings_wanted = Signal()
    lost = Signal(object)
    """The ``ModelRef`` of a file of weights that cannot be opened as before."""

    def __init__(
        self,
        window: MainWindow,
        state: AppState,
        engine: Engine,
        controller: Controller,
        settings: Settings,
        start: Start | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._engine = engine
        self._controller = controller
        self._settings = settings
        self.downloads = Downloads(state) if start is None else Downloads(state, start)
        self.downloads.arrived.connect(self._on_arrived)
        self.checkpoints = Checkpoints(state, engine)
        self.listing = Listing(state, engine, self)
        self.chooser: NetworkWindow | None = None
        self.assistant: CheckpointWindow | None = None
        self._reopening: ModelRef | None = None
        self._beside = False
        """What is reopened is the second network."""
        engine.happened.connect(self._on_event)

    def furnish(self) -> None:
        """Make the chooser, so that it opens at once when it is wanted."""
        chooser = NetworkWindow(self._state, self._window)
        keep_window(chooser, "networks")
        chooser.open_wanted.connect(self._controller.choose_model)
        chooser.second_wanted.connect(self._on_second_wanted)
        chooser.fetch_wanted.connect(self.downloads.fetch)
        chooser.cancel_wanted.connect(self.downloads.cancel)
        chooser.copy_wanted.connect(self._on_copy_wanted)
        chooser.checkpoint_wanted.connect(self.choose_checkpoint)
        chooser.dropped.connect(self.open_checkpoint)
        chooser.folder_wanted.connect(self.show_folder)
        chooser.settings_wanted.connect(self.settings_wanted)
        self.chooser = chooser

    @Slot()
    def show_chooser(self) -> None:
        """Show all networks, the one in use selected."""
        if self.chooser is not None:
            self.chooser.show_now()
            self.listing.refresh()  # files may have come or gone meanwhile

    def show_network(self, name: str) -> None:
        """Show all networks, one of them selected."""
        self.show_chooser()
        if self.chooser is not None:
            self.chooser.show_network(name)

    def open(self, model: ModelRef) -> None:
        """Open a network; a file of weights is looked at first."""
        if model.checkpoint is not None:
            self.open_checkpoint(model.checkpoint.path)
        else:
            self._controller.choose_model(model)

    def open_entry(self, entry: CatalogueEntry) -> None:
        """Open a network whose weights are here; of another show what can be done with it."""
        if entry.weights in HERE:
            self._controller.choose_model(ModelRef(name=entry.name))
        else:
            self.show_network(entry.name)

    @Slot()
    def choose_checkpoint(self) -> None:
        """Ask for a file of weights."""
        path, _ = QFileDialog.getOpenFileName(
            self._front(), tr("Open checkpoint"), self._settings.last_weights_folder, _WEIGHTS
        )
        if path:
            self._settings.last_weights_folder = str(Path(path).parent)
            self.changed.emit()
            self.open_checkpoint(path)

    def reopen(self, model: ModelRef) -> None:
        """Open a file of weights as it was opened before, and ask only for what is not known.

        ``lost`` tells where that fails.
        """
        assert model.checkpoint is not None
        self._reopening, self._beside = model, False
        self.checkpoints.inspect(model.checkpoint.path)

    def reopen_second(self, model: ModelRef) -> None:
        """Open the network compared with as it was before; ``lost`` as for the first."""
        if model.checkpoint is None:
            self._controller.choose_second(model)
        else:
            self._reopening, self._beside = model, True
            self.checkpoints.inspect(model.checkpoint.path)

    @Slot(object)
    def open_checkpoint(self, path: str) -> None:
        """Find out what a file of weights holds and ask for what it does not say."""
        self._reopening = None  # its report will not come: this one takes its place
        if self.assistant is None:
            self.assistant = self._make_assistant()
        self.assistant.begin(path)
        self.checkpoints.inspect(path)

    def _make_assistant(self) -> CheckpointWindow:
        made = CheckpointWindow(self._state, self._window)
        keep_window(made, "checkpoint")
        made.open_wanted.connect(self._controller.choose_model)
        made.another_wanted.connect(self.choose_checkpoint)
        made.dropped.connect(self.open_checkpoint)
        made.names_wanted.connect(self._on_names_wanted)
        made.probe_wanted.connect(self._on_probe_wanted)
        made.finished.connect(self._on_assistant_closed)
        return made

    @Slot()
    def show_folder(self) -> None:
        """Show where the weights are kept, and tell in the main window if that cannot be."""
        problem = self.open_folder()
        if problem:
            self._state.share(notice=Notice(problem))

    def open_folder(self) -> str:
        """Show where the weights are kept, in the system's own file manager; return why not."""
        folder = self.folder()
        if folder and not Path(folder).is_dir():
            return tr(
                "There is no folder {folder} yet: it is made with the first download.",
                folder=folder,
            )
        if folder:
            QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
        return ""

    def folder(self) -> str:
        """Return where the weights are kept; empty until torch, which knows, is loaded."""
        if not self._torch_is_here():
            return ""
        from cnnviz_gui.core.models import cache

        return str(cache.folder())

    def use_folder(self, path: str) -> None:
        """Keep weights in another folder from here on; empty for torch's own."""
        if self._torch_is_here():  # else the worker is told when it starts
            from cnnviz_gui.core.models import cache

            cache.use(path)
            if any(one.active for one in self._state.shared.downloads):
                self.downloads.cancel_all()
                text = tr(
                    "Downloads were stopped: weights are kept in another folder from here on."
                )
                self._state.share(notice=Notice(text, "warning"))
            self.listing.refresh()

    def set_offline(self, on: bool) -> None:
        """Fetch nothing from here on, or again."""
        from cnnviz_gui.core import web

        web.set_offline(on)

    def _torch_is_here(self) -> bool:
        return not self._state.shared.starting and "torch.hub" in sys.modules

    def stop(self) -> None:
        """Ask for nothing more: the window closes."""
        self.checkpoints.stop()
        self.listing.stop()
        self._engine.happened.disconnect(self._on_event)
        for dialog in (self.chooser, self.assistant):
            if dialog is not None:
                dialog.hide()

    def close(self, timeout_ms: int) -> bool:
        """Stop the downloads, wait so long at most, and return whether they have ended."""
        return self.downloads.close(timeout_ms)

    def _front(self) -> QDialog | MainWindow:
        """Return the window over which a question is asked."""
        for dialog in (self.assistant, self.chooser):
            if dialog is not None and dialog.isVisible():
                return dialog
        return self._window

    @Slot(object, bool)
    def _on_arrived(self, name: str, opens: bool) -> None:
        self.listing.refresh()
        if opens:
            self._controller.choose_model(ModelRef(name=name))

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        result = event.result if isinstance(event, events.Finished) else None
        if isinstance(result, CheckpointReport):
            self._go_on(result)
        elif isinstance(event, events.Failed) and event.lane == "checkpoint":
            self._give_up(f"{event.failure.message} {event.failure.advice}")
        elif isinstance(event, events.Stopped) and event.lane == "checkpoint":
            self._give_up(tr("The file of weights used last was not opened."))

    def _go_on(self, report: CheckpointReport) -> None:
        """Open a file again, now that it is known to be the same."""
        if self._reopening is None:
            return
        if report.remembered is None:
            self._give_up(
                tr("{name} has changed since it was opened last.", name=Path(report.path).name)
            )
            return
        self._reopening = None
        again = checkpoint_form.again(report)
        if self._beside:
            self._controller.choose_second(again)
        else:
            self._controller.choose_model(again)

    def _give_up(self, said: str) -> None:
        model, self._reopening = self._reopening, None
        if model is not None:
            self._state.share(notice=Notice(said.strip(), "error"))
            self.lost.emit(model)

    @Slot(object)
    def _on_second_wanted(self, model: ModelRef | None) -> None:
        if model is None:
            self._controller.stop_comparing()
        else:
            self._controller.choose_second(model)

    @Slot(object)
    def _on_copy_wanted(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    @Slot(object)
    def _on_names_wanted(self, classes: int) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._front(), tr("Class names"), self._settings.last_weights_folder, _NAMES
        )
        if path:
            self.checkpoints.read_labels(path, classes)

    @Slot(object)
    def _on_probe_wanted(self, model: ModelRef) -> None:
        image = self._state.selection.image
        if image is not None:
            self.checkpoints.probe(model, image)

    @Slot(int)
    def _on_assistant_closed(self, result: int) -> None:
        self.checkpoints.leave()
        opened = result == QDialog.DialogCode.Accepted
        if opened and self.chooser is not None and self.chooser.isVisible():
            # Later: the two windows must not close inside one another.
            QTimer.singleShot(0, self.chooser, functools.partial(self.chooser.done, result))


def is_checkpoint(path: str) -> bool:
    """Tell by its name whether a file holds weights."""
    return path.lower().endswith(CHECKPOINT_SUFFIXES)
