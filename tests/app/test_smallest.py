"""The smallest epsilon: the button asks, the program puts the slider there."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cnnviz_gui.app.smallest import SmallestEpsilon
from cnnviz_gui.core.border_results import BordersResult
from cnnviz_gui.panels.attack.smallest_button import SmallestButton
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.state.border_plan import SMALLEST_LANE, border_requests, smallest_request
from cnnviz_gui.state.finding import Finding, Problem
from tests.state.test_border_view import CAT, NormParams, border, ready


@pytest.fixture
def state(qapp):
    made = ready()
    made.show(attack_view="picture")
    made.watching = SmallestEpsilon(made)
    return made


@pytest.fixture
def button(state, qtbot):
    made = SmallestButton(state)
    qtbot.addWidget(made)
    made.show()
    return made


def finish(state, *found):
    asked = border_requests(state)[SMALLEST_LANE]
    state.found(SMALLEST_LANE, Finding().waiting(asked))
    result = BordersResult(rows=found, label=CAT)
    state.found(SMALLEST_LANE, Finding(asked=asked).finished(asked, result))


def test_the_slider_goes_to_the_smallest_epsilon(button, state):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.text() == "Smallest epsilon" and not button.isEnabled()
    finish(state, border(target=None))
    assert state.selection.attack_parameters == NormParams(epsilon=1.0)
    assert state.selection.attack_started and state.selection.smallest_of is None
    assert "1 / 255 (9 runs)" in state.shared.notice.text
    assert button.isEnabled() and button.text() == "Smallest epsilon"
    state.select(attack_parameters=NormParams(epsilon=9.0))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert state.selection.attack_parameters == NormParams(epsilon=1.0), "it is known"


def test_an_attack_that_does_not_succeed_leaves_the_slider(button, state):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    finish(state, border(reached=None, winner=None, failed=64.0))
    assert state.selection.attack_parameters == NormParams()
    assert state.shared.notice.level == "warning" and "up to 64 / 255" in state.shared.notice.text


def test_a_search_that_was_stopped_can_be_gone_on_with(button, state, qtbot):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    asked = border_requests(state)[SMALLEST_LANE]
    state.found(SMALLEST_LANE, Finding().waiting(asked))
    state.found(SMALLEST_LANE, state.finding(SMALLEST_LANE).stopped())
    assert button.isEnabled() and state.selection.smallest_of is None
    with qtbot.waitSignal(button.again):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert state.selection.smallest_of == asked and not button.isEnabled()


def test_another_attack_ends_the_search_for_the_former(button, state):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    state.choose_method("attack", "deepfool")
    assert state.selection.smallest_of is None and not button.isEnabled()


def test_a_search_that_fails_says_why_and_leaves_the_slider(button, state):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    asked = border_requests(state)[SMALLEST_LANE]
    state.found(SMALLEST_LANE, Finding().waiting(asked))
    state.found(SMALLEST_LANE, state.finding(SMALLEST_LANE).failed(Problem("No.", "So.")))
    assert state.selection.smallest_of is None and button.isEnabled()
    assert state.shared.notice.text == "No. So." and state.shared.notice.level == "error"
    assert state.selection.attack_parameters == NormParams()


def test_it_is_taken_with_nobody_looking(state):
    state.select(smallest_of=smallest_request(state))
    finish(state, border(target=None))
    assert state.selection.attack_parameters == NormParams(epsilon=1.0)


@pytest.mark.parametrize(
    ("width", "said"),
    [(200, "Smallest epsilon"), (134, "Smallest ε"), (70, ""), (44, "")],
)
def test_the_button_is_never_cut(button, width, said):
    """It said ``Smallest epsi…`` in a window of the least width."""
    button.resize(width, button.height())
    assert button.shown_text() == said
    room = width - (button.sizeHint().width() - painting.width_of(button.text(), "strong")) + 8
    assert painting.width_of(button.shown_text(), "strong") <= max(room, 0)
