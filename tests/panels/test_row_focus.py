"""Which row of a tree or table has the keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QStyledItemDelegate

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Tree


class Bare(QStyledItemDelegate):
    """Draws nothing on the ground of a row."""

    def paint(self, painter, option, index):
        pass


@pytest.fixture
def tree(qtbot):
    made = Tree("Layers")
    model = QStandardItemModel(made)
    for name in ("stem", "head"):
        model.appendRow(QStandardItem(name))
    made.setModel(model)
    made.setRootIsDecorated(False)
    made.setItemDelegate(Bare(made))
    qtbot.addWidget(made)
    made.resize(240, 120)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.setCurrentIndex(model.index(0, 0))
    return made


def row(tree):
    """Return the colours of the current row and its margins, by name and count."""
    image = tree.viewport().grab(tree.visualRect(tree.currentIndex())).toImage()
    return [
        [image.pixelColor(x, y).name().upper() for x in range(image.width())]
        for y in range(image.height())
    ]


def test_the_row_that_has_the_keys_has_the_ring_and_keeps_its_colour(tree) -> None:
    tokens = theme.current()
    tree.clearFocus()
    without = row(tree)
    middle = len(without[0]) // 2
    assert tokens.accent not in [line[middle] for line in without]
    tree.setFocus(Qt.FocusReason.TabFocusReason)
    ringed = row(tree)
    column = [line[middle] for line in ringed]
    assert tokens.accent in (column[0], column[1])
    assert tokens.accent in (column[-1], column[-2])
    assert column[len(column) // 2] == without[len(column) // 2][middle] == tokens.selected
    # nothing sticks out of the row's own bar
    assert [line[:4] for line in ringed] == [line[:4] for line in without]
    assert [line[-4:] for line in ringed] == [line[-4:] for line in without]
