"""The view of the borders, and the button that looks for the smallest epsilon."""

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cnnviz_gui.panels.attack.border_box import BorderBox
from cnnviz_gui.panels.attack.smallest_button import SmallestButton
from cnnviz_gui.panels.controls import BusyArc
from cnnviz_gui.panels.form_section import border_section
from cnnviz_gui.state import border_plan
from cnnviz_gui.state.border_plan import LANE, SMALLEST_LANE, border_requests
from cnnviz_gui.state.finding import Advance, Finding, Problem
from tests.state.test_border_view import CAT, FOX, NormParams, border, give, ready


@pytest.fixture
def state(qapp):
    return ready()


@pytest.fixture
def box(state, qtbot):
    made = BorderBox(state)
    qtbot.addWidget(made)
    made.resize(700, 600)
    made.show()
    return made


def rows():
    return border(reached=3.0, failed=2.98), border(target=FOX, failed=0.5, reached=0.503)


def test_it_invites_and_begins_when_it_is_told_to(box, state, qtbot):
    state.select(borders_started=False)
    assert "likeliest classes" in box.empty.sentence.text() and box.tools.start.isVisible()
    QTest.mouseClick(box.tools.start, Qt.MouseButton.LeftButton)
    assert state.selection.borders_started and not box.tools.start.isVisible()
    state.found(LANE, Finding(asked=border_requests(state)[LANE]).stopped())
    assert box.tools.start.text() == "Continue"
    with qtbot.waitSignal(box.again) as asked:
        QTest.mouseClick(box.tools.start, Qt.MouseButton.LeftButton)
    assert asked.args == [LANE]


def test_the_nearest_border_comes_first_and_a_click_shows_its_pictures(box, state):
    give(state, *rows())
    assert [bar.name for bar in box.chart.bars] == ["fox", "dog"]
    assert box.chart.isVisible() and "fox: 0.503 / 255" in box.verdict.accessibleName()
    spot = box.chart.row_rect(1).center()
    QTest.mouseClick(box.chart, Qt.MouseButton.LeftButton, pos=spot)
    assert state.display.attack_view == "picture" and state.selection.attack_started
    assert state.selection.target == 1 and state.selection.attack_parameters.epsilon == 3.0


def test_the_keys_do_the_same_as_the_mouse(box, state):
    give(state, *rows(), border(target=CAT, reached=None, failed=64.0, winner=None))
    for _ in range(5):
        QTest.keyClick(box.chart, Qt.Key.Key_Down)
    QTest.keyClick(box.chart, Qt.Key.Key_Return)
    assert state.display.attack_view == "borders", "what was not reached cannot be shown"
    QTest.keyClick(box.chart, Qt.Key.Key_Up)
    QTest.keyClick(box.chart, Qt.Key.Key_Up)
    QTest.keyClick(box.chart, Qt.Key.Key_Return)
    assert state.selection.target == 2 and state.selection.attack_parameters.epsilon == 0.503


def test_a_search_on_its_way_shows_its_brackets(box, state):
    wide = border(failed=1.0, reached=3.5, finished=False, runs=3)
    give(state, wide, status="partial")
    before = box.chart.grab().toImage()
    assert box.tools._progress.text() == "0 of 1 borders known, 3 runs"
    assert not box.verdict.isVisible()
    give(state, dataclasses.replace(wide, failed=2.0), status="partial")
    assert box.chart.grab().toImage() != before
    assert "dog ≤ 3.5 / 255" in box.chart.accessibleDescription()


def test_what_is_found_anew_is_stale_meanwhile_and_a_failure_is_told(box, state):
    give(state, *rows())
    fresh = box.chart.grab().toImage()
    state.select(attack_parameters=NormParams(norm="l2", epsilon=1.0))
    assert box.chart.grab().toImage() != fresh and not box.verdict.isVisible()
    assert box.export() is None
    state.found(LANE, state.finding(LANE).failed(Problem("No border.", "Take another.")))
    assert box._failure.isVisible()


def test_attacks_are_chosen_in_a_list_that_is_there_only_for_them(box, state):
    assert not box.tools.attacks.isVisible()
    box.tools.ways.chosen.emit("attacks")
    assert state.selection.borders_by == "attacks" and box.tools.attacks.isVisible()
    assert box.tools.attacks.text() == "Attacks 3"
    box.tools.attacks.toggled_one.emit("fgsm")
    assert state.selection.border_attacks == ("pgd", "deepfool")
    box.tools.attacks.reset.emit()
    assert state.selection.border_attacks == ()
    state.select(border_attacks=("pgd", "fgsm"))
    box.tools.norms.chosen.emit("l2")
    assert box._left_out.isVisible()


