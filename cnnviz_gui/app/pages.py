"""The parts of the window that need numpy and pyqtgraph, made after the first paint."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from cnnviz_gui.panels import theme
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.app.explorer import Explorer
    from cnnviz_gui.app.main_window import MainWindow

_PREDICTION = 420
"""Height that five pairs of bars and the target need; the parameters get the rest."""
_SHARE = 0.485
"""Of the height of a low window: there too the target is seen below the bars."""
_PREDICTIONS = 480
"""The same for two networks, of which one would not see the second otherwise."""
_SHARE_OF_TWO = 0.56
"""The parameters must stay of use: what is left of the predictions scrolls."""


def page_steps(explorer: Explorer) -> list[Callable[[], None]]:
    """Return what makes pages and remaining docks, in steps short enough for a living window."""
    steps = (
        _heatmaps,
        _parameters,
        _attack,
        _plane,
        _layers,
        _features,
        _similar,
        _networks,
        _share_heights,
    )
    return [functools.partial(step, explorer) for step in steps]


def _heatmaps(explorer: Explorer) -> None:
    from cnnviz_gui.app import folder_table
    from cnnviz_gui.panels.heatmaps.page import HeatmapPage

    page = HeatmapPage(explorer.state)
    page.again.connect(explorer.controller.resume)
    page.halted.connect(explorer.controller.halt)
    page.folder_wanted.connect(explorer.commands.on_open_folder)
    page.opened.connect(explorer.gallery.open)
    folder = folder_table.of_maps(explorer.window, explorer.state)
    page.table_wanted.connect(folder.save_table)
    explorer.window.stage.add_page("heatmaps", page)


def _attack(explorer: Explorer) -> None:
    from cnnviz_gui.app import folder_table
    from cnnviz_gui.app.race_file import RaceFile
    from cnnviz_gui.app.steps_file import StepsFile
    from cnnviz_gui.panels.attack.page import AttackPage

    page = AttackPage(explorer.state)
    page.again.connect(explorer.controller.resume)
    page.halted.connect(explorer.controller.halt)
    page.folder_wanted.connect(explorer.commands.on_open_folder)
    page.opened.connect(explorer.gallery.open)
    folder = folder_table.of_attacks(explorer.window, explorer.state)
    page.table_wanted.connect(folder.save_table)
    race = RaceFile(explorer.window, explorer.state)
    page.race_wanted.connect(race.save_table)
    steps = StepsFile(explorer.window, explorer.state)
    page.steps_wanted.connect(steps.save_table)
    explorer.window.stage.add_page("attack", page)


def _plane(explorer: Explorer) -> None:
    from cnnviz_gui.panels.plane_page import PlanePage

    page = PlanePage(explorer.state)
    page.again.connect(explorer.controller.resume)
    explorer.window.stage.add_page("plane", page)


def _layers(explorer: Explorer) -> None:
    from cnnviz_gui.app.layer_folder import LayerFolder
    from cnnviz_gui.panels.layers.page import LayerPage

    window = explorer.window
    page = LayerPage(explorer.state)
    page.again.connect(explorer.controller.resume)
    folder = LayerFolder(window, explorer.state, explorer.settings)
    page.folder_wanted.connect(folder.choose)
    window.stage.add_page("layers", page)


def _features(explorer: Explorer) -> None:
    from cnnviz_gui.panels.features.page import FeaturePage

    page = FeaturePage(explorer.state)
    page.again.connect(explorer.controller.resume)
    page.back_wanted.connect(explorer.commands.on_feature_back)
    page.watch_memory(explorer.computing.free)
    explorer.window.stage.add_page("features", page)


def _similar(explorer: Explorer) -> None:
    from cnnviz_gui.app.similar import Similar
    from cnnviz_gui.panels.similar_page import SimilarPage

    window = explorer.window
    similar = Similar(window, explorer.state, explorer.settings)
    page = SimilarPage(explorer.state)
    page.again.connect(explorer.controller.resume)
    page.folder_wanted.connect(similar.choose_folder)
    explorer.commands.similar_folder_wanted.connect(similar.choose_folder)
    page.dropped.connect(explorer.gallery.open_paths)
    page.opened.connect(explorer.gallery.open)
    page.save_embedding_wanted.connect(similar.save_embedding)
    page.save_table_wanted.connect(similar.save_table)
    window.stage.add_page("similar", page)


def _parameters(explorer: Explorer) -> None:
    from cnnviz_gui.app.layer_folder import LayerFolder
    from cnnviz_gui.app.spectra import Spectra
    from cnnviz_gui.panels.parameter_panel import ParameterPanel

    panel = ParameterPanel(explorer.state)
    panel.save_wanted.connect(explorer.commands.on_save_picture)
    panel.about_wanted.connect(explorer.manual.on_about_method)
    panel.place.crop_wanted.connect(explorer.commands.on_save_crop)
    folder = LayerFolder(explorer.window, explorer.state, explorer.settings)
    panel.dossier.folder_wanted.connect(folder.choose)
    panel.dossier.again.connect(explorer.controller.resume)
    panel.dossier.opened.connect(explorer.gallery.open)
    spectra = Spectra(explorer.window, explorer.state, explorer.engine, explorer.settings)
    panel.features.spectrum.wanted.connect(spectra.choose)
    right = Qt.DockWidgetArea.RightDockWidgetArea
    explorer.window.add_dock("parameters", tr("Parameters"), panel, right, theme.RIGHT_DOCK)
    explorer.add_view_entry("parameters")


def _networks(explorer: Explorer) -> None:
    explorer.networks.furnish()


def _share_heights(explorer: Explorer) -> None:
    """Divide the right side; a step of its own, for it needs the docks laid out."""
    _give_predictions(explorer.window, min(_PREDICTION, round(_SHARE * _room(explorer.window))))


def make_room_for_two(window: MainWindow) -> None:
    """Let the predictions of a second network be seen, unless the user gave them more already."""
    docks = window.docks
    wanted = min(_PREDICTIONS, round(_SHARE_OF_TWO * _room(window)))
    if "parameters" in docks and docks["prediction"].height() < wanted:
        _give_predictions(window, wanted)


def _room(window: MainWindow) -> int:
    return window.stage.height()


def _give_predictions(window: MainWindow, height: int) -> None:
    docks = [window.docks["prediction"], window.docks["parameters"]]
    heights = [height, _room(window) - height]
    window.resizeDocks(docks, heights, Qt.Orientation.Vertical)
