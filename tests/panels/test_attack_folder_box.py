"""The attacks on a folder: the curve, tiles, table, what begins them, and what the hand does."""

from __future__ import annotations

import dataclasses
import io
import itertools

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.attack_folder_results import AttackFolderResult, AttackRow
from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.params import build
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.result import Norms
from cnnviz_gui.panels.attack.folder_box import FolderBox
from cnnviz_gui.panels.attack.page import AttackPage
from cnnviz_gui.panels.attack.robust_chart import RobustChart
from cnnviz_gui.state.attack_folder_view import LANE
from cnnviz_gui.state.finding import Finding, Problem

NET = ModelRef(name="net")
PGD = method("attack", "pgd")
ASKED = AttackFolder(
    model=NET,
    folder=FolderRef(path="/p"),
    method="pgd",
    parameters=build(PGD.params, {}),
    epsilons=(0.0, 0.5, 1.0, 4.0),
)


def jpeg(*shade):
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), shade).save(buffer, "JPEG")
    return buffer.getvalue()


def row(number):
    score = Score(number % 2, ("cat", "dog")[number % 2], 0.9, 1.0)
    after = Score(1 - number % 2, ("dog", "cat")[number % 2], 0.6, 1.0)
    flip = (0.5, 1.0, 4.0, None)[number % 4]
    values = {"predicted": score, "width": 60, "height": 40, "flip": flip}
    values["thumbnail"] = jpeg(200, 5 * number, 0)
    if flip is not None:
        norms = Norms(linf=flip / 255, l2=number / 10, l1=3.0)
        values |= {"after": after, "norms": norms, "lasting": True, "clean": jpeg(0, 0, 200)}
    return AttackRow(path=f"/p/{number:02}.jpg", **values)


ROWS = (*(row(n) for n in range(24)), AttackRow(path="/p/cut.jpg", problem="It is cut off."))


def result(rows=ROWS, total=25):
    return AttackFolderResult(
        folder=ASKED.folder,
        rows=tuple(rows),
        total=total,
        method="pgd",
        norm="linf",
        epsilons=ASKED.epsilons,
    )


@pytest.fixture
def looking(state):
    facts = ModelFacts(
        "net", "net", "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (), "", True,
    )  # fmt: skip
    state.use_network(NET, facts)
    state.share(methods=(PGD,))
    state.choose_method("attack", "pgd")
    state.select(stage="attack", folder="/p", attack_folder=ASKED)
    state.show(attack_view="folder")
    return state


@pytest.fixture
def box(qtbot, looking):
    made = FolderBox(looking)
    qtbot.addWidget(made)
    made.resize(860, 720)
    made.show()
    return made


def find(state, found=None, **asked):
    state.found(LANE, Finding().finished(dataclasses.replace(ASKED, **asked), found or result()))


def test_without_a_folder_it_says_how_to_begin(box, looking, qtbot):
    looking.select(folder="")
    assert box.pane.currentWidget() is box.pane.empty and not box.tools.isVisible()
    assert not box.chart.isVisible() and not box.verdict.isVisible()
    with qtbot.waitSignal(box.folder_wanted):
        box.pane.empty.action.click()
    assert box.export() is None


def test_nothing_begins_before_the_button_is_pressed(box, looking, qtbot):
    looking.select(attack_folder=None)
    assert box.tools.start.isVisible() and not box.tools.refresh.isVisible()
    assert box.pane.currentWidget() is box.pane.empty and not box.pane.empty.action.isVisible()
    box.tools.start.click()
    begun = looking.selection.attack_folder
    assert (begun.folder.path, begun.method, begun.model) == ("/p", "pgd", NET)
    assert not box.tools.start.isVisible()
    looking.select(folder_nested=True)
    assert box.tools.start.isVisible(), "that is another question"


