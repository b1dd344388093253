"""The view of a race: its table, its choices, what leaves it."""

import csv
import io

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.race_box import RaceBox
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.form_section import race_section
from cnnviz_gui.state.finding import Finding, Problem
from cnnviz_gui.state.race_plan import LANE, race_requests
from tests.state.test_race_view import PARAMETERS, give, racing, refused, runner, waiting


@pytest.fixture
def state(qapp):
    return racing()


@pytest.fixture
def box(state, qtbot):
    made = RaceBox(state)
    qtbot.addWidget(made)
    made.resize(1100, 600)
    made.show()
    return made


def titles(box):
    return [row.title for row in box.table.table.rows]


def test_it_invites_and_begins_when_it_is_told_to(box, state, qtbot):
    state.select(race_started=False)
    assert "one budget" in box.empty.sentence.text() and not box.tools.save.isVisible()
    QTest.mouseClick(box.tools.start, Qt.MouseButton.LeftButton)
    assert state.selection.race_started and not box.tools.start.isVisible()
    state.found(LANE, Finding(asked=race_requests(state)[LANE]).stopped())
    assert box.tools.start.text() == "Continue"
    with qtbot.waitSignal(box.again) as asked:
        QTest.mouseClick(box.tools.start, Qt.MouseButton.LeftButton)
    assert asked.args == [LANE]


def test_rows_come_as_they_finish(box, state):
    give(state, waiting("pgd"), waiting("fgsm"), status="partial")
    before = box.table.grab().toImage()
    give(state, runner("pgd"), waiting("fgsm"), status="partial")
    assert box.table.isVisible() and titles(box) == ["PGD", "FGSM"]
    assert box.table.grab().toImage() != before
    assert "1 of 2 attacks" in box.tools.budget.text()
    give(state, runner("pgd"), refused("fgsm"))
    assert box.table.table.rows[1].problem == "It cannot."
    assert not box.tools.budget.text().startswith("1 of")


def test_a_click_on_a_head_sorts(box, state):
    give(state, runner("pgd", seconds=3.0), runner("fgsm", 1.0, seconds=9.0))
    assert titles(box) == ["FGSM", "PGD"]
    keys = [column.key for column in box.table.table.columns]
    box.table._head.sort_by(keys.index("seconds"))
    assert state.display.race_order == "seconds" and titles(box) == ["PGD", "FGSM"]
    box.table._head.sort_by(keys.index("seconds"))
    assert state.display.race_falling and titles(box) == ["FGSM", "PGD"]


def test_columns_give_way_before_the_names_do(box, state):
    give(state, runner("pgd"))
    hidden = lambda: sum(box.table._head.isSectionHidden(n) for n in range(11))  # noqa: E731
    box.resize(1300, 500)
    assert hidden() == 0
    box.resize(700, 500)
    assert 0 < hidden() <= 7 and box.table._head.sectionSize(1) >= 220
    keys = [column.key for column in box.table.table.columns]
    assert not box.table._head.isSectionHidden(keys.index("linf")), "the norm of the race stays"


@pytest.mark.parametrize("wide", [700, 780, 860, 940, 1020, 1300])
def test_the_last_column_in_sight_keeps_its_margin(box, state, wide):
    """Where the last of all was left out, the one before it ended at the edge."""
    give(state, runner("pgd"))
    box.resize(wide, 500)
    head, table = box.table._head, box.table
    shown = [n for n in range(11) if not head.isSectionHidden(n)]
    row = table.visualRect(table.model().index(0, 0))
    cell = table.cell(row, shown[-1])
    end = head.sectionViewportPosition(shown[-1]) + head.sectionSize(shown[-1])
    assert end == table.viewport().width() and end - 1 - cell.right() == theme.PADDING
    column = table.table.columns[shown[-1]]
    texts = (column.text(table.table.rows[0]), column.title)
    assert cell.width() >= max(painting.width_of(text, "caption") for text in texts)


def test_a_long_name_of_a_class_takes_no_column_away(box, state):
    box.resize(900, 500)
    give(state, runner("pgd"))
    keys = [column.key for column in box.table.table.columns]
    shown = lambda: [key for n, key in enumerate(keys) if not box.table._head.isSectionHidden(n)]  # noqa: E731
    before = shown()
    long = Score(1, "a very long name of a class that no column can hold", 0.9, 3.0)
    give(state, runner("pgd", 5.0, winner=long))
    assert box.table._head.sectionSize(keys.index("outcome")) < 200
    assert len(before) - len(shown()) <= 2 and "l2" in shown()
    for wide in range(700, 1300, 20):
        box.resize(wide, 500)
        head = box.table._head
        spare = head.sectionSize(1) - box.table._least
        left_out = [box.table._widths[n] for n in range(len(keys)) if head.isSectionHidden(n)]
        assert all(width > spare for width in left_out), wide


def test_a_double_click_shows_the_attack_with_these_settings(box, state):
    give(state, runner("pgd"), refused("fgsm"))
    box.table.submitted.emit(box.table.table.index(1, 0))
    assert state.display.attack_view == "race", "what failed cannot be shown"
    box.table.submitted.emit(box.table.table.index(0, 0))
    assert state.display.attack_view == "picture" and state.selection.attack_started
    assert state.selection.attack_parameters == PARAMETERS["pgd"]


def test_the_table_is_copied_and_asked_for_as_a_file(box, state, qtbot):
    give(state, runner("pgd"), refused("fgsm"))
    QTest.mouseClick(box.tools.copy, Qt.MouseButton.LeftButton)
    rows = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
    assert [row["attack"] for row in rows] == ["pgd", "fgsm"]
    assert {row["picture"] for row in rows} == {"cat.png"}
    assert "clipboard" in state.shared.notice.text
    with qtbot.waitSignal(box.table_wanted):
        QTest.mouseClick(box.tools.save, Qt.MouseButton.LeftButton)


def test_a_race_that_is_no_longer_asked_for_does_not_leave_the_window(box, state):
    give(state, runner("pgd"))
    assert box.tools.copy.isEnabled() and box.tools.save.isEnabled()
    state.select(target=1)
    assert box.tools.copy.isVisible()
    assert not box.tools.copy.isEnabled() and not box.tools.save.isEnabled()


def test_it_can_be_saved_as_a_picture_with_its_numbers(box, state):
    give(state, runner("pgd"), refused("fgsm"))
    given = box.export()
    assert given.stem == "cat-race" and given.array.shape == (2, 9)
    assert given.array[0, 0] == 1 and given.request == race_requests(state)[LANE]
    state.select(race_attacks=("pgd",))
    assert box.export() is None, "what is on screen is no longer what is asked for"


def test_attacks_and_budget_are_chosen(box, state, qtbot):
    assert box.tools.attacks.text() == "Attacks 4"
    box.tools.attacks.toggled_one.emit("boundary")
    assert state.selection.race_attacks == ("fgsm", "pgd", "deepfool")
    section = race_section(state)
    qtbot.addWidget(section)
    section.form.edited.emit({"norm": "l2", "epsilon": 0.5, "gradients": 9, "queries": 100})
    assert state.selection.race_parameters.norm == "l2" and box._left_out.isVisible()
    box.tools.attacks.reset.emit()
    assert state.selection.race_attacks == () and not box._left_out.isVisible()
    state.show(attack_view="picture")
    assert section.isHidden()


def test_a_failure_is_told(box, state):
    request = race_requests(state)[LANE]
    state.found(LANE, Finding(asked=request).failed(Problem("No network.", "Take one.")))
    assert box._failure.isVisible()
