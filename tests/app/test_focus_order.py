"""Tab goes through the window as it is seen."""

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
    QWidgetItem,
)
from shiboken6 import Shiboken

from cnnviz_gui.app import focus_order
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels.controls import Segmented
from cnnviz_gui.state.app_state import AppState


class Field(QLineEdit):
    def __init__(self, name):
        super().__init__()
        self.setAccessibleName(name)


def panel(*parts):
    made = QWidget()
    column = QVBoxLayout(made)
    for part in parts:
        column.addWidget(part)
    return made


@pytest.fixture
def state():
    made = AppState()
    made.select(image=ImageRef(path="cat.png"), stage="layers")
    made.share(device="CPU")
    return made


@pytest.fixture
def window(qtbot, state):
    made = MainWindow()
    made.furnish(state)
    qtbot.addWidget(made)
    right = Qt.DockWidgetArea.RightDockWidgetArea
    made.add_dock("parameters", "Parameters", panel(Field("parameters")), right, 280)
    view = Segmented([("maps", "Maps"), ("table", "Table")], "View")
    view.set_value("table")
    grid, options = Field("grid"), Field("options")
    page = panel(grid)
    page.layout().insertWidget(0, options)  # made last, stands first
    page.layout().insertWidget(0, view)
    made.stage.add_page("layers", page)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def walk(qtbot, key):
    """Press a key until the focus is back where it was; return all that had it."""
    had = []
    while (now := QApplication.focusWidget()) not in had:
        had.append(now)
        qtbot.keyClick(now, key)
    return had


def part(window, widget):
    """Return in which part of the window something is."""
    parts = {"top": window.top_bar, "stage": window.stage, "status": window.status}
    parts |= window.docks
    return next(name for name, one in parts.items() if one.isAncestorOf(widget))


def test_tab_goes_from_the_left_through_the_page_to_the_right(window, qtbot):
    window.layers.focus_search()
    had = walk(qtbot, Qt.Key.Key_Tab)
    parts = [name for name, _ in itertools.groupby(part(window, one) for one in had)]
    assert parts == ["layers", "stage", "prediction", "parameters", "status", "top", "layers"]
    names = [one.accessibleName() for one in had]
    assert all(names)
    at = names.index("View: Table")
    assert names[at : at + 3] == ["View: Table", "options", "grid"]
    assert "View: Maps" not in names


def test_the_order_of_a_layout_is_had_without_its_items(qtbot):
    """A stand-in of an item that Qt freed is taken for what comes to its address next."""
    made = panel(Field("first"), Field("second"))
    qtbot.addWidget(made)
    made.show()
    assert [one.accessibleName() for one in focus_order.controls(made)] == ["first", "second"]
    known = [one for one in Shiboken.getAllValidWrappers() if isinstance(one, QWidgetItem)]
    assert [one for one in known if one.widget() in made.findChildren(Field)] == []


def test_nested_layouts_are_gone_through_in_order(qtbot):
    outer, inner, last = Field("outer"), Field("inner"), Field("last")
    made = panel(outer, last)
    row = QHBoxLayout()
    made.layout().insertLayout(1, row)
    row.addStretch(1)
    row.addWidget(inner)
    qtbot.addWidget(made)
    assert focus_order._laid_out(made.layout()) == [outer, inner, last]


def test_shift_tab_goes_the_same_way_back(window, qtbot):
    window.layers.focus_search()
    there = walk(qtbot, Qt.Key.Key_Tab)
    window.layers.focus_search()
    assert walk(qtbot, Qt.Key.Key_Backtab) == [there[0], *reversed(there[1:])]


def test_from_the_page_as_a_whole_tab_comes_to_its_tabs(window, qtbot):
    window.stage.setFocus()
    qtbot.keyClick(window.stage, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is window.stage.tabs
