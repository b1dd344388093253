"""Settings take effect at once and come back after a restart."""

import json

import pytest
from PySide6.QtWidgets import QAbstractButton, QFileDialog

from cnnviz_gui.app import palette_places
from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.core import patch_cache, web
from cnnviz_gui.core.request import Forget
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import NumberBox, Toggle
from cnnviz_gui.panels.settings_window import SettingsWindow


@pytest.fixture
def settings(tmp_path):
    return tmp_path / "config" / "settings.json"


@pytest.fixture
def start(qtbot, tmp_path, settings, computer):
    made = []

    def begin(**stored):
        settings.parent.mkdir(exist_ok=True)
        settings.write_text(json.dumps(stored))
        explorer = Explorer(settings, tmp_path / "cache", start=computer.start)
        made.append(explorer)
        qtbot.addWidget(explorer.window)
        explorer.show()
        qtbot.waitUntil(lambda: explorer.complete, timeout=20_000)
        explorer.commands.on_settings()
        return explorer

    yield begin
    for explorer in made:
        explorer.window.close()
    web.set_offline(False)
    theme.set_reduced_motion(False)
    theme.set_high_contrast(False)


def control(explorer, kind, name):
    found = explorer.preferences.window.findChildren(kind)
    return next(w for w in found if w.accessibleName() == name)


def saved(settings):
    return json.loads(settings.read_text())


def test_offline_mode_counts_at_once_and_from_the_start(start, settings, qtbot):
    explorer = start()
    toggle = control(explorer, Toggle, "Offline mode")
    assert not toggle.isChecked()
    toggle.click()
    assert web.offline()
    assert explorer.state.shared.offline
    qtbot.waitUntil(lambda: saved(settings).get("offline") is True, timeout=20_000)
    explorer.window.close()
    web.set_offline(False)
    assert start(offline=True).state.shared.offline


def test_reduced_motion_counts_at_once_and_from_the_start(start):
    explorer = start()
    assert theme.duration(100) == 100
    control(explorer, Toggle, "Reduced motion").click()
    assert theme.duration(100) == 0
    explorer.window.close()
    theme.set_reduced_motion(False)
    start(reduced_motion=True)
    assert theme.duration(100) == 0


def test_high_contrast_counts_at_once_and_from_the_start(start):
    explorer = start(scheme="dark")
    control(explorer, Toggle, "High contrast").click()
    assert theme.current().name == "dark-contrast"
    assert explorer.settings.high_contrast
    explorer.commands.on_toggle_theme()
    assert theme.current().name == "light-contrast"
    explorer.window.close()
    theme.set_high_contrast(False)
    start(high_contrast=True, scheme="dark")
    assert theme.current().name == "dark-contrast"


def test_the_theme_is_changed_everywhere(start):
    explorer = start(scheme="dark")
    control(explorer, QAbstractButton, "Theme: Light").click()
    assert theme.current().name == "light"
    assert explorer.commands.actions["theme_light"].isChecked()
    assert explorer.settings.scheme == "light"


def test_the_memory_that_is_kept_has_a_range(start):
    explorer = start()
    box = control(explorer, NumberBox, "Memory for kept networks")
    box.lineEdit().setText("2")
    box.editingFinished.emit()
    assert explorer.settings.kept_mb == 64
    box.lineEdit().setText("4096")
    box.editingFinished.emit()
    assert explorer.settings.kept_mb == 4096


def test_the_folder_of_the_weights_is_chosen_and_given_up(start, monkeypatch, tmp_path, computer):
    explorer = start()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    window = explorer.preferences.window
    window.folder_wanted.emit()
    assert explorer.settings.weights_folder == str(tmp_path)
    default = next(b for b in window.findChildren(QAbstractButton) if b.text() == "Default")
    assert default.isEnabled()
    default.click()
    assert explorer.settings.weights_folder == ""
    assert not default.isEnabled()


@pytest.mark.parametrize("name", palette_places.SETTINGS)
def test_each_setting_is_led_to(qtbot, name):
    window = SettingsWindow()
    qtbot.addWidget(window)
    window._half.setEnabled(True)
    window._device.setEnabled(True)
    window.show()
    qtbot.waitUntil(window.isVisible)
    window.point_to(name)
    control = window.focusWidget()
    words = {"weights_folder": "Choose…", "scheme": "Theme: System", "language": "Language: System"}
    words |= {"text_size": "Text size: 100 %", "half_precision": "Half precision for predictions"}
    named = control.accessibleName() or control.text()
    assert named == words.get(name, palette_places.SETTINGS[name])
    assert window.rect().contains(control.mapTo(window, control.rect().center()))


def test_recent_things_are_forgotten(start):
    explorer = start(recent_images=["/a.png"], recent_networks=["net", "other"])
    explorer.preferences.window.forget_wanted.emit()
    assert explorer.settings.recent_images == []
    assert "other" not in explorer.settings.recent_networks
    assert explorer.preferences.window._told.text() == "Forgotten"


def test_where_there_is_no_folder_to_show_the_settings_say_so(start, tmp_path, monkeypatch):
    explorer = start()
    monkeypatch.setattr(explorer.networks, "folder", lambda: str(tmp_path / "none"))
    explorer.preferences.window.show_wanted.emit()
    assert "none" in explorer.preferences.window._told.text()
    notice = explorer.state.shared.notice
    assert notice is None or "folder" not in notice.text, "that would stand behind the settings"


def test_what_is_kept_on_disk_is_told_and_cleared_and_nothing_is_computed_anew(
    start, computer, qtbot, tmp_path
):
    patch_cache.use(tmp_path)
    (tmp_path / "layer.npz").write_bytes(bytes(34_000_000))
    try:
        window = start().preferences.window
        qtbot.waitUntil(lambda: window._held.text() == "34 MB")
        asked = len(computer.asked)
        window._clear.click()
        qtbot.waitUntil(lambda: window._told.text() == "34 MB cleared")
        assert window._held.text() == "0 MB"
        assert not any(tmp_path.glob("*.npz"))
        assert not any(isinstance(one, Forget) for one in computer.asked[asked:])
    finally:
        patch_cache.use(None)


def test_a_setting_that_cannot_be_is_reset(start, settings, qtbot):
    explorer = start(kept_mb=3, offline="maybe", reduced_motion=1, weights_folder=7)
    assert explorer.settings.kept_mb == 1024
    assert explorer.settings.offline is False
    assert explorer.settings.weights_folder == ""
    qtbot.waitUntil(lambda: explorer.state.shared.notice is not None)  # it is said last
    assert "settings.BAK" in explorer.state.shared.notice.text
