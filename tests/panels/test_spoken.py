"""What a screen reader is told of drawn controls."""

import gc
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QPushButton

import cnnviz_gui.panels
from cnnviz_gui.panels import spoken
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.picture_grid import PictureGrid
from cnnviz_gui.panels.spoken import tell


def told(widget):
    return QAccessible.queryAccessibleInterface(widget)


class Gallery(PictureGrid):
    """Derived, as those of the pages are."""


def test_a_drawn_control_says_what_it_is(qtbot):
    grid, pane = Gallery("Pictures", 40, 12), ImagePane("Photograph")
    for one in (grid, pane):
        qtbot.addWidget(one)
    assert told(grid).role() == QAccessible.Role.List
    assert told(grid).text(QAccessible.Text.Name) == "Pictures"
    assert told(pane).role() == QAccessible.Role.Graphic
    assert told(grid).state().focusable


def test_qt_tells_of_its_own_controls(qtbot):
    label, button = QLabel("words"), QPushButton("Save")
    for one in (label, button):
        qtbot.addWidget(one)
    assert told(label).role() == QAccessible.Role.StaticText
    assert told(button).role() == QAccessible.Role.Button


def test_every_role_is_that_of_a_class_there_is():
    sources = Path(cnnviz_gui.panels.__file__).parent.rglob("*.py")
    classes = set(re.findall(r"^class (\w+)", "".join(p.read_text() for p in sources), re.M))
    assert set(spoken.ROLES) - classes == {"QScrollArea"}


def test_what_tells_of_a_control_goes_with_it_and_takes_nothing_along(qapp):
    for _ in range(40):
        grid = PictureGrid("Pictures", 40, 12)
        first = told(grid)
        del first
        gc.collect(0)
        assert told(grid).role() == QAccessible.Role.List
        grid.deleteLater()
        del grid
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()


@pytest.mark.parametrize("focused", [True, False])
def test_a_change_is_said_at_once_where_the_keys_are(qtbot, monkeypatch, focused):
    sent = []
    monkeypatch.setattr(spoken.QAccessible, "updateAccessibility", sent.append)
    grid = PictureGrid("Pictures", 40, 12)
    qtbot.addWidget(grid)
    monkeypatch.setattr(grid, "hasFocus", lambda: focused)
    for _ in range(2):
        tell(grid, "channel 3, 2 of 5")
    assert grid.accessibleDescription() == "channel 3, 2 of 5"
    assert [event.message() for event in sent] == ["channel 3, 2 of 5"] * focused
