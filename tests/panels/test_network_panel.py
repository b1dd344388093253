import dataclasses

import pytest
from PySide6.QtCore import Qt

from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels.controls import Tree
from cnnviz_gui.panels.network_panel import NetworkPanel


def entry(name):
    return CatalogueEntry(name, name.title(), "Nets", 10, "here", 224, None, None, None)


@pytest.fixture
def panel(qtbot, state):
    state.share(catalogue=(entry("net"), entry("other"), entry("third")))
    made = NetworkPanel(state)
    made.opened = []
    made.chosen.connect(made.opened.append)
    qtbot.addWidget(made)
    made.resize(320, 500)
    with qtbot.waitExposed(made):
        made.show()
    return made


def said(panel):
    model = panel.findChild(Tree).model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [model.index(row, 0).data(role) for row in range(model.rowCount())]


def test_a_double_click_opens_once(panel, qtbot):
    view = panel.findChild(Tree)
    at = view.visualRect(view.model().index(1, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert panel.opened == []
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert panel.opened == [ModelRef(name="other")]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_return_opens_once(panel, qtbot, key):
    view = panel.findChild(Tree)
    view.setCurrentIndex(view.model().index(2, 0))
    qtbot.keyClick(view, key)
    assert panel.opened == [ModelRef(name="third")]


def test_the_network_in_use_is_marked(panel, state, network):
    assert said(panel) == ["Net, in use", "Other", "Third"]
    before = panel.grab().toImage()
    state.use_network(ModelRef(name="other"), dataclasses.replace(network, name="other"))
    assert said(panel) == ["Net", "Other, in use", "Third"]
    assert panel.grab().toImage() != before
