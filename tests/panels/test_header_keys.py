"""Columns of a table sized and moved with keys, as the hand does."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeView

from cnnviz_gui.panels.controls.sorting import SortHeader

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def header(qtbot):
    columns = [SimpleNamespace(key=key, title=key, unit="", number=False) for key in "abcd"]
    made = SortHeader(columns, 0, "Table")
    view = QTreeView()
    view.setHeader(made)
    view.setModel(QStandardItemModel(0, 4, view))
    view.resize(600, 200)
    qtbot.addWidget(view)
    view.show()
    for place in (1, 2, 3):
        made.resizeSection(place, 80)
    yield made
    view.hide()


def test_shift_with_arrows_gives_a_column_another_width(header):
    QTest.keyClick(header, Qt.Key.Key_Right)
    QTest.keyClick(header, Qt.Key.Key_Right, SHIFT)
    assert header.sectionSize(1) > 80
    QTest.keyClick(header, Qt.Key.Key_Left, SHIFT)
    assert header.sectionSize(1) == 80
    for _ in range(30):
        QTest.keyClick(header, Qt.Key.Key_Left, SHIFT)
    assert header.sectionSize(1) == header.minimumSectionSize()
    assert header._at == 1, "the column chosen stays so"


def test_the_column_that_has_what_is_left_keeps_it(header):
    before = header.sectionSize(0)
    QTest.keyClick(header, Qt.Key.Key_Right, SHIFT)
    assert header.sectionSize(0) == before


def test_page_keys_move_a_column_and_the_first_one_stays(header):
    QTest.keyClick(header, Qt.Key.Key_PageDown)
    assert header.shown() == [0, 1, 2, 3]
    QTest.keyClick(header, Qt.Key.Key_Right)
    QTest.keyClick(header, Qt.Key.Key_PageDown)
    assert header.shown() == [0, 2, 1, 3]
    QTest.keyClick(header, Qt.Key.Key_PageUp)
    QTest.keyClick(header, Qt.Key.Key_PageUp)
    assert header.shown() == [0, 1, 2, 3], "nothing goes before the first"


def test_the_keys_are_told(header):
    assert "Page Up" in header.accessibleDescription()
