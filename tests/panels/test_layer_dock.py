import dataclasses

import pytest
from PySide6.QtCore import Qt

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels.controls import SearchBox, Tree
from cnnviz_gui.panels.layers.layer_dock import LayerDock
from cnnviz_gui.state.app_state import AppState


def layer(name):
    parent = name.rpartition(".")[0]
    return LayerFacts(
        name, "Conv2d", 1 if parent else 0, parent, (8, 4, 4), 10, "", 10, 3, 1, 0.0, (3, 3),
        (1, 1), (1, 1), 1, True, "conv",
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


def test_the_first_row_that_a_search_leaves_can_be_clicked(dock, state, qtbot):
    state.select(layer="blocks")
    dock.findChild(SearchBox).setText("class")
    view, indices = rows(dock)
    assert [index.data() for index in indices] == ["classifier"]
    view.setCurrentIndex(indices[0])
    assert state.selection.layer == "classifier"


def test_another_network_comes_with_its_own_recommended_layer(dock, state):
    state.select(layer="classifier")
    others = facts("conv1", "layer4", "fc", recommended="layer4")
    state.use_network(ModelRef(name="second"), dataclasses.replace(others, name="second"))
    assert state.selection.layer == ""
    view, indices = rows(dock)
    assert view.currentIndex() == indices[1]


def test_the_selected_row_is_in_view_again_after_a_search(qtbot):
    names = ["stem", "blocks", *(f"blocks.{n}" for n in range(60)), "head"]
    state = AppState()
    state.use_network(ModelRef(name="first"), facts(*names, recommended="head"))
    dock = LayerDock(state)
    qtbot.addWidget(dock)
    dock.resize(280, 400)
    dock.show()
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
