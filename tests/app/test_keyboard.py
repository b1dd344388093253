"""Keys between the settings, the actions and the table."""

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from cnnviz_gui.app import actions
from cnnviz_gui.app.keyboard import Keyboard
from cnnviz_gui.app.settings import Settings, SettingsFile
from cnnviz_gui.state.keys import KEYS


class Owner(QObject):
    def __getattr__(self, name):
        return lambda *_: None


@pytest.fixture(autouse=True)
def usual():
    yield
    KEYS.choose({})


def windowed(qtbot, settings):
    window = QMainWindow()
    qtbot.addWidget(window)
    keyboard = Keyboard(window, settings)
    made = actions.build((Owner(),), window)
    keyboard.take(made, actions.fill(window.menuBar(), made))
    return keyboard, made


def written(action):
    return [key.toString() for key in action.shortcuts()]


def test_changed_keys_hold_at_once_in_every_window_and_are_remembered(qtbot, tmp_path):
    settings, others = Settings(), Settings()
    one, first = windowed(qtbot, settings)
    _, second = windowed(qtbot, others)
    with qtbot.waitSignal(one.changed):
        KEYS.assign("fit", ["F7", "Ctrl+O"])
    for made in (first, second):
        assert written(made["fit"]) == ["F7", "Ctrl+O"]
        assert written(made["open_files"]) == []
    wanted = {"fit": ["F7", "Ctrl+O"], "open_files": []}
    assert settings.keys == others.keys == wanted
    file = SettingsFile(tmp_path / "settings.json")
    assert file.write(settings) == ""
    KEYS.choose({})
    assert written(first["fit"]) == ["Ctrl+0"]
    read, said = file.read()
    keyboard, third = windowed(qtbot, read)
    assert said == keyboard.said == ""
    assert written(third["fit"]) == ["F7", "Ctrl+O"]


@pytest.mark.parametrize(
    "keys", [["K"], ["Esc"], ["nonsense"], ["Ctrl+K, Ctrl+J"], ["ctrl+j"], [""], ["Ctrl+Q"]]
)
def test_remembered_keys_that_cannot_be_used_are_put_back_and_told(qtbot, keys):
    settings = Settings(keys={"undo": ["Ctrl+Q"], "fit": keys, "of_later": ["Ctrl+J"]})
    keyboard, made = windowed(qtbot, settings)
    assert written(made["fit"]) == ["Ctrl+0"]
    assert written(made["undo"]) == ["Ctrl+Q"]
    assert "“Fit the pictures”" in keyboard.said
    assert "Undo" not in keyboard.said
    assert set(settings.keys) == {"undo"} | {"close_window"} & set(settings.keys)


def test_a_menu_whose_letter_is_taken_has_none(qtbot):
    keyboard, _ = windowed(qtbot, Settings())
    bar = keyboard._window.menuBar()
    assert bar.actions()[0].text() == "&File"
    KEYS.assign("fit", ["Alt+F"])
    assert bar.actions()[0].text() == "File"
    KEYS.choose({})
    assert bar.actions()[0].text() == "&File"


def test_the_table_shows_every_action_once_and_is_not_made_twice(qtbot):
    keyboard, _ = windowed(qtbot, Settings())
    keyboard.on_show_shortcuts()
    table = keyboard.table
    assert set(table.table._rows) == {spec.handler for spec in actions.SPECS}
    table.reject()
    keyboard.on_show_shortcuts()
    assert keyboard.table is table
