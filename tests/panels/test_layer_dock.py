import dataclasses
from collections import Counter

import pytest
from PySide6.QtCore import QItemSelectionModel, QRect, Qt
from PySide6.QtGui import QStandardItem
from shiboken6 import Shiboken

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import IconButton, SearchBox, Tree, painting
from cnnviz_gui.panels.layers.facts_card import FactsCard
from cnnviz_gui.panels.layers.kind_filter import KindFilter
from cnnviz_gui.panels.layers.layer_dock import LayerDock
from cnnviz_gui.panels.layers.profile_strip import ProfileStrip
from cnnviz_gui.panels.layers.tree_menu import TreeMenu
from cnnviz_gui.panels.layers.tree_rows import fitted
from cnnviz_gui.panels.layers.tree_view import INDENT
from cnnviz_gui.state.app_state import AppState


def layer(name):
    parent = name.rpartition(".")[0]
    return LayerFacts(
        name, "Conv2d", 1 if parent else 0, parent, (8, 4, 4), 10, "", 10, (3, 3), (1, 1),
        (0.0, 0.0), (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip


def facts(*names, recommended):
    return ModelFacts(
        "net", "net", "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, tuple(map(layer, names)), recommended, True,
    )  # fmt: skip


FIRST = facts("stem", "blocks", "head", "classifier", recommended="head")


@pytest.fixture
def state():
    made = AppState()
    made.use_network(ModelRef(name="first"), FIRST)
    return made


@pytest.fixture
def dock(qtbot, state):
    made = LayerDock(state)
    qtbot.addWidget(made)
    made.resize(280, 600)
    made.show()
    return made


def rows(dock):
    view = dock.findChild(Tree)
    model = view.model()
    return view, [model.index(row, 0) for row in range(model.rowCount())]


def test_searching_chooses_no_layer(dock, state):
    state.select(layer="blocks")
    search = dock.findChild(SearchBox)
    for text in ("h", "he", "head", "nothing", "cl", ""):
        search.setText(text)
        assert state.selection.layer == "blocks"
    view, indices = rows(dock)
    assert view.currentIndex() == indices[1]


def test_rows_of_networks_before_are_freed(dock, state):
    def rows_known():
        return sum(isinstance(one, QStandardItem) for one in Shiboken.getAllValidWrappers())

    state.use_network(ModelRef(name="other"), facts("stem", recommended="stem"))
    before = rows_known()
    for _ in range(5):
        state.use_network(ModelRef(name="net"), FIRST)
        state.use_network(ModelRef(name="other"), facts("stem", recommended="stem"))
    assert rows_known() == before


def test_the_first_row_that_a_search_leaves_can_be_clicked(dock, state, qtbot):
    state.select(layer="blocks")
    dock.findChild(SearchBox).setText("class")
    view, indices = rows(dock)
    assert [index.data() for index in indices] == ["classifier"]
    view.setCurrentIndex(indices[0])
    assert state.selection.layer == "classifier"


def test_while_the_first_network_opens_no_layer_is_asked_for(qtbot):
    state = AppState()
    opening = LayerDock(state)
    qtbot.addWidget(opening)
    opening.show()
    assert not opening.findChild(FactsCard).isVisible()
    state.use_network(ModelRef(name="first"), FIRST)
    assert opening.findChild(FactsCard).isVisible()


def test_another_network_comes_with_its_own_recommended_layer(dock, state):
    state.select(layer="classifier")
    others = facts("conv1", "layer4", "fc", recommended="layer4")
    state.use_network(ModelRef(name="second"), dataclasses.replace(others, name="second"))
    assert state.selection.layer == ""
    view, indices = rows(dock)
    assert view.currentIndex() == indices[1]


@pytest.fixture
def long(qtbot):
    names = ["stem", "blocks", *(f"blocks.{n}" for n in range(60)), "head"]
    state = AppState()
    state.use_network(ModelRef(name="first"), facts(*names, recommended="head"))
    dock = LayerDock(state)
    qtbot.addWidget(dock)
    dock.resize(280, 400)
    dock.show()
    return dock


def test_the_selected_row_stays_in_view_when_the_tree_gets_lower(long, qapp):
    long._state.select(layer="blocks.20")
    tree = long.findChild(Tree)
    for height in (360, 420, 350):
        long.resize(280, height)
        qapp.processEvents()
        row = tree.visualRect(tree.currentIndex())
        assert tree.viewport().rect().contains(row.adjusted(0, 0, 0, -1))  # Qt's own rounding
    tree.verticalScrollBar().setValue(0)  # the hand left it
    long.resize(280, 340)
    qapp.processEvents()
    assert tree.verticalScrollBar().value() == 0


def test_the_selected_row_is_in_view_again_after_a_search(long):
    dock, state = long, long._state
    state.select(layer="blocks.40")
    search = dock.findChild(SearchBox)
    for text in ("head", "blocks.4", "head"):
        search.setText(text)
        assert state.selection.layer == "blocks.40"
    search.clear()
    view, (_, blocks, _) = rows(dock)
    row = view.model().index(40, 0, blocks)
    assert view.currentIndex() == row
    assert view.selectionModel().isSelected(row)
    assert view.isExpanded(blocks)
    assert view.viewport().rect().contains(view.visualRect(row).center())


def test_the_keyboard_moves_the_choice(dock, state, qtbot):
    state.select(layer="blocks")
    view, _ = rows(dock)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert state.selection.layer == "head"


def deep(name, role="conv", inputs=(), leaf=True):
    made = layer(name)
    skip = "add" if role == "residual" else ""
    return dataclasses.replace(
        made, role=role, inputs=tuple(inputs), leaf=leaf, skip=skip, operation=role == "add"
    )


RESIDUAL = dataclasses.replace(
    FIRST,
    layers=(
        deep("stem"),
        deep("block", "residual", ["stem"], leaf=False),
        deep("block.conv", inputs=["stem"]),
        deep("block.norm", "norm", ["block.conv"]),
        deep("block.add", "add", ["block.norm", "stem"]),
        deep("fc", "linear", ["block.add"]),
    ),
    recommended_layer="block",
)


@pytest.fixture
def residual(qtbot):
    state = AppState()
    state.use_network(ModelRef(name="first"), RESIDUAL)
    made = LayerDock(state)
    qtbot.addWidget(made)
    made.resize(280, 600)
    made.show()
    return made


HOVER = 24
"""A row under the cursor, wherever that happens to be, is drawn in a tone at most this far off."""


def gutter(dock, name):
    """Return how many pixels of the row's left column are drawn upon."""
    view = dock.findChild(Tree)
    view.clearSelection()
    rect = view.visualRect(dock._index(name))
    shot = view.viewport().grab(QRect(0, rect.top(), INDENT, rect.height())).toImage()
    tones = [shot.pixelColor(x, y).lightness() for x in range(INDENT) for y in range(rect.height())]
    ((ground, _),) = Counter(tones).most_common(1)
    return sum(abs(tone - ground) > HOVER for tone in tones)


def test_a_line_leads_from_a_block_past_its_rows_to_the_addition(residual):
    residual.findChild(Tree).expandAll()
    drawn = {name: gutter(residual, f"block.{name}") for name in ("conv", "norm", "add")}
    assert drawn["conv"] >= theme.ROW and drawn["norm"] >= theme.ROW
    assert 0 < drawn["add"] < 3 * theme.ROW
    assert gutter(residual, "fc") == 0


def test_no_line_is_drawn_where_rows_are_missing(residual):
    residual.findChild(SearchBox).setText("block norm")
    assert gutter(residual, "block.norm") == 0


def test_kinds_leave_their_layers_and_what_encloses_them(residual, qtbot):
    kinds = residual.findChild(KindFilter)
    assert not kinds.isVisible()
    kinds.choose(["join"])
    view, indices = rows(residual)
    assert [index.data() for index in indices] == ["block"]
    assert view.model().index(0, 0, indices[0]).data() == "add"
    assert kinds.isVisible()
    clear = next(b for b in kinds.findChildren(IconButton) if b.isVisible())
    qtbot.mouseClick(clear, Qt.MouseButton.LeftButton)
    assert len(rows(residual)[1]) == 3 and not kinds.isVisible()


def test_another_network_begins_with_all_kinds(residual):
    residual.findChild(KindFilter).choose(["linear"])
    residual._state.use_network(ModelRef(name="second"), FIRST)
    assert len(rows(residual)[1]) == 4


def test_a_click_on_the_strip_chooses_the_layer_of_its_column(residual, qtbot):
    strip = residual.findChild(ProfileStrip)
    names = [step.layer and step.layer.name for step in strip.steps]
    assert names == [None, "stem", "block.conv", "block.norm", "block.add", "fc"]
    for place, expected in ((5, "fc"), (0, "fc"), (1, "stem")):  # the picture is no layer
        position = strip.column(place).center().toPoint()
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=position)
        assert residual._state.selection.layer == expected
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert residual._state.selection.layer == "block.conv"


def test_the_name_of_a_layer_can_be_copied(residual, qapp, qtbot):
    view = residual.findChild(Tree)
    rect = view.visualRect(residual._index("fc"))
    view.customContextMenuRequested.emit(rect.center())
    menu = residual.findChild(TreeMenu)
    qtbot.waitUntil(menu.isVisible)
    action = next(one for one in menu.actions() if one.text() == "Copy the name")
    assert action.isVisible()
    action.trigger()
    menu.close()
    assert qapp.clipboard().text() == "fc"


def test_bars_can_measure_multiply_adds(residual):
    state, view = residual._state, residual.findChild(Tree)
    layers = list(RESIDUAL.layers)
    layers[0] = dataclasses.replace(layers[0], parameters=1, macs=1000)
    state.use_network(ModelRef(name="b"), dataclasses.replace(RESIDUAL, layers=tuple(layers)))
    rect = view.visualRect(residual._index("stem"))
    before = view.viewport().grab(rect).toImage()
    state.show(layer_share="macs")
    assert view.viewport().grab(rect).toImage() != before


@pytest.mark.parametrize(
    ("width", "expected"),
    [(500, "features.denseblock1"), (100, "…denseblock1")],
)
def test_a_name_loses_its_first_parts_first(dressed, width, expected):
    assert fitted("features.denseblock1", "body", width) == expected


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [
        ("downsample.0", "d", "0"),
        ("layers.encoder_layer_11", "e", "11"),
        ("self_attention", "s", "…"),
    ],
)
def test_what_tells_a_layer_from_its_neighbours_stays(dressed, name, begins, ends):
    shown = fitted(name, "body", 60)
    assert shown.startswith(begins) and shown.endswith(ends) and shown.count("…") == 1


