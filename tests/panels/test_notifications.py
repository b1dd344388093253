"""The list of notifications: what stays while it changes, what unfolds, what fits."""

import time

import pytest
from PySide6.QtCore import Qt

from cnnviz_gui.panels.notifications import listing
from cnnviz_gui.panels.notifications.details import Details
from cnnviz_gui.panels.notifications.notifications_window import NotificationsWindow
from cnnviz_gui.state import chronicle_view
from cnnviz_gui.state.chronicle import Chronicle


@pytest.fixture
def chronicle():
    made = Chronicle()
    made.note("info", "Saved cat.png.", "Notice")
    made.note("error", "Grad-CAM failed: no.", "Grad-CAM", "Traceback\n" * 30)
    made.note("warning", "A plugin is missing.", "Qt")
    return made


@pytest.fixture
def window(qtbot, chronicle):
    made = NotificationsWindow(lambda entry: True)
    qtbot.addWidget(made)
    made.show()
    made.set_entries(chronicle.entries(), 0)
    return made


def texts(window):
    rows = window.list.entries
    return [rows.data(rows.index(n, 0)) for n in range(rows.rowCount())]


def details(window):
    rows = window.list
    found = [rows.indexWidget(rows.entries.index(0, 0, rows.entries.index(n, 0)))
             for n in range(rows.entries.rowCount())]  # fmt: skip
    return [one for one in found if isinstance(one, Details) and one.isVisible()]


def click(qtbot, window, place):
    rows = window.list
    rect = rows.visualRect(rows.entries.index(place, 0))
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())


def test_levels_and_words_choose(window):
    assert texts(window) == ["A plugin is missing.", "Grad-CAM failed: no.", "Saved cat.png."]
    window._level.buttons()[1].click()
    assert texts(window) == ["Grad-CAM failed: no."]
    window._level.buttons()[0].click()
    window.search.setText("traceback CAM")
    assert texts(window) == ["Grad-CAM failed: no."]
    assert window._count.text() == "1 of 3"
    window.search.setText("nothing like it")
    assert texts(window) == []
    window._none.acted.emit()
    assert len(texts(window)) == 3


def test_the_columns_stand_where_they_do_whatever_the_day(qtbot, monkeypatch):
    times = iter([time.time() - 2 * 24 * 3600, time.time()])
    chronicle = Chronicle(clock=lambda: next(times))
    chronicle.note("info", "Saved cat.png.", "")
    chronicle.note("info", "Saved dog.png.", "Grad-CAM")
    made = NotificationsWindow(lambda entry: True)
    qtbot.addWidget(made)
    made.set_entries(chronicle.entries(), 0)
    drawn = {}
    monkeypatch.setattr(
        listing.painting, "text", lambda _, place, text, *rest: drawn.update({text: place})
    )
    made.show()
    made.list.viewport().grab()
    assert drawn["Note"].right() == drawn["Grad-CAM"].right()
    assert drawn["Saved cat.png."].width() == drawn["Saved dog.png."].width()


def test_a_click_unfolds_one_row_and_another_click_folds_it(window, qtbot):
    click(qtbot, window, 1)
    (shown,) = details(window)
    assert "Traceback" in shown._details.toPlainText()
    qtbot.waitUntil(lambda: shown.height() > 150)
    click(qtbot, window, 0)
    (shown,) = details(window)
    assert shown._details.isHidden()
    click(qtbot, window, 0)
    assert details(window) == []


def test_what_is_unfolded_stays_so_while_others_come(window, qtbot, chronicle):
    click(qtbot, window, 1)
    (shown,) = details(window)
    chronicle.note("error", "Another.", "Qt")
    window.set_entries(chronicle.entries(), 0)
    assert details(window) == [shown]
    assert window.chosen().text == "Grad-CAM failed: no."
    chronicle.note("error", "Grad-CAM failed: no.", "Grad-CAM")
    window.set_entries(chronicle.entries(), 0)
    assert texts(window)[0] == window.chosen().text == "Grad-CAM failed: no."
    assert window.chosen().count == 2
    assert len(details(window)) == 1
    for n in range(600):
        chronicle.note("info", f"{n}", "Notice")
    window.set_entries(chronicle.entries(), 0)
    assert len(texts(window)) == 500
    assert details(window) == []


def test_a_row_unfolds_by_key_and_is_copied_whole(window, qtbot):
    copied = []
    window.list.copied.connect(copied.append)
    window.list.setCurrentIndex(window.list.entries.index(0, 0))
    qtbot.keyClick(window.list, Qt.Key.Key_Down)
    qtbot.keyClick(window.list, Qt.Key.Key_Return)
    (shown,) = details(window)
    shown.copied.emit()
    assert "error from Grad-CAM\nGrad-CAM failed: no.\nTraceback" in chronicle_view.as_text(*copied)
