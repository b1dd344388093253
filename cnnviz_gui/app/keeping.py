"""Keeping what survives a restart: noted as it changes, saved soon after, and at the end."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.settings import Settings, SettingsFile
from cnnviz_gui.panels.places import PLACES
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.bulletin import Changes

_SAVE_MS = 1000
"""Settings are saved when nothing has changed for so long."""
REMEMBERED = frozenset(
    {
        "model",
        "stage",
        "heatmap_method",
        "heatmap_parameters",
        "attack_method",
        "attack_parameters",
        "opacity",
        "heatmap_colours",
        "heatmap_layout",
        "photograph",
        "photograph_signed",
        "heatmap_in_colour",
        "epsilon_unit",
        "similar_folder",
        "save_folder",
        "feature_preset",
        "feature_parameters",
    }
)
"""Fields with which the next start begins."""


class Keeping(QObject):
    """Between the state and the settings file.

    Attributes
    ----------
    laid_out
        All docks are there; before, their arrangement is not worth keeping.
    """

    def __init__(
        self, state: AppState, settings: Settings, file: SettingsFile, window: MainWindow
    ) -> None:
        super().__init__(window)
        self._state = state
        self._settings = settings
        self._file = file
        self._window = window
        self.laid_out = False
        PLACES.bring(settings.places)
        PLACES.changed.connect(self.note)
        self._told = self._closed = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SAVE_MS)
        self._soon.timeout.connect(self.save)
        state.show(
            opacity=settings.opacity,
            heatmap_colours=settings.heatmap_colours,
            heatmap_layout=settings.heatmap_layout,
            photograph=settings.photograph,
            photograph_signed=settings.photograph_signed,
            heatmap_in_colour=settings.heatmap_in_colour,
            epsilon_unit=settings.epsilon_unit,
        )
        state.share(save_folder=settings.save_folder)
        state.select(stage=settings.stage, similar_folder=settings.similar_folder)
        state.select(
            feature_preset=settings.feature_preset,
            feature_parameters=settings.feature_parameters(),
        )
        state.observe(self._on_state_changed, at_once=True)

    def _on_state_changed(self, changes: Changes) -> None:
        if "methods" in changes:
            self._choose_methods()
        if changes & REMEMBERED:
            self.note()

    def _choose_methods(self) -> None:
        """Take up the methods and parameters of last time, as far as they still exist."""
        for method in self._state.shared.methods:
            parameters = self._settings.parameters_of(method)
            if parameters is not None:
                self._state.remembered[method.kind, method.name] = parameters
        self._state.choose_method("heatmap", self._settings.heatmap_method)
        self._state.choose_method("attack", self._settings.attack_method)

    @Slot()
    def note(self) -> None:
        """Save soon: something changed."""
        if not self._closed:
            self._soon.start()

    @Slot()
    def save(self) -> None:
        """Save what is remembered; say once, when nothing else is said, that it cannot be."""
        self._gather()
        said = self._file.write(self._settings)
        if said and not self._told and self._state.shared.notice is None:
            self._told = True
            self._state.share(notice=Notice(said, "warning"))

    def gather(self) -> None:
        """Note what is to be saved at the end, while the window is still to be seen."""
        self._soon.stop()
        self._gather()

    def close(self) -> None:
        """Save for the last time, silently."""
        self._closed = True
        self._soon.stop()
        self._file.write(self._settings)

    def _gather(self) -> None:
        settings, selection, display = self._settings, self._state.selection, self._state.display
        settings.geometry, layout = self._window.layout_text()
        if self.laid_out:
            settings.layout = layout
        settings.places = PLACES.stored()
        settings.stage = selection.stage
        settings.similar_folder = selection.similar_folder
        settings.save_folder = self._state.shared.save_folder
        settings.heatmap_method = selection.heatmap_method or settings.heatmap_method
        settings.attack_method = selection.attack_method or settings.attack_method
        settings.keep_feature(selection.feature_preset, selection.feature_parameters)
        settings.opacity = display.opacity
        settings.heatmap_colours = display.heatmap_colours
        settings.heatmap_layout = display.heatmap_layout
        settings.photograph = display.photograph
        settings.photograph_signed = display.photograph_signed
        settings.heatmap_in_colour = display.heatmap_in_colour
        settings.epsilon_unit = display.epsilon_unit
        for (kind, name), parameters in self._state.remembered.items():
            settings.parameters[f"{kind}:{name}"] = parameters.values()
