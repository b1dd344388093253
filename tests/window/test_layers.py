"""The layer browser, with the real mouse and the real keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QTableView

from cnnviz_gui.panels.controls import SearchBox, Toggle
from cnnviz_gui.panels.layers.cell_card import CellCard
from cnnviz_gui.panels.layers.cell_window import CellWindow
from cnnviz_gui.panels.layers.formula import Formula
from cnnviz_gui.panels.tile_grid import TileGrid
from cnnviz_gui.state import layer_view, prediction_view

pytestmark = pytest.mark.window

LAYER = "blocks.3.conv_dw"


@pytest.fixture
def browser(explorer, hand):
    """The program once the layer browser shows the maps of a layer that was searched for."""
    state = explorer.state
    hand.wait(lambda: explorer.complete)
    hand.press("ctrl+1")
    hand.wait(lambda: state.finding("layer").status == "done")
    hand.press("ctrl+f")
    search = explorer.window.layers.findChild(SearchBox)
    hand.wait(search.hasFocus)
    hand.type("3 conv_dw")
    hand.wait(lambda: search.text() == "3 conv_dw")
    hand.press("Return")
    hand.wait(lambda: state.selection.layer == LAYER)
    hand.wait(lambda: shown(explorer) is not None)
    return explorer


def shown(explorer):
    """Return the maps on screen if they are those of the layer in use."""
    found = layer_view.shown_layer(explorer.state)
    layer = layer_view.current_layer(explorer.state)
    current = explorer.state.finding("layer").status == "done"
    return found if found is not None and current and found.facts == layer else None


def grid(explorer, hand, name):
    """Return the grid of tiles of that name once it stands still."""

    def found():
        grids = explorer.window.findChildren(TileGrid)
        return next((g for g in grids if g.isVisible() and g.accessibleName() == name), None)

    hand.wait(found)
    hand.rest(found())
    return found()


def button(explorer, kind, name):
    """Return the button of that name that is in sight."""
    buttons = explorer.window.findChildren(kind)
    return next(b for b in buttons if b.isVisible() and b.accessibleName() == name)


def spot(tiles, channel, row, column, maps):
    """Return where on the grid the middle of a cell is."""
    tile = tiles.tile_rect(channel)
    high, wide = maps.shape[1:]
    across, down = (column + 0.5) * tile.width() / wide, (row + 0.5) * tile.height() / high
    return tile.topLeft() + type(tile.topLeft())(int(across), int(down))


def test_a_layer_is_searched_and_a_filter_chosen(browser, hand):
    state = browser.state
    hand.click(button(browser, QAbstractButton, "View: Filters"))
    hand.wait(lambda: state.finding("filters").status == "done")
    filters = grid(browser, hand, "Filters")
    hand.wait(lambda: filters.tile_rect(7) is not None)
    hand.click(filters.viewport(), filters.tile_rect(7).center())
    hand.wait(lambda: state.selection.channel == 7)


def test_a_cell_is_hovered_then_examined_and_its_numbers_copied(browser, hand):
    state = browser.state
    maps = shown(browser).result.maps
    tiles = grid(browser, hand, "Feature maps")
    channel = int(shown(browser).order[3])
    at = spot(tiles, channel, 6, 5, maps)
    seen = []
    tiles.hovered.connect(seen.append)
    hand.move(tiles.viewport(), at)
    hand.wait(lambda: seen)
    assert seen[-1][:3] == (channel, 6, 5)
    assert seen[-1][3] == pytest.approx(float(maps[channel, 6, 5]))
    assert state.selection.cell is None, "to look is not to choose"
    hand.click(tiles.viewport(), at)
    hand.wait(lambda: (state.selection.channel, state.selection.cell) == (channel, (6, 5)))
    hand.wait(lambda: state.finding("cell").status == "done")
    result = state.finding("cell").value
    assert result.value == pytest.approx(float(maps[channel, 6, 5]), rel=1e-4, abs=1e-5)
    card = browser.window.findChild(CellCard)
    hand.wait(card.findChild(Formula).isVisible)
    hand.click(button(browser, QAbstractButton, "All numbers, to read and to copy (Enter)"))
    hand.wait(lambda: isinstance(QApplication.activeWindow(), CellWindow))
    window = QApplication.activeWindow()
    assert window.findChild(QTableView).model().rowCount() == 1, "a depthwise kernel reads one"
    hand.press("ctrl+c")
    hand.wait(lambda: QGuiApplication.clipboard().text().startswith(f"{LAYER}, channel {channel}"))
    hand.press("Escape")
    hand.wait(lambda: not window.isVisible())


def test_a_silenced_channel_moves_the_bars_and_is_restored(browser, hand):
    state = browser.state
    before = prediction_view.rows(state)
    tiles = grid(browser, hand, "Feature maps")
    channel = int(shown(browser).order[0])
    hand.click(tiles.viewport(), tiles.tile_rect(channel).center())
    hand.wait(lambda: state.selection.channel == channel)
    hand.click(button(browser, Toggle, "Silence"))
    hand.wait(lambda: prediction_view.edited_prediction(state) is not None)
    assert [(e.layer, e.channel, e.factor) for e in state.selection.edits] == [(LAYER, channel, 0)]
    after = prediction_view.rows(state)
    assert [row.clean for row in after] != [row.clean for row in before]
    clean = {row.index: row.clean for row in before}
    assert all(row.before == clean[row.index] for row in after if row.index in clean)
    hand.click(button(browser, QAbstractButton, "Restore all channels"))
    hand.wait(lambda: not state.selection.edits)
    hand.wait(lambda: prediction_view.rows(state) == before)


def test_arrows_move_through_channels_and_layers(browser, hand):
    state = browser.state
    tiles = grid(browser, hand, "Feature maps")
    order = [int(channel) for channel in shown(browser).order[:3]]
    hand.click(tiles.viewport(), tiles.tile_rect(order[0]).center())
    hand.wait(lambda: state.selection.channel == order[0])
    hand.press("Right")
    hand.wait(lambda: state.selection.channel == order[1])
    hand.press("alt+Right")
    hand.wait(lambda: state.selection.channel == order[2])
    names = [row.name for row in state.shared.facts.layers]
    hand.press("ctrl+Down")
    hand.wait(lambda: state.selection.layer != LAYER)
    assert names.index(state.selection.layer) > names.index(LAYER)
    hand.press("ctrl+Up")
    hand.wait(lambda: state.selection.layer == LAYER)
