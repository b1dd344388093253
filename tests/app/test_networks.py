"""Choosing networks in the whole window, with stand-ins for the computation and for the line."""

import dataclasses
import json
import sys

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QWidget,
)

from cnnviz_gui.app import incoming
from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.facts import Candidate, CatalogueEntry
from cnnviz_gui.core.request import (
    CheckpointRef,
    InspectCheckpoint,
    ListNetworks,
    ModelRef,
    ProbeNormalisation,
    ReadLabels,
)
from cnnviz_gui.core.result import (
    CheckpointReport,
    ClassNames,
    Downloaded,
    ListedNetworks,
    NormalisationProbe,
)
from cnnviz_gui.engine.runner import Kit
from cnnviz_gui.state.finding import Problem
from cnnviz_gui.state.selection import EMBEDDED

CATALOGUE = tuple(
    CatalogueEntry(name, name.title(), "Nets", 10, weights, 224, None, None, 1.0)
    for name, weights in (
        (EMBEDDED.name, "embedded"),
        ("net", "here"),
        ("far", "download"),
        ("bad", "here"),
    )
)
REMEMBERED = CheckpointRef(path="", labels=("a", "b"), input_size=96)


class World:
    """The stand-ins: a worker that knows files of weights, a line that brings every network."""

    def __init__(self, computer):
        self.computer = computer
        self.catalogue = CATALOGUE
        self.asked = []
        self.remembered = None

    def start(self, say):
        return dataclasses.replace(self.computer.start(say), execute=self.execute)

    def execute(self, request, session, ctx):
        match request:
            case ListNetworks():
                return ListedNetworks(entries=self.catalogue)
            case InspectCheckpoint():
                self.asked.append(request)
                return self.inspect(request.path)
            case ReadLabels():
                labels = tuple(f"class {n}" for n in range(request.classes))
                return ClassNames(labels=labels, note="")
            case ProbeNormalisation():
                self.asked.append(request)
                return NormalisationProbe(guesses=())
        return self.computer.execute(request, session, ctx)

    def inspect(self, path):
        if "code" in path:
            raise CheckpointError("It contains code.", "Ask for a .safetensors file.")
        return CheckpointReport(
            path=path,
            sha256="cd" * 32,
            format="safetensors",
            tensors=2,
            parameters=20,
            classes=2,
            channels=3,
            candidates=(Candidate("net", "Net", 2, 2, ()),),
            notes=(),
            problems=(),
            remembered=self.remembered,
            architecture="net" if self.remembered else "",
        )

    def fetch(self, say):
        return Kit(self.download, None)

    def download(self, request, session, ctx):
        ctx.step(1, 1)
        self.catalogue = tuple(
            dataclasses.replace(e, weights="here") if e.name == request.name else e
            for e in self.catalogue
        )
        return Downloaded(name=request.name, path="x", size=1)


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
        settings.write_text(json.dumps(stored))
        explorer = Explorer(settings, tmp_path / "cache", start=world.start, fetch=world.fetch)
        made.append(explorer)
        qtbot.addWidget(explorer.window)
        explorer.show()
        qtbot.waitUntil(lambda: explorer.state.shared.facts is not None, timeout=20_000)
        qtbot.waitUntil(lambda: explorer.complete, timeout=20_000)
        qtbot.waitUntil(lambda: bool(explorer.state.shared.catalogue), timeout=20_000)
        return explorer

    yield begin
    for explorer in made:
        explorer.window.close()


def test_button_key_menu_and_palette_open_the_chooser(start, qtbot):
    explorer = start()
    chooser = explorer.networks.chooser
    for opened in (
        explorer.window.top_bar.network.click,
        explorer.commands.actions["choose_network"].trigger,
        explorer.networks.show_chooser,
    ):
        opened()
        assert chooser.isVisible()
        assert not chooser.isModal()
        assert chooser.current().entry.name == EMBEDDED.name
        chooser.reject()
        assert not chooser.isVisible()


def test_the_chooser_closes_once_the_network_is_in_use(start, qtbot):
    explorer = start()
    chooser = explorer.networks.chooser
    explorer.networks.show_network("net")
    assert chooser.card.submit()
    assert chooser.isVisible()
    qtbot.waitUntil(lambda: explorer.state.selection.model == ModelRef(name="net"))
    qtbot.waitUntil(lambda: not chooser.isVisible())


def test_a_network_that_cannot_be_opened_is_told_where_it_was_chosen(start, qtbot):
    explorer = start()
    chooser = explorer.networks.chooser
    explorer.networks.show_network("bad")
    chooser.card.submit()
    failure = chooser.card._actions._failure
    qtbot.waitUntil(failure.isVisible)
    assert "no network 'bad'" in failure.message.text()
    assert chooser.isVisible()
    assert explorer.state.selection.model == EMBEDDED


