"""The grid of heat maps: heads that choose, tiles that share zoom and cursor, menus, the figure."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip

from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Score
from cnnviz_gui.core.grid_results import GridCell, GridColumn, HeatmapGridResult
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.panels.colour_bar import ColourBar
from cnnviz_gui.panels.controls import FailureCard, Segmented
from cnnviz_gui.panels.heatmaps.check_menu import CheckMenu
from cnnviz_gui.panels.heatmaps.grid_box import GridBox
from cnnviz_gui.panels.heatmaps.grid_tools import GridTools
from cnnviz_gui.panels.heatmaps.heat_grid import HeatGrid
from cnnviz_gui.panels.heatmaps.page import HeatmapPage
from cnnviz_gui.state import grid_plan
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding, Problem
from cnnviz_gui.state.grid_view import shown_grid
from cnnviz_gui.state.selection import LockedRange

MODEL, IMAGE = ModelRef(name="net"), ImageRef(path="photos/cat.png")
LABELS = ("tabby", "tiger cat", "lynx", "cup & saucer", "dog")
SIDE = 40


def layer(name, side):
    return LayerFacts(
        name, "Conv2d", 0, "", (8, side, side), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip


FACTS = ModelFacts(
    "net", "Net", "Nets", True, "here", SIDE, SIDE, "bilinear", (0.5,) * 3, (0.2,) * 3, LABELS,
    10, 10, (layer("stem", 20), layer("head", 5)), "head", True,
)  # fmt: skip


def method(name, title, *, layered=True, gathers=False, needs=""):
    return Method(
        "heatmap", name, title, f"What {title} does.", "", "", Params, lambda facts: needs,
        layered, lambda: None, gathers,
    )  # fmt: skip


METHODS = (
    method("grad-cam", "Grad-CAM"),
    method("never", "Never", needs="It has no such layer."),
    method("rise", "RISE", layered=False, gathers=True),
    method("saliency", "Saliency", layered=False),
)


def score(index):
    return Score(index, LABELS[index], 0.5 / (index + 1), 1.0)


@pytest.fixture
def state():
    made = AppState()
    made.share(facts=FACTS, methods=METHODS)
    made.select(model=MODEL, image=IMAGE)
    made.choose_method("heatmap", "grad-cam")
    made.show(heatmap_view="grid")
    seen = np.full((SIDE, SIDE, 3), 90, np.uint8)
    prediction = Prediction(scores=tuple(map(score, range(4))), seen=seen)
    made.found("predict", Finding().finished(Predict(model=MODEL, image=IMAGE), prediction))
    return made


@pytest.fixture
def box(qtbot, state):
    made = GridBox(state)
    qtbot.addWidget(made)
    made.resize(680, 460)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def grid(box):
    return box.findChild(HeatGrid)


def answer(state, *, missing=(), refused=(), running=(), signed=()):
    """Give what the core gives; the value of a map is its row, and 1 in its upper left quarter."""
    asked = grid_plan.grid_requests(state)["heatmap-grid"]
    columns = tuple(
        GridColumn(score(target), name) for target in asked.targets for name in asked.layers
    )
    cells = []
    for row, use in enumerate(asked.methods):
        for place, column in enumerate(columns):
            values = np.full((SIDE, SIDE), 0.25 * (row + 1), np.float32)
            values[: SIDE // 2, : SIDE // 2] = row + place + 1
            result = HeatmapResult(
                method=use.method, layer=column.layer, target=column.target, map=values,
                coarse=values[:2, :2], signed=row in signed,
                samples=30 if (row, place) in running else 0,
                expected=100 if (row, place) in running else 0,
            )  # fmt: skip
            if (row, place) in refused:
                cells.append(GridCell(row, place, None, "It has no such layer."))
            elif (row, place) not in missing:
                cells.append(GridCell(row, place, result))
    titles = tuple(use.method for use in asked.methods)
    value = HeatmapGridResult(rows=titles, columns=columns, cells=tuple(cells))
    finding = Finding().waiting(asked).partial(asked, value)
    whole = not (missing or running)
    state.found("heatmap-grid", finding.finished(asked, value) if whole else finding)


def settle(grid):
    """Wait until all maps are painted."""
    while grid._rest.isActive():
        QApplication.processEvents()


def colour(grid, row, column, share=(0.25, 0.25)):
    """Return what is painted at a place of a tile."""
    settle(grid)
    rect = grid.tile_rect(row, column)
    at = QPoint(
        rect.left() + int(share[0] * rect.width()), rect.top() + int(share[1] * rect.height())
    )
    shot = grid.viewport().grab().toImage()
    return shot.pixelColor(at * shot.devicePixelRatio())


def wheel(grid, at, notches=4):
    settle(grid)
    place = QPointF(at)
    event = QWheelEvent(
        place, grid.viewport().mapToGlobal(place), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(grid.viewport(), event)


def test_a_click_on_a_head_uses_that_method_or_class(qtbot, state, grid):
    answer(state)
    rows, left = ("row", 1, -1), Qt.MouseButton.LeftButton
    qtbot.mouseClick(grid.viewport(), left, pos=grid.head_rect(rows).center())
    assert state.selection.heatmap_method == "saliency"
    qtbot.mouseClick(grid.viewport(), left, pos=grid.head_rect(("column", -1, 2)).center())
    assert state.selection.target == 2
    qtbot.mouseClick(grid.viewport(), left, pos=grid.head_rect(("column", -1, 0)).center())
    assert state.selection.target is None, "the winner is the target without a word"


def test_a_double_click_opens_the_map_with_its_method_and_class(qtbot, state, grid):
    answer(state)
    at = grid.tile_rect(1, 1).center()
    qtbot.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    chosen = state.selection
    assert (chosen.heatmap_method, chosen.target) == ("saliency", 1)
    assert state.display.heatmap_view == "map"


def test_the_keys_move_the_mark_and_open_its_map(qtbot, state, grid):
    answer(state)
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.accessibleDescription() == (
        "Saliency, tiger cat, 25.0 %, row 2 of 2, column 2 of 3"
    )
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert (state.selection.heatmap_method, state.selection.target) == ("saliency", 1)


def test_the_value_under_the_cursor_is_told_in_all_tiles(qtbot, state, grid):
    answer(state, refused={(1, 2)})
    settle(grid)
    tile = grid.tile_rect(0, 0)
    qtbot.mouseMove(grid.viewport(), tile.topLeft() + QPoint(tile.width() // 4, tile.height() // 4))
    assert grid.readings() == {
        (0, 0): "1.00", (0, 1): "2.00", (0, 2): "3.00", (1, 0): "2.00", (1, 1): "3.00",
    }  # fmt: skip
    qtbot.mouseMove(grid.viewport(), tile.bottomRight() - QPoint(5, 5))
    assert set(grid.readings().values()) == {"0.250", "0.500"}
    QApplication.sendEvent(grid.viewport(), QEvent(QEvent.Type.Leave))
    assert grid.readings() == {}


def test_the_wheel_zooms_all_tiles_about_the_cursor(qtbot, state, grid):
    answer(state)
    before = colour(grid, 1, 1, (0.75, 0.75))
    tile = grid.tile_rect(0, 0)
    wheel(grid, tile.topLeft() + QPoint(tile.width() // 4, tile.height() // 4))
    assert grid.zoom().factor == pytest.approx(1.25**4)
    assert colour(grid, 1, 1, (0.75, 0.75)) != before, "the strong quarter reaches further"
    qtbot.keyClick(grid, Qt.Key.Key_0)
    assert grid.zoom().at_fit
    assert colour(grid, 1, 1, (0.75, 0.75)) == before


def test_what_is_zoomed_can_be_fitted_by_a_button_that_is_there_then(qtbot, state, grid):
    answer(state)
    settle(grid)
    assert not grid.whole.isVisible()
    wheel(grid, grid.tile_rect(0, 0).center())
    assert grid.whole.isVisible()
    assert not grid.whole.geometry().intersects(grid.tile_rect(0, 0))
    qtbot.mouseClick(grid.whole, Qt.MouseButton.LeftButton)
    assert grid.zoom().at_fit and not grid.whole.isVisible()


@pytest.mark.parametrize(
    "other", [{"image": ImageRef(path="photos/dog.png")}, {"model": ModelRef(name="deep")}]
)
def test_another_picture_or_network_is_seen_whole(state, grid, other):
    answer(state)
    settle(grid)
    wheel(grid, grid.tile_rect(0, 0).center())
    state.show(opacity=0.4)
    assert not grid.zoom().at_fit, "the same maps in other colours are seen as before"
    state.select(**other)
    asked = Predict(**{"model": MODEL, "image": IMAGE} | other)
    seen = np.full((SIDE, SIDE, 3), 20, np.uint8)
    answered = Prediction(scores=tuple(map(score, range(4))), seen=seen)
    state.found("predict", Finding().finished(asked, answered))
    assert grid.zoom().at_fit


def test_dragging_a_zoomed_tile_moves_all(qtbot, state, grid):
    answer(state)
    wheel(grid, grid.tile_rect(0, 0).center())
    before, at = grid.zoom(), grid.tile_rect(1, 1).center()
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(grid.viewport(), left, pos=at)
    qtbot.mouseMove(grid.viewport(), at + QPoint(30, 0))
    qtbot.mouseRelease(grid.viewport(), left, pos=at + QPoint(30, 0))
    assert grid.zoom().x < before.x
    assert grid.zoom().factor == before.factor


def test_a_common_scale_dims_the_weaker_maps_of_a_row(state, grid):
    answer(state)
    own = colour(grid, 0, 0), colour(grid, 0, 2)
    assert own[0] == own[1], "each reaches the last colour"
    state.show(grid_scale="row")
    assert colour(grid, 0, 0) != own[0]
    assert colour(grid, 0, 2) == own[1]


def test_a_locked_range_holds_for_the_maps_of_its_method_in_window_and_figure(state, box, grid):
    answer(state)
    own, other, figure = colour(grid, 0, 0), colour(grid, 1, 0), box.export().picture
    locked = LockedRange(method="grad-cam", signed=False, low=0.0, high=9.0)
    state.show(locked_range=locked)
    assert colour(grid, 0, 0) != own
    assert colour(grid, 1, 0) == other
    assert (box.export().picture != figure).any()
    state.show(locked_range=None)
    assert colour(grid, 0, 0) == own


def test_a_refused_cell_and_a_running_one_say_so(state, box, grid):
    state.select(grid_methods=("grad-cam", "rise"))
    answer(state, refused={(0, 1)}, running={(1, 0)}, missing={(1, 1), (1, 2)})

    def told(row, column):
        at = grid.tile_rect(row, column).center()
        event = QHelpEvent(QEvent.Type.ToolTip, at, grid.viewport().mapToGlobal(at))
        QApplication.sendEvent(grid.viewport(), event)
        return QToolTip.text()

    assert "It has no such layer." in told(0, 1)
    assert "30 of 100" in told(1, 0)
    assert box._tools._progress.text() == "3 of 6"


def lines(menu):
    return {a.text(): a for a in menu.menu_.actions() if a.text()}


def test_methods_are_chosen_from_a_list_that_says_what_cannot_be(state, box):
    listed = lines(box._tools._methods)
    assert box._tools._methods.text() == "Methods 2"
    assert listed["The quick ones"].isChecked()
    assert not listed["Never"].isEnabled()
    assert "It has no such layer." in listed["Never"].toolTip()
    listed["RISE · takes long"].trigger()
    assert set(state.selection.grid_methods) == {"grad-cam", "saliency", "rise"}
    for name in ("Saliency", "RISE · takes long", "Grad-CAM"):
        listed[name].trigger()
    assert state.selection.grid_methods == ("grad-cam",), "one row always stays"
    assert listed["Grad-CAM"].isChecked()
    listed["The quick ones"].trigger()
    assert state.selection.grid_methods == ()


def test_a_line_is_chosen_without_closing_the_list(qtbot, state, box):
    menu = box._tools._methods
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(menu.menu_.isVisible)
    action = lines(menu)["Saliency"]
    at = menu.menu_.actionGeometry(action).center()
    qtbot.mouseMove(menu.menu_, at)
    qtbot.mouseClick(menu.menu_, Qt.MouseButton.LeftButton, pos=at)
    assert state.selection.grid_methods == ("grad-cam",)
    assert menu.menu_.isVisible()
    menu.menu_.hide()


def test_classes_are_chosen_from_the_best_and_from_all(state, box):
    listed = lines(box._tools._classes)
    assert [text for text, action in listed.items() if action.isChecked()] == [
        "The most probable", "tabby   50.0 %", "tiger cat   25.0 %", "lynx   16.7 %",
    ]  # fmt: skip
    listed["cup && saucer   12.5 %"].trigger()
    assert state.selection.grid_classes == (0, 1, 2, 3)
    box._tools._on_class_picked(4)
    assert state.selection.grid_classes == (0, 1, 2, 3, 4)
    state.select(target=4)
    assert not lines(box._tools._classes)["dog"].isEnabled()


def test_layers_are_columns_too(qtbot, state, box, grid):
    state.select(grid_across="layers")
    answer(state)
    assert box._tools._methods.text() == "Methods 1"
    heads = [(head.title, head.caption) for head in box._shown.columns]
    assert heads == [("stem", "20²"), ("head", "5²")]
    at = grid.head_rect(("column", -1, 0)).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert state.selection.layer == "stem"


def test_more_tiles_than_there_is_room_for_scroll_beneath_the_heads(state, box, grid):
    many = tuple(method(f"m{place}", f"Method {place}") for place in range(12))
    state.share(methods=many)
    state.select(grid_classes=(0, 1, 2, 3, 4))
    answer(state)
    bar = grid.verticalScrollBar()
    assert bar.maximum() > 0
    head = grid.head_rect(("column", -1, 1))
    bar.setValue(bar.maximum())
    assert grid.head_rect(("column", -1, 1)) == head
    assert grid.tile_rect(11, 0).bottom() < grid.viewport().height()
    assert grid.tile_rect(0, 0).width() >= 92


def test_where_no_method_can_be_a_sentence_says_so(state, box, grid):
    state.share(methods=(METHODS[1],))
    assert not grid.isVisible()
    assert box._empty.isVisible()


def test_a_failure_can_be_tried_again(qtbot, state, box):
    answer(state, missing={(1, 2)})
    problem = Problem("There is not enough memory.", "Close other programs.")
    state.found("heatmap-grid", state.finding("heatmap-grid").failed(problem))
    card = box.findChild(FailureCard)
    assert card.isVisible()
    with qtbot.waitSignal(box.again) as again:
        card.remedied.emit()
    assert again.args == ["heatmap-grid"]


def test_the_figure_has_heads_and_the_array_all_maps(state, box):
    assert box.export() is None
    answer(state, refused={(1, 2)})
    export = box.export()
    assert export.stem == "cat-heat-maps"
    assert export.array.shape == (2, 3, SIDE, SIDE)
    assert np.isnan(export.array[1, 2]).all()
    assert export.array[1, 1, 0, 0] == 3.0
    assert export.picture.shape[0] > 2 * 160
    assert export.request == grid_plan.grid_requests(state)["heatmap-grid"]
    before = export.picture
    state.select(target=4)
    answer(state)
    assert box.export().picture.shape[1] > before.shape[1]


def test_what_is_old_is_not_exported(state, box):
    answer(state)
    state.select(heatmap_parameters=dataclasses.replace(Params()))
    state.found("heatmap-grid", Finding())
    assert box.export() is None


def test_maps_over_another_photograph_are_gone_at_once(state, grid):
    answer(state)
    settle(grid)
    assert grid._pictures.first() is not None
    other = ImageRef(path="photos/dog.png")
    state.select(image=other)
    seen = np.full((SIDE, SIDE, 3), 20, np.uint8)
    prediction = Prediction(scores=tuple(map(score, range(4))), seen=seen)
    state.found("predict", Finding().finished(Predict(model=MODEL, image=other), prediction))
    assert grid._pictures.first() is None


def test_the_page_tells_of_the_class_that_others_are_set_against(qtbot, state):
    page = HeatmapPage(state)
    qtbot.addWidget(page)
    state.select(against=2)
    assert page._target.text() == "tabby rather than lynx"
    state.select(target=2)
    assert page._target.text() == "lynx"
    problem = Problem("The map cannot be made.")
    state.found("heatmap", Finding().failed(problem))
    assert page._failure.isHidden(), "it is that of another view"


def test_the_choices_fit_beside_the_docks_of_a_small_window_whatever_they_are(qtbot, state, box):
    state.select(second=ModelRef(name="deep"))
    state.share(second_facts=FACTS)
    answer(state, missing=((0, 0),))
    tools = box.findChild(GridTools)
    widest = []
    for way in ("classes", "layers", "networks", "layers", "classes"):
        state.select(grid_across=way)
        widest.append(tools.minimumSizeHint().width())
    assert max(widest) <= 480

    found = {one.accessibleName(): one for one in tools.findChildren(Segmented)}
    for width, rows in ((900, 1), (500, 2), (900, 1)):
        box.resize(width, 460)
        QApplication.processEvents()
        tops = [found[name].mapTo(tools, QPoint(0, 0)).y() for name in ("Columns", "Colour scale")]
        assert (tops[1] > tops[0]) == (rows == 2), (width, tops)
        assert tools.width() == width, "nothing is wider than its place"


def test_a_list_goes_before_another_comes(state, box):
    shown = []
    tools = box.findChild(GridTools)
    lists = tools.findChildren(CheckMenu)
    for one in lists:
        one.installEventFilter(Counts(lists, shown, one))
    for way in ("layers", "classes", "layers"):
        state.select(grid_across=way)
    assert shown and max(shown) <= 2, "the methods and one more"


class Counts(QObject):
    """Notes how many widgets are shown whenever one of them comes."""

    def __init__(self, widgets, counts, parent):
        super().__init__(parent)
        self.widgets, self.counts = widgets, counts

    def eventFilter(self, widget, event):
        if event.type() == QEvent.Type.Show:
            self.counts.append(sum(not one.isHidden() for one in self.widgets))
        return False


def keys(box):
    """Return what the bars say that are seen below the grid."""
    bars = (bar for bar in box.findChildren(ColourBar) if bar.isVisible())
    return [bar.accessibleName().removeprefix("Colour scale from ") for bar in bars]


def test_one_key_says_what_the_colours_mean_and_whose_scale_they_are_on(box, state):
    assert keys(box) == []
    answer(state)
    own = "each map to its own scale"
    assert keys(box) == [f"unimportant to important, {own}"]
    answer(state, signed=(1,))
    signed = "against class to for class"
    assert keys(box) == [f"unimportant to important, {own}", f"{signed}, {own}"]
    locked = LockedRange(method="grad-cam", signed=False, low=0.0, high=4.0)
    state.show(grid_scale="row", locked_range=locked)
    assert keys(box) == [
        "unimportant to important, one scale, 0 to 4.00",
        f"{signed}, one scale per row",
    ]
    answer(state)
    assert keys(box) == ["unimportant to important, one scale per row, one row locked"]


def test_a_row_that_ignores_the_class_says_so(state):
    free = dataclasses.replace(METHODS[0], class_free=True)
    state.share(methods=(free, *METHODS[1:]))
    assert [row.caption for row in shown_grid(state).rows] == ["ignores the class", ""]
