"""Pages in a window that is too small for them."""

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnnviz_gui.panels.page_room import PageRoom, Pages


class Page(QWidget):
    def __init__(self, width, height):
        super().__init__()
        self.least = QSize(width, height)
        column = QVBoxLayout(self)
        sentence = QLabel("a sentence of many words that likes to be high " * 20)
        sentence.setWordWrap(True)
        sentence.setMinimumSize(1, 1)
        column.addWidget(sentence)

    def minimumSizeHint(self):
        return self.least


@pytest.fixture
def pages():
    made = Pages()
    made.addWidget(Page(600, 400))
    made.addWidget(Page(300, 200))
    return made


@pytest.fixture
def room(qtbot, pages):
    made = PageRoom(pages)
    qtbot.addWidget(made)
    made.resize(800, 500)
    made.show()
    return made


def scrolls(room):
    return room.horizontalScrollBar().maximum() > 0, room.verticalScrollBar().maximum() > 0


def test_a_page_has_all_the_room_there_is(room, pages, qtbot):
    assert pages.currentWidget().size() == room.viewport().size() == QSize(800, 500)
    assert scrolls(room) == (False, False)


def test_a_page_without_room_scrolls_to_its_last_corner(room, pages, qtbot):
    room.resize(400, 300)
    page = pages.currentWidget()
    assert (page.width(), page.height()) == (600, 400)
    assert scrolls(room) == (True, True)
    room.ensureVisible(600, 400, 0, 0)
    corner = page.mapTo(room.viewport(), QPoint(600, 400))
    assert room.viewport().rect().adjusted(0, 0, 1, 1).contains(corner)


def test_a_page_out_of_sight_asks_for_nothing(room, pages, qtbot):
    room.resize(400, 300)
    pages.setCurrentIndex(1)
    qtbot.waitUntil(lambda: scrolls(room) == (False, False))
    assert pages.currentWidget().size() == QSize(400, 300)
    pages.setCurrentIndex(0)
    qtbot.waitUntil(lambda: scrolls(room) == (True, True))