def test_weights_that_arrive_turn_the_row_and_open_the_network(start, qtbot):
    explorer = start()
    chooser = explorer.networks.chooser
    explorer.networks.show_network("far")
    chooser.card.submit()
    qtbot.waitUntil(lambda: explorer.state.selection.model == ModelRef(name="far"))
    qtbot.waitUntil(lambda: not chooser.isVisible())
    row = chooser._table.row(chooser._table.row_of("far"))
    assert row.here
    assert explorer.state.shared.downloads == ()


def test_weights_wanted_without_opening_leave_the_network_in_use(start, qtbot):
    explorer = start()
    chooser = explorer.networks.chooser
    explorer.networks.show_network("far")
    chooser.card.fetch_wanted.emit("far", False)
    table = chooser._table
    qtbot.waitUntil(lambda: table.row(table.row_of("far")).here)
    assert explorer.state.selection.model == EMBEDDED
    assert chooser.isVisible()


def test_from_the_palette_a_network_that_is_not_here_is_shown_and_not_opened(start):
    explorer = start()
    far, net = (next(e for e in CATALOGUE if e.name == name) for name in ("far", "net"))
    explorer.networks.open_entry(far)
    assert explorer.networks.chooser.isVisible()
    assert explorer.networks.chooser.current().entry.name == "far"
    assert explorer.state.shared.pending_model is None
    explorer.networks.open_entry(net)
    assert explorer.state.shared.pending_model == ModelRef(name="net")


def test_the_size_of_the_chooser_comes_back(start, settings):
    explorer = start()
    explorer.networks.show_chooser()
    explorer.networks.chooser.resize(780, 520)  # no wider than the screen of these tests
    explorer.window.close()
    stored = json.loads(settings.read_text())
    again = start(**stored)
    assert again.networks.chooser.size() == QSize(780, 520)


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".safetensors", ".ckpt", ".bin", ".pt2", ".PTH"])
def test_dropped_weights_are_looked_at(start, qtbot, suffix, world):
    explorer = start()
    explorer.commands.take(incoming.Offer(paths=(f"/w/birds{suffix}",)))
    assistant = explorer.networks.assistant
    assert assistant.isVisible()
    qtbot.waitUntil(lambda: assistant.model() is not None)
    assert world.asked == [InspectCheckpoint(path=f"/w/birds{suffix}")]
    assert explorer.state.selection.model == EMBEDDED


def drop(window, path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path)])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(40, 30), copy, mime, left, none)
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(40, 30), copy, mime, left, none))
    return enter.isAccepted()


def test_weights_can_be_dropped_on_chooser_and_assistant_too(start, qtbot, world):
    explorer = start()
    explorer.networks.show_chooser()
    assert not drop(explorer.networks.chooser, "/w/cat.png")
    assert drop(explorer.networks.chooser, "/w/birds.pth")
    qtbot.waitUntil(lambda: len(world.asked) == 1)
    assert not drop(explorer.networks.assistant, "/w/cat.png")
    assert drop(explorer.networks.assistant, "/w/other.safetensors")
    qtbot.waitUntil(lambda: world.asked[-1].path == "/w/other.safetensors")


def test_weights_on_the_command_line_are_looked_at(qtbot, tmp_path, settings, world):
    explorer = Explorer(
        settings, tmp_path / "cache", ["/w/birds.pth"], start=world.start, fetch=world.fetch
    )
    qtbot.addWidget(explorer.window)
    explorer.show()
    qtbot.waitUntil(lambda: explorer.complete, timeout=20_000)
    qtbot.waitUntil(lambda: explorer.state.selection.image is not None, timeout=20_000)
    assert explorer.networks.assistant.isVisible()
    explorer.window.close()


@pytest.mark.parametrize("which", ["chooser", "assistant", "settings"])
def test_everything_that_takes_the_focus_has_a_name(start, qtbot, which):
    explorer = start()
    if which == "assistant":
        explorer.networks.open_checkpoint("/w/birds.pth")
        qtbot.waitUntil(lambda: explorer.networks.assistant.model() is not None)
    explorer.preferences.show()
    window = {
        "chooser": explorer.networks.chooser,
        "assistant": explorer.networks.assistant,
        "settings": explorer.preferences.window,
    }[which]
    nameless = [
        type(widget).__name__
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.isVisibleTo(window)
        and not widget.accessibleName()
        and not isinstance(widget, QLabel)
        and not getattr(widget, "text", str)()
        and not isinstance(widget.parent(), QAbstractSpinBox)
        and not isinstance(widget.window().parent(), QComboBox)
    ]
    assert nameless == []


def test_pictures_dropped_along_with_weights_are_opened_too(start, qtbot):
    explorer = start()
    explorer.commands.take(incoming.Offer(paths=("cat.png", "/w/birds.pth")))
    assert explorer.networks.assistant.isVisible()
    qtbot.waitUntil(lambda: explorer.state.selection.image.path == "cat.png")


