"""The focus stays where the work is when the button that has it goes away."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.panels.attack.page import AttackPage
from cnnviz_gui.panels.attack.smallest_button import SmallestButton
from cnnviz_gui.panels.controls import Button, IconButton
from cnnviz_gui.panels.features.page import FeaturePage
from cnnviz_gui.panels.plane_page import PlanePage
from cnnviz_gui.state import attack_folder_view, feature_view
from cnnviz_gui.state.border_plan import SMALLEST_LANE
from cnnviz_gui.state.finding import Finding
from tests.state.test_border_view import border, ready
from tests.state.test_border_view import give as give_borders
from tests.state.test_race_view import give as give_race
from tests.state.test_race_view import racing, runner, waiting

TAB = Qt.FocusReason.TabFocusReason
PAGES = {"attack": AttackPage, "plane": PlanePage, "features": FeaturePage}
BEGUN = ("attack_started", "borders_started", "race_started", "plane_started")


@pytest.fixture
def shown(qtbot):
    """Return what shows a window on a stage, with nothing begun, and its page."""

    def show(state, stage, view=""):
        state.select(stage=stage, **dict.fromkeys(BEGUN, False))
        if view:
            state.show(attack_view=view)
        window = MainWindow()
        window.furnish(state)
        qtbot.addWidget(window)
        page = PAGES[stage](state)
        window.stage.add_page(stage, page)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window, page

    return show


def start(page, word, place=0):
    """Return a button that begins, the uppermost for 0; an empty view has one in the middle too."""
    buttons = [b for b in page.findChildren(Button) if b.isVisible() and b.text() == word]
    return sorted(buttons, key=lambda button: button.mapTo(page, QPoint()).y())[place]


def space(qtbot):
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)


def settled(qtbot, window):
    """Return once the focus goes nowhere else by itself."""
    qtbot.waitUntil(lambda: not window._focus._soon.isActive())


VIEWS = (
    ("attack", "picture", "Attack", 0),
    ("attack", "steps", "Attack", 0),
    ("attack", "defences", "Attack", 0),
    ("attack", "borders", "Find the borders", 0),
    ("attack", "borders", "Find the borders", 1),
    ("attack", "race", "Race", 0),
    ("attack", "race", "Race", 1),
    ("attack", "folder", "Attack them all", 0),
    ("plane", "", "Classify", 0),
    ("plane", "", "Classify", 1),
)


@pytest.mark.parametrize(("stage", "view", "word", "place"), VIEWS)
def test_a_second_space_presses_nothing_elsewhere(shown, qtbot, stage, view, word, place):
    state = racing()
    state.select(folder="/p")
    window, page = shown(state, stage, view)
    button = start(page, word, place)
    button.setFocus(TAB)
    space(qtbot)
    assert not button.isVisible()
    for _ in range(3):
        focused = QApplication.focusWidget()
        assert page.isAncestorOf(focused) and not isinstance(focused, Button | IconButton)
        space(qtbot)
        settled(qtbot, window)
    assert all(dock.isVisible() for dock in window.docks.values())


def test_what_comes_in_its_place_takes_the_focus(shown, qtbot):
    state = racing()
    _, page = shown(state, "attack", "race")
    start(page, "Race").setFocus(TAB)
    space(qtbot)
    assert not isinstance(QApplication.focusWidget(), Button)
    give_race(state, runner("pgd"), waiting("fgsm"), status="partial")
    table = page._views.box.table
    qtbot.waitUntil(lambda: table.isAncestorOf(QApplication.focusWidget()))


def test_the_borders_take_it_too(shown, qtbot):
    state = ready()
    _, page = shown(state, "attack", "borders")
    start(page, "Find the borders").setFocus(TAB)
    space(qtbot)
    give_borders(state, border())
    qtbot.waitUntil(page._views.box.chart.hasFocus)


def test_a_folder_can_be_stopped_where_it_was_begun(shown, qtbot):
    state = racing()
    state.select(folder="/p")
    _, page = shown(state, "attack", "folder")
    start(page, "Attack them all").setFocus(TAB)
    space(qtbot)
    asked = state.selection.attack_folder
    state.found(attack_folder_view.LANE, Finding().waiting(asked))
    qtbot.waitUntil(page._views.box.tools.stop.hasFocus)
    with qtbot.waitSignal(page.halted):
        space(qtbot)
    state.found(attack_folder_view.LANE, state.finding(attack_folder_view.LANE).stopped())
    qtbot.waitUntil(page._views.box._stopped._action.hasFocus)


def test_a_button_that_works_gets_the_focus_back(shown, qtbot):
    state = racing()
    window, page = shown(state, "attack", "picture")
    button = page.findChild(SmallestButton)
    button.setFocus(TAB)
    space(qtbot)
    assert not button.isEnabled() and state.selection.smallest_of is not None
    settled(qtbot, window)
    assert page.isAncestorOf(QApplication.focusWidget())
    state.found(SMALLEST_LANE, Finding().stopped())
    state.select(smallest_of=None)
    qtbot.waitUntil(button.hasFocus)


def test_tab_goes_on_from_where_the_button_stood(shown, qtbot):
    state = racing()
    _, page = shown(state, "attack", "race")
    start(page, "Race").setFocus(TAB)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    before = QApplication.focusWidget()
    start(page, "Race").setFocus(TAB)
    space(qtbot)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is before


def test_a_click_moves_no_ring(shown, qtbot):
    state = racing()
    window, page = shown(state, "attack", "race")
    button = start(page, "Race")
    button.setFocus(Qt.FocusReason.MouseFocusReason)  # as from a field that was typed in
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    give_race(state, runner("pgd"), waiting("fgsm"), status="partial")
    settled(qtbot, window)
    assert QApplication.focusWidget() is page._views.box.tools


def test_a_picture_of_a_feature_pauses_and_goes_on_in_one_place(shown, qtbot):
    state = racing()
    _, page = shown(state, "features")
    page.start.setFocus(TAB)
    assert page.start.hasFocus()
    space(qtbot)
    asked = feature_view.wanted(state)
    assert isinstance(asked, Feature)
    state.found("feature", Finding().waiting(asked))
    qtbot.waitUntil(page.pause.hasFocus)


def test_a_dock_that_is_closed_by_key_closes_no_other(shown, qtbot):
    window, _ = shown(racing(), "attack", "race")
    close = window.docks["prediction"].titleBarWidget().findChildren(IconButton)[-1]
    close.setFocus(TAB)
    space(qtbot)
    assert not window.docks["prediction"].isVisible()
    space(qtbot)
    assert window.docks["layers"].isVisible()
    assert not isinstance(QApplication.focusWidget(), IconButton)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_return_presses_what_space_presses(shown, qtbot, key):
    state = racing()
    _, page = shown(state, "attack", "race")
    button = start(page, "Race")
    button.setFocus(TAB)
    qtbot.keyClick(button, key, Qt.KeyboardModifier.ShiftModifier)
    assert not state.selection.race_started
    qtbot.keyClick(button, key)
    assert state.selection.race_started
