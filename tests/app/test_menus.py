"""What is grey in a menu, and for how long."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from cnnviz_gui.app import actions
from cnnviz_gui.app.menus import Menus
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels.controls import Button
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.state.app_state import AppState


class Owner(QObject):
    def __getattr__(self, name):
        return lambda *_: None


class Page(QWidget):
    given = None

    def export(self):
        return self.given


@pytest.fixture
def opened(qtbot):
    QGuiApplication.clipboard().clear()
    window, page, state = QMainWindow(), Page(), AppState()
    window.setCentralWidget(page)
    QVBoxLayout(page)
    qtbot.addWidget(window)
    made = actions.build((Owner(),), window)
    menus = actions.fill(window.menuBar(), made)
    Menus(menus, made, state, lambda: page, window)
    window.show()

    def grey(title):
        menus[title].popup(window.pos())
        found = {name for name, action in made.items() if not action.isEnabled()}
        said = {name: made[name].statusTip() for name in made}
        menus[title].hide()
        return found & {spec.handler for spec in actions.SPECS if spec.menu == title}, said

    known = {"page": page, "state": state, "actions": made, "menus": menus, "window": window}
    return SimpleNamespace(grey=grey, **known)


def export(**other):
    known = {"request": None, "figure": None, "film": None, "crop": None, "table": None}
    return SimpleNamespace(**(known | {"unlike": ""} | other))


def test_what_would_do_nothing_is_grey_while_the_menu_is_open(opened):
    found, said = opened.grey("File")
    assert {"save_picture", "save_array", "save_crop", "next_picture"} <= found
    assert not found & {"open_files", "open_folder", "close_window"}
    assert all(bool(said[name]) == (name in found) for name in found)
    assert said["save_picture"] == "There is nothing to save yet."
    assert all(action.isEnabled() for action in opened.actions.values()), "keys are heard"


def test_the_status_line_says_why_an_entry_is_grey(opened, qtbot):
    menu, bar = opened.menus["File"], opened.window.statusBar()
    menu.popup(opened.window.pos())
    at = menu.actionGeometry(opened.actions["save_picture"]).center()
    QTest.mouseMove(menu, at)
    QTest.mouseMove(menu, at + QPoint(3, 0))
    qtbot.waitUntil(lambda: bar.currentMessage() == "There is nothing to save yet.")
    menu.hide()
    assert not bar.currentMessage()


def test_what_the_page_gives_away_can_be_saved(opened):
    opened.page.given = export()
    found, _ = opened.grey("File")
    assert not found & {"save_picture", "save_array", "save_request"}
    assert {"save_jpeg", "save_figure", "save_film", "save_crop"} <= found
    opened.page.given = export(figure=1, film=1, crop=1, unlike="It gives more.")
    found, said = opened.grey("File")
    assert not found & {"save_figure", "save_film", "save_crop"}
    assert said["save_request"] == said["copy_request"] == "It gives more."
    opened.page.given = export(table=1)
    found, said = opened.grey("File")
    assert not found & {"save_picture", "save_request"}
    assert said["save_array"].startswith("A table has no raw array")


def test_a_picture_can_be_fitted_where_there_is_one(opened, qtbot):
    assert "fit" in opened.grey("View")[0]
    pane = ImagePane("Clean")
    opened.page.layout().addWidget(pane)
    pane.show()
    assert "fit" in opened.grey("View")[0]
    pane.set_image(np.zeros((4, 4, 3), np.uint8))
    assert "fit" not in opened.grey("View")[0]
    pane.hide()
    assert "fit" in opened.grey("View")[0]


def test_what_can_be_pasted_or_started_is_found_when_the_menu_opens(opened):
    assert "paste" in opened.grey("Edit")[0]
    assert "start" in opened.grey("Run")[0]
    QGuiApplication.clipboard().setText("https://example.org/cat.png")
    button = Button("Attack", "lightning", "primary")
    opened.page.layout().addWidget(button)
    button.show()
    assert "paste" not in opened.grey("Edit")[0]
    assert "start" not in opened.grey("Run")[0]


def test_what_follows_the_state_by_itself_is_left_alone(opened):
    opened.actions["undo"].setEnabled(False)
    _, said = opened.grey("Edit")
    assert said["undo"] and not said["redo"]
    assert not opened.actions["undo"].isEnabled() and opened.actions["redo"].isEnabled()


def test_an_entry_that_applies_again_says_nothing(opened):
    opened.grey("Run")
    assert opened.grey("Run")[1]["compute_again"]
    opened.state.select(image=ImageRef(path="cat.png"))
    assert "network" in opened.grey("Run")[1]["compute_again"]
