"""Choosing, fetching and opening networks, with the real mouse and the real keyboard."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json

import pytest
import torch
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog
from torchvision import models

from cnnviz_gui.core import web
from cnnviz_gui.core.models import cache, download
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state import prediction_view
from cnnviz_gui.state.catalogue_view import KEYS

pytestmark = pytest.mark.window

NAME = "squeezenet1_1"
BIRDS = ("wren", "heron", "robin")


def weights(classes):
    with torch.random.fork_rng():
        torch.manual_seed(5)
        return models.squeezenet1_1(num_classes=classes).state_dict()


@pytest.fixture
def server(web_server, tmp_path, monkeypatch):
    """A server on the loopback that holds the weights of SqueezeNet 1.1, by the name they have."""
    file = io.BytesIO()
    torch.save(weights(1000), file)
    web_server.data = file.getvalue()
    name = f"{NAME}-{hashlib.sha256(web_server.data).hexdigest()[:8]}.pth"
    member = models.SqueezeNet1_1_Weights.IMAGENET1K_V1
    elsewhere = dataclasses.replace(member.value, url=f"{web_server.address}/models/{name}")
    monkeypatch.setattr(member, "_value_", elsewhere)
    monkeypatch.setattr(web, "refusal", lambda url: "")
    monkeypatch.setattr(download, "PAUSES", (0.05, 0.05))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    settings = tmp_path / "config" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"weights_folder": str(tmp_path / "weights")}))
    web_server.file = tmp_path / "weights" / "checkpoints" / name
    yield web_server
    cache.use("")


@pytest.fixture
def birds(tmp_path):
    """The weights of a network that tells three birds apart."""
    path = tmp_path / "birds.pth"
    torch.save({"state_dict": {f"module.{k}": v for k, v in weights(3).items()}}, path)
    return path


def button(window, words):
    found = (b for b in window.findChildren(QAbstractButton) if b.text() == words and b.isVisible())
    return next(found, None)


def pressed(hand, window, words):
    """Press the button of these words, once it can be pressed and stands still."""

    def ready():
        found = button(window, words)
        return found is not None and found.isEnabled()

    hand.wait(ready)
    hand.click(button(window, words))


def chosen(explorer, hand, query):
    """Open the chooser by its key and type what is looked for."""
    hand.press("ctrl+m")
    chooser = explorer.networks.chooser
    hand.wait(lambda: chooser.isVisible() and chooser.isActiveWindow())
    hand.wait(chooser.search.hasFocus)
    hand.type(query)
    hand.wait(lambda: chooser.search.text() == query)
    return chooser


def come(chooser):
    """Return how many bytes of the selected network's weights have come."""
    download_ = chooser.current().download
    return 0 if download_ is None else download_.done


def explained(explorer):
    state = explorer.state
    return all(state.finding(lane).status == "done" for lane in ("predict", "heatmap"))


def dropped(explorer, path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        explorer.window, QDragEnterEvent(QPoint(400, 300), copy, mime, left, none)
    )
    QApplication.sendEvent(explorer.window, QDropEvent(QPointF(400, 300), copy, mime, left, none))


def test_a_network_is_found_fetched_over_a_bad_line_and_explained(server, explorer, hand):
    chooser = chosen(explorer, hand, NAME)
    assert chooser.current().entry.name == NAME
    assert chooser.current().entry.weights == "download"
    server.cuts = [1_500_000, 100_000, 100_000]
    card = chooser.card._actions
    pressed(hand, chooser, "Download and open, 4.7 MiB")
    hand.wait(lambda: card._failure.isVisible())
    assert card._failure.message.text().endswith(".")
    assert card._failure.advice.text()
    assert not server.file.exists()
    before = explorer.state.selection.model

    server.stall_at = 1_000_000
    pressed(hand, chooser, "Try again")
    hand.wait(lambda: come(chooser) >= 2_500_000)
    assert chooser.current().download.phase == "running"
    assert explorer.window.status.download.isVisible()
    pressed(hand, chooser, "Cancel")
    hand.wait(lambda: chooser.current().download.phase == "stopped")
    assert "of" in card._progress._amount.text()
    assert explorer.state.selection.model == before

    server.stall_at = None
    server.go_on.set()
    pressed(hand, chooser, "Resume and open")
    hand.wait(lambda: explorer.state.selection.model == ModelRef(name=NAME))
    hand.wait(lambda: not chooser.isVisible())
    assert server.file.read_bytes() == server.data
    assert server.asked[-1][0].startswith("bytes=2")
    hand.wait(lambda: explained(explorer))
    assert explorer.state.finding("predict").request.model == ModelRef(name=NAME)
    assert len(prediction_view.rows(explorer.state)) == 5
    assert explorer.state.shared.facts.trained
    row = chooser._table.row(chooser._table.row_of(NAME))
    hand.wait(lambda: chooser._table.row(chooser._table.row_of(NAME)).here)
    assert row.entry.name == NAME


