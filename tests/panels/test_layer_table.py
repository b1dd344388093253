"""The view of all layers as a table, under mouse and keyboard."""

import dataclasses

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.layer_table import text
from cnnviz_gui.core.request import ImageRef, ModelRef, OpenModel
from cnnviz_gui.panels.controls import IconButton
from cnnviz_gui.panels.layers.table_box import TableBox
from cnnviz_gui.panels.layers.table_model import ROW
from cnnviz_gui.panels.layers.table_view import LayerList
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.layer_columns import KEYS


def layer(name, parameters, role="conv", leaf=True, field=3):
    return LayerFacts(
        name, "Conv2d", name.count("."), name.rpartition(".")[0], (8, 4, 4), parameters, "",
        10 * parameters, field and (field, field), (1, 1), (0.0, 0.0),
        (3, 3) if role == "conv" else None,
        (1, 1) if role == "conv" else None, (1, 1), 1, leaf, role,
        operation=role == "add",
    )  # fmt: skip


FACTS = ModelFacts(
    "net", "net", "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
    ("cat", "dog"), 60, 600,
    (
        layer("stem", 10),
        layer("block", 20, "residual", leaf=False),
        layer("block.conv", 20),
        layer("block.add", 0, "add"),
        layer("fc", 30, "linear", field=None),
    ),
    "stem", True,
)  # fmt: skip


@pytest.fixture
def state():
    made = AppState()
    made.use_network(ModelRef(name="net"), FACTS)
    made.select(image=ImageRef(path="a.png"), stage="layers", layer="stem")
    made.show(layer_view="table")
    return made


@pytest.fixture
def box(qtbot, state):
    made = TableBox(state)
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    return made


def table(box):
    return box.findChild(LayerList)


def shown(box):
    rows = table(box).model()
    return [rows.index(at, 0).data() for at in range(rows.rowCount())]


def click(qtbot, view, place):
    index = view.model().index(place, 0)
    middle = view.visualRect(index).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, middle.y()))


def test_the_model_keeps_qts_rules(box, state):
    modes = QAbstractItemModelTester.FailureReportingMode
    tester = QAbstractItemModelTester(table(box).model(), modes.Fatal)
    table(box).header().sort_by(KEYS.index("macs"))
    state.use_network(ModelRef(name="b"), dataclasses.replace(FACTS, layers=FACTS.layers[:1]))
    assert shown(box) == ["stem"] and tester.model() is table(box).model()


def test_rows_stand_in_order_of_execution_until_a_column_sorts(box, qtbot):
    assert shown(box) == ["stem", "block.conv", "block.add", "fc"]
    header = table(box).header()
    middle = header.sectionViewportPosition(KEYS.index("parameters")) + 30
    for expected in (
        ["fc", "block.conv", "stem", "block.add"],
        ["stem", "block.conv", "fc", "block.add"],  # what has none comes last in either order
        ["stem", "block.conv", "block.add", "fc"],
    ):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle, 10))
        assert shown(box) == expected


def test_what_sees_the_whole_picture_sees_most(box):
    table(box).header().sort_by(KEYS.index("field"))
    assert shown(box)[0] == "fc"


def test_a_click_chooses_a_layer_and_the_choice_of_others_is_followed(box, state, qtbot):
    view = table(box)
    click(qtbot, view, 1)
    assert state.selection.layer == "block.conv"
    state.select(layer="fc")
    assert view.currentIndex().data(ROW).layer.name == "fc"
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert state.selection.layer == "block.add"


def test_sorting_chooses_nothing(box, state):
    state.select(layer="fc")
    table(box).header().sort_by(KEYS.index("parameters"))
    assert state.selection.layer == "fc"
    assert table(box).currentIndex().data() == "fc"


def test_a_block_has_a_row_only_among_all(box, state, qtbot):
    state.select(layer="block")
    assert not table(box).selectionModel().selectedIndexes()
    every = next(b for b in box._detail.buttons() if b.text() == "All rows")
    qtbot.mouseClick(every, Qt.MouseButton.LeftButton)
    assert shown(box) == ["stem", "block", "block.conv", "block.add", "fc"]
    assert table(box).currentIndex().data() == "block"


def test_the_row_of_a_layer_is_marked_for_its_parts(qtbot, state, box):
    parts = (
        layer("stem", 10, leaf=False), layer("stem.0", 8), layer("stem.1", 2, "norm"),
        layer("fc", 30, "linear"),
    )  # fmt: skip
    state.use_network(ModelRef(name="b"), dataclasses.replace(FACTS, layers=parts))
    state.select(layer="stem.1")
    assert shown(box) == ["stem", "fc"]
    marked = [index.data() for index in table(box).selectionModel().selectedRows()]
    assert marked == ["stem"] and state.selection.layer == "stem.1"
    click(qtbot, table(box), 0)
    assert state.selection.layer == "stem"


def test_names_have_their_room_and_the_bars_the_rest(box):
    view = table(box)
    for width in (900, 1400):
        box.resize(width, 400)
        sizes = [view.header().sectionSize(place) for place in range(len(KEYS))]
        assert sum(sizes) == view.viewport().width()
        assert sizes[KEYS.index("layer")] < 160
    box.resize(440, 400)
    assert view.header().isSectionHidden(KEYS.index("share"))
    assert view.header().length() == view.viewport().width()


def test_shares_can_be_those_of_multiply_adds(box, state, qtbot):
    other = next(b for b in box._measure.buttons() if b.text() == "Multiply-adds")
    qtbot.mouseClick(other, Qt.MouseButton.LeftButton)
    assert state.display.layer_share == "macs"
    assert table(box).header().columns[-1].unit == "of multiply-adds"


def test_nothing_is_filled_out_of_sight(box, state):
    state.show(layer_view="maps")
    state.use_network(ModelRef(name="b"), dataclasses.replace(FACTS, layers=FACTS.layers[:1]))
    assert len(shown(box)) == 4
    state.show(layer_view="table")
    assert shown(box) == ["stem"]


def test_rows_are_copied_as_they_are_shown_with_a_heading(box, state, qapp):
    given = box.export()
    assert given.request == OpenModel(model=state.selection.model)
    given.table.copy()
    heading, *rows = (line.split("\t") for line in qapp.clipboard().text().splitlines())
    assert heading[:2] == ["layer", "type"] and {len(row) for row in rows} == {len(heading)}
    assert [row[0] for row in rows] == shown(box)
    assert rows[0][heading.index("parameters")] == "10"
    table(box).sortByColumn(KEYS.index("parameters"), Qt.SortOrder.DescendingOrder)
    box.export().table.copy()
    copied = [line.split("\t")[0] for line in qapp.clipboard().text().splitlines()[1:]]
    assert copied == shown(box) and copied[0] == "fc"
    assert state.shared.notices[-1].text == "4 rows of the layers of net are in the clipboard."


def test_a_narrow_table_leaves_out_columns_before_it_cuts_names(box):
    view = table(box)
    box.resize(560, 400)
    hidden = [key for place, key in enumerate(KEYS) if view.header().isSectionHidden(place)]
    assert hidden and "layer" not in hidden
    box.resize(1000, 400)
    assert not any(view.header().isSectionHidden(place) for place in range(len(KEYS)))


def test_the_table_can_be_copied_from_its_own_menu(box, qtbot, qapp):
    more = next(b for b in box.findChildren(IconButton) if b.accessibleName().startswith("Copy"))
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(box._menu.isVisible)
    forms = box._menu.actions()[0].menu().actions()
    forms[0].trigger()
    box._menu.close()
    assert qapp.clipboard().text() == text(FACTS, "csv")
