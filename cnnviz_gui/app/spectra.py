"""The file whose magnitudes MACO keeps: chosen, read by the worker, then taken up."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.feature_requests import OpenSpectrum
from cnnviz_gui.core.feature_results import OpenedSpectrum
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.state import spectrum_view
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.labels import describe
from cnnviz_gui.texts import tr

_LANE = "spectrum"
_KINDS = tr(
    "Magnitudes and pictures ({endings});;All files (*)",
    endings="*.npy *.png *.jpg *.jpeg *.webp *.gif *.bmp *.tif *.tiff *.avif *.heic",
)


class Spectra(QObject):
    """Asks for it; a file that is none leaves what was in use."""

    def __init__(
        self, window: QWidget, state: AppState, engine: Engine, settings: Settings
    ) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._engine = engine
        self._settings = settings
        engine.happened.connect(self._on_event)

    @Slot()
    def choose(self) -> None:
        """Ask for a file of magnitudes, or a picture that has them."""
        used = self._state.selection.feature_spectrum
        start = self._settings.last_folder if used is None else str(Path(used.path).parent)
        path, _ = QFileDialog.getOpenFileName(self._window, tr("Choose a spectrum"), start, _KINDS)
        if path:
            request = OpenSpectrum(path=path)
            self._engine.submit(_LANE, request, describe(request, self._state.shared))

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        if getattr(event, "lane", "") != _LANE:
            return
        if isinstance(event, events.Finished) and isinstance(event.result, OpenedSpectrum):
            self._state.select(**spectrum_view.opened(event.result))
            self._state.share(notice=None)
        elif isinstance(event, events.Failed):
            said = f"{event.failure.message} {event.failure.advice}".strip()
            self._state.share(notice=Notice(said, "error"))
