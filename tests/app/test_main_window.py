"""The window by itself: no engine, no pages."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.class_picker import ClassPicker
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.prediction_view import Row

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


@pytest.mark.parametrize("attacked", [None, 0.2])
def test_a_low_dock_shows_five_classes_and_the_target_whole(window, qtbot, attacked):
    """It is as high as a window of 1280 x 720 lets it be, with a frame."""
    panel, dock = window.prediction, window.docks["prediction"]
    rows = [Row(index, f"class {index}", 0.2, attacked, None) for index in range(5)]
    panel._empty.hide()
    panel._legend.setVisible(attacked is not None)
    panel._bars.set_rows(rows, target=None, stale=False)
    dock.setFloating(True)
    dock.resize(296, 286)
    picker = dock.findChild(ClassPicker)

    def whole():
        return all(
            one.visibleRegion().boundingRect() == one.rect() for one in (*panel._bars.bars, picker)
        )

    qtbot.waitUntil(lambda: dock.height() == 286 and whole())


def test_the_target_follows_the_classes_and_stays_where_they_scroll(window, qtbot):
    panel, dock = window.prediction, window.docks["prediction"]
    picker = dock.findChild(ClassPicker)
    dock.setFloating(True)
    dock.resize(296, 700)
    panel._empty.hide()
    for count in (2, 5):
        rows = [Row(index, f"class {index}", 0.2, None, None) for index in range(count)]
        panel._bars.set_rows(rows, target=None, stale=False)
        last = panel._bars.bars[count - 1]

        def between(last=last):
            bottom = last.mapTo(dock, last.rect().bottomLeft()).y()
            return picker.mapTo(dock, picker.rect().topLeft()).y() - bottom

        qtbot.waitUntil(lambda between=between: 0 < between() < 20)
    rows = [Row(index, f"class {index}", 0.2, 0.3, None) for index in range(5)]
    panel._bars.set_rows(rows, target=None, stale=False)
    window.resize(900, 460)
    dock.resize(296, 180)
    qtbot.waitUntil(lambda: dock.height() == 180)
    qtbot.waitUntil(lambda: picker.visibleRegion().boundingRect() == picker.rect())


def test_closed_docks_come_back_by_a_button_that_is_there_only_then(window, qtbot):
    back = window.status.panels
    layers, prediction = window.docks.values()
    layers.close()
    qtbot.waitUntil(lambda: not window._watch._soon.isActive())
    assert not back.isVisible(), "the other is still open"
    prediction.close()
    qtbot.waitUntil(back.isVisible)
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not back.isVisible())
    assert layers.isVisible() and prediction.isVisible()


def test_a_dock_below_a_tab_leaves_its_title_to_the_tab(window, qtbot):
    layers, prediction = window.docks.values()
    title = layers.titleBarWidget().title
    assert title.isVisible()
    window.tabifyDockWidget(prediction, layers)
    qtbot.waitUntil(title.isHidden)
    layers.setFloating(True)
    qtbot.waitUntil(lambda: not title.isHidden())


def test_a_floating_dock_has_an_edge(window, qtbot):
    dock = window.docks["layers"]
    dock.setFloating(True)

    def edge():
        drawn = dock.grab().toImage()
        middle = drawn.height() // 2
        return [drawn.pixelColor(x, middle) for x in (0, drawn.width() - 1)]

    qtbot.waitUntil(lambda: edge() == [theme.color("field")] * 2)
