"""What the hand moved comes back, and garbage does not."""

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QDialog, QPushButton, QSplitter, QWidget

from cnnviz_gui.panels.controls.sorting import SortHeader
from cnnviz_gui.panels.folder.table import FolderTable
from cnnviz_gui.panels.param_form import ParamForm
from cnnviz_gui.panels.places import (
    PLACES,
    bring_in_sight,
    in_sight,
    keep_fold,
    keep_splitter,
    keep_window,
)
from cnnviz_gui.state.folder_rows import Column

KEYS = ("file", "class", "share", "time")
COLUMNS = tuple(
    Column(key, key.title(), "", lambda row: "text", lambda row: 0, "What it is.") for key in KEYS
)


@pytest.fixture(autouse=True)
def nothing_kept():
    PLACES.bring({})
    yield
    PLACES.bring({})


def restarted():
    """Keep only what a file would: the next widgets are those of another start."""
    PLACES.bring(dict(PLACES.stored()))


def splitter(qtbot, width=600):
    made = QSplitter()
    for _ in range(2):
        made.addWidget(QWidget())
    keep_splitter(made, "test", (1, 1))
    qtbot.addWidget(made)
    made.resize(width, 100)
    made.show()
    return made


def drag(one, to):
    one.moveSplitter(to, 1)
    one.splitterMoved.emit(to, 1)


@pytest.mark.parametrize("width", [600, 300])
def test_a_splitter_divides_its_room_as_the_hand_did_on_any_screen(qtbot, width):
    first = splitter(qtbot)
    assert abs(first.sizes()[0] - first.sizes()[1]) < 2
    drag(first, 450)
    restarted()
    again = splitter(qtbot, width)
    assert abs(again.sizes()[0] / sum(again.sizes()) - 0.75) < 0.02
    PLACES.forget()
    assert abs(again.sizes()[0] - again.sizes()[1]) < 2
    assert PLACES.stored() == {}


def test_what_was_folded_open_is_open_again(qtbot):
    def fold():
        made = QPushButton()
        made.setCheckable(True)
        keep_fold(made, "test")
        qtbot.addWidget(made)
        return made

    fold().setChecked(True)
    restarted()
    again = fold()
    assert again.isChecked()
    PLACES.forget()
    assert not again.isChecked()


def test_the_folds_of_a_form_are_kept_by_their_titles(qtbot):
    form = ParamForm(folds={"More": ()})
    qtbot.addWidget(form)
    form._head("More").click()
    assert PLACES.get("open.More", bool) is True


def window(qtbot):
    made = QDialog()
    made.resize(300, 200)
    keep_window(made, "test")
    qtbot.addWidget(made)
    return made


def test_a_window_has_its_last_size_again_and_the_usual_one_after_a_reset(qtbot):
    first = window(qtbot)
    first.show()
    first.resize(400, 250)
    first.reject()
    restarted()
    again = window(qtbot)
    assert again.size() == QSize(400, 250)
    PLACES.forget()
    assert again.size() == QSize(300, 200)


def table(qtbot, columns=COLUMNS, width=700):
    made = FolderTable()
    qtbot.addWidget(made)
    made.resize(width, 200)
    made.show()
    made.set_rows(columns, (), (KEYS[0], False), ())
    return made


def order(one):
    columns = one.table.columns
    return [columns[place].key for place in one.header().shown()]


def test_columns_have_the_width_and_the_place_that_the_hand_gave_them(qtbot):
    first = table(qtbot)
    usual = first.header().sectionSize(2)
    first.header().resizeSection(2, usual + 70)
    first.header().moveSection(3, 1)
    assert order(first) == ["file", "time", "class", "share"]
    restarted()
    again = table(qtbot)
    assert order(again) == ["file", "time", "class", "share"]
    assert again.header().sectionSize(2) == usual + 70
    assert again.header().length() == again.viewport().width()
    PLACES.forget()
    assert order(again) == list(KEYS)
    assert again.header().sectionSize(2) == usual
    assert PLACES.stored() == {}


def test_other_columns_than_those_that_were_moved_stand_where_they_can(qtbot):
    every = table(qtbot)
    every.header().moveSection(3, 1)
    fewer = table(qtbot, (COLUMNS[0], COLUMNS[2], COLUMNS[3]))
    assert order(fewer) == ["file", "time", "share"]
    new = Column("new", "New", "", lambda row: "text", lambda row: 0, "What it is.")
    more = table(qtbot, (*COLUMNS, new))
    assert order(more) == ["file", "time", "class", "share", "new"]


def test_no_column_pushes_the_others_out_of_the_table(qtbot):
    one = table(qtbot)
    one.header().resizeSection(2, 5000)
    assert one.header().length() <= one.viewport().width()
    assert one.header().sectionSize(0) >= 150  # the names
    one.header().sectionHandleDoubleClicked.emit(2)
    assert one.header().sectionSize(2) < 150


def test_the_arrows_go_through_the_columns_as_they_stand(qtbot):
    one = table(qtbot)
    one.header().moveSection(3, 1)
    head: SortHeader = one.header()
    for _ in range(2):
        qtbot.keyClick(head, Qt.Key.Key_Right)
    assert one.table.columns[head._at].key == "class"


GARBAGE = [
    {"split.test": [True, 3]},
    {"split.test": [0, 0]},
    {"split.test": [-5, 1 << 40]},
    {"split.test": "wide", "open.test": 7, "window.test": "é!"},
    {"window.test": "AAAA", "widths.Table of the folder": {"share": -3, "time": "x"}},
    {"order.Table of the folder": ["time", "file", 3], "widths.Table of the folder": [1]},
    {"order.Table of the folder": ["time", "file"]},
    {"widths.Table of the folder": {"share": 1 << 20}},
]


@pytest.mark.parametrize("stored", GARBAGE)
def test_garbage_gives_the_usual_places(qtbot, stored):
    PLACES.bring(stored)
    sizes = splitter(qtbot).sizes()
    assert abs(sizes[0] - sizes[1]) < 2
    assert window(qtbot).size() == QSize(300, 200)
    one = table(qtbot)
    assert order(one) == list(KEYS)
    assert one.header().sectionSize(2) < 150


@pytest.mark.parametrize(
    ("frame", "moved"),
    [
        (QRect(100, 100, 400, 300), QRect(100, 100, 400, 300)),
        (QRect(900, 700, 150, 300), QRect(850, 500, 150, 300)),
        (QRect(-5000, -5000, 400, 300), QRect(0, 0, 400, 300)),
        (QRect(1100, 50, 400, 300), QRect(1100, 50, 400, 300)),
        (QRect(-10, 10, 1500, 3000), QRect(0, 0, 1000, 800)),
    ],
)
def test_a_window_is_brought_to_a_screen_that_there_is(frame, moved):
    assert in_sight(frame, [QRect(0, 0, 1000, 800), QRect(1000, 0, 1000, 800)]) == moved


def test_a_window_on_a_screen_that_is_gone_is_seen(qtbot):
    made = window(qtbot)
    made.show()
    made.move(20_000, 20_000)
    bring_in_sight(made)
    assert made.screen().availableGeometry().contains(made.geometry())
