"""The views of heat maps, with the real mouse and the real keyboard."""

from __future__ import annotations

import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QScrollArea

from cnnviz_gui.panels.heatmaps.check_menu import CheckMenu
from cnnviz_gui.panels.heatmaps.heat_grid import HeatGrid
from cnnviz_gui.panels.heatmaps.map_box import MapBox
from cnnviz_gui.panels.heatmaps.place_section import PlaceSection
from cnnviz_gui.panels.heatmaps.trust_box import TrustBox
from cnnviz_gui.state import place_view
from cnnviz_gui.state.steps_view import STEPS

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


def test_a_box_is_drawn_by_hand_compared_and_the_crop_saved(explorer, hand, tmp_path, monkeypatch):
    state = explorer.state
    hand.wait(lambda: explorer.complete)
    hand.press("ctrl+3")
    hand.wait(lambda: state.finding("heatmap").status == "done")
    section = explorer.window.findChild(PlaceSection)
    dock = explorer.window.docks["parameters"].findChild(QScrollArea)
    dock.ensureWidgetVisible(section.draw)
    hand.click(section.draw)
    hand.wait(lambda: state.display.drawing_box)
    surface = explorer.window.findChild(MapBox)._panes[0].surface
    hand.wait(lambda: surface._drawing)  # before, a drag would take the picture out of the window
    ends = [surface.to_screen(*spot).toPoint() for spot in ((40, 60), (180, 200))]
    hand.drag(surface.viewport(), *ends)
    hand.wait(lambda: state.selection.truth is not None)
    drawn = zip(state.selection.truth, (40, 60, 180, 200), strict=True)
    assert all(abs(found - wanted) <= 2 for found, wanted in drawn)
    hand.wait(lambda: getattr(place_view.shown_place(state), "agreement", None) is not None)
    dock.ensureWidgetVisible(section.view)
    hand.click(button(explorer, "Place: Box"))
    hand.wait(section.crop.isVisible)
    path = tmp_path / "crop.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    dock.ensureWidgetVisible(section.crop)
    hand.click(section.crop)
    hand.wait(path.exists)
    left, top, right, bottom = place_view.shown_place(state).box
    with Image.open(path) as crop:
        assert crop.size == (right - left, bottom - top)


def test_the_steps_are_walked_through_and_the_map_is_put_to_the_test(explorer, hand):
    state = explorer.state
    hand.wait(lambda: explorer.complete)
    hand.press("ctrl+3")
    hand.click(button(explorer, "View: Steps"))
    hand.wait(lambda: state.finding("grad-cam-steps").status == "done")
    for step, name in STEPS[1:]:
        hand.click(button(explorer, f"Step: {name}"))
        hand.wait(lambda step=step: state.display.heatmap_step == step)
    hand.click(button(explorer, "View: Trust"))
    hand.wait(lambda: state.finding("trust").status == "done")
    box = explorer.window.findChild(TrustBox)
    hand.wait(box.verdict.isVisible)
    hand.press("Escape")
    hand.click(box.check)
    hand.wait(lambda: state.finding("sanity").value is not None)
    hand.press("Escape")
    hand.wait(lambda: not explorer.engine.busy)
    assert state.finding("sanity").status in ("stopped", "done"), "what is there stays"
