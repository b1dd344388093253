"""The maps of a folder: tiles, table, what is chosen of them, and what the hand does."""

from __future__ import annotations

import dataclasses
import io
import types

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.folder import sheet
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.map_folder_results import HeatmapFolderResult, MapRow
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.save_work import Deferred
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.heatmaps.folder_box import FolderBox
from cnnviz_gui.panels.heatmaps.page import HeatmapPage
from cnnviz_gui.panels.parameter_panel import ParameterPanel
from cnnviz_gui.state.finding import Advance, Finding, Problem
from cnnviz_gui.state.map_folder_view import LANE

NET = ModelRef(name="net")
SALIENCY = Method(
    "heatmap", "saliency", "Saliency", "", "", "", Params, lambda facts: "", False, lambda: None
)
ASKED = HeatmapFolder(
    model=NET, folder=FolderRef(path="/p"), method="saliency", parameters=Params()
)


def jpeg(shade):
    buffer = io.BytesIO()
    Image.new("RGB", (160, 160), (shade, 40, 40)).save(buffer, "JPEG")
    return buffer.getvalue()


def row(number, **more):
    score = Score(number % 2, ("cat", "dog")[number % 2], 1 - number / 100, 1.0)
    values = {"predicted": score, "target": score, "marked": number / 50}
    values |= {"thumbnail": jpeg(5 * number), "width": 60, "height": 40}
    return MapRow(path=f"/p/{number:02}.jpg", **(values | more))


ROWS = (*(row(number) for number in range(40)), MapRow(path="/p/cut.jpg", problem="It is cut off."))


def result(rows=ROWS, total=41, **more):
    values = {"folder": ASKED.folder, "rows": tuple(rows), "total": total, "method": "saliency"}
    return HeatmapFolderResult(**(values | {"layer": ""} | more))


@pytest.fixture
def looking(state):
    state.share(methods=(SALIENCY,))
    state.choose_method("heatmap", "saliency")
    state.select(stage="heatmaps", folder="/p")
    state.show(heatmap_view="folder")
    return state


@pytest.fixture
def box(qtbot, looking):
    made = FolderBox(looking)
    qtbot.addWidget(made)
    made.resize(860, 620)
    made.show()
    return made


def find(state, found=None, **asked):
    state.found(LANE, Finding().finished(dataclasses.replace(ASKED, **asked), found or result()))


def test_without_a_folder_it_says_how_to_begin(box, looking, qtbot):
    looking.select(folder="")
    assert box.pane.currentWidget() is box.pane.empty and not box.tools.isVisible()
    with qtbot.waitSignal(box.folder_wanted):
        box.pane.empty.action.click()
    assert box.export() is None


def test_what_there_is_is_shown_while_it_works_with_the_places_still_free(box, looking, qtbot):
    partial = Finding().waiting(ASKED)
    looking.found(LANE, partial)
    assert box.tiles.count() == 0 and box.tiles._places == 12
    looking.found(LANE, partial.advanced(Advance(0, 3, None)))
    assert box.tiles.count() == 0 and box.tiles._places == 3, "as many as there are pictures"
    looking.found(LANE, partial.advanced(Advance(0, 5000, None)))
    assert box.tiles._places == 60
    looking.found(LANE, partial.partial(ASKED, result(ROWS[:5])))
    assert box.tiles.count() == 5 and box.tiles._places == 41
    assert box.tools._count.text() == "5 of 41" and box.tools.stop.isVisible()
    with qtbot.waitSignal(box.halted) as told:
        box.tools.stop.click()
    assert told.args == [LANE]
    find(looking)
    assert box.tiles.count() == box.tiles._places == 41 and not box.tools.stop.isVisible()
    assert "It is cut off." in box._skipped.text()


def test_places_are_free_while_another_folder_is_waited_for(box, looking):
    find(looking)
    looking.select(folder="/q")
    other = dataclasses.replace(ASKED, folder=FolderRef(path="/q"))
    looking.found(LANE, looking.finding(LANE).waiting(other))
    assert box.tiles._places == 12 and box.tools.stop.isVisible()
    looking.found(LANE, looking.finding(LANE).waiting())
    assert box.tiles._places == 0 and not box.tools.stop.isVisible()


