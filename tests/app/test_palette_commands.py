"""What the palette offers."""

import dataclasses
import functools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QTreeView, QWidget

from cnnviz_gui.app import palette_commands, palette_places
from cnnviz_gui.app.actions import SPECS
from cnnviz_gui.app.palette import Command, Palette
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.panels import theme
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.choice_words import HEATMAP_VIEWS as VIEWS


def test_every_view_of_heat_maps_and_every_method_is_found_by_name(monkeypatch):
    monkeypatch.setattr(palette_commands, "SPECS", ())
    state = AppState()
    cam = Method("heatmap", "cam", "CAM", "", "", "", Params, lambda facts: "", True, print)
    rise = dataclasses.replace(cam, name="rise", title="RISE", family="perturbation")
    blur = dataclasses.replace(cam, kind="defence", name="blur", title="Gaussian blur")
    state.share(methods=(cam, rise, blur))
    state.select(stage="layers")
    found = {command.title: command for command in palette_commands.all_of(state, {}, print)}
    assert {f"Heat maps: {word}" for word in VIEWS.values()} <= set(found)
    assert "Gaussian blur" not in found, "a defence is no way to look at a picture"
    assert found["CAM"].icon != found["RISE"].icon
    found["Heat maps: Trust"].run()
    assert (state.selection.stage, state.display.heatmap_view) == ("heatmaps", "trust")


@pytest.fixture
def actions(qapp):
    return {spec.handler: QAction(spec.title) for spec in SPECS}


def test_what_would_do_nothing_is_offered_with_the_reason_and_the_key(actions):
    actions["undo"].setEnabled(False)
    actions["undo"].setStatusTip("There is nothing to take back.")
    actions["redo"].setEnabled(False)
    by_title = {one.title: one for one in palette_commands.all_of(AppState(), actions, print)}
    titles = {spec.handler: spec.title.rstrip("…") for spec in SPECS}
    assert set(titles.values()) <= set(by_title), "every action is there"
    assert by_title[titles["undo"]].why == "There is nothing to take back."
    assert by_title[titles["redo"]].why
    assert by_title[titles["fit"]].why == ""
    assert by_title[titles["fit"]].hint == "Ctrl+0"


def test_what_stands_in_a_menu_inside_of_a_menu_is_found_as_well(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    menu = window.menuBar().addMenu("&View")
    panels, recent = menu.addMenu("Pa&nels"), menu.addMenu("Open recent")
    dock = panels.addAction("&Layers")
    dock.setCheckable(True)
    done = []

    def fill():
        recent.clear()
        recent.addAction("cat && dog.png").triggered.connect(lambda: done.append("cat"))
        recent.addAction("No more").setEnabled(False)

    recent.aboutToShow.connect(fill)
    found = palette_commands.submenus(window.menuBar())
    entries = [palette_commands._entry(m, a) for m in found for a in m.actions() if a.isEnabled()]
    assert [(one.title, one.hint) for one in entries] == [
        ("Panels: Layers", "off"),
        ("Open recent: cat & dog.png", ""),
    ]
    for one in entries:
        one.run()
    assert dock.isChecked()
    assert done == ["cat"]


def test_the_palette_puts_last_what_would_do_nothing_and_says_why(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    palette, chosen = Palette(parent), []
    palette.chosen.connect(chosen.append)
    able = Command("Save the array", "Ctrl+S", "table", print)
    grey = Command("Save", "Ctrl+E", "table", print, "There is nothing to save.")
    palette.open_with([grey, able])
    palette._search.setText("save")
    shown = [palette._model.item(row).text() for row in range(palette._model.rowCount())]
    assert shown == ["Save the array", "Save"]
    qtbot.keyClick(palette._search, Qt.Key.Key_Down)
    assert palette._note.text() == "There is nothing to save."
    qtbot.keyClick(palette._search, Qt.Key.Key_Return)
    assert chosen == []
    assert palette.isVisible()
    qtbot.keyClick(palette._search, Qt.Key.Key_Up)
    qtbot.keyClick(palette._search, Qt.Key.Key_Return)
    assert chosen == [able]
    assert not palette.isVisible()


def test_long_shortcuts_are_written_whole(qtbot):
    theme.load_typeface()  # a machine may have no other
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    palette = Palette(window)
    keys = ("Ctrl+K", "Strg+Alt+Umschalt+Bild ab")
    palette.open_with([Command(f"Do it {key}", key, "list", print) for key in 20 * keys])
    rows = palette.findChild(QTreeView)
    qtbot.waitUntil(rows.isVisible)
    for row in range(len(keys)):
        index = rows.model().index(row, 1)
        assert rows.visualRect(index).width() >= rows.sizeHintForIndex(index).width()
    palette.close()


def rows(palette):
    return [palette._model.item(row).text() for row in range(palette._model.rowCount())]


def test_where_nothing_fits_return_searches_the_manual(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    palette, sought = Palette(parent), []
    palette.chosen.connect(lambda command: command.run())
    save = Command("Save", "", "table", print)
    otherwise = functools.partial(palette_places.in_manual, sought.append)
    palette.open_with([save], otherwise=otherwise)
    palette._search.setText("quokka ")
    assert rows(palette) == ["Nothing found for “quokka”", "Search the manual for “quokka”"]
    qtbot.keyClick(palette._search, Qt.Key.Key_Up)
    qtbot.keyClick(palette._search, Qt.Key.Key_Return)
    assert sought == ["quokka"]
    assert not palette.isVisible()
    palette.open_with([save], "Compare with which network?")
    palette._search.setText("quokka")
    assert rows(palette) == ["Nothing found for “quokka”"], "the manual is no network"
    qtbot.keyClick(palette._search, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette._search.setText("sav")
    assert rows(palette) == ["Save"]
    palette.close()


@pytest.mark.parametrize("typed", ["", "save"])
def test_escape_closes_at_once(qtbot, typed):
    parent = QWidget()
    qtbot.addWidget(parent)
    palette = Palette(parent)
    palette.open_with([Command("Save", "", "table", print)])
    palette._search.setText(typed)
    qtbot.keyClick(palette._search, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_what_comes_later_is_offered_too_and_nothing_typed_or_chosen_is_lost(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    palette = Palette(parent)
    palette.open_with([Command(title, "", "table", print) for title in ("Save", "Net", "Close")])
    qtbot.keyClick(palette._search, Qt.Key.Key_Down)
    palette.add([Command("ResNet-18", "", "cube", print)])
    assert rows(palette) == ["Save", "Net", "Close", "ResNet-18"]
    assert palette._list.currentIndex().row() == 1
    palette._search.setText("res")
    assert rows(palette) == ["ResNet-18"]
    palette.add([Command("ResNet-34", "", "cube", print)])
    assert palette._search.text() == "res" and rows(palette) == ["ResNet-18", "ResNet-34"]
    assert palette._list.currentIndex().row() == 0
    qtbot.keyClick(palette._search, Qt.Key.Key_Down)
    palette.add([Command("Resolve", "", "table", print), Command("Res", "", "table", print)])
    assert palette._list.currentIndex().data() == "ResNet-34", "as the hand has chosen"
    palette._search.setText("quokka")
    palette.add([Command("Quokka", "", "table", print)])
    assert rows(palette) == ["Quokka"] and palette._list.currentIndex().row() == 0
    palette.close()
