"""Sessions in the whole window, with a stand-in for the computation."""

import hashlib
import json
import threading
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QMessageBox

from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.app.incoming import Offer
from cnnviz_gui.app.worker import Ready
from cnnviz_gui.core import files
from cnnviz_gui.core.errors import ModelError, OutputError
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.request import ImageRef, ModelRef, OpenImage, OpenModel, Predict, Thumbnails
from cnnviz_gui.core.result import OpenedImage, OpenedModel, Prediction, ThumbnailSheet
from cnnviz_gui.engine.runner import Kit
from cnnviz_gui.panels import save_dialog
from tests.app.conftest import METHODS, facts


def execute(request, session, ctx):
    match request:
        case OpenModel():
            if request.model.name == "gone":
                raise ModelError("There is no network 'gone'.", "Choose another one.")
            return OpenedModel(facts=facts(request.model.name))
        case OpenImage():
            data = Path(request.image.path).read_bytes()
            return OpenedImage(
                path=request.image.path, sha256=hashlib.sha256(data).hexdigest(), width=4,
                height=4, frames=1, format="PNG", thumbnail=np.zeros((4, 4, 3), np.uint8),
            )  # fmt: skip
        case Thumbnails():
            return ThumbnailSheet(thumbnails=())
        case Predict():
            seen = np.zeros((4, 4, 3), np.uint8)
            return Prediction(scores=(Score(0, "cat", 0.9, 1.0),), seen=seen)
    raise ModelError("That is not computed here.")


def computer(say):
    return Kit(execute, None, Ready(METHODS, "CPU, 1 thread"))


@pytest.fixture
def picture(tmp_path):
    def make(name, shade):
        path = tmp_path / name
        Image.new("RGB", (4, 4), (shade,) * 3).save(path)
        return str(path)

    return make


@pytest.fixture
def explorer(qtbot, tmp_path):
    made = Explorer(tmp_path / "config" / "settings.json", tmp_path / "cache", start=computer)
    qtbot.addWidget(made.window)
    made.show()
    qtbot.waitUntil(lambda: made.complete, timeout=20_000)
    qtbot.waitUntil(lambda: made.state.selection.image is not None, timeout=20_000)
    yield made
    made.window.may_close = lambda: True
    made.window.close()


def open_picture(qtbot, explorer, path):
    explorer.gallery.open(ImageRef(path=path))
    qtbot.waitUntil(lambda: explorer.state.selection.image.path == path)


@pytest.fixture
def saved(qtbot, explorer, picture, tmp_path, monkeypatch):
    """A session of two pictures and some settings, saved under a name; then left for others."""
    state = explorer.state
    open_picture(qtbot, explorer, picture("other.png", 20))
    open_picture(qtbot, explorer, picture("mine.png", 200))
    explorer.controller.choose_model(ModelRef(name="first"))
    qtbot.waitUntil(lambda: state.selection.model.name == "first")
    state.select(stage="attack", target=1, layer="head", channel=3)
    state.show(opacity=0.25)
    path = tmp_path / "work.cnnviz"
    monkeypatch.setattr(save_dialog, "ask", lambda *_: (path.with_suffix(""), ""))
    explorer.commands.actions["save_session"].trigger()
    qtbot.waitUntil(lambda: explorer.sessions.path == str(path))
    assert explorer.window.windowTitle().startswith("work.cnnviz[*]")
    assert not explorer.window.isWindowModified()
    state.show(opacity=0.9)
    qtbot.waitUntil(explorer.window.isWindowModified)
    explorer.commands.actions["save_session"].trigger()
    qtbot.waitUntil(lambda: not explorer.window.isWindowModified())
    state.show(opacity=0.25)
    explorer.commands.actions["save_session"].trigger()
    qtbot.waitUntil(lambda: json.loads(path.read_bytes())["settings"]["opacity"] == 0.25)
    explorer.controller.choose_model(ModelRef(name="second"))
    qtbot.waitUntil(lambda: state.selection.model.name == "second")
    state.show(opacity=0.5)
    open_picture(qtbot, explorer, picture("later.png", 90))
    monkeypatch.setattr(explorer.sessions, "may_leave", lambda *_: True)
    return path