def test_a_checkpoint_is_opened_by_dialog_with_names_and_probe(start, qtbot, monkeypatch, world):
    explorer = start()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/w/birds.pth", ""))
    explorer.commands.actions["open_checkpoint"].trigger()
    assistant = explorer.networks.assistant
    qtbot.waitUntil(lambda: assistant.model() is not None)
    assert explorer.settings.last_weights_folder == "/w"
    assistant.names_wanted.emit(2)
    qtbot.waitUntil(lambda: assistant.names.labels() == ("class 0", "class 1"))
    qtbot.waitUntil(lambda: explorer.state.selection.image is not None)
    assistant.scale.probe.click()
    qtbot.waitUntil(lambda: isinstance(world.asked[-1], ProbeNormalisation))
    assert world.asked[-1].image == explorer.state.selection.image
    assistant.foot.open.click()
    qtbot.waitUntil(lambda: explorer.state.selection.model.checkpoint is not None)
    qtbot.waitUntil(lambda: not assistant.isVisible())
    assert explorer.state.selection.model.checkpoint.labels == ("class 0", "class 1")


def test_a_refused_file_leaves_everything_as_it_was(start, qtbot):
    explorer = start()
    explorer.networks.open_checkpoint("/w/code.pth")
    assistant = explorer.networks.assistant
    qtbot.waitUntil(assistant._reading.failure.isVisible)
    assert assistant._reading.failure.message.text() == "It contains code."
    assert explorer.state.selection.model == EMBEDDED
    assert explorer.state.shared.facts is not None
    assistant.reject()
    assert not assistant.isVisible()


def test_a_recent_checkpoint_is_looked_at_again(start, qtbot):
    explorer = start()
    explorer.commands.choose_network(ModelRef.parse("net@/w/birds.pth"))
    assert explorer.networks.assistant.isVisible()
    assert explorer.state.shared.pending_model is None


def test_a_checkpoint_used_last_is_opened_with_the_answers_of_then(start, qtbot, world):
    world.remembered = REMEMBERED
    explorer = start(recent_networks=["net@/w/birds.pth"])
    checkpoint = explorer.state.selection.model.checkpoint
    assert checkpoint.labels == ("a", "b")
    assert checkpoint.input_size == 96
    assert checkpoint.path == "/w/birds.pth"
    assert explorer.networks.assistant is None


@pytest.mark.parametrize(
    ("path", "said"), [("/w/code.pth", "contains code"), ("/w/birds.pth", "has changed")]
)
def test_a_checkpoint_that_cannot_be_opened_again_gives_way(start, qtbot, path, said):
    explorer = start(recent_networks=[f"net@{path}", "net"])
    assert explorer.state.selection.model == EMBEDDED
    qtbot.waitUntil(lambda: explorer.state.shared.notice is not None)
    assert said in explorer.state.shared.notice.text
    assert f"net@{path}" not in explorer.settings.recent_networks


def test_refusals_of_damage_can_be_insisted_on(start, qtbot):
    explorer = start()
    explorer.networks.open_checkpoint("/w/birds.pth")
    assistant = explorer.networks.assistant
    qtbot.waitUntil(lambda: assistant.model() is not None)
    finding = explorer.state.finding("model")
    from cnnviz_gui.core.request import OpenModel

    asked = OpenModel(model=assistant.model())
    refused = Problem("It is not whole.", "Fetch it again.", offer="damaged")
    explorer.state.found("model", finding.waiting(asked).failed(refused))
    qtbot.waitUntil(lambda: assistant.foot.open.text() == "Open anyway")
    assistant.foot.open.click()
    assert explorer.state.shared.pending_model.checkpoint.damaged


def test_the_command_of_a_package_is_copied(start):
    explorer = start()
    explorer.networks.chooser.copy_wanted.emit("python -m pip install packed")
    assert QGuiApplication.clipboard().text() == "python -m pip install packed"


def test_the_folder_of_the_weights_is_shown_or_said_to_be_missing(
    start, monkeypatch, tmp_path, qtbot
):
    explorer = start()
    shown = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()))
    monkeypatch.setattr(explorer.networks, "folder", lambda: "")
    explorer.networks.show_folder()
    monkeypatch.setattr(explorer.networks, "folder", lambda: str(tmp_path / "none"))
    explorer.networks.show_folder()
    assert "no folder" in explorer.state.shared.notice.text
    assert shown == []
    monkeypatch.setattr(explorer.networks, "folder", lambda: str(tmp_path))
    explorer.networks.show_folder()
    assert shown == [str(tmp_path)]


def test_asking_where_the_weights_are_never_loads_torch(start, monkeypatch):
    explorer = start()
    monkeypatch.delitem(sys.modules, "torch.hub", raising=False)
    assert explorer.networks.folder() == ""


def test_closing_the_main_window_ends_everything(start, qtbot):
    explorer = start()
    explorer.networks.show_chooser()
    explorer.networks.open_checkpoint("/w/birds.pth")
    explorer.window.close()
    assert not explorer.networks.chooser.isVisible()
    assert not explorer.networks.assistant.isVisible()