def test_a_stopped_search_goes_on_when_told(box, looking, qtbot):
    looking.found(LANE, Finding().waiting(ASKED).partial(ASKED, result(ROWS[:5])).stopped())
    assert box._stopped.isVisible() and box._stopped.accessibleName() == "Stopped at 5 of 41."
    with qtbot.waitSignal(box.again) as told:
        box._stopped.acted.emit()
    assert told.args == [LANE]


def test_rows_of_another_question_do_not_count_as_far_as_it_came(box, looking):
    find(looking)
    asked = dataclasses.replace(ASKED, target=1)
    looking.found(LANE, looking.finding(LANE).waiting(asked).stopped())
    assert box._stopped.accessibleName() == "Stopped before the first picture."
    assert box.tiles.count() == 41


def test_one_that_was_stopped_before_the_first_picture_goes_on_too(box, looking, qtbot):
    looking.found(LANE, Finding().waiting(ASKED))
    assert not box._stopped.isVisible()
    looking.found(LANE, looking.finding(LANE).stopped())
    assert box._stopped.accessibleName() == "Stopped before the first picture."
    with qtbot.waitSignal(box.again):
        box._stopped.acted.emit()


def test_a_failure_keeps_what_was_found(box, looking, qtbot):
    done = Finding().finished(ASKED, result())
    looking.found(LANE, done.failed(Problem("There is not enough memory.", "", "cpu")))
    assert box._failure.isVisible() and box.tiles.count() == 41
    with qtbot.waitSignal(box.again):
        box._failure.remedied.emit()


def test_rows_of_another_method_are_dimmed(box, looking, qtbot):
    find(looking)
    looking.found(LANE, looking.finding(LANE).waiting(dataclasses.replace(ASKED, target=1)))
    qtbot.waitUntil(lambda: box.tiles._dimming.opacity == theme.STALE_OPACITY)
    assert box.tiles.count() == 41


def test_rows_of_another_method_are_dimmed_in_the_table_too(box, looking, monkeypatch):
    find(looking)
    looking.show(folder_look="table")
    tokens, text = set(), painting.text

    def noted(painter, rect, content, role, token, *more):
        tokens.add(token)
        return text(painter, rect, content, role, token, *more)

    spied = types.SimpleNamespace(text=noted)
    monkeypatch.setattr("cnnviz_gui.panels.folder.table.painting", spied)
    box.table.grab()
    assert "text1" in tokens
    tokens.clear()
    looking.found(LANE, looking.finding(LANE).waiting(dataclasses.replace(ASKED, target=1)))
    box.table.grab()
    assert tokens == {"text3"}


def test_a_click_shows_the_map_of_one_picture(box, looking, qtbot):
    find(looking)
    with qtbot.waitSignal(box.opened) as told:
        qtbot.mouseClick(
            box.tiles.viewport(),
            Qt.MouseButton.LeftButton,
            pos=box.tiles.tile_rect(2).center(),
        )
    assert told.args == [ImageRef(path="/p/02.jpg", reduced=True)]
    assert looking.display.heatmap_view == "map"


def test_one_that_cannot_be_read_says_why_and_stays_in_the_folder(box, looking, qtbot):
    find(looking, result(ROWS[-2:], 2))
    with qtbot.waitSignal(box.opened) as told:
        qtbot.mouseClick(
            box.tiles.viewport(),
            Qt.MouseButton.LeftButton,
            pos=box.tiles.tile_rect(1).center(),
        )
    assert told.args == [ImageRef(path="/p/cut.jpg")] and looking.display.heatmap_view == "folder"
    at = box.tiles.tile_rect(1).center()
    QApplication.sendEvent(
        box.tiles.viewport(),
        QHelpEvent(QEvent.Type.ToolTip, at, box.tiles.mapToGlobal(at)),
    )
    assert "It is cut off." in QToolTip.text()
    QToolTip.hideText()


