"""The parts of the window that need numpy and pyqtgraph, made after the first paint."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from cnnviz_gui.panels import theme

if TYPE_CHECKING:
    from cnnviz_gui.app.explorer import Explorer

_PREDICTION = 420
"""Height that five pairs of bars and the target need; the parameters get the rest."""
_SHARE = 0.45


def page_steps(explorer: Explorer) -> list[Callable[[], None]]:
    """Return what makes pages and remaining docks, in steps short enough for a living window."""
    steps = (_heatmaps, _parameters, _attack, _layers, _networks, _share_heights)
    return [functools.partial(step, explorer) for step in steps]


def _heatmaps(explorer: Explorer) -> None:
    from cnnviz_gui.panels.heatmap_page import HeatmapPage

    page = HeatmapPage(explorer.state)
    page.again.connect(explorer.controller.resume)
    explorer.window.stage.add_page("heatmaps", page)


def _attack(explorer: Explorer) -> None:
    from cnnviz_gui.panels.attack_page import AttackPage

    page = AttackPage(explorer.state)
    page.again.connect(explorer.controller.resume)
    explorer.window.stage.add_page("attack", page)


def _layers(explorer: Explorer) -> None:
    from cnnviz_gui.panels.layer_page import LayerPage

    explorer.window.stage.add_page("layers", LayerPage(explorer.state))


def _parameters(explorer: Explorer) -> None:
    from cnnviz_gui.panels.parameter_panel import ParameterPanel

    panel = ParameterPanel(explorer.state)
    panel.save_wanted.connect(explorer.commands.on_save_picture)
    right = Qt.DockWidgetArea.RightDockWidgetArea
    explorer.window.add_dock("parameters", "Parameters", panel, right, theme.RIGHT_DOCK)
    explorer.add_view_entry("parameters")


def _networks(explorer: Explorer) -> None:
    from cnnviz_gui.panels.network_panel import NetworkPanel

    window = explorer.window
    panel = NetworkPanel(explorer.state)
    panel.chosen.connect(explorer.commands.choose_network)
    left = Qt.DockWidgetArea.LeftDockWidgetArea
    dock = window.add_dock("networks", "Networks", panel, left, theme.LEFT_DOCK)
    window.tabifyDockWidget(window.docks["layers"], dock)
    dock.hide()
    explorer.add_view_entry("networks")


def _share_heights(explorer: Explorer) -> None:
    """Divide the right side; a step of its own, for it needs the docks laid out."""
    window = explorer.window
    docks = [window.docks["prediction"], window.docks["parameters"]]
    room = window.stage.height()
    prediction = min(_PREDICTION, round(_SHARE * room))
    window.resizeDocks(docks, [prediction, room - prediction], Qt.Orientation.Vertical)