def drawn(dock, name, width):
    """Return what a row looks like in a tree of so much room."""
    dock.resize(width, 600)
    view = dock.findChild(Tree)
    rect = view.visualRect(dock._index(name))
    return view.viewport().grab(QRect(0, rect.top(), width, rect.height())).toImage()


def test_the_bar_leaves_its_room_to_a_name_and_is_still_seen(qtbot):
    state = AppState()
    names = ("stem", "pool", "features.11")
    network = facts(*names, recommended="stem")
    layers = [
        dataclasses.replace(one, output_shape=(256, 112, 112), parameters=1000 * at, parent="")
        for at, one in enumerate(network.layers)
    ]
    state.use_network(ModelRef(name="n"), dataclasses.replace(network, layers=tuple(layers)))
    dock = LayerDock(state)
    qtbot.addWidget(dock)
    dock.show()
    wide, narrow = (drawn(dock, "features.11", width) for width in (400, 270))
    left = 3 * INDENT  # behind the glyph
    name = QRect(left, 0, painting.width_of("features.11", "body"), theme.ROW)
    assert wide.copy(name) == narrow.copy(name)
    below = QRect(270 - 70, theme.ROW - 5, 70, 5)
    neighbour = drawn(dock, "pool", 270)
    assert neighbour.copy(below) != narrow.copy(below)
    shape = QRect(270 - 90, 0, 90, theme.ROW - 5)
    assert neighbour.copy(shape) == narrow.copy(shape)


def test_the_arrow_leads_from_the_search_to_the_tree(residual, qtbot):
    search = residual.findChild(SearchBox)
    with qtbot.waitActive(residual):
        residual.activateWindow()
    search.setFocus()
    qtbot.keyClick(search, Qt.Key.Key_Down)
    assert residual.findChild(Tree).hasFocus()


def test_down_and_return_choose_the_only_hit_of_a_search(residual, qtbot):
    state, search, view = residual._state, residual.findChild(SearchBox), residual.findChild(Tree)
    state.select(layer="stem")
    with qtbot.waitActive(residual):
        residual.activateWindow()
    search.setFocus()
    qtbot.keyClicks(search, "block.norm")
    qtbot.keyClick(search, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert state.selection.layer == "block.norm"
    assert view.selectionModel().isSelected(residual._index("block.norm"))


def test_return_chooses_the_row_that_the_keys_are_at(residual, qtbot):
    state, view = residual._state, residual.findChild(Tree)
    state.select(layer="stem")
    flags = QItemSelectionModel.SelectionFlag
    view.selectionModel().setCurrentIndex(residual._index("fc"), flags.NoUpdate)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert state.selection.layer == "fc"
