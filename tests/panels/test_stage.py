"""The middle of the window, and where what is told stands."""

import dataclasses

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QScrollArea

from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.panels import notices
from cnnviz_gui.panels.class_picker import ClassPicker
from cnnviz_gui.panels.controls import Button, Notice
from cnnviz_gui.panels.layers.facts_card import FactsCard
from cnnviz_gui.panels.layers.tree_view import LayerTree
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


def test_of_two_files_that_were_saved_the_newer_is_told_and_it_goes_by_itself(stage, state):
    state.share(notice=Told("b.png no longer fools.", "warning", stays=True))
    for name in ("a.png", "a.gif"):
        state.share(notice=Told(f"Saved {name}.", stays=True, done=True))
    assert words(stage) == ["b.png no longer fools.", "Saved a.gif."]
    saved = seen(stage)[1]
    assert saved._moment.isActive()
    saved.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    saved._moment.timeout.emit()
    assert words(stage)[1:] == ["Saved a.gif."], "the mouse is over it"
    assert saved._moment.isActive()
    saved.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    saved._moment.timeout.emit()
    assert words(stage) == ["b.png no longer fools."]


def test_a_long_message_is_there_for_longer(stage, state):
    times = []
    for text in ("Saved a.gif.", "Saved a.png; read back in 8 bits it is still seen as a cat."):
        state.share(notice=Told(text, stays=True, done=True))
        times.append(seen(stage)[0]._moment.interval())
    assert times[0] < times[1]


def test_the_button_of_an_older_notice_does_what_that_one_offers(stage, state):
    offered, wanted = ImageRef(path="a.png", partial=True), []
    stage.remedy_wanted.connect(wanted.append)
    said = Told("a.png is cut off.", "error", "", "Open it", offered, stays=True)
    state.share(notice=said)
    state.share(notice=Told("Saved b.gif.", stays=True))
    seen(stage)[0]._action.click()
    assert wanted == [offered] and words(stage) == ["Saved b.gif."]


LONG = Told(
    "Saved cat.png; read back in 8 bits it no longer fools: cat (51.2 %). " * 3,
    "warning",
    "",
    "Repair the file",
    ImageRef(path="a.png"),
)


@pytest.fixture
def window(qtbot, state):
    made = MainWindow()
    made.furnish(state)
    right = Qt.DockWidgetArea.RightDockWidgetArea
    made.add_dock("parameters", "Parameters", Button("Reset"), right, 296)
    qtbot.addWidget(made)
    made.resize(1280, 700)
    with qtbot.waitExposed(made):
        made.show()
    return made


def within(window, widget):
    """Return where in the window a widget stands."""
    return widget.rect().translated(widget.mapTo(window, QPoint()))


def whole(notice):
    """Tell whether all of a notice is to be seen and read."""
    parts = [part for part in (notice._text, notice._action, notice._close) if part.isVisible()]
    seen = all(notice.rect().contains(within(notice, part)) for part in parts)
    return seen and notice._text.height() >= notice._text.heightForWidth(notice._text.width())


@pytest.mark.parametrize("closed", [0, 1, 2, 3])
def test_notices_lie_over_nothing_whatever_is_open(window, state, closed):
    for name in ("layers", "parameters", "prediction")[:closed]:
        window.docks[name].close()
    QApplication.processEvents()
    page = within(window, window.stage.page)
    state.share(notice=Told("Saved b.gif.", stays=True))
    state.share(notice=LONG)
    first, second = seen(window.stage)
    assert whole(first) and whole(second)
    place = within(window, window.stage.notices)
    panels = [dock.findChild(QScrollArea) for dock in window.docks.values()]
    for other in (window.stage.page, window.statusBar(), *panels):
        assert not (other.isVisible() and place.intersects(within(window, other)))
    if closed < 3:
        assert within(window, window.stage.page) == page  # nothing on it moves
    state.share(notice=None)
    seen(window.stage)[0]._close.click()
    assert not seen(window.stage) and within(window, window.stage.page) == page


