"""The parts of the window that need numpy and pyqtgraph, made after the first paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack_page import AttackPage
from cnnviz_gui.panels.heatmap_page import HeatmapPage
from cnnviz_gui.panels.layer_page import LayerPage
from cnnviz_gui.panels.network_panel import NetworkPanel
from cnnviz_gui.panels.parameter_panel import ParameterPanel

if TYPE_CHECKING:
    from cnnviz_gui.app.explorer import Explorer


_PREDICTION = 330


def add_pages(explorer: Explorer) -> None:
    """Put pages and the remaining docks into the window."""
    window, state, commands = explorer.window, explorer.state, explorer.commands
    heatmaps, attack = HeatmapPage(state), AttackPage(state)
    for page in (heatmaps, attack):
        page.again.connect(explorer.controller.resume)
    window.stage.add_pages({"layers": LayerPage(state), "heatmaps": heatmaps, "attack": attack})
    right = Qt.DockWidgetArea.RightDockWidgetArea
    left = Qt.DockWidgetArea.LeftDockWidgetArea
    parameters = ParameterPanel(state)
    parameters.save_wanted.connect(commands.on_save_picture)
    window.add_dock("parameters", "Parameters", parameters, right, theme.RIGHT_DOCK)
    networks = NetworkPanel(state)
    networks.chosen.connect(commands.choose_network)
    dock = window.add_dock("networks", "Networks", networks, left, theme.LEFT_DOCK)
    docks = [window.docks["prediction"], window.docks["parameters"]]
    window.resizeDocks(docks, [_PREDICTION, window.height() - _PREDICTION], Qt.Orientation.Vertical)
    window.tabifyDockWidget(window.docks["layers"], dock)
    dock.hide()
    for name in ("parameters", "networks"):
        explorer.add_view_entry(name)