def test_computing_goes_on_while_weights_arrive(server, explorer, hand):
    server.stall_at = 1_000_000
    chooser = chosen(explorer, hand, NAME)
    hand.click(chooser.card._actions._first)
    hand.wait(lambda: come(chooser) >= 1_000_000)
    hand.press("Escape", "Escape")
    hand.wait(lambda: not chooser.isVisible())
    hand.wait(explorer.window.isActiveWindow)
    hand.press("ctrl+Right")
    hand.wait(lambda: "chelsea" not in explorer.state.selection.image.path)
    hand.wait(lambda: explained(explorer))
    assert explorer.state.shared.downloads[0].phase == "running"
    hand.click(explorer.window.status.download)
    hand.wait(chooser.isVisible)
    assert chooser.current().entry.name == NAME


def test_the_table_is_sorted_by_a_click_and_walked_with_the_arrows(explorer, hand):
    chooser = chosen(explorer, hand, "resnet")
    header = chooser.list.header()
    place = KEYS.index("parameters")
    x = header.sectionViewportPosition(place) + header.sectionSize(place) // 2
    hand.click(header.viewport(), QPoint(x, 20))
    hand.wait(lambda: header.sortIndicatorSection() == place)
    sizes = [entry.parameters for entry in chooser._found.entries()]
    assert sizes == sorted(sizes)
    hand.click(chooser.search)
    first = chooser._found.entries()
    chooser.list.setCurrentIndex(chooser._found.index(0, 0))
    hand.press("Down", "Down")
    hand.wait(lambda: chooser.current().entry == first[2])
    hand.press("Escape")
    hand.wait(lambda: chooser.search.text() == "")
    assert chooser.current().entry == first[2]
    hand.press("Escape")
    hand.wait(lambda: not chooser.isVisible())


def test_a_checkpoint_with_other_classes_is_dropped_mended_and_remembered(
    explorer, hand, birds, tmp_path, monkeypatch
):
    dropped(explorer, birds)
    hand.wait(lambda: explorer.networks.assistant is not None)
    assistant = explorer.networks.assistant
    hand.wait(lambda: assistant.model() is not None)
    assert assistant.form().architecture == NAME
    assert "3 classes without names" in assistant.names._check.text()
    names = tmp_path / "names.txt"
    names.write_text("wren\nheron\n")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(names), ""))
    pressed(hand, assistant, "Load from a file…")
    hand.wait(lambda: assistant.names.labels() == ("wren", "heron", "2"))
    assert "2 labels" in assistant.names._note.text()

    hand.click(assistant.names._editor.viewport())
    hand.press("ctrl+a")
    for name in BIRDS:
        hand.type(name)
        hand.press("Return")
    hand.wait(lambda: assistant.names.labels() == BIRDS)
    assert assistant.names._check.text() == "3 names for 3 classes."
    hand.wait(assistant.scale.probe.isEnabled)
    hand.click(assistant.scale.probe)
    hand.wait(lambda: len(assistant.scale.guesses.rows) > 4)
    hand.wait(lambda: assistant.scale.guesses.rows[0].isVisible())
    assert "guess" in assistant.scale._said.text()
    first = assistant.scale.guesses.rows[0]
    hand.click(first, QPoint(40, 12))
    hand.wait(lambda: assistant.form().mean == first.guess.mean)
    pressed(hand, assistant, "Open")
    hand.wait(lambda: explorer.state.shared.facts.labels == BIRDS)
    hand.wait(lambda: not assistant.isVisible())
    hand.wait(lambda: explained(explorer))
    assert {row.label for row in prediction_view.rows(explorer.state)} == set(BIRDS)
    assert explorer.state.shared.facts.mean == pytest.approx(first.guess.mean)

    dropped(explorer, birds)
    hand.wait(lambda: assistant.isVisible() and assistant.model() is not None)
    assert assistant.names.labels() == BIRDS
    assert assistant.form().mean == first.guess.mean


def test_a_file_with_code_is_refused_in_its_place(explorer, hand, tmp_path):
    class Harm:
        def __reduce__(self):
            return (open, (str(tmp_path / "harmed"), "w"))

    path = tmp_path / "evil.pth"
    torch.save({"weight": torch.zeros(2), "harm": Harm()}, path)
    before = explorer.state.selection.model
    dropped(explorer, path)
    hand.wait(lambda: explorer.networks.assistant is not None)
    failure = explorer.networks.assistant._reading.failure
    hand.wait(failure.isVisible)
    assert "code" in failure.message.text()
    assert failure.advice.text()
    assert not (tmp_path / "harmed").exists()
    assert explorer.state.selection.model == before
    hand.press("Escape")
    hand.wait(lambda: not explorer.networks.assistant.isVisible())
    assert explained(explorer)