def test_what_there_is_is_shown_while_it_works(box, looking, qtbot):
    looking.select(attack_folder=None)
    box.tools.start.click()
    begun = looking.selection.attack_folder
    partial = Finding().waiting(begun)
    looking.found(LANE, partial)
    assert box.pane.tiles.count() == 0 and box.pane.tiles._places == 12
    looking.found(LANE, partial.partial(begun, result(ROWS[:5])))
    assert box.pane.tiles.count() == 5 and box.pane.tiles._places == 25
    assert box.chart.isVisible() and "of 5 pictures" in box.verdict.text()
    with qtbot.waitSignal(box.halted) as told:
        box.tools.stop.click()
    assert told.args == [LANE]
    looking.found(LANE, partial.partial(begun, result(ROWS[:5])).stopped())
    assert box._stopped.accessibleName() == "Stopped at 5 of 25."
    with qtbot.waitSignal(box.again) as told:
        box._stopped.acted.emit()
    assert told.args == [LANE]


@pytest.mark.parametrize(("target", "upwards"), [(None, "accuracy"), (1, "pictures")])
def test_both_axes_of_the_curve_are_named(box, looking, target, upwards):
    looking.select(attack_folder=dataclasses.replace(ASKED, target=target))
    find(looking, target=target)
    chart = box.chart
    assert (chart._axis, chart._upwards) == ("epsilon, L∞ in 255ths", upwards)
    left = QRect(0, chart.height() // 3, 24, chart.height() // 3)
    named = chart.grab(left).toImage()
    assert len({named.pixel(x, y) for x in range(24) for y in range(left.height())}) > 4


def test_a_curve_without_points_has_no_title_either(qtbot):
    empty, bare = RobustChart(), RobustChart()
    for chart in (empty, bare):
        qtbot.addWidget(chart)
    empty.set_points((), "Robust accuracy", "keep", ("epsilon", "accuracy"), stale=False)
    assert empty.grab().toImage() == bare.grab().toImage()


def test_a_folder_that_is_left_for_another_lets_it_rest(box, looking):
    partial = Finding().waiting(ASKED).partial(ASKED, result(ROWS[:5]))
    looking.found(LANE, partial)
    assert box.tools.stop.isVisible()
    looking.select(folder="/q")
    looking.found(LANE, partial.waiting())
    assert not box.tools.stop.isVisible() and box.tools.start.isVisible()
    assert box.pane.currentWidget() is box.pane.empty
    assert "Nothing is computed" in box.pane.empty.sentence.text()


def test_until_the_first_picture_of_another_folder_it_waits(box, looking):
    find(looking)
    looking.select(folder="/q")
    assert box.pane.currentWidget() is box.pane.empty
    box.tools.start.click()
    begun = looking.selection.attack_folder
    looking.found(LANE, looking.finding(LANE).waiting(begun))
    assert box.tools.stop.isVisible() and box.pane.currentWidget() is box.pane.tiles
    assert box.pane.tiles.count() == 0 and box.pane.tiles._places == 12


def test_what_was_stopped_before_the_first_picture_can_be_begun_again(box, looking, qtbot):
    looking.select(attack_folder=None)
    box.tools.start.click()
    begun = looking.selection.attack_folder
    looking.found(LANE, Finding().waiting(begun))
    assert not box.tools.start.isVisible()
    looking.found(LANE, looking.finding(LANE).stopped())
    assert not box.tools.start.isVisible() and not box.tools.stop.isVisible()
    assert box._stopped.accessibleName() == "Stopped before the first picture."
    with qtbot.waitSignal(box.again) as told:
        box._stopped.acted.emit()
    assert told.args == [LANE] and looking.selection.attack_folder == begun


def test_a_failure_keeps_what_was_found(box, looking, qtbot):
    find(looking)
    looking.found(LANE, looking.finding(LANE).failed(Problem("The folder is gone.", "Find it.")))
    assert box._failure.isVisible() and box.pane.tiles.count() == 25
    with qtbot.waitSignal(box.again):
        box._failure.remedied.emit()


def test_the_curve_tells_every_epsilon(box, looking, qtbot):
    find(looking)
    chart = box.chart
    assert [point.epsilon for point in chart.points] == ["0", "0.5", "1", "4"]
    assert chart.accessibleName() == "Robust accuracy, PGD"
    assert "18 of 24, 75.0 %" in chart.accessibleDescription()
    places = [chart.place(number) for number in range(4)]
    gaps = {round(b - a, 6) for a, b in itertools.pairwise(places)}
    assert len(gaps) == 1 and places[0] >= 40 and places[-1] < chart.width()
    at = QPoint(round(places[2]) - 9, 80)
    QApplication.sendEvent(chart, QHelpEvent(QEvent.Type.ToolTip, at, chart.mapToGlobal(at)))
    assert QToolTip.text().startswith("epsilon 1 / 255\nkeep their class: 12 of 24")
    before = chart.grab().toImage()
    moved = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(chart.mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(chart, moved)
    assert chart.grab().toImage() != before
    QApplication.sendEvent(chart, QEvent(QEvent.Type.Leave))
    assert chart.grab().toImage() == before


def test_the_table_follows_the_unit_of_epsilon(box, looking):
    find(looking)
    looking.show(folder_look="table")
    table = box.pane.table.table
    place = [column.key for column in table.columns].index("flip")
    assert table.index(0, place).data() == "0.5 / 255"
    looking.show(epsilon_unit="one")
    assert table.index(0, place).data() == "0.00196"


def test_in_a_low_window_the_curve_leaves_room_for_the_pictures(box, looking):
    find(looking)
    tall = box.chart.height()
    box.resize(760, 430)
    assert box.chart.height() < tall


def test_a_tile_shows_the_picture_before_and_after(box, looking):
    find(looking)
    tile = box._tile(0)
    assert (tile.word, tile.number, tile.long_word) == ("cat → dog", "ε 0.5 / 255", True)
    assert tile.thumbnail == ROWS[0].thumbnail
    box.tools.clean.click()
    assert box._tile(0).thumbnail == ROWS[0].clean
    assert box._tile(3).thumbnail == ROWS[3].thumbnail, "one that holds has but one"
    box.pane.tiles.grab()


def test_a_click_asks_for_the_picture_to_be_attacked_as_it_gave_way(box, looking, qtbot):
    find(looking)
    looking.select(image=ImageRef(path="/q/other.png"), attack_started=True)
    with qtbot.waitSignal(box.opened) as told:
        spot = box.pane.tiles.tile_rect(1).center()
        qtbot.mouseClick(box.pane.tiles.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert told.args == [ImageRef(path="/p/01.jpg", reduced=True)]
    assert looking.display.attack_view == "picture"
    assert looking.selection.attack_parameters.epsilon == 1.0
    assert looking.selection.attack_awaited == told.args[0]
    assert not looking.selection.attack_started, "the other picture is still the one in use"


@pytest.fixture
def begun(box, looking):
    """A folder that is half done."""
    looking.select(attack_folder=None)
    box.tools.start.click()
    asked = looking.selection.attack_folder
    values = {"rows": ROWS[:5], "total": 25, "method": "pgd", "norm": "linf"}
    found = AttackFolderResult(folder=asked.folder, epsilons=asked.epsilons, **values)
    looking.found(LANE, Finding().waiting(asked).partial(asked, found))
    return asked


def dimmed(box):
    dimming = box.pane.tiles._dimming
    tiles = dimming.opacity < 1 or dimming._patience.isActive()
    return tiles, box.chart._stale, box.tools.start.isVisible()


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        {"attack_parameters": build(PGD.params, {"epsilon": 1.0})},
        {"attack_parameters": build(PGD.params, {"steps": 3})},
        {"attack_method": "fgsm", "attack_parameters": method("attack", "fgsm").params()},
        {"target": 1},
    ],
    ids=["epsilon", "steps", "attack", "target"],
)
def test_another_attack_dims_the_rows_be_they_at_work_or_not(box, looking, begun, change, ended):
    if ended:
        value = dataclasses.replace(looking.finding(LANE).value, total=5)
        looking.found(LANE, looking.finding(LANE).finished(begun, value))
    assert dimmed(box) == (False, False, False)
    before = {name: getattr(looking.selection, name) for name in change}
    looking.select(**change)
    assert dimmed(box) == (True, True, True)
    assert box.tools.stop.isVisible() != ended, "what was begun goes on"
    looking.select(**before)
    assert dimmed(box) == (False, False, False)


def test_to_open_a_picture_asks_nothing_new_of_the_folder(box, looking, begun):
    box._on_chosen("/p/01.jpg")
    assert looking.selection.attack_parameters.epsilon == 1.0 != begun.parameters.epsilon
    looking.show(attack_view="folder")
    assert dimmed(box) == (False, False, False)
    looking.select(attack_parameters=build(PGD.params, {"epsilon": 1.5}))
    assert dimmed(box) == (True, True, True), "that is the hand's"
    box.tools.start.click()
    assert looking.selection.attack_folder.parameters.epsilon == 1.5
    looking.select(attack_parameters=build(PGD.params, {"epsilon": 1.0}))
    assert box.tools.start.isVisible(), "opened of another run"


def test_a_folder_that_is_begun_again_after_one_was_opened_shows_it(box, looking, begun):
    value = dataclasses.replace(looking.finding(LANE).value, total=5)
    looking.found(LANE, looking.finding(LANE).finished(begun, value))
    box._on_chosen("/p/01.jpg")
    looking.show(attack_view="folder")
    looking.select(target=1)
    assert dimmed(box) == (True, True, True)
    box.tools.start.click()
    again = looking.selection.attack_folder
    assert (again.target, again.parameters) == (1, begun.parameters)
    at_work = looking.finding(LANE).waiting(again).partial(again, value)
    looking.found(LANE, at_work)
    assert dimmed(box) == (False, False, False)
    looking.found(LANE, at_work.stopped())
    assert dimmed(box) == (False, False, False) and box._stopped.isVisible()
    looking.found(LANE, at_work.finished(again, value))
    assert dimmed(box) == (False, False, False)


def test_a_file_that_cannot_be_read_is_tried(box, looking, qtbot):
    find(looking)
    with qtbot.waitSignal(box.opened) as told:
        box._on_chosen("/p/cut.jpg")
    assert told.args == [ImageRef(path="/p/cut.jpg")]
    assert looking.display.attack_view == "folder" and "It is cut off." in box._skipped.text()


def test_the_table_has_the_same_rows_and_its_header_sorts(box, looking):
    find(looking)
    looking.show(folder_look="table")
    table = box.pane.table
    assert box.pane.currentWidget() is table and table.table.rowCount() == 25
    table.sort_wanted.emit(("flip", False))
    assert table.table.rows[0].flip == 0.5 and table.table.rows[-1].path == "/p/cut.jpg"
    assert not box.tools.clean.isVisible()


def test_rows_of_what_was_begun_before_are_dimmed(box, looking):
    find(looking)
    begun = dataclasses.replace(ASKED, target=1)
    looking.select(attack_folder=begun)
    looking.found(LANE, looking.finding(LANE).waiting(begun))
    assert box.pane.tiles.count() == 25 and box.chart._stale


def test_the_sheet_the_figures_and_the_request_can_be_saved(box, looking):
    find(looking)
    found = box.export()
    assert found.stem == "p-pgd" and found.request == ASKED
    assert found.array.shape[0] == 25 and found.picture.ndim == 3
    assert box.export() is found
    looking.show(epsilon_unit="one")
    other = box.export()
    assert other is not found, "it says its sizes in another unit"
    assert not np.array_equal(other.picture, found.picture)
    assert box.export() is other
    find(looking, target=1)
    assert box.export().request == dataclasses.replace(ASKED, target=1)


def test_every_control_says_what_it_does(box, looking):
    find(looking)
    for widget in box.tools.findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible():
            assert widget.toolTip() or widget.accessibleName(), widget


def test_the_page_hands_on_what_the_box_wants(qtbot, looking):
    page = AttackPage(looking)
    qtbot.addWidget(page)
    box = page._views.box
    assert isinstance(box, FolderBox)
    for signal, of_box, given in (
        (page.folder_wanted, box.folder_wanted, ()),
        (page.table_wanted, box.table_wanted, ()),
        (page.halted, box.halted, (LANE,)),
        (page.again, box.again, (LANE,)),
        (page.opened, box.opened, (ImageRef(path="/p/a.png"),)),
    ):
        with qtbot.waitSignal(signal):
            of_box.emit(*given)
