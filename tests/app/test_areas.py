"""The parts of the window, reached and given another size with keys alone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QLineEdit, QMainWindow, QSplitter

from cnnviz_gui.app.areas import STEP, Areas


@pytest.fixture
def window(qtbot):
    made = QMainWindow()
    qtbot.addWidget(made)
    split = QSplitter(Qt.Orientation.Vertical)
    made.fields = {}
    for name in ("upper", "under"):
        made.fields[name] = QLineEdit()
        made.fields[name].setMinimumHeight(1)
        made.fields[name].setMaximumHeight(1000)
        split.addWidget(made.fields[name])
    split.setChildrenCollapsible(False)
    made.setCentralWidget(split)
    made.split = split
    made.docks = {}
    for name, side in (
        ("layers", Qt.DockWidgetArea.LeftDockWidgetArea),
        ("parameters", Qt.DockWidgetArea.RightDockWidgetArea),
    ):
        dock = QDockWidget(name)
        dock.setObjectName(name)
        made.fields[name] = QLineEdit()
        dock.setWidget(made.fields[name])
        made.addDockWidget(side, dock)
        made.docks[name] = dock
    made.resize(1000, 600)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.resizeDocks([*made.docks.values()], [200, 200], Qt.Orientation.Horizontal)
    split.setSizes([300, 300])
    return made


def test_a_key_goes_round_the_parts_and_back_to_where_one_was(window):
    areas, fields = Areas(window), window.fields
    fields["under"].setFocus()
    went = []
    for _ in range(3):
        areas.on_next_area()
        went.append(QApplication.focusWidget())
    assert went == [fields["parameters"], fields["layers"], fields["under"]]
    areas.on_previous_area()
    assert QApplication.focusWidget() is fields["layers"]


def test_a_dock_becomes_wider_and_narrower(window):
    areas, dock = Areas(window), window.docks["parameters"]
    window.fields["parameters"].setFocus()
    before = dock.width()
    areas.on_area_wider()
    QApplication.processEvents()
    assert dock.width() == before + STEP
    areas.on_area_narrower()
    QApplication.processEvents()
    assert dock.width() == before


def test_the_page_takes_its_width_from_a_dock(window):
    areas = Areas(window)
    window.fields["upper"].setFocus()
    before = window.split.width()
    areas.on_area_wider()
    QApplication.processEvents()
    assert window.split.width() == before + STEP


def test_a_part_of_the_page_becomes_taller_and_tells_so(window, qtbot):
    areas, split = Areas(window), window.split
    upper, under = split.sizes()
    window.fields["upper"].setFocus()
    with qtbot.waitSignal(split.splitterMoved):
        areas.on_area_taller()
    assert split.sizes() == [upper + STEP, under - STEP]
    areas.on_area_lower()
    assert split.sizes() == [upper, under]
    for _ in range(40):
        areas.on_area_lower()
    assert min(split.sizes()) > 0, "it can be made taller again"


def test_with_nothing_to_go_to_nothing_happens(qtbot):
    empty = QMainWindow()
    qtbot.addWidget(empty)
    Areas(empty).on_next_area()
    Areas(empty).on_area_wider()
    assert QApplication.focusWidget() is None
