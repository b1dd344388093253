"""The menu of devices, what is remembered of the choice, and what the controller makes of it."""

from __future__ import annotations

import dataclasses
import functools
import threading

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from cnnviz_gui.app import palette_commands
from cnnviz_gui.app.computing import Computing
from cnnviz_gui.app.settings import Settings, SettingsFile
from cnnviz_gui.core import device, shortage
from cnnviz_gui.core.errors import DeviceError
from cnnviz_gui.core.facts import DeviceFacts
from cnnviz_gui.core.request import Heatmap, UseDevice
from cnnviz_gui.core.result import DeviceInUse
from cnnviz_gui.panels.status_strip import StatusStrip
from cnnviz_gui.state import pass_cost
from cnnviz_gui.state.app_state import AppState

CPU = DeviceFacts("cpu", "CPU")
GPU = DeviceFacts("cuda:0", "NVIDIA H200")
TIRED = DeviceFacts("cuda:1", "GeForce GT 710", "it is too old for this build of PyTorch")
ALL = (CPU, GPU, TIRED)


def in_use(name="cuda:0", devices=ALL, **more):
    title = next(one.title for one in devices if one.name == name)
    return DeviceInUse(description=title, device=name, devices=devices, **more)


@pytest.fixture
def run(qtbot):
    menu = QMenu("Run")
    qtbot.addWidget(menu)
    menu.addAction("Compute again")
    return menu


@pytest.fixture
def asked():
    return []


@pytest.fixture
def computing(run, asked):
    state = AppState()
    made = Computing(run, state, Settings(), lambda name, half: asked.append((name, half)))
    made.state = state
    return made


def entries(computing):
    return {action.text(): action for action in computing.menu.actions() if action.text()}


def test_nothing_can_be_chosen_before_the_worker_has_looked(computing):
    assert not computing.menu.isEnabled() and computing.devices() == ()
    computing.offer(QPoint(0, 0))
    assert not computing.menu.isVisible()


def test_every_device_is_offered_and_the_unusable_say_why(computing):
    computing.state.share(computing=in_use())
    found = entries(computing)
    assert list(found) == [
        "Automatic",
        "CPU",
        "NVIDIA H200",
        "GeForce GT 710",
        "Half precision for predictions",
    ]
    assert [action.isEnabled() for action in found.values()][:4] == [True, True, True, False]
    assert found["GeForce GT 710"].toolTip() == "It is too old for this build of PyTorch."
    assert [text for text, action in found.items() if action.isChecked()] == ["Automatic"]


def test_a_choice_is_asked_for_and_remembered(computing, asked, qtbot):
    computing.state.share(computing=in_use())
    with qtbot.waitSignal(computing.changed):
        entries(computing)["CPU"].trigger()
    assert asked == [("cpu", False)]
    computing.state.share(computing=in_use("cpu"))
    assert entries(computing)["CPU"].isChecked()
    entries(computing)["Half precision for predictions"].trigger()
    assert asked[-1] == ("cpu", True)


def test_what_is_used_instead_is_marked(computing):
    computing.choose("cuda:1")
    computing.state.share(computing=in_use("cpu", note="GeForce GT 710 is not used."))
    marked = [text for text, action in entries(computing).items() if action.isChecked()]
    assert marked == ["CPU"]


def test_where_there_is_only_the_cpu_there_is_no_choice(computing):
    computing.state.share(computing=in_use("cpu", (CPU,), half_problem="The CPU is not faster."))
    found = entries(computing)
    assert computing.menu.isEnabled() and not any(one.isEnabled() for one in found.values())
    assert found["CPU"].toolTip() == "This machine has no other device."
    assert found["Half precision for predictions"].toolTip() == "The CPU is not faster."


def test_the_palette_offers_what_can_be_used(computing, asked, monkeypatch):
    monkeypatch.setattr(palette_commands, "SPECS", ())
    offer = functools.partial(palette_commands.all_of, computing.state, {}, print)
    assert offer(computing.entries()) == []
    computing.state.share(computing=in_use())
    commands = {command.title: command for command in offer(computing.entries())}
    assert list(commands) == [
        "Compute on: Automatic",
        "Compute on: CPU",
        "Compute on: NVIDIA H200",
    ]
    commands["Compute on: CPU"].run()
    assert asked == [("cpu", False)]


def test_the_status_strip_opens_the_menu_and_tells_the_memory(computing, qtbot, monkeypatch):
    held = {"cuda:0": (9 * 10**8, 10**11)}
    monkeypatch.setattr(device, "memory", held.get)
    strip = StatusStrip(computing.state)
    qtbot.addWidget(strip)
    strip.device_wanted.connect(computing.offer)
    strip.watch_accelerator(computing.memory)
    assert strip._accelerator.isHidden()
    computing.state.share(device="NVIDIA H200", computing=in_use(note="It was the last one."))
    strip._on_tick()
    assert strip._accelerator.text().startswith("900 MB of 100.0 GB")
    assert strip._device.text() == "NVIDIA H200" and "last one" in strip._device.toolTip()
    strip.show()
    strip._device.click()
    assert computing.menu.isVisible()
    computing.menu.close()
    computing.state.share(computing=in_use("cpu"))
    strip._on_tick()
    assert strip._accelerator.isHidden()
    strip._clock.stop()


