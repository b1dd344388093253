"""Saving and copying what the page in view shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication

from cnnviz_gui.app import write_export
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.save_queue import Order, SaveQueue
from cnnviz_gui.app.write_export import CROP, FIGURE, FILM, JPEG, PNG, REQUEST, Kind
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.figure_requests import SaveFigure
from cnnviz_gui.core.grid_requests import HeatmapGrid
from cnnviz_gui.core.heatmap_results import SavedFigure
from cnnviz_gui.core.plane_requests import Plane, SavePlane
from cnnviz_gui.core.request import Attack, Heatmap, Request, SaveAdversarial, Work
from cnnviz_gui.core.result import SavedPicture
from cnnviz_gui.core.save_results import Drawn
from cnnviz_gui.core.save_work import (
    CopyDrawing,
    Deferred,
    SaveDrawing,
    SaveFilm,
    SaveNumbers,
    SaveStep,
)
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.panels import question, save_dialog
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.state import saved_words, trust, unsaved
from cnnviz_gui.state.app_state import AppState, Notice, SaveAgain
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.state.labels import describe
from cnnviz_gui.texts import ntr, tr

if TYPE_CHECKING:
    from cnnviz_gui.core.facts import ModelFacts
    from cnnviz_gui.core.result import ByteArray

_OF_CLASSES = Attack | AttackSteps | Heatmap | HeatmapGrid | Plane
"""Requests whose results mean nothing where the classes do."""


class Saving(QObject):
    """Asks where, writes, and says what became of it.

    Pictures and numbers are made and written by the worker, one file after the other. Of an
    adversarial picture it reads the file back and says whether that still fools the network, as
    rounding to 8 bits may undo an attack.
    """

    def __init__(self, window: MainWindow, state: AppState, engine: Engine) -> None:
        super().__init__(window)
        self._queue = SaveQueue(engine, self._tell, self)
        state.writer = self
        self._window = window
        self._state = state
        self._newer = False
        """Whether the clipboard has changed since a picture was begun to be drawn for it."""
        QGuiApplication.clipboard().dataChanged.connect(self._on_clipboard)

    def save_picture(self) -> None:
        """Save the picture as PNG, which loses nothing but what 8 bits cannot hold.

        Where a table is what is shown, that is saved.
        """
        export = self._export()
        if export is not None and export.table is not None:
            export.table.save()
        elif export is not None:
            of_attack = isinstance(export.request, Attack)
            self._save(export, PNG, *((JPEG,) if of_attack else ()))

    def save_jpeg(self) -> None:
        """Save an adversarial picture as JPEG, to see what compression leaves of the attack."""
        export = self._export()
        if export is None:
            return
        if isinstance(export.request, Attack):
            self._save(export, JPEG, PNG)
            return
        text = tr(
            "What an attack returns can be saved as JPEG, to see what compression leaves of it."
            " Other pictures are saved as PNG{key}, which loses nothing.",
            key=KEYS.hint("save_picture"),
        )
        self._state.share(notice=Notice(text, "warning"))

    def save_again(self, again: SaveAgain) -> None:
        """Let the worker write a file of an attack again, or repair it."""
        self._state.share(notice=None)  # what was offered is being done
        self.put(again.request, again.facts)

    def put(self, request: Work, facts: ModelFacts | None) -> None:
        """Let the worker write, once what it was asked to write before is done."""
        self._queue.put(Order(request, describe(request, self._state.shared), facts))

    def due(self) -> Collection[Path]:
        """Return the files that are still to be written."""
        return {order.path for order in self._queue.unwritten() if order.path is not None}

    def give_up(self, path: Path) -> None:
        """Write nothing there that was asked for before: something newer is to be there."""
        self._queue.give_up(path)

    def told(self) -> bytes:
        """Return what a picture of the page in view is to carry, empty where that is nothing."""
        from cnnviz_gui.core import carried

        export = self._given()
        if export is None or export.unlike:
            return b""
        facts = self._state.shared.facts
        return carried.written(export.request, network="" if facts is None else facts.title)

    def drop_waiting(self) -> None:
        """Write nothing of what waits for its turn, because every job is being stopped."""
        self._queue.drop_waiting()

    def may_close(self) -> bool:
        """Ask before the window is closed on files that are still being written."""
        files = self._queue.unwritten()
        if not files:
            return True
        first, others = files[0].label, len(files) - 1
        text = tr("{first} is not done yet. Quit all the same?", first=first)
        if others:
            text = ntr(
                "{first} and {n} more is not done yet. Quit all the same?",
                "{first} and {n} more is not done yet. Quit all the same?",
                others,
                first=first,
            )
        return question.agreed(
            self._window,
            tr("Quit"),
            text,
            tr("Quit"),
            more=tr("What is not written by then will not be there."),
            refuse=tr("Stay"),
            loses=True,
        )

    def _tell(self, event: events.Outcome, order: Order, dropped: int, written: bool) -> None:
        """Say what became of a file."""
        match event:
            case events.Finished(
                request=SaveAdversarial() | SaveStep() as judged, result=SavedPicture() as saved
            ):
                notice = saved_words.said(judged, saved, order.facts)
                self._say(notice, Path(saved.path))
            case events.Finished(request=SaveFigure() as asked, result=SavedFigure() as figure):
                self._told(Path(figure.path), asked.heatmap, order.facts)
            case events.Finished(request=SavePlane() as asked, result=SavedFigure() as figure):
                self._told(Path(figure.path), asked.plane, order.facts)
            case events.Finished(request=SaveFilm() as asked, result=SavedFigure() as figure):
                self._told(Path(figure.path), asked.of, order.facts, asked.film.said)
            case events.Finished(
                request=SaveDrawing() | SaveNumbers() as asked, result=SavedFigure() as figure
            ):
                self._told(Path(figure.path), asked.of, order.facts)
            case events.Finished(request=CopyDrawing(), result=Drawn() as found):
                if self._newer:
                    text = tr("The picture was not copied: the clipboard holds something newer.")
                    self._say(Notice(text, "warning"))
                else:
                    self._copy(found.picture)
            case events.Failed(failure=failure):
                text = f"{failure.message} {failure.advice}".strip()
                self._say(Notice(text, "error", failure.details))
            case events.Stopped(request=request):
                said = saved_words.stopped(request, order.facts, dropped)
                if written:
                    self._unsay(said)
                    said = saved_words.stopped(request, order.facts, dropped, written=True)
                self._say(said, order.path if written else None)

    def save_figure(self) -> None:
        """Save a heat map or a plane as a figure: the worker has all of it."""
        export = self._export()
        if export is None:
            return
        if export.figure is None:
            text = tr(
                "There is a figure of a heat map in the view Map, and of a decision plane,"
                " once it is complete. The picture can be saved as it is{key}.",
                key=KEYS.hint("save_picture"),
            )
            self._state.share(notice=Notice(text, "warning"))
            return
        self._save(dataclasses.replace(export, stem=stem(export.stem, "figure")), FIGURE)

    def save_array(self) -> None:
        """Save the numbers as a NumPy array, several as an archive of them."""
        export = self._export()
        if export is not None and export.table is not None:
            self._state.share(notice=Notice(unsaved.no_array(), "warning"))
        elif export is not None:
            named = dataclasses.replace(export, stem=export.array_stem or export.stem)
            self._save(named, *write_export.of_numbers(export))

    def save_film(self) -> None:
        """Save how the picture came about, as an animation."""
        export = self._export()
        if export is not None and export.film is None:
            text = tr(
                "There is an animation of a picture of the features once it has made all its steps,"
                " of a heat map once it is there for every layer, of an attack once it has gone"
                " all its steps (view Steps), and of its sweep once all points are there."
            )
            self._state.share(notice=Notice(text, "warning"))
        elif export is not None:
            self._save(export, FILM)

    def save_crop(self) -> None:
        """Save the part of the picture that a heat map marks."""
        export = self._export()
        if export is not None and export.crop is None:
            text = tr("There is a crop once the place of a heat map is shown, as a box or a mask.")
            self._state.share(notice=Notice(text, "warning"))
        elif export is not None:
            self._save(export, CROP)

    def save_request(self) -> None:
        """Save the request, which ``cnnviz run`` replays."""
        export = self._replayable()
        if export is not None:
            self._save(export, REQUEST)

    def copy_picture(self) -> None:
        """Put the picture on the clipboard, or the rows of a table."""
        export = self._export()
        if export is None:
            return
        self._queue.give_up(None)
        if export.table is not None:
            export.table.copy()
        elif isinstance(export.drawn, Deferred):
            self._newer = False
            self.put(CopyDrawing(drawing=export.drawn), None)
        else:
            self._copy(export.picture)

    @Slot()
    def _on_clipboard(self) -> None:
        self._newer = True

    def _copy(self, picture: ByteArray) -> None:
        from cnnviz_gui.panels.convert import to_qimage

        QGuiApplication.clipboard().setImage(to_qimage(picture))
        self._state.share(notice=Notice(tr("The picture is in the clipboard.")))

    def request_in_view(self) -> Request | None:
        """Return what gives just what is in view; where nothing does, say why.

        What is still to be drawn for the clipboard is not to take the place of what is copied now.
        """
        export = self._replayable()
        if export is None:
            return None
        self._queue.give_up(None)
        return export.request

    def copy_request(self) -> None:
        """Put the request on the clipboard as JSON."""
        export = self._replayable()
        if export is not None:
            self._queue.give_up(None)
            QGuiApplication.clipboard().setText(export.request.to_json().decode())
            done = tr("The request is in the clipboard.")
            text = f"{done} {_of_one(export)}".strip()
            self._state.share(notice=Notice(text))

    def _replayable(self) -> Export | None:
        """Return what there is if its request gives just this, else say why it does not."""
        export = self._export()
        if export is not None and export.unlike:
            self._state.share(notice=Notice(export.unlike, "warning"))
            return None
        return export

    def _export(self) -> Export | None:
        self._state.bulletin.deliver_all()  # a key may come before what it is meant for is drawn
        export = self._given()
        if export is None:
            self._state.share(notice=Notice(unsaved.why(self._state), "warning"))
            return None
        # Later, once the dialog is closed, another network may be in use.
        return dataclasses.replace(export, facts=self._state.shared.facts)

    def _given(self) -> Export | None:
        give = getattr(self._window.stage.page, "export", None)
        export: Export | None = give() if give is not None else None
        return export

    def _save(self, export: Export, *kinds: Kind) -> None:
        """Ask for a file of one of these kinds, the first unless the user chooses otherwise."""
        name = stem(export.stem, _doubt(export.request, export.facts))
        start = save_dialog.begin_in(self._state) / f"{name}{kinds[0].endings[0]}"
        asked = save_dialog.ask(self._window, start, ";;".join(kind.shown for kind in kinds))
        if asked is None:
            return
        chosen, shown = asked
        path, write = write_export.named(chosen, shown, kinds, export)
        if not save_dialog.make_way(self._window, self._state, path, chosen):
            return
        try:
            wanting = write(path, export)
        except OutputError as error:
            self._say(Notice(str(error), "error"))
            return
        if wanting is not None:
            self.put(wanting, export.facts)
        else:
            self._told(path, export.request, export.facts, _of_one(export))

    def _told(
        self, path: Path, request: Request | None, facts: ModelFacts | None, more: str = ""
    ) -> None:
        """Say that a file was written, and what it means."""
        doubt = trust.warning(facts) if _doubt(request, facts) else ""
        text = " ".join(filter(None, (tr("Saved {name}.", name=path.name), more, doubt)))
        self._say(Notice(text), path)

    def _say(self, notice: Notice, path: Path | None = None) -> None:
        """Tell what became of a file, beside what is told of the others."""
        folder = {} if path is None else {"save_folder": str(path.parent)}
        done = notice.level == "info"
        self._state.share(notice=dataclasses.replace(notice, stays=True, done=done), **folder)

    def _unsay(self, notice: Notice) -> None:
        """Take away what was told of a file, if it was: now it is known better."""
        for said in self._state.shared.notices:
            if dataclasses.replace(said, stays=notice.stays, done=notice.done) == notice:
                self._state.dismiss(said)


def _doubt(request: Request | None, facts: ModelFacts | None) -> str:
    """Return the word for a network that is not to be believed; layers need no classifier."""
    if trust.nameless(facts) and not isinstance(request, _OF_CLASSES):
        return ""
    return trust.mark(facts)


def _of_one(export: Export) -> str:
    return "" if export.step is None else saved_words.of_one(export.step)