def opened(explorer):
    return lambda: "work.cnnviz" in getattr(explorer.state.shared.notice, "text", "")


def test_a_session_that_is_dropped_brings_everything_back(qtbot, explorer, saved):
    state = explorer.state
    explorer.commands.take(Offer(paths=(str(saved),)))
    qtbot.waitUntil(lambda: state.selection.model.name == "first")
    qtbot.waitUntil(opened(explorer))
    chosen = state.selection
    assert Path(chosen.image.path).name == "mine.png" and chosen.stage == "attack"
    assert (chosen.target, chosen.layer, chosen.channel) == (1, "head", 3)
    assert state.display.opacity == 0.25 and not explorer.window.isWindowModified()
    names = {Path(entry.ref.path).name for entry in state.shared.strip}
    assert {"mine.png", "other.png"} <= names and "later.png" not in names
    assert state.shared.notice.text == "Opened work.cnnviz."
    assert explorer.settings.recent_sessions == [str(saved)]


def test_what_is_gone_is_told_and_the_rest_opens(qtbot, explorer, saved, tmp_path):
    raw = json.loads(saved.read_bytes())
    raw["model"]["name"] = "gone"
    raw["settings"]["opacity"] = 12
    saved.write_text(json.dumps(raw))
    (tmp_path / "mine.png").write_bytes(b"something else")
    explorer.sessions.open(str(saved))
    shared = "There is no network 'gone'."
    qtbot.waitUntil(lambda: shared in getattr(explorer.state.shared.notice, "text", ""))
    said = " ".join(notice.text for notice in explorer.state.shared.notices)
    assert "mine.png has changed" in said and "opacity" in said
    assert explorer.state.selection.model.name == "second"
    assert explorer.state.selection.layer == "" and explorer.state.display.opacity == 0.62
    assert all(Path(e.ref.path).name != "mine.png" for e in explorer.state.shared.strip)


def test_what_is_no_session_changes_nothing(qtbot, explorer, saved):
    saved.write_bytes(b'{"format": 99}')
    before = explorer.state.selection
    explorer.sessions.open(str(saved))
    qtbot.waitUntil(lambda: "newer version" in getattr(explorer.state.shared.notice, "text", ""))
    assert explorer.state.selection == before


@pytest.fixture
def asked(explorer, saved, monkeypatch):
    """Answers by the text of a button, while the session has changes that are not saved."""
    monkeypatch.undo()
    explorer.state.show(opacity=0.75)
    given = SimpleNamespace(answer="Cancel", questions=[])

    def press(box):
        given.questions.append(box.text())
        assert box.windowTitle() == "Save the session"
        assert box.escapeButton().text() == "Cancel"
        assert box.standardButtons() == QMessageBox.StandardButton.NoButton, "with an icon of Qt's"

    def clicked(box):
        return next((one for one in box.buttons() if one.text() == given.answer), None)

    monkeypatch.setattr(QMessageBox, "exec", press)
    monkeypatch.setattr(QMessageBox, "clickedButton", clicked)
    return given


@pytest.fixture
def disk(monkeypatch):
    """A disk that can be slow, and full."""
    given = SimpleNamespace(full=False, free=threading.Event())
    given.free.set()
    write = files.write_atomically

    def slowly(path, data):
        if Path(path).name == "work.cnnviz":
            given.free.wait(20)
            if given.full:
                raise OutputError("The disk is full.")
        write(path, data)

    yield given, lambda: monkeypatch.setattr(files, "write_atomically", slowly)
    given.free.set()


def opacity(path):
    return json.loads(path.read_bytes())["settings"]["opacity"]


