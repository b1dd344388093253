"""The maps of a layer through the hand: chosen, pointed at, enlarged, beside attacked ones."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Attack, InspectLayer, ModelRef, Predict
from cnnviz_gui.core.result import LayerMaps, Prediction
from cnnviz_gui.panels.layers.map_options import PictureSwitch
from cnnviz_gui.panels.layers.map_tiles import Captions
from cnnviz_gui.panels.layers.page import LayerPage
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.map_orders import NO_ATTACK

RNG = np.random.default_rng(0)
MAPS = RNG.random((40, 4, 4), dtype=np.float32)
MOVED = MAPS + np.arange(40, dtype=np.float32)[:, None, None]
SIDE = 32


@pytest.fixture
def state(state, network):
    (layer,) = network.layers
    conv = dataclasses.replace(
        layer, output_shape=(40, 4, 4), receptive_field=(8, 8), jump=(8, 8), offset=(3.5, 3.5)
    )
    state.use_network(ModelRef(name="other"), dataclasses.replace(network, layers=(conv,)))
    state.select(stage="layers")
    seen = np.full((SIDE, SIDE, 3), 200, np.uint8)
    prediction = Prediction(scores=(Score(0, "cat", 0.5, 1.0),), seen=seen, enlarged="")
    chosen = state.selection
    predict = Predict(model=chosen.model, image=chosen.image)
    state.found("predict", Finding().finished(predict, prediction))
    found(state, "layer", MAPS)
    return state


def found(state, lane, maps, attack=None):
    chosen = state.selection
    request = InspectLayer(model=chosen.model, image=chosen.image, layer="stem", attack=attack)
    value = LayerMaps(layer="stem", maps=maps, filters=None, bias=None)
    state.found(lane, Finding().finished(request, value))


def attacked(state):
    chosen = state.selection
    attack = Attack(model=chosen.model, image=chosen.image, method="pgd", parameters=Params())
    state.select(attack_started=True)
    state.show(map_order="moved", maps_beside=True)
    found(state, "layer-attacked", MOVED, attack)


@pytest.fixture
def page(qtbot, state):
    made = LayerPage(state)
    qtbot.addWidget(made)
    made.resize(1000, 560)
    made.show()
    return made


def place(rect: QRect, row: int, column: int) -> QPoint:
    side = rect.width() / 4
    return rect.topLeft() + QPoint(int((column + 0.5) * side), int((row + 0.5) * side))


def click(grid, channel, row, column):
    spot = place(grid.tile_rect(channel), row, column)
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def brightness(pane, x, y):
    """Return how light the picture of a pane is at a share of its width and height."""
    rect = pane.surface.picture_rect()
    at = rect.topLeft() + (rect.bottomRight() - rect.topLeft()) * 0
    spot = QPoint(int(at.x() + x * rect.width()), int(at.y() + y * rect.height()))
    return pane.surface.grab().toImage().pixelColor(spot).lightness()


def test_a_click_chooses_channel_and_cell(page, state):
    grid = page._box()._clean.grid
    channel = int(np.argsort(-MAPS.mean((1, 2)))[3])
    click(grid, channel, 1, 2)
    assert (state.selection.channel, state.selection.cell) == (channel, (1, 2))


def test_the_cell_under_the_cursor_is_told_and_its_field_shown(page, state):
    grid = page._box()._clean.grid
    heard = []
    page._box().hovered.connect(heard.append)
    channel = grid._source.channel(0)
    QTest.mouseMove(grid.viewport(), place(grid.tile_rect(channel), 0, 1))
    assert heard[-1] == (channel, 0, 1, pytest.approx(float(MAPS[channel, 0, 1])))
    assert page.side._cell() == (0, 1)
    # Cell (0, 1) sees columns 8 to 15 of rows 0 to 7 of the 32 x 32 picture, grey 200 throughout.
    assert brightness(page.side._pane, 12 / SIDE, 4 / SIDE) == pytest.approx(200, abs=2)
    assert brightness(page.side._pane, 12 / SIDE, 20 / SIDE) < 170


def test_the_photograph_points_at_cells_too(page, state):
    pane, grid = page.side._pane, page._box()._clean.grid
    pane.hovered.emit((20, 10))
    assert grid._mark == (grid.current(), 1, 2)
    pane.hovered.emit(None)
    assert grid._mark is None
    pane.clicked.emit((31, 0))
    assert state.selection.cell == (0, 3)
    assert grid._mark == (grid.current(), 0, 3)


def test_a_double_click_enlarges_and_escape_goes_back(page, state):
    box = page._box()
    channel = box._clean.grid._source.channel(1)
    spot = place(box._clean.grid.tile_rect(channel), 0, 0)
    QTest.mouseDClick(box._clean.grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert box._large.isVisible() and state.selection.channel == channel
    value = f"{MAPS[channel, 2, 1]:.4f}"[:5]
    assert value in box._large._panes[0].surface.readout(1, 2)
    QTest.keyClick(box._large, Qt.Key.Key_Right)
    assert state.selection.channel == box._clean.grid._source.channel(2)
    QTest.keyClick(box._large, Qt.Key.Key_Escape)
    assert not box._large.isVisible() and box._clean.isVisible()


def test_attacked_maps_stand_beside_the_clean_ones_the_most_moved_first(page, state):
    box = page._box()
    assert not box._attacked.isVisible()
    attacked(state)
    assert box._attacked.isVisible() and box._clean.name.text() == "Clean"
    assert [box._clean.grid._source.channel(p) for p in range(3)] == [39, 38, 37]
    assert [box._attacked.grid._source.channel(p) for p in range(3)] == [39, 38, 37]
    box._clean.grid.verticalScrollBar().setValue(100)
    assert box._attacked.grid.verticalScrollBar().value() == 100
    state.show(map_order="strength")
    assert box._attacked.isVisible()
    state.show(maps_beside=False)
    assert not box._attacked.isVisible()


def test_a_switch_puts_the_attacked_maps_beside_the_clean_ones(page, state):
    box = page._box()
    switch = box._head.findChild(PictureSwitch)
    clean, both = switch.buttons()
    assert switch.isVisible() and not switch.isEnabled()
    assert both.toolTip() == NO_ATTACK
    state.select(attack_started=True)
    assert switch.isEnabled() and clean.isChecked()
    both.click()
    assert state.display.maps_beside
    assert "being computed" in box._head._caption.text()
    attacked(state)
    assert box._attacked.isVisible()
    clean.click()
    assert not box._attacked.isVisible()


def test_the_order_by_the_attack_shows_both(page, state):
    state.select(attack_started=True)
    order = page._box().options._order
    order.setCurrentIndex(order.findData("moved"))
    order.activated.emit(order.currentIndex())
    assert (state.display.map_order, state.display.maps_beside) == ("moved", True)


def test_both_have_one_scale(page, state):
    box = page._box()
    attacked(state)
    clean, moved = (tiles.grid._source for tiles in box._both)
    assert (clean._low, clean._high) == (moved._low, moved._high)
    assert float(clean._high) == pytest.approx(float(MOVED.max()))


def test_the_same_cell_is_marked_in_the_other_grid(page, state):
    box = page._box()
    attacked(state)
    grid, other = box._clean.grid, box._attacked.grid
    QTest.mouseMove(grid.viewport(), place(grid.tile_rect(39), 3, 0))
    assert other._mark == (39, 3, 0)


def test_nothing_is_drawn_out_of_sight(page, state):
    box = page._box()
    source = box._clean.grid._source
    state.select(stage="heatmaps")
    state.show(map_order="index")
    assert box._clean.grid._source is source
    state.select(stage="layers")
    assert box._clean.grid._source is not source


def test_the_order_by_the_attack_is_offered_once_there_is_one(page, state):
    order = page._box().options._order
    item = order.model().item(order.findData("moved"))
    assert not item.isEnabled()
    state.select(attack_started=True)
    assert item.isEnabled()


@pytest.mark.parametrize(
    ("count", "height", "seen"),
    [(6, 480, True), (40, 480, False), (40, 640, True), (6, 390, False)],
)
def test_few_filters_stand_above_the_maps_in_little_room(page, state, count, height, seen):
    chosen = state.selection
    request = InspectLayer(model=chosen.model, image=chosen.image, layer="stem")
    filters = RNG.random((count, 1, 5, 5), dtype=np.float32)
    value = LayerMaps(layer="stem", maps=MAPS[:count], filters=filters, bias=None)
    box = page._box()
    page.resize(1000, height + page.height() - box.height())
    QTest.qWait(0)
    state.found("layer", Finding().finished(request, value))
    QTest.qWait(0)
    assert box._filters.isVisibleTo(box) is seen
    if count == 6:
        box._filters.resize(400, 100)
        assert box._filters.grid.height() < 50


def test_settings_of_the_menu_are_taken(page, state):
    options = page._box().options
    menu = options.menu()
    words = {action.text(): action for action in menu.actions()}
    assert words["One scale for all"].isChecked()
    words["A scale for each"].trigger()
    words["Smooth (bilinear)"].trigger()
    assert state.display.map_scale == "own"
    assert state.display.map_upsampling == "bilinear"


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([5.034, -0.00004, 0.31], ["5.03", "0.00", "0.31"]),
        ([0.345, -0.0123], ["0.345", "−0.012"]),
        ([1234.5, -8.2], ["1234", "−8"]),
        ([2e-6, 0.0], ["2.0e−06", "0"]),
        ([float("nan"), 1.0], ["–", "1.00"]),
    ],
)
def test_numbers_under_the_tiles_have_as_many_decimals_as_the_largest_needs(numbers, said):
    assert list(Captions(np.array(numbers, np.float32))) == said


def test_a_bar_below_the_maps_is_the_key_to_their_colours_and_numbers(page, state):
    bar = page._box()._bar
    low, high = (fmt.significant(float(end)) for end in (MAPS.min(), MAPS.max()))
    assert bar.isVisible()
    said = f"Colour scale from {low} to {high}, one scale · mean below"
    assert bar.accessibleName() == said
    state.show(map_scale="own")
    said = "Colour scale from own min to own max, each to its own scale · mean below"
    assert bar.accessibleName() == said
    found(state, "layer", MAPS[:, :1, :1])
    assert not bar.isVisible(), "single numbers have no colours"


def test_the_heading_leaves_to_the_key_what_the_key_says(page):
    assert page._box()._head._caption.text() == "40 of 4 × 4"


def test_the_sheet_that_is_saved_says_what_it_is_of(page, state, monkeypatch):
    drawn = {}
    monkeypatch.setattr("cnnviz_gui.core.map_sheet.sheet", lambda *given, **more: drawn.update(
        more, maps=given[0], order=list(given[1]), numbers=given[2]) or MAPS)  # fmt: skip
    state.show(map_order="maximum", map_scale="own")
    given = page.export()
    assert given.stem == "a-stem" and given.array is MAPS
    assert not drawn, "it is drawn where it is written"
    given.drawing.make()
    strongest = int(MAPS.max((1, 2)).argmax())
    assert drawn["maps"] is MAPS and drawn["order"][0] == strongest
    assert drawn["numbers"][strongest] == Captions(MAPS.max((1, 2)))[strongest]
    np.testing.assert_array_equal(drawn["high"], MAPS.max((1, 2)))
    assert drawn["title"] == "a.png · net · layer stem"
    assert drawn["told"] == (
        "order: Maximum", "each to its own scale · largest value below",
    )  # fmt: skip


def test_the_order_that_is_told_is_the_one_that_is_shown(page, state):
    state.show(map_order="moved")
    told = page.export().drawn.make.__wrapped__.keywords["told"]
    assert told[0] == "order: Strength", "nothing was moved yet"


def test_numbers_of_a_layer_without_space_are_saved_on_one_scale(page, state):
    state.show(map_scale="own")
    found(state, "layer", MAPS[:, :1, :1])
    given = page.export().drawn.make.__wrapped__.keywords
    assert (given["low"], given["high"]) == (MAPS[:, 0, 0].min(), MAPS[:, 0, 0].max())
    assert given["told"][1].startswith("one scale")
