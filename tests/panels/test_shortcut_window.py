"""The window in which keys are changed."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton

from cnnviz_gui.panels.controls import IconButton
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.panels.shortcut_window import Entry, ShortcutWindow
from cnnviz_gui.panels.stage import Stage
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.keys import KEYS

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
ENTRIES = (
    Entry("open_files", "File", "Open pictures", "folder-open"),
    Entry("close_window", "File", "Quit", "sign-out"),
    Entry("fit", "View", "Fit the pictures", "arrows-in"),
    Entry("cancel", "Run", "Cancel the job", "x"),
    Entry("about", "Help", "About", "info"),
)


@pytest.fixture(autouse=True)
def usual():
    KEYS.choose({})
    yield
    KEYS.choose({})


@pytest.fixture
def window(qtbot):
    made = ShortcutWindow(ENTRIES, {"F": "File"})
    qtbot.addWidget(made)
    made.show_now()
    qtbot.waitExposed(made)
    return made


def press(qtbot, window, name, key, held=Qt.KeyboardModifier.NoModifier):
    """Record a key for an action as the hand does."""
    window.table.choose(name)
    qtbot.mouseClick(window.change, Qt.MouseButton.LeftButton)
    qtbot.keyClick(window.recorder, key, held)


def test_a_key_pressed_is_the_key(window, qtbot):
    press(qtbot, window, "fit", Qt.Key.Key_J, CTRL | SHIFT)
    assert KEYS.of("fit") == ("Ctrl+Shift+J",)
    assert window.recorder.isHidden()
    assert not window.change.isHidden()


def test_one_more_key_stands_beside_the_first(window, qtbot):
    window.table.choose("fit")
    window.add.click()
    qtbot.keyClick(window.recorder, Qt.Key.Key_F7)
    assert KEYS.of("fit") == ("Ctrl+0", "F7")
    caps = [one.text() for one in window.findChildren(QPushButton) if one.toolTip()[:5] == "Take "]
    assert [cap for cap in caps if cap] [-2:] == ["Ctrl+0", "F7"]  # fmt: skip
    next(one for one in window.findChildren(QPushButton) if one.text() == "Ctrl+0").click()
    assert KEYS.of("fit") == ("F7",)


def test_a_key_of_another_action_is_told_and_taken_when_wished(window, qtbot):
    press(qtbot, window, "fit", Qt.Key.Key_O, CTRL)
    assert KEYS.of("open_files") == ("Ctrl+O",)
    assert "“Open pictures”" in window.message.text()
    assert "Open pictures" in window.resolve.text()
    qtbot.keyClick(window.resolve, Qt.Key.Key_Return)
    assert KEYS.of("fit") == ("Ctrl+O",)
    assert KEYS.of("open_files") == ()
    assert window.message.text() == "“Open pictures” has no key now."


def test_escape_leaves_a_key_that_waits_and_then_the_window(window, qtbot):
    press(qtbot, window, "fit", Qt.Key.Key_O, CTRL)
    qtbot.keyClick(window.resolve, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.resolve.isHidden()
    assert KEYS.of("fit") == ("Ctrl+0",)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_keys_that_cannot_work_are_refused_and_another_can_be_pressed(window, qtbot):
    press(qtbot, window, "fit", Qt.Key.Key_J)
    assert window.message.text().startswith("J is typed into fields")
    assert window.resolve.isHidden()
    qtbot.keyClick(window.recorder, Qt.Key.Key_Tab)
    assert window.message.text().startswith("Tab works in every")
    qtbot.keyClick(window.recorder, Qt.Key.Key_J, CTRL)
    assert KEYS.of("fit") == ("Ctrl+J",)


def test_escape_ends_and_backspace_clears(window, qtbot):
    press(qtbot, window, "fit", Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.recorder.isHidden()
    assert KEYS.of("fit") == ("Ctrl+0",)
    press(qtbot, window, "fit", Qt.Key.Key_Backspace)
    assert KEYS.of("fit") == ()


def test_a_letter_of_a_menu_can_be_used_all_the_same(window, qtbot):
    press(qtbot, window, "fit", Qt.Key.Key_F, ALT)
    assert "menu File" in window.message.text()
    assert KEYS.of("fit") == ("Ctrl+0",)
    window.resolve.click()
    assert KEYS.of("fit") == ("Alt+F",)


def test_one_is_reset_and_all_are(window, qtbot):
    press(qtbot, window, "fit", Qt.Key.Key_F7)
    press(qtbot, window, "about", Qt.Key.Key_F8)
    assert window.reset_all.isEnabled()
    window.table.choose("fit")
    window.reset.click()
    assert KEYS.chosen() == {"about": ("F8",)}
    assert not window.reset.isEnabled()
    window.reset_all.click()
    assert KEYS.chosen() == {}
    assert not window.reset_all.isEnabled()


def shown(window):
    return [one.name for one in ENTRIES if window.table._in_sight(one.name)]


def test_actions_are_found_by_words_and_by_a_key(window, qtbot):
    window.search.setText("pictures")
    assert shown(window) == ["open_files", "fit"]
    window.search.setText("ctrl+q")
    assert shown(window) == ["close_window"]
    window.search.setText("nothing")
    assert shown(window) == []
    assert window._none.isVisible()
    window._by_key.click()
    qtbot.keyClick(window.finder, Qt.Key.Key_0, CTRL)
    assert shown(window) == ["fit"]
    assert window.table.current() == "fit"
    qtbot.keyClick(window.finder, Qt.Key.Key_Escape)
    assert window.search.isVisible()
    window.search.clear()
    assert shown(window) == [one.name for one in ENTRIES]


def test_what_names_a_key_follows_it(qtbot, window):
    button = IconButton("x", "Old")
    qtbot.addWidget(button)
    key_tip(button, "Fit", "fit", ": now")
    stage = Stage(AppState())
    qtbot.addWidget(stage)
    assert button.toolTip() == "Fit (Ctrl+0): now"
    KEYS.assign("fit", ["F7"])
    KEYS.assign("show_attack", ["F8"])
    assert button.toolTip() == "Fit (F7): now"
    assert stage.tabs.tabToolTip(3) == "Attack (F8)"
    KEYS.assign("fit", ())
    assert button.toolTip() == "Fit: now"


def test_no_shortcut_of_a_window_is_heard_while_a_key_is_recorded(qtbot):
    main = QMainWindow()
    qtbot.addWidget(main)
    table = ShortcutWindow(ENTRIES, {}, main)
    main.setCentralWidget(table.recorder)
    heard = []
    action = QAction("Quit", main)
    action.setShortcut(QKeySequence("Ctrl+Q"))
    action.triggered.connect(heard.append)
    main.addAction(action)
    main.show()
    qtbot.waitExposed(main)
    table.recorder.show()
    table.recorder.begin()
    qtbot.keyClick(table.recorder, Qt.Key.Key_Q, CTRL)
    assert heard == []


def test_modifiers_are_shown_while_they_are_held(window):
    window.table.choose("fit")
    window.change.click()
    recorder, none = window.recorder, Qt.KeyboardModifier.NoModifier

    def hand(kind, key, before):
        QApplication.sendEvent(recorder, QKeyEvent(kind, key, before))
        return recorder._said

    press, release = QEvent.Type.KeyPress, QEvent.Type.KeyRelease
    native = QKeySequence("Ctrl+Shift+K").toString(QKeySequence.SequenceFormat.NativeText)
    hand(press, Qt.Key.Key_Control, none)
    assert hand(press, Qt.Key.Key_Shift, CTRL) == native.removesuffix("K")
    said = hand(release, Qt.Key.Key_Shift, CTRL | SHIFT)
    assert said and said != native.removesuffix("K")
    assert hand(release, Qt.Key.Key_Control, CTRL) == "", "the question stands there again"
    hand(press, Qt.Key.Key_Shift, none)
    said = hand(press, Qt.Key.Key_J, SHIFT)
    hand(release, Qt.Key.Key_J, SHIFT)
    assert hand(release, Qt.Key.Key_Shift, SHIFT) == said != "", "a key that was refused stays"
