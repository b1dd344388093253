"""The whole window after a restart, and put back."""

import json

import pytest
from PySide6.QtCore import QSize, Qt

from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.app.worker import Ready
from cnnviz_gui.engine.runner import Kit
from cnnviz_gui.panels.places import PLACES
from cnnviz_gui.state.keys import KEYS


def idle(say):
    return Kit(lambda request, session, ctx: None, None, Ready((), "CPU"))


@pytest.fixture
def start(qtbot, tmp_path):
    made = []

    def begin():
        explorer = Explorer(tmp_path / "settings.json", tmp_path / "cache", start=idle)
        qtbot.addWidget(explorer.window)
        made.append(explorer)
        explorer.show()
        qtbot.waitUntil(lambda: explorer.complete, timeout=20_000)
        return explorer

    yield begin
    for explorer in made:
        explorer.window.close()
    KEYS.choose({})
    PLACES.bring({})


def test_the_window_is_as_it_was_left_and_can_be_put_back(start, qtbot, tmp_path):
    explorer = start()
    window = explorer.window
    usual = window.docks["layers"].width()
    window.docks["prediction"].setFloating(True)
    window.resizeDocks([window.docks["layers"]], [usual + 60], Qt.Orientation.Horizontal)
    explorer.networks.show_chooser()
    explorer.networks.chooser.resize(780, 520)
    explorer.keyboard.on_show_shortcuts()
    explorer.keyboard.table.resize(640, 430)
    KEYS.assign("fit", ["F7"])
    explorer.commands.on_full_screen()
    window.close()
    stored = json.loads((tmp_path / "settings.json").read_text())
    assert stored["keys"] == {"fit": ["F7"]}
    assert "window.networks" in stored["places"]

    again = start()
    window = again.window
    assert window.isFullScreen()
    again.commands.on_full_screen()
    assert not window.isFullScreen()
    prediction = window.docks["prediction"]
    assert prediction.isFloating()
    assert prediction.isVisible()
    assert prediction.widget().isVisible()  # and no blank rectangle
    assert prediction.screen().availableGeometry().intersects(prediction.geometry())
    assert again.networks.chooser.size() == QSize(780, 520)
    again.keyboard.on_show_shortcuts()
    assert again.keyboard.table.size() == QSize(640, 430)
    assert again.commands.actions["fit"].shortcut().toString() == "F7"
    again.commands.on_reset_layout()
    assert not prediction.isFloating()
    assert again.keyboard.table.size() != QSize(640, 430)
    assert again.commands.actions["fit"].shortcut().toString() == "F7"  # which is no place


def test_a_floating_dock_of_a_screen_that_is_gone_is_brought_back(start):
    explorer = start()
    dock = explorer.window.docks["prediction"]
    dock.setFloating(True)
    dock.move(30_000, 30_000)
    explorer.window._bring_docks_in_sight()
    assert dock.screen().availableGeometry().contains(dock.geometry())
