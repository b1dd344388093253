"""The middle of the window, and where what is told stands."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow

from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels.controls import Notice
from cnnviz_gui.panels.stage import Stage
from cnnviz_gui.state.app_state import Notice as Told


@pytest.fixture
def stage(qtbot, state):
    made = Stage(state)
    qtbot.addWidget(made)
    made.resize(600, 400)
    with qtbot.waitExposed(made):
        made.show()
    return made


def seen(stage):
    """Return the notices that are to be seen, from above."""
    QApplication.processEvents()
    there = [one for one in stage.notices.findChildren(Notice) if one.isVisible()]
    return sorted(there, key=lambda one: one.y())


def words(stage):
    return [one.accessibleName() for one in seen(stage)]


def test_no_notice_pushes_the_page(stage, state):
    def top():
        return stage.page.mapTo(stage, QPoint()).y()

    usual = top()
    for level in ("info", "warning", "error"):
        state.share(notice=Told("Something is told.", level))
        [notice] = seen(stage)
        assert top() == usual
        foot = notice.mapTo(stage, notice.rect().bottomLeft())
        assert stage.height() - 60 < foot.y() < stage.height()
    state.share(notice=None)
    assert not seen(stage)


def test_after_a_notice_was_closed_the_next_one_is_seen(stage, state):
    state.share(notice=Told("The disk is full.", "warning"))
    [notice] = seen(stage)
    notice._close.click()
    assert state.shared.notice is None and not seen(stage)
    state.share(notice=Told("The disk is full.", "warning"))
    assert words(stage) == ["The disk is full."]


def test_what_became_of_two_files_is_seen_of_both(stage, state):
    state.share(notice=Told("a.png no longer fools.", "warning", stays=True))
    state.share(notice=Told("Saved b.gif.", stays=True))
    state.share(notice=Told("That is no picture.", "warning"))
    state.share(notice=Told("There is nothing to save yet.", "warning"))
    kept = ["a.png no longer fools.", "Saved b.gif."]
    assert words(stage) == [*kept, "There is nothing to save yet."]
    state.share(notice=None)  # something else is begun
    assert words(stage) == kept
    seen(stage)[1]._moment.timeout.emit()
    assert words(stage) == kept[:1]
    assert not seen(stage)[0]._moment.isActive()  # a warning stays until it is closed
    seen(stage)[0]._close.click()
    assert not state.shared.notices


def test_the_button_of_an_older_notice_does_what_that_one_offers(stage, state):
    offered, wanted = ImageRef(path="a.png", partial=True), []
    stage.remedy_wanted.connect(wanted.append)
    said = Told("a.png is cut off.", "error", "", "Open it", offered, stays=True)
    state.share(notice=said)
    state.share(notice=Told("Saved b.gif.", stays=True))
    seen(stage)[0]._action.click()
    assert wanted == [offered] and words(stage) == ["Saved b.gif."]


def test_in_the_window_notices_stand_over_the_left_dock_alone(qtbot, state):
    window, stage = QMainWindow(), Stage(state)
    window.setCentralWidget(stage)
    window.statusBar()
    dock = QDockWidget("Layers")
    dock.setFixedWidth(260)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    stage.notices.stand_over(window, dock)
    qtbot.addWidget(window)
    window.resize(1200, 700)
    with qtbot.waitExposed(window):
        window.show()
    long = "Saved cat.png; read back in 8 bits it no longer fools: cat (51.2 %). " * 3
    state.share(notice=Told(long, "warning", "", "Repair the file", ImageRef(path="a.png")))
    [notice] = seen(stage)
    place = stage.notices.geometry()
    assert dock.geometry().contains(place)
    for part in (notice._text, notice._action, notice._close):
        assert notice.rect().contains(part.mapTo(notice, part.rect().bottomRight()))
    assert notice._text.height() >= notice._text.heightForWidth(notice._text.width())
    window.resize(1200, 800)
    QApplication.processEvents()
    assert dock.geometry().contains(stage.notices.geometry())
    assert stage.notices.geometry().y() == place.y() + 100