def test_the_place_is_kept_when_one_comes_back_and_while_rows_come(box, looking, qtbot):
    find(looking)
    bar = box.tiles.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    at = bar.value()
    assert at > 0
    box.tiles._mark(20)
    at = bar.value()
    looking.show(heatmap_view="map")
    looking.found(LANE, looking.finding(LANE).waiting(ASKED))
    looking.show(heatmap_view="folder")
    assert bar.value() == at and box.tiles.marked() == 20
    find(looking)
    assert bar.value() == at
    looking.show(folder_order="probability", folder_falling=False)
    assert box.tiles.path(box.tiles.marked()) == "/p/20.jpg"


def test_the_keyboard_goes_through_the_tiles_and_opens_one(box, looking, qtbot):
    find(looking)
    box.tiles.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(box.tiles, key)
    assert box.tiles.accessibleDescription() == "02.jpg, cat, 98.0 %, 3 of 41"
    with qtbot.waitSignal(box.opened) as told:
        qtbot.keyClick(box.tiles, Qt.Key.Key_Return)
    assert told.args[0].path == "/p/02.jpg"


def test_only_pictures_in_sight_are_decoded(box, looking, qtbot):
    small = jpeg(90)
    many = [
        dataclasses.replace(row(1), path=f"/p/{number}.jpg", thumbnail=small + b"%d" % number)
        for number in range(2000)
    ]
    find(looking, result(many, 2000))
    box.tiles.grab()
    assert 0 < len(box.tiles._images) < 60


def test_tiles_are_sorted_searched_and_narrowed_by_the_controls(box, looking, qtbot):
    find(looking)
    tools = box.tools
    assert [tools.order.itemText(n) for n in range(3)] == ["By file", "By class", "By probability"]
    tools.order.activated.emit(2)
    assert looking.display.folder_order == "probability" and looking.display.folder_falling
    assert box.tiles.path(0) == "/p/00.jpg"
    tools._falling.click()
    assert box.tiles.path(0) == "/p/39.jpg"
    assert [tools.classes.itemText(n) for n in range(3)] == ["All classes", "cat   20", "dog   20"]
    tools.classes.activated.emit(2)
    assert box.tiles.count() == 20 and "20 in sight" in tools._count.text()
    tools.classes.activated.emit(0)
    tools.search.setText("cat 1")
    qtbot.waitUntil(lambda: looking.display.folder_words == "cat 1")
    assert box.tiles.count() == 5
    assert tools.table.isEnabled() and "in sight" in tools.table.toolTip()
    tools.search.setText("nobody")
    qtbot.waitUntil(lambda: box.pane.currentWidget() is box.pane.nothing)
    assert not tools.table.isEnabled(), "there is no row to write"


def test_the_list_of_classes_does_not_change_under_the_hand(box, looking, qtbot):
    def texts():
        return [classes.itemText(n) for n in range(classes.count())]

    classes, partial = box.tools.classes, Finding().waiting(ASKED)
    looking.found(LANE, partial.partial(ASKED, result(ROWS[:1])))
    looking.show(folder_class=1)
    assert texts() == ["All classes", "cat   1", "dog   0"] and classes.currentData() == 1
    classes.showPopup()
    find(looking)
    assert texts() == ["All classes", "cat   1", "dog   0"]
    classes.hidePopup()
    qtbot.waitUntil(lambda: texts() == ["All classes", "cat   20", "dog   20"], timeout=20_000)
    assert classes.currentData() == 1


def test_what_is_looked_for_is_chosen_by_buttons(box, looking, qtbot):
    find(looking)
    box.tools._nested.click()
    box.tools._curves.click()
    assert looking.selection.folder_nested and looking.selection.folder_curves
    for button, signal in (
        (box.tools._folder, box.folder_wanted),
        (box.tools.refresh, box.again),
        (box.tools.table, box.table_wanted),
    ):
        with qtbot.waitSignal(signal):
            button.click()


def test_the_table_has_the_same_rows_and_its_header_sorts(box, looking, qtbot):
    find(looking)
    box.tools._look.chosen.emit("table")
    table = box.table
    assert box.pane.currentWidget() is table and table.table.rowCount() == 41
    assert table.table.data(table.table.index(0, 0)) == "00.jpg"
    table._head.sort_by(2)
    assert (looking.display.folder_order, looking.display.folder_falling) == ("probability", True)
    table._head.sort_by(2)
    assert not looking.display.folder_falling
    assert table.table.rows[0].path == "/p/39.jpg" and table.table.rows[-1].problem
    table.setCurrentIndex(table.table.index(3, 0))
    looking.show(folder_falling=True)
    assert table.table.rows[table.currentIndex().row()].path == "/p/36.jpg", "it stays chosen"
    table.grab()
    with qtbot.waitSignal(box.opened) as told:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert told.args[0].path == "/p/36.jpg"