def test_a_notice_does_not_move_the_numbers_of_the_layer(window, state):
    card, tree = window.findChild(FactsCard), window.findChild(LayerTree)
    before, high = within(window, card), tree.height()
    state.share(notice=LONG)
    state.share(notice=dataclasses.replace(LONG, stays=True))
    QApplication.processEvents()
    assert within(window, card) == before and tree.height() < high
    assert within(window, window.stage.notices).bottom() < before.top()


def test_notices_go_where_there_is_a_dock_and_back(window, state):
    def place():
        (notice,) = found = [n for n in window.findChildren(Notice) if n._text.text() == LONG.text]
        assert found == [n for n in window.findChildren(Notice) if n.isVisible()]
        assert whole(notice)
        homes = [*window.docks.items(), ("stage", window.stage)]
        return next(name for name, home in homes if home.isAncestorOf(notice))

    state.share(notice=LONG)
    QApplication.processEvents()
    assert place() == "layers"
    for change, home in (
        (window.docks["layers"].close, "parameters"),
        (lambda: window.docks["parameters"].setFloating(True), "prediction"),
        (window.docks["prediction"].close, "stage"),
        (window.docks["layers"].show, "layers"),
        (window.docks["prediction"].show, "layers"),
        (lambda: window.tabifyDockWidget(window.docks["layers"], window.docks["prediction"]), ""),
        (window.docks["layers"].raise_, "layers"),
        (window.docks["prediction"].raise_, "prediction"),
        (lambda: window.docks["parameters"].setFloating(False), "parameters"),
    ):
        change()
        QApplication.processEvents()
        assert not home or place() == home


def test_the_page_does_not_move_under_a_hand_that_holds_something(stage, state, monkeypatch, qtbot):
    held = [Qt.MouseButton.LeftButton]
    monkeypatch.setattr(
        notices.QApplication, "mouseButtons", staticmethod(lambda: held[0]), raising=False
    )
    usual = stage.page.height()
    state.share(notice=LONG)
    assert not seen(stage) and stage.page.height() == usual
    held[0] = Qt.MouseButton.NoButton
    qtbot.waitUntil(lambda: len(seen(stage)) == 1)
    assert stage.page.height() < usual


@pytest.mark.parametrize("part", ["_close", "_action"])
def test_when_a_notice_goes_the_focus_is_where_it_was(window, state, qtbot, part):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    button = window.docks["parameters"].findChild(Button, "")
    button.setFocus(Qt.FocusReason.TabFocusReason)
    for told in (Told("Saved b.gif.", stays=True), LONG):
        state.share(notice=told)
    newest = seen(window.stage)[-1]
    getattr(newest, part).setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(getattr(newest, part), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(seen(window.stage)) == 1)
    assert QApplication.focusWidget() is button


def test_the_rows_of_the_tree_stand_still_while_a_notice_comes_and_goes(window, state, network):
    names = [f"blocks.{number}" for number in range(60)]
    layers = tuple(dataclasses.replace(network.layers[0], name=name) for name in names)
    state.use_network(ModelRef(name="long"), dataclasses.replace(network, layers=layers))
    tree, bar = window.findChild(LayerTree), window.findChild(LayerTree).verticalScrollBar()
    QApplication.processEvents()
    tree.setCurrentIndex(tree.model().index(40, 0))
    high, at = tree.height(), bar.value()
    assert 0 < at < bar.maximum() and tree.visualRect(tree.currentIndex()).bottom() > high - 40
    state.share(notice=LONG)
    QApplication.processEvents()
    assert tree.height() < high and bar.value() == at
    seen(window.stage)[0]._close.click()
    QApplication.processEvents()
    assert tree.height() == high and bar.value() == at


def test_the_target_is_seen_however_low_its_dock_is(window, state):
    chooser, bars = window.findChild(ClassPicker), window.docks["prediction"].findChild(QScrollArea)
    for height in (1000, 500):
        window.resize(1280, height)
        QApplication.processEvents()
        place = within(window, chooser)
        assert chooser.visibleRegion().boundingRect() == chooser.rect()
        assert 0 <= place.top() - within(window, bars).bottom() <= 16, "right below the bars"
