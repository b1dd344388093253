"""Bringing a request back that came with a file: network, pictures, then all that is chosen."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui import resources
from cnnviz_gui.app.controller import Controller
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.errors import CnnvizError
from cnnviz_gui.core.request import ImageRef, ModelRef, Request, Work
from cnnviz_gui.core.result import OpenedImage
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.restored import Restore
from cnnviz_gui.texts import tr

LANE = "restore"
OTHER_WEIGHTS = tr(
    "This was made with other weights than those of the network in use. The results are computed"
    " anew, and may differ."
)
_WATCHED = frozenset({"facts", "model", "pending_model", "image", "pending_image"})


class Restoring(QObject):
    """Offers to restore what a picture or a file asks for, and does so step by step.

    Another network or picture takes its time; what the user opens meanwhile ends the restoring.
    """

    def __init__(
        self,
        window: QWidget,
        state: AppState,
        engine: Engine,
        controller: Controller,
        gallery: Gallery,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._engine = engine
        self._controller = controller
        self._gallery = gallery
        self._settings = settings
        self._from: Restore | None = None
        self._wanted: Request | None = None
        self._images: list[ImageRef] = []
        self._asked: ModelRef | ImageRef | None = None
        gallery.told.connect(self._on_told)
        gallery.request_wanted.connect(self.open)
        engine.happened.connect(self._on_event)
        state.observe(self._on_state_changed, at_once=True)

    @Slot(object)
    def open(self, path: str) -> None:
        """Read a request from a file."""
        from cnnviz_gui.core.restore_work import OpenRequest

        self._state.share(notice=None)
        self._submit(OpenRequest(path=path))

    def begin(self, restore: Restore) -> None:
        """Restore a request; what is missing the user is asked for."""
        from cnnviz_gui.core.restore_work import FindFiles, Places

        if restore.missing is not None:
            path = self._ask_for(restore)
            if not path:
                return
            chosen = (*restore.chosen, (restore.missing, path))
            restore = dataclasses.replace(restore, chosen=chosen, missing=None)
        self._from = restore
        strip = (entry.ref.path for entry in self._state.shared.strip)
        known = (*strip, *self._settings.recent_images, *self._weights())
        samples = map(str, (*resources.samples(), *resources.digits()))
        places = Places(tuple(dict.fromkeys((*known, *samples))), (restore.folder,))
        self._submit(FindFiles(request=restore.request, places=places, chosen=restore.chosen))

    def _weights(self) -> list[str]:
        """Return the files of weights that were opened before."""
        used = [self._state.selection.model, self._state.selection.second]
        files = [one.checkpoint.path for one in used if one is not None and one.checkpoint]
        recent = (name.partition("@")[2] for name in self._settings.recent_networks)
        return [*files, *filter(None, recent)]

    def _ask_for(self, restore: Restore) -> str:
        from cnnviz_gui.core.folder.records import FolderRef

        assert restore.missing is not None
        name, begin = restore.missing.path, restore.folder or self._settings.last_folder
        asks = tr("Where is {name}?", name=name)
        if isinstance(restore.missing, FolderRef):
            return QFileDialog.getExistingDirectory(self._window, asks, begin)
        return QFileDialog.getOpenFileName(self._window, asks, begin)[0]

    def _submit(self, work: Work) -> None:
        from cnnviz_gui.state.labels import describe

        self._engine.submit(LANE, work, describe(work, self._state.shared))

    @Slot(object)
    def _on_told(self, opened: OpenedImage) -> None:
        name, folder = Path(opened.path).name, str(Path(opened.path).parent)
        if opened.carried is None:
            self._refuse(name, opened.carried_problem)
        else:
            self._offer(opened.carried, name, folder, quiet=True)

    def _refuse(self, name: str, problem: str) -> None:
        text = tr(
            "{name} carries a request that cannot be restored. {problem}",
            name=name,
            problem=problem,
        )
        self._state.share(notice=Notice(text, "warning"))

    def _offer(self, carried: object, name: str, folder: str, *, quiet: bool) -> None:
        """Say what a file is of; ``quiet`` where that is no news if no page shows it."""
        from cnnviz_gui.core.carried_record import Carried
        from cnnviz_gui.state import restoring, restoring_words

        assert isinstance(carried, Carried)
        request = carried.request
        if not restoring.restorable(request):
            if not quiet:
                text = tr(
                    "No page shows what {name} asks for ({task}). cnnviz run does it.",
                    name=name,
                    task=request.task,
                )
                self._state.share(notice=Notice(text, "warning"))
            return
        try:
            restoring.restored(request, self._state.shared.methods)
        except CnnvizError as error:
            self._refuse(name, str(error))
            return
        told = restoring_words.of(request, self._state.shared, carried.network)
        restore = Restore(request, folder, carried.weights)
        notice = Notice(
            tr("{name} holds {what}.", name=name, what=told),
            remedy=tr("Restore"),
            remedy_ref=restore,
        )
        self._state.share(notice=notice)

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        if getattr(event, "lane", "") != LANE:
            return
        if isinstance(event, events.Failed):
            failure = event.failure
            text = f"{failure.message} {failure.advice}".strip()
            self._state.share(notice=Notice(text, "error", failure.details))
        elif isinstance(event, events.Finished):
            from cnnviz_gui.core.restore_results import (
                ComparedWeights,
                FoundFiles,
                OpenedRequest,
            )

            if isinstance(event.result, OpenedRequest):
                path = Path(event.result.path)
                self._offer(event.result.carried, path.name, str(path.parent), quiet=False)
            elif isinstance(event.result, FoundFiles):
                self._on_found(event.result)
            elif isinstance(event.result, ComparedWeights) and event.result.same is False:
                self._state.share(notice=Notice(OTHER_WEIGHTS, "warning"))

    def _on_found(self, found: object) -> None:
        from cnnviz_gui.core.restore_results import FoundFiles
        from cnnviz_gui.state.restoring import needs

        assert isinstance(found, FoundFiles)
        if found.missing and self._from is not None:
            first = found.missing[0]
            text = tr(
                "{path} is not at hand, of which this was made. Show where it is.", path=first.path
            )
            restore = dataclasses.replace(self._from, missing=first)
            notice = Notice(text, "warning", remedy=tr("Choose it…"), remedy_ref=restore)
            self._state.share(notice=notice)
            return
        if found.others:
            text = tr(
                "{file} is another file than the one of which this was made."
                " The result will differ.",
                file=found.others[0],
            )
            self._state.share(notice=Notice(text, "warning"))
        self._wanted = found.request
        self._images = list(needs(found.request).images)
        self._asked = None
        self._advance()

    def _on_state_changed(self, changes: Changes) -> None:
        if self._wanted is not None and changes & _WATCHED:
            QTimer.singleShot(0, self, self._advance)  # once all of the change is known

    @Slot()
    def _advance(self) -> None:
        """Open what is not open yet; then choose what is to be chosen."""
        from cnnviz_gui.state import restoring

        wanted, selection, shared = self._wanted, self._state.selection, self._state.shared
        if wanted is None:
            return
        model = restoring.needs(wanted).model
        if model is not None and selection.model != model:
            if self._asked != model:
                self._asked = model
                self._controller.choose_model(model)
            elif shared.pending_model is None:
                self._wanted = None  # it failed, or another one was chosen; the reason is told
            return
        while self._images and selection.image == self._images[0]:
            self._images.pop(0)
        if self._images:
            image = self._images[0]
            if self._asked != image:
                self._asked = image
                self._gallery.bring(image)
            elif not shared.pending_image:
                self._wanted = None
            return
        self._wanted = None
        reset = restoring.choose(self._state, restoring.restored(wanted, shared.methods))
        if reset:
            text = tr("Not valid for this network, and as usual: {names}.", names=", ".join(reset))
            self._state.share(notice=Notice(text, "warning"))
        self._compare_weights(model)

    def _compare_weights(self, model: ModelRef | None) -> None:
        """See whether the network has the weights it was made with; all is computed anew anyhow."""
        from cnnviz_gui.core.restore_work import CompareWeights

        if model is not None and self._from is not None and self._from.weights:
            self._submit(CompareWeights(model=model, weights=self._from.weights))