def test_changes_of_a_session_are_asked_about(qtbot, explorer, saved, asked):
    begun = []
    leave = partial(explorer.sessions.may_leave, partial(begun.append, 1))
    assert not leave()
    assert "work.cnnviz" in asked.questions[0] and opacity(saved) == 0.25
    asked.answer = "Save"
    assert not leave() and not begun
    qtbot.waitUntil(lambda: begun == [1])
    assert opacity(saved) == 0.75 and leave()
    explorer.state.show(opacity=0.5)
    asked.answer = "Do not save"
    assert leave() and opacity(saved) == 0.75


def test_the_window_is_closed_once_the_session_is_saved(qtbot, explorer, saved, asked, disk):
    given, use = disk
    use()
    given.free.clear()
    asked.answer = "Save"
    assert not explorer.window.close() and explorer.window.isVisible()
    asked.answer = "Cancel"
    assert not explorer.window.close() and len(asked.questions) == 2, (
        "who waits can go all the same"
    )
    asked.answer = "Save"
    assert not explorer.window.close()
    given.free.set()
    qtbot.waitUntil(lambda: not explorer.window.isVisible())
    assert opacity(saved) == 0.75


def test_a_save_under_way_is_waited_for_without_a_question(qtbot, explorer, saved, asked, disk):
    given, use = disk
    use()
    given.free.clear()
    explorer.commands.actions["save_session"].trigger()
    assert not explorer.window.close() and not asked.questions
    given.free.set()
    qtbot.waitUntil(lambda: not explorer.window.isVisible())
    assert opacity(saved) == 0.75


@pytest.mark.parametrize("opens", [False, True])
def test_nothing_is_left_where_the_session_cannot_be_saved(
    qtbot, explorer, saved, asked, disk, tmp_path, opens
):
    given, use = disk
    use()
    given.full, asked.answer = True, "Save"
    other = tmp_path / "other.cnnviz"
    other.write_bytes(saved.read_bytes())
    if opens:
        explorer.sessions.open(str(other))
    else:
        explorer.window.close()
    qtbot.waitUntil(lambda: "disk is full" in getattr(explorer.state.shared.notice, "text", ""))
    explorer.sessions._pool.waitForDone()
    assert explorer.window.isVisible() and explorer.state.display.opacity == 0.75
    assert explorer.sessions.path == str(saved)
    given.full = False
    if opens:
        explorer.sessions.open(str(other))
        qtbot.waitUntil(lambda: explorer.sessions.path == str(other))
        assert opacity(saved) == 0.75


def test_what_belongs_to_a_lost_picture_comes_to_no_other(qtbot, explorer, saved, tmp_path):
    raw = json.loads(saved.read_bytes())
    box = [1, 1, 2, 2]
    raw["settings"] |= {"truth": box, "cell": [1, 2], "against": 0, "attack_started": True}
    saved.write_text(json.dumps(raw))
    (tmp_path / "mine.png").unlink()
    explorer.sessions.open(str(saved))
    qtbot.waitUntil(lambda: opened(explorer)() and explorer.state.selection.layer == "head")
    chosen = explorer.state.selection
    assert Path(chosen.image.path).name != "mine.png"
    assert "Not valid" not in explorer.state.shared.notice.text
    assert (chosen.truth, chosen.cell, chosen.against, chosen.against_of) == (None,) * 4
    assert not chosen.attack_started


@pytest.mark.parametrize("second", [None, "beside"])
def test_undo_stays_in_the_session(qtbot, explorer, saved, second):
    raw = json.loads(saved.read_bytes())
    raw["second"] = second and raw["model"] | {"name": second}
    saved.write_text(json.dumps(raw))
    history = explorer.undoing.history
    explorer.state.show(opacity=0.125)
    assert history.undone_next
    explorer.sessions.open(str(saved))
    qtbot.waitUntil(opened(explorer))
    name = lambda: getattr(explorer.state.selection.second, "name", None)  # noqa: E731
    qtbot.waitUntil(lambda: name() == second)
    assert not history.undone_next and not history.redone_next
    explorer.state.show(opacity=0.5)
    assert history.undone_next == "opacity"
    explorer.undoing.on_undo()
    assert explorer.state.display.opacity == 0.25 and not history.undone_next
