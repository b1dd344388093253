"""The network compared with, over a restart: it comes back, or is told to be gone."""

import dataclasses
import json

import pytest

from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.core.errors import CheckpointError, ModelError
from cnnviz_gui.core.facts import Candidate
from cnnviz_gui.core.request import CheckpointRef, InspectCheckpoint, ModelRef, OpenModel
from cnnviz_gui.core.result import CheckpointReport
from cnnviz_gui.engine.runner import Kit

NET, OTHER = ModelRef(name="net"), ModelRef(name="other")
ANSWERS = CheckpointRef(path="", labels=("a", "b"), input_size=96)
REPORT = CheckpointReport(
    path="", sha256="cd" * 32, format="safetensors", tensors=2, parameters=20, classes=2,
    channels=3, candidates=(Candidate("net", "Net", 2, 2, ()),), notes=(), problems=(),
    remembered=ANSWERS, architecture="net",
)  # fmt: skip


class World:
    """The conftest's computer, which also knows files of weights, and a network that is gone."""

    def __init__(self, computer):
        self.computer = computer
        self.opened = []

    def start(self, say):
        return Kit(self.execute, None, self.computer.start(say).payload)

    def execute(self, request, session, ctx):
        if isinstance(request, InspectCheckpoint):
            if "gone" in request.path:
                raise CheckpointError("gone.pth does not exist any more.", "Choose another file.")
            return dataclasses.replace(REPORT, path=request.path)
        if isinstance(request, OpenModel):
            self.opened.append(str(request.model))
            if request.model.name == "missing":
                raise ModelError("The weights of Missing are not on this machine.")
        return self.computer.execute(request, session, ctx)


@pytest.fixture
def world(computer):
    return World(computer)


@pytest.fixture
def settings(tmp_path):
    return tmp_path / "config" / "settings.json"


@pytest.fixture
def start(qtbot, tmp_path, settings, world):
    made = []

    def begin(**stored):
        settings.parent.mkdir(exist_ok=True)
        if stored:
            settings.write_text(json.dumps(stored))
        explorer = Explorer(settings, tmp_path / "cache", start=world.start)
        made.append(explorer)
        qtbot.addWidget(explorer.window)
        explorer.show()
        qtbot.waitUntil(lambda: explorer.complete, timeout=20_000)
        qtbot.waitUntil(lambda: explorer.state.shared.facts is not None, timeout=20_000)
        return explorer

    yield begin
    for explorer in made:
        explorer.window.close()


def kept(settings):
    return json.loads(settings.read_text())["second_network"]


def test_two_networks_come_back_as_two_and_one_as_one(start, settings, qtbot):
    explorer = start(recent_networks=["net"])
    assert explorer.state.selection.second is None
    explorer.controller.choose_second(OTHER)
    qtbot.waitUntil(lambda: explorer.state.selection.second == OTHER)
    explorer.window.close()
    assert kept(settings) == "other"
    again = start()
    qtbot.waitUntil(lambda: again.state.selection.second == OTHER)
    assert again.state.selection.model == NET
    again.controller.swap_networks()
    assert again.settings.second_network == "net"
    again.controller.stop_comparing()
    again.window.close()
    assert kept(settings) == ""
    assert start().state.selection.second is None


def test_a_checkpoint_comes_back_with_its_answers(start, qtbot):
    explorer = start(recent_networks=["net"], second_network="net@/w/birds.pth")
    qtbot.waitUntil(lambda: explorer.state.selection.second is not None)
    second = explorer.state.selection.second.checkpoint
    assert (second.path, second.labels, second.input_size) == ("/w/birds.pth", ("a", "b"), 96)
    assert explorer.state.selection.model == NET
    assert explorer.settings.second_network == "net@/w/birds.pth"


@pytest.mark.parametrize(
    ("second", "said"),
    [("net@/w/gone.pth", "does not exist any more"), ("missing", "not on this machine")],
)
def test_what_is_gone_is_told_once_and_not_tried_again(start, settings, qtbot, second, said):
    explorer = start(recent_networks=["net"], second_network=second)
    qtbot.waitUntil(lambda: explorer.settings.second_network == "")
    assert said in explorer.state.shared.notice.text
    assert explorer.state.selection.model == NET and explorer.state.selection.second is None
    explorer.window.close()
    assert kept(settings) == ""


@pytest.mark.parametrize("second", ["net", "no:sense"])
def test_what_makes_no_second_network_is_passed_over(start, second, world):
    explorer = start(recent_networks=["net"], second_network=second)
    assert explorer.settings.second_network == "" and world.opened == ["net"]
    assert explorer.state.shared.notice is None
