"""The middle of the window: where its notices stand."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from cnnviz_gui.panels.controls import Notice
from cnnviz_gui.panels.stage import Stage
from cnnviz_gui.state.app_state import Notice as Told


def test_a_notice_that_only_informs_does_not_push_the_page(qtbot, state):
    stage = Stage(state)
    qtbot.addWidget(stage)
    stage.resize(600, 400)
    with qtbot.waitExposed(stage):
        stage.show()

    def top():
        return stage.page.mapTo(stage, QPoint()).y()

    usual = top()
    state.share(notice=Told("Saved map.png."))
    QApplication.processEvents()
    notice = stage.findChild(Notice)
    assert notice.isVisible() and top() == usual
    foot = notice.mapTo(stage, notice.rect().bottomLeft())
    assert stage.height() - 60 < foot.y() < stage.height()
    state.share(notice=Told("The disk is full.", "warning"))
    QApplication.processEvents()
    assert notice.isVisible() and top() > usual
    state.share(notice=None)
    QApplication.processEvents()
    assert not notice.isVisible() and top() == usual


def test_after_a_notice_was_closed_the_next_one_is_seen(qtbot, state):
    stage = Stage(state)
    qtbot.addWidget(stage)
    with qtbot.waitExposed(stage):
        stage.show()
    state.share(notice=Told("The disk is full.", "warning"))
    notice = stage.findChild(Notice)
    notice._close.click()
    assert state.shared.notice is None and not notice.isVisible()
    state.share(notice=Told("The disk is full.", "warning"))
    assert notice.isVisible()