def test_the_rows_stay_whatever_attack_is_looked_at_once_it_began(box, state):
    state.select(borders_started=False, borders_by="attacks")
    state.choose_method("attack", "boundary")
    assert box.tools.norms.isVisible() and box.tools.attacks.text() == "Attacks 4"
    QTest.mouseClick(box.tools.start, Qt.MouseButton.LeftButton)
    asked = border_requests(state)[LANE]
    state.choose_method("attack", "deepfool")
    assert border_requests(state)[LANE] == asked and box.tools.attacks.text() == "Attacks 4"
    box.tools.attacks.reset.emit()
    assert box.tools.attacks.text() == "Attacks 3", "the usual ones are those of now"
    box.tools.ways.chosen.emit("classes")
    assert not box.tools.norms.isVisible()


def test_it_can_be_saved_with_both_ends_of_every_bracket(box, state):
    give(state, *rows())
    given = box.export()
    assert given.stem == "cat-borders-pgd" and given.array.shape == (2, 2)
    assert given.array[0].tolist() == pytest.approx([2.98, 3.0])
    assert given.request == border_requests(state)[LANE] and given.picture.ndim == 3


def test_the_number_of_classes_is_a_parameter_of_this_view(box, state, qtbot):
    section = border_section(state)
    qtbot.addWidget(section)
    assert not section.isHidden()
    section.form.edited.emit({"classes": 9})
    assert state.selection.border_parameters.classes == 9
    state.select(borders_by="attacks")
    assert section.isHidden()


@pytest.fixture
def button(state, qtbot):
    state.show(attack_view="picture")
    made = SmallestButton(state)
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_button_asks_and_leaves_the_rest_to_the_program(button, state, qtbot):
    asked = border_plan.smallest_request(state)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert state.selection.smallest_of == asked
    assert button.text() == "Smallest epsilon" and not button.isEnabled()
    before = state.selection
    state.found(SMALLEST_LANE, Finding(asked=asked).stopped())
    assert state.selection == before, "a panel changes nothing because of a result"
    state.select(smallest_of=None)
    assert button.isEnabled()
    with qtbot.waitSignal(button.again) as again:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert again.args == [SMALLEST_LANE] and state.selection.smallest_of == asked
    state.select(smallest_of=None)
    state.choose_method("attack", "deepfool")
    assert not button.isEnabled() and "no epsilon" in button.toolTip()


def test_the_button_shows_how_far_the_search_is_and_stays_as_it_was(button, state):
    before = button.sizeHint()
    asked = border_plan.smallest_request(state)
    state.select(smallest_of=asked)
    assert (button.text(), button.sizeHint()) == ("Smallest epsilon", before)
    (arc,) = button.findChildren(BusyArc)
    assert arc.isVisible() and button.glyph().contains(arc.geometry())
    state.found(SMALLEST_LANE, Finding(asked=asked).advanced(Advance(7, 14, None)))
    assert "7 of 14 runs" in button.toolTip()
    half = button.grab().toImage()
    state.found(SMALLEST_LANE, Finding(asked=asked).advanced(Advance(13, 14, None)))
    assert button.grab().toImage() != half
    state.select(smallest_of=None)
    assert arc.isHidden() and "doubling" in button.toolTip()
    assert not button.icon_replaced


def test_in_a_small_window_the_button_is_its_icon(button):
    wide = button.sizeHint().width()
    button.resize(button.minimumSizeHint())
    assert button.width() < wide / 3 and button.accessibleName() == "Smallest epsilon"
    assert not button.grab().isNull() and button.toolTip()


def test_the_chart_shows_where_the_keys_are_as_soon_as_tab_brings_them(box, state):
    give(state, *rows())
    box.activateWindow()
    box.chart.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(box.chart, Qt.Key.Key_Return)
    assert state.display.attack_view == "picture" and state.selection.target == 2


def test_the_price_is_named_before_it_is_begun(box, state):
    state.select(borders_started=False)
    assert " passes" in box.empty.sentence.text()
    state.select(borders_started=True)
    assert " passes" not in box.empty.sentence.text()
