"""Saving and copying what the page in view shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox

from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.figure_requests import SaveFigure
from cnnviz_gui.core.grid_requests import HeatmapGrid
from cnnviz_gui.core.heatmap_results import SavedFigure
from cnnviz_gui.core.picture_names import is_picture
from cnnviz_gui.core.plane_requests import Plane, SavePlane
from cnnviz_gui.core.request import Attack, Heatmap, Request, SaveAdversarial
from cnnviz_gui.core.result import SavedPicture
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.state import trust
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.labels import describe
from cnnviz_gui.state.saved_words import said, stopped

_LANE = "save"
_JPEG = "JPEG picture, altered by compression (*.jpg *.jpeg)"
_OF_CLASSES = Attack | AttackSteps | Heatmap | HeatmapGrid | Plane
"""Requests whose results mean nothing where the classes do."""
_Write = Callable[[Path, Export], str | None]
"""Writes, and returns a sentence on what was written, where there is something to say."""


class Saving(QObject):
    """Asks where, writes, and says what became of it.

    An adversarial picture is written by the worker, which reads the file back and says whether it
    still fools the network: rounding to 8 bits may undo an attack.
    """

    def __init__(
        self, window: MainWindow, state: AppState, settings: Settings, engine: Engine
    ) -> None:
        super().__init__(window)
        self._engine = engine
        engine.happened.connect(self._on_event)
        self._window = window
        self._state = state
        self._settings = settings
        self._kind = ""
        """Of file that was chosen last, as the dialog shows it."""
        self._next: list[Request] = []
        """What is to be written after what the worker writes now: its lane holds the newest."""
        self._at: Request | None = None

    def save_picture(self) -> None:
        """Save the picture as PNG, which loses nothing but what 8 bits cannot hold."""
        export = self._export()
        if export is None:
            return
        if isinstance(export.request, Attack):
            self._save_adversarial(export, export.request)
        else:
            self._save(".png", "PNG picture (*.png)", _write_picture)

    def _save_adversarial(self, export: Export, attack: Attack) -> None:
        chosen = self._ask(export, ".png", f"PNG picture (*.png);;{_JPEG}")
        if chosen is None:
            return
        path = _of_kind(chosen, ".jpg" if self._kind == _JPEG else ".png")
        if self._may_write(path, chosen):
            self.write_adversarial(SaveAdversarial(attack=attack, path=str(path)))

    def write_adversarial(self, request: SaveAdversarial) -> None:
        """Let the worker write an adversarial picture, or repair one that it has written."""
        self._state.share(notice=None)  # what was offered is being done
        self._submit(request)

    def _submit(self, request: Request) -> None:
        """Let the worker write, once what it was asked to write before is done."""
        if self._at is not None:
            self._next.append(request)
            return
        self._at = request
        self._engine.submit(_LANE, request, describe(request, self._state.shared))

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Outcome) and event.lane == _LANE:
            self._tell(event)
            self._at = None
            if self._next:
                self._submit(self._next.pop(0))

    def _tell(self, event: events.Outcome) -> None:
        """Say what became of a file."""
        match event:
            case events.Finished(
                request=SaveAdversarial() as judged, result=SavedPicture() as saved
            ):
                self._settings.last_folder = str(Path(saved.path).parent)
                self._state.share(notice=said(judged, saved, self._state.shared.facts))
            case events.Finished(request=SaveFigure() as asked, result=SavedFigure() as figure):
                self._told(Path(figure.path), asked.heatmap)
            case events.Finished(request=SavePlane() as asked, result=SavedFigure() as figure):
                self._told(Path(figure.path), asked.plane)
            case events.Failed(
                request=SaveAdversarial() | SaveFigure() | SavePlane(), failure=failure
            ):
                text = f"{failure.message} {failure.advice}".strip()
                self._state.share(notice=Notice(text, "error", failure.details))
            case events.Stopped(
                request=SaveAdversarial() | SaveFigure() | SavePlane() as stopped_request
            ):
                self._state.share(notice=stopped(stopped_request))

    def save_figure(self) -> None:
        """Save a heat map or a plane as a figure: the worker has all of it."""
        export = self._export()
        if export is None:
            return
        if export.figure is None:
            text = (
                "There is a figure of a heat map in the view Map, and of a decision plane,"
                " once it is complete. The picture can be saved as it is (Ctrl+S)."
            )
            self._state.share(notice=Notice(text, "warning"))
            return
        named = dataclasses.replace(export, stem=stem(export.stem, "figure"))
        chosen = self._ask(named, ".png", "PNG picture (*.png)")
        if chosen is None:
            return
        path = _of_kind(chosen, ".png")
        if self._may_write(path, chosen):
            request = dataclasses.replace(export.figure, path=str(path))
            self._submit(request)

    def save_array(self) -> None:
        """Save the numbers as a NumPy array, several as an archive of them."""
        export = self._export()
        if export is not None:
            suffix = _array_suffix(export)
            several = " archive" if suffix == ".npz" else ""
            self._save(suffix, f"NumPy array{several} (*{suffix})", _write_array)

    def save_film(self) -> None:
        """Save how the picture came about, as an animation."""
        export = self._export()
        if export is not None and export.film is None:
            text = (
                "There is an animation of a picture of the features once it has made all its steps,"
                " of a heat map once it is there for every layer, of an attack once it has gone"
                " all its steps (view Steps), and of its sweep once all points are there."
            )
            self._state.share(notice=Notice(text, "warning"))
        elif export is not None:
            self._save(".gif", "Animation (*.gif)", _write_film)

    def save_crop(self) -> None:
        """Save the part of the picture that a heat map marks."""
        export = self._export()
        if export is not None and export.crop is None:
            text = "There is a crop once the place of a heat map is shown, as a box or a mask."
            self._state.share(notice=Notice(text, "warning"))
        elif export is not None:
            self._save(".png", "PNG picture (*.png)", _write_crop)

    def save_request(self) -> None:
        """Save the request, which ``cnnviz run`` replays."""
        if self._replayable() is not None:
            self._save(".json", "Request (*.json)", _write_request)

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        export = self._export()
        if export is not None:
            from cnnviz_gui.panels.convert import to_qimage

            QGuiApplication.clipboard().setImage(to_qimage(export.picture))
            self._state.share(notice=Notice("The picture is in the clipboard."))

    def copy_request(self) -> None:
        """Put the request on the clipboard as JSON."""
        export = self._replayable()
        if export is not None:
            QGuiApplication.clipboard().setText(export.request.to_json().decode())
            self._state.share(notice=Notice("The request is in the clipboard."))

    def _replayable(self) -> Export | None:
        """Return what there is if its request gives just this, else say why it does not."""
        export = self._export()
        if export is not None and export.unlike:
            self._state.share(notice=Notice(export.unlike, "warning"))
            return None
        return export

    def _export(self) -> Export | None:
        give = getattr(self._window.stage.page, "export", None)
        export: Export | None = give() if give is not None else None
        if export is None:
            self._state.share(notice=Notice("There is nothing to save yet.", "warning"))
        return export

    def _save(self, suffix: str, kinds: str, write: _Write) -> None:
        export = self._export()
        if export is None:
            return
        chosen = path = self._ask(export, suffix, kinds)
        if chosen is None or path is None:
            return
        named = _OTHERS.get(path.suffix.lower()) if write is _write_picture else None
        no_film = named is _write_film and export.film is None
        no_request = named is _write_request and export.unlike
        if named is not None and not (no_film or no_request):
            write = named  # what is saved is what the name says
            if write is _write_array:
                path = path.with_suffix(_array_suffix(export))
        elif path.suffix.lower() != suffix:
            path = path.with_name(path.name + suffix)
        if not self._may_write(path, chosen):
            return
        try:
            told = write(path, export) or ""
        except OutputError as error:
            self._state.share(notice=Notice(str(error), "error"))
            return
        self._told(path, export.request, told)

    def _told(self, path: Path, request: Request, more: str = "") -> None:
        """Say that a file was written, and what it means."""
        self._settings.last_folder = str(path.parent)
        doubt = trust.warning(self._state.shared.facts) if self._doubt(request) else ""
        text = " ".join(filter(None, (f"Saved {path.name}.", more, doubt)))
        self._state.share(notice=Notice(text))

    def _doubt(self, request: Request) -> str:
        """Return the word for a network that is not to be believed; layers need no classifier."""
        facts = self._state.shared.facts
        if trust.nameless(facts) and not isinstance(request, _OF_CLASSES):
            return ""
        return trust.mark(facts)

    def _ask(self, export: Export, suffix: str, kinds: str) -> Path | None:
        name = stem(export.stem, self._doubt(export.request))
        start = Path(self._settings.last_folder) / f"{name}{suffix}"
        name, self._kind = QFileDialog.getSaveFileName(self._window, "Save", str(start), kinds)
        return Path(name) if name else None

    def _may_write(self, path: Path, chosen: Path) -> bool:
        """Ask before a file is replaced that has another name than the dialog has asked about."""
        if path == chosen or not path.exists():
            return True
        from cnnviz_gui.core.files import display_name

        box = QMessageBox(self._window)
        box.setWindowTitle("Save")
        box.setText(f"{display_name(path)} is there already. Replace it?")
        box.setInformativeText(f"{display_name(chosen)} got the ending of what is saved.")
        replace = box.addButton("Replace", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        return box.clickedButton() is replace


def _of_kind(path: Path, suffix: str) -> Path:
    """Return a name of a picture with its ending; what ends as another picture keeps its own.

    Where the kind JPEG was chosen, a name left as it was suggested becomes one of a JPEG.
    """
    if suffix == ".jpg" and path.suffix.lower() == ".png":
        return path.with_suffix(suffix)
    return path if is_picture(path) else path.with_name(path.name + suffix)


def _write_picture(path: Path, export: Export) -> None:
    from cnnviz_gui.core.files import save_png

    save_png(path, export.picture)


def _write_crop(path: Path, export: Export) -> None:
    from cnnviz_gui.core.files import save_png

    assert export.crop is not None
    save_png(path, export.crop)


def _write_array(path: Path, export: Export) -> None:
    from cnnviz_gui.core.files import save_npy, save_npz

    if isinstance(export.array, dict):
        save_npz(path, export.array)
    else:
        save_npy(path, export.numbers)


def _array_suffix(export: Export) -> str:
    return ".npz" if isinstance(export.array, dict) else ".npy"


def _write_film(path: Path, export: Export) -> str:
    """Write the animation; return what it has less of than the picture."""
    from cnnviz_gui.core.files import save_gif

    assert export.film is not None
    film = export.film()
    save_gif(path, film)
    high, whole = film.shape[1], export.picture.shape[0]
    return f"It is {high} pixels high, the picture itself {whole}." if high < whole else ""


def _write_request(path: Path, export: Export) -> None:
    from cnnviz_gui.core.files import write_atomically

    write_atomically(path, export.request.to_json())


_OTHERS: dict[str, _Write] = {
    ".npy": _write_array,
    ".npz": _write_array,
    ".json": _write_request,
    ".gif": _write_film,
}
"""What is written in place of the picture, by the end of the name that was given."""