def test_what_is_free_is_asked_where_one_computes(computing, monkeypatch):
    assert computing.free() is None, "nothing is known yet"
    monkeypatch.setattr(shortage, "free", lambda where: {"cuda": 5, "cpu": 3}[where.type])
    computing.state.share(computing=in_use())
    assert computing.free() == 5
    computing.state.share(computing=in_use("cpu"))
    assert computing.free() == 3


def test_settings_that_make_no_sense_are_reset(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"kept_mb": 3, "device": "cuda:1", "half_precision": true}')
    settings, said = SettingsFile(path).read()
    assert settings.kept_mb == Settings().kept_mb and "kept_mb" in said
    assert settings.device == "cuda:1" and settings.half_precision


# The controller, with a real engine and a stand-in for the computation


@pytest.fixture
def devices(bench):
    """Let the stand-in change the device, and first do once what is told by kind of request."""
    failing = {}
    execute = bench.computer.execute

    def answer(request, session, ctx):
        if type(request) in failing:
            failing.pop(type(request))(ctx)
        if isinstance(request, UseDevice):
            bench.computer.asked.append(request)
            note = "" if request.device != "cuda:1" else "GeForce GT 710 is not used."
            return in_use("cpu" if note else request.device, note=note)
        return execute(request, session, ctx)

    bench.computer.execute = answer
    return failing


def raising(message, offer):
    def fail(ctx):
        raise DeviceError(message, "", offer=offer)

    return fail


def kinds(bench):
    return [type(request) for request in bench.computer.asked]


def test_another_device_is_used_from_here_on_and_what_is_shown_stays(bench, devices, qtbot):
    bench.begin(qtbot)
    shown = bench.state.finding("heatmap")
    bench.controller.use_device("cpu")
    qtbot.waitUntil(lambda: bench.state.shared.computing is not None)
    assert bench.state.shared.device == "CPU"
    qtbot.waitUntil(lambda: not bench.engine.busy)
    assert bench.state.finding("heatmap").value is shown.value
    assert kinds(bench).count(Heatmap) == 1, "what is known is not computed again"
    timed = bench.state.finding("predict").value
    assert timed is not None and timed in pass_cost._ELSEWHERE, "but tells no time any more"


def test_what_was_under_way_begins_anew_on_the_other_device(bench, devices, qtbot):
    bench.begin(qtbot)
    waiting = threading.Event()

    def endless(ctx):
        waiting.set()
        while True:
            ctx.check()

    devices[Heatmap] = endless
    bench.state.select(target=1)
    qtbot.waitUntil(waiting.is_set)
    bench.controller.use_device("cpu")
    qtbot.waitUntil(lambda: bench.state.finding("heatmap").status == "done")
    assert bench.state.finding("heatmap").request.target == 1
    asked = bench.computer.asked
    assert next(i for i, one in enumerate(asked) if isinstance(one, UseDevice)) < next(
        i for i, one in enumerate(asked) if isinstance(one, Heatmap) and one.target == 1
    )


def test_why_it_is_another_device_than_the_one_asked_for_is_told(bench, devices, qtbot):
    bench.begin(qtbot)
    bench.controller.use_device("cuda:1")
    qtbot.waitUntil(lambda: bench.state.shared.notice is not None)
    assert bench.state.shared.notice.text == "GeForce GT 710 is not used."


def test_from_a_want_of_memory_the_cpu_is_one_click_away(bench, devices, qtbot):
    bench.begin(qtbot)
    devices[Heatmap] = raising("There is not enough memory on NVIDIA H200.", "cpu")
    bench.state.select(target=1)
    qtbot.waitUntil(lambda: bench.state.finding("heatmap").status == "failed")
    assert UseDevice not in kinds(bench), "nothing changes without the user"
    bench.controller.resume("heatmap")
    qtbot.waitUntil(lambda: bench.state.finding("heatmap").status == "done")
    assert UseDevice(device="cpu") in bench.computer.asked
    assert bench.state.shared.device == "CPU"


def test_after_the_loss_of_a_device_the_work_goes_on_on_the_cpu(bench, devices, qtbot):
    bench.begin(qtbot)
    before = dataclasses.replace(bench.state.selection, target=1)
    message = "NVIDIA H200 stopped responding (CUDA error)."
    devices[Heatmap] = raising(message, "lost")
    bench.state.select(target=1)
    qtbot.waitUntil(lambda: bench.state.shared.device == "CPU")
    qtbot.waitUntil(lambda: bench.state.finding("heatmap").status == "done")
    assert bench.state.finding("heatmap").request.target == 1
    assert bench.state.shared.notice.text.startswith(message)
    assert bench.state.selection == before