def test_the_header_says_the_order_even_where_it_changes_no_row(box, looking):
    find(looking, result(ROWS[:1], 1))
    looking.show(folder_look="table", folder_order="probability", folder_falling=True)
    head = box.table._head
    assert head.sortIndicatorSection() == 2
    looking.show(folder_order="marked", folder_falling=False)
    keys = [column.key for column in box.table.table.columns]
    assert keys[head.sortIndicatorSection()] == "marked"
    assert head.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder


def test_the_sheet_the_figures_and_the_request_can_be_saved(box, looking):
    find(looking)
    looking.show(folder_order="probability", folder_falling=True, folder_class=0)
    export = box.export()
    assert export.stem == "p-saliency" and export.request == ASKED
    assert export.picture.ndim == 3 and export.array.shape == (20, 7)
    assert export.array[0, 0] == pytest.approx(1.0)
    assert box.export() is export and export.picture is export.picture, "drawn once"
    find(looking, result(ROWS[-1:], 1))
    looking.show(folder_class=None)
    assert np.isnan(box.export().array).all()


def test_the_page_is_drawn_only_where_it_is_wanted(box, looking, monkeypatch):
    drawn = []

    def counted(rows, captions, footer):
        drawn.append(len(rows))
        return np.zeros((4, 4, 3), np.uint8)

    monkeypatch.setattr(sheet, "contact_sheet", counted)
    find(looking)
    export = box.export()
    assert export.request == ASKED and len(export.array) == 41 and not drawn
    find(looking, result(ROWS[:2], 2))
    assert export.picture.shape == (4, 4, 3) and drawn == [41], "of what was in sight then"


def test_every_control_has_a_name_and_a_tooltip(box, looking):
    find(looking)
    for widget in box.tools.findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible():
            if widget.metaObject().className() in ("_Segment", "QComboBoxListView"):
                continue
            assert widget.accessibleName() or getattr(widget, "text", str)(), widget
            assert widget.toolTip(), widget


def test_the_page_says_whose_class_it_is_and_hands_signals_on(qtbot, looking):
    page = HeatmapPage(looking)
    qtbot.addWidget(page)
    assert page._target.text() == "predicted of each"
    looking.select(target=1)
    assert page._target.text() == "dog"
    box = page._views.box
    for mine, its in (
        (page.halted, box.halted),
        (page.folder_wanted, box.folder_wanted),
        (page.opened, box.opened),
        (page.table_wanted, box.table_wanted),
    ):
        with qtbot.waitSignal(mine):
            its.emit(*([LANE] if its in (box.halted, box.opened) else []))


def test_what_the_tiles_do_not_follow_is_not_offered(qtbot, looking):
    panel = ParameterPanel(looking)
    qtbot.addWidget(panel)
    panel.show()
    assert not panel._heatmap_display.isVisible() and panel._save.text() == "Save the sheet"
    assert not panel._save.isEnabled()
    find(looking)
    assert panel._save.isEnabled()
    looking.show(heatmap_view="map")
    assert panel._heatmap_display.isVisibleTo(panel)


def test_the_page_is_drawn_of_what_stood_there_when_it_was_asked_for(box, looking, monkeypatch):
    find(looking)
    lines = []

    def drawn(rows, captions, footer):
        lines.extend(captions(row) for row in rows)
        return np.zeros((4, 4, 3), np.uint8)

    monkeypatch.setattr(sheet, "contact_sheet", drawn)
    export = box.export()
    assert isinstance(export.drawn, Deferred), "the worker can draw it"
    looking.found(LANE, Finding())
    looking.select(folder="")
    export.drawn.make()
    assert len(lines) == 41 and lines[0][0] == "00.jpg" and "cat" in lines[0][1]
