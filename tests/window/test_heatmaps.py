"""The views of heat maps, with the real mouse and the real keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton

from cnnviz_gui.panels.heatmaps.check_menu import CheckMenu
from cnnviz_gui.panels.heatmaps.heat_grid import HeatGrid

pytestmark = pytest.mark.window


def button(explorer, name):
    """Return the button of that name that is in sight."""
    buttons = explorer.window.findChildren(QAbstractButton)
    return next(b for b in buttons if b.isVisible() and b.accessibleName() == name)


def test_a_grid_is_chosen_read_zoomed_and_a_map_of_it_opened(explorer, hand):
    state = explorer.state
    hand.wait(lambda: explorer.complete)
    state.select(grid_methods=("grad-cam",))
    hand.click(button(explorer, "View: Grid"))
    hand.wait(lambda: state.finding("heatmap-grid").status == "done")

    menu = next(m for m in explorer.window.findChildren(CheckMenu) if m.text() == "Methods 1")
    hand.click(menu)
    hand.wait(menu.menu_.isVisible)
    line = next(a for a in menu.menu_.actions() if a.text() == "Saliency")
    hand.click(menu.menu_, menu.menu_.actionGeometry(line).center())
    hand.wait(lambda: set(state.selection.grid_methods) == {"grad-cam", "saliency"})
    assert menu.menu_.isVisible(), "one may choose more"
    hand.press("Escape")
    hand.wait(lambda: not menu.menu_.isVisible())
    hand.wait(lambda: len(getattr(state.finding("heatmap-grid").value, "cells", ())) == 6)
    hand.wait(lambda: state.finding("heatmap-grid").status == "done")

    grid = explorer.window.findChild(HeatGrid)
    hand.rest(grid)
    tile = grid.tile_rect(1, 1)
    hand.move(grid.viewport(), tile.center())
    hand.wait(lambda: len(grid.readings()) == 6)
    hand.turn(grid.viewport(), tile.center(), 3)
    hand.wait(lambda: grid.zoom().factor > 1.5)
    before = grid.zoom()
    hand.drag(grid.viewport(), tile.center(), tile.center() + QPoint(25, 0))
    hand.wait(lambda: grid.zoom().x < before.x)
    assert state.selection.stage == "heatmaps"

    third = state.finding("heatmap-grid").value.columns[2].target.index
    hand.click(grid.viewport(), grid.head_rect(("column", -1, 2)).center())
    hand.wait(lambda: state.selection.target == third)
    hand.click(grid.viewport(), tile.center(), twice=True)
    hand.wait(lambda: state.display.heatmap_view == "map")
    second = state.finding("heatmap-grid").value.columns[1].target.index
    hand.wait(
        lambda: (
            state.finding("heatmap").status == "done"
            and state.finding("heatmap").value.method == "saliency"
            and state.finding("heatmap").value.target.index == second
        )
    )
