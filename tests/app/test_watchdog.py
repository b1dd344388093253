"""What hangs is told, and another worker goes on where the user wants that."""

import importlib
import sys

import pytest

from cnnviz_gui.app import ending, log, watchdog
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.app.watchdog import Watchdog
from cnnviz_gui.core.request import Forget
from cnnviz_gui.engine.mailbox import Job, Lane
from cnnviz_gui.engine.runner import Heartbeat
from cnnviz_gui.panels.status_strip import StatusStrip
from cnnviz_gui.state.app_state import Activity, AppState


class Hanging:
    def __init__(self):
        self.beat, self.done, self.at = None, [], ()

    def running(self):
        return self.at

    def heartbeat(self):
        return self.beat

    def restart(self):
        self.done.append("restart")

    def choose(self, device):
        self.done.append(device)


@pytest.fixture
def desk(qtbot, monkeypatch):
    monkeypatch.setattr(watchdog, "PATIENCE_S", 0.02)
    state, engine = AppState(), Hanging()
    window = MainWindow("dark")
    qtbot.addWidget(window)
    window.status = strip = StatusStrip(state, window)
    dog = Watchdog(window, state, Settings(), engine, engine)
    log.chronicle().clear()
    yield state, engine, strip, dog
    window.closing.emit()
    log.chronicle().clear()


def test_what_gives_no_sign_of_life_is_told_until_it_does(desk, qtbot):
    state, engine, strip, dog = desk
    state.share(starting="", activity=Activity("RISE", "heatmap"))
    engine.beat = Heartbeat("Grad-CAM", 12.0)
    qtbot.waitUntil(lambda: strip.stuck == "Grad-CAM")
    assert strip._job.text() == "Grad-CAM: still working"
    assert not strip._restart.isHidden()
    assert [one.text for one in log.chronicle().entries()] == [
        "Grad-CAM gave no sign of life for 0 s."
    ]
    engine.beat = Heartbeat("Grad-CAM", 0.0)
    dog.look()
    assert strip._restart.isHidden()
    assert strip._job.text() == "RISE"


def test_one_that_was_cancelled_and_does_not_listen_is_told_too(desk, qtbot):
    state, engine, strip, _ = desk
    state.share(starting="", activity=Activity("RISE", "heatmap"))
    state.share(activity=None, waiting=1)
    engine.beat = Heartbeat("RISE", 12.0)
    qtbot.waitUntil(lambda: strip.stuck == "RISE")
    assert not strip._restart.isHidden()
    assert not strip._job.isHidden()


def test_a_slow_import_is_not_told(desk, tmp_path, monkeypatch):
    state, engine, strip, dog = desk
    (tmp_path / "slowly_imported.py").write_text("seen = []\nimport sys\nsys.look(seen)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(ending, "SLOW_TO_IMPORT", "slowly_imported")

    def look(seen):
        dog.look()
        seen.append(strip.stuck)

    monkeypatch.setattr(sys, "look", look, raising=False)
    state.share(starting="")
    engine.beat = Heartbeat("Looking for networks", 12.0)
    module = importlib.import_module("slowly_imported")
    assert module.seen == [""]
    dog.look()
    assert strip.stuck == "Looking for networks"


def test_a_slow_start_and_a_quick_job_are_not_told(desk):
    state, engine, strip, dog = desk
    engine.beat = Heartbeat("Starting", 12.0)
    dog.look()
    assert strip.stuck == ""
    state.share(starting="")
    engine.beat = Heartbeat("RISE", 0.01)
    dog.look()
    assert strip.stuck == ""
    engine.beat = None
    dog.look()
    assert not dog._next.isActive()


@pytest.mark.parametrize("lane", ["heatmap", "save"])
def test_the_button_starts_the_engine_again_on_the_chosen_device(desk, lane):
    state, engine, strip, dog = desk
    state.share(starting="")
    engine.at = (Job(Lane(lane, 1), 1, "RISE", Forget()),)
    engine.beat = Heartbeat("RISE", 12.0)
    dog.look()
    strip._restart.click()
    assert engine.done == ["restart", "auto"]
    assert strip._restart.isHidden()
    assert state.shared.notice.text.startswith("The engine was started again.")
    assert ("may still be written" in state.shared.notice.text) == (lane == "save")
