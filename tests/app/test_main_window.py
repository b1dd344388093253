"""The window by itself: no engine, no pages."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.state.app_state import AppState

HOW = (Qt.DropAction.CopyAction,)
HELD = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)


@pytest.fixture
def window(qtbot):
    made = MainWindow()
    made.furnish(AppState())
    qtbot.addWidget(made)
    made.show()
    return made


def drag(window, monkeypatch, source):
    """Drag a file over the window and drop it; return what was accepted, covered and dropped."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/pictures/cat.png")])
    dropped = []
    window.dropped.connect(dropped.append)
    enter = QDragEnterEvent(QPoint(400, 300), *HOW, mime, *HELD)
    move = QDragMoveEvent(QPoint(401, 300), *HOW, mime, *HELD)
    drop = QDropEvent(QPointF(401, 300), *HOW, mime, *HELD)
    monkeypatch.setattr(QDropEvent, "source", lambda _: source)
    window.dragEnterEvent(enter)
    covered = window._shade.isVisible()
    window.dragMoveEvent(move)
    window.dropEvent(drop)
    return [event.isAccepted() for event in (enter, move, drop)], covered, dropped


def test_a_file_from_elsewhere_is_taken(window, monkeypatch):
    accepted, covered, dropped = drag(window, monkeypatch, None)
    assert accepted == [True] * 3
    assert covered
    assert [offer.paths for offer in dropped] == [("/pictures/cat.png",)]


def test_a_picture_dragged_out_of_the_window_is_not_dropped_on_it(window, monkeypatch):
    accepted, covered, dropped = drag(window, monkeypatch, window.stage)
    assert accepted == [False] * 3
    assert not covered
    assert dropped == []


def test_the_title_of_a_dock_is_seen_down_to_its_line(window, qtbot):
    for dock in window.docks.values():
        header, inside = dock.titleBarWidget(), dock.widget()
        qtbot.waitUntil(lambda h=header, i=inside: i.y() >= h.y() + h.height() > 0)
