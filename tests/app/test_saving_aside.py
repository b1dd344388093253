"""What has to be made before it is saved is made by the worker: the window goes on."""

from __future__ import annotations

import dataclasses
import functools
import os
import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from cnnviz_gui.app.lanes import LANES, MADE_BEHIND, PLANNED
from cnnviz_gui.app.saving import Saving
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.core.save_work import CopyDrawing, Deferred, DeferredArrays, Film
from cnnviz_gui.core.session import Session
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.engine.runner import Kit
from cnnviz_gui.panels.export import Export
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.pane_feed import PaneFeed
from cnnviz_gui.state.app_state import AppState

ASKED = Predict(model=ModelRef(name="net"), image=ImageRef(path="cat.png"))
SHOTS = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), np.uint8)
QUICK = CopyDrawing(drawing=Deferred(lambda: SHOTS[0]))
"""As good as any other that takes no time."""
PATIENCE_S = 10


class Maker:
    """Makes things, each once the event loop of the window has turned since it was begun."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.begun = threading.Event()
        self.turned = threading.Event()
        self.held = threading.Event()
        self.held.set()

    def make(self, value):
        self.threads.add(threading.get_ident())
        self.begun.set()
        assert self.turned.wait(PATIENCE_S), "the event loop stands still"
        assert self.held.wait(PATIENCE_S)
        return value


@pytest.fixture
def maker():
    return Maker()


@pytest.fixture
def state():
    return AppState()


@pytest.fixture
def page(maker):
    drawn = Deferred(functools.partial(maker.make, SHOTS[0]))
    numbers = Deferred(functools.partial(maker.make, SHOTS[0] / 255))
    film = Film(tuple(functools.partial(maker.make, shot) for shot in SHOTS))
    export = Export("cat", drawn, numbers, ASKED, film)
    return type("Page", (), {"export": lambda self: export})()


@pytest.fixture
def engine(qapp):
    made = Engine(lambda say: Kit(execute, Session()), LANES)
    made.start()
    yield made
    assert made.shutdown(PATIENCE_S * 1000)


@pytest.fixture
def saving(qtbot, state, page, engine):
    window = QWidget()
    qtbot.addWidget(window)
    window.stage = type("Stage", (), {"page": page})
    return Saving(window, state, engine)


@pytest.fixture
def outcomes(engine):
    """The lanes of what the worker has ended."""
    found = []

    def note(event):
        if isinstance(event, events.Outcome):
            found.append(event.lane)

    engine.happened.connect(note)
    return found


def choose(monkeypatch, path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


@pytest.mark.parametrize(
    ("save", "name"),
    [("save_picture", "a.png"), ("save_array", "a.npy"), ("save_film", "a.gif")],
)
def test_the_window_goes_on_while_something_is_made_and_saved(
    saving, state, maker, qtbot, tmp_path, monkeypatch, save, name
):
    path = tmp_path / name
    choose(monkeypatch, path)
    QTimer.singleShot(0, maker.turned.set)
    getattr(saving, save)()
    qtbot.waitUntil(lambda: state.shared.notice is not None, timeout=PATIENCE_S * 1000)
    assert state.shared.notice.text == f"Saved {name}."
    assert threading.get_ident() not in maker.threads and len(maker.threads) == 1
    if name == "a.gif":
        with Image.open(path) as film:
            assert film.n_frames == len(SHOTS)
    else:
        kept = np.load(path) * 255 if name == "a.npy" else np.asarray(Image.open(path))
        assert np.allclose(kept, SHOTS[0])


@pytest.mark.parametrize(
    ("save", "name"),
    [("save_picture", "a.png"), ("save_crop", "a.png"), ("save_array", "a.npy")],
)
def test_what_is_there_already_is_written_by_the_worker_too(
    saving, state, page, qtbot, tmp_path, monkeypatch, save, name
):
    made = dataclasses.replace(page.export(), drawn=SHOTS[1], array=SHOTS[1], crop=SHOTS[1])
    monkeypatch.setattr(type(page), "export", lambda self: made)
    threads = set()
    monkeypatch.setattr(os, "fsync", lambda file: threads.add(threading.get_ident()))
    choose(monkeypatch, tmp_path / name)
    getattr(saving, save)()
    qtbot.waitUntil(lambda: state.shared.notice is not None, timeout=PATIENCE_S * 1000)
    assert state.shared.notice.text == f"Saved {name}."
    assert len(threads) == 1 and threading.get_ident() not in threads


def test_what_is_written_to_a_path_last_stays_there(
    saving, engine, page, maker, qtbot, tmp_path, monkeypatch
):
    monkeypatch.setattr(QMessageBox, "exec", lambda box: None)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.buttons()[0])
    writing, go_on = threading.Event(), threading.Event()

    def fsync(file):
        writing.set()
        assert go_on.wait(PATIENCE_S)

    monkeypatch.setattr(os, "fsync", fsync)
    choose(monkeypatch, tmp_path / "a.png")
    maker.turned.set()
    saving.save_picture()
    qtbot.waitUntil(writing.is_set)
    made = dataclasses.replace(page.export(), drawn=SHOTS[1])
    monkeypatch.setattr(type(page), "export", lambda self: made)
    saving.save_picture()
    go_on.set()
    qtbot.waitUntil(lambda: not saving._queue.unwritten() and not engine.busy)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), SHOTS[1])


def test_the_window_goes_on_while_a_picture_is_drawn_for_the_clipboard(
    saving, state, maker, qtbot, qapp
):
    qapp.clipboard().clear()
    QTimer.singleShot(0, maker.turned.set)
    saving.copy_picture()
    assert saving.may_close(), "nothing is lost that a clipboard would keep"
    qtbot.waitUntil(lambda: state.shared.notice is not None, timeout=PATIENCE_S * 1000)
    assert state.shared.notice.text == "The picture is in the clipboard."
    assert threading.get_ident() not in maker.threads
    copied = qapp.clipboard().image().pixelColor(0, 0)
    assert (copied.red(), copied.green(), copied.blue()) == tuple(SHOTS[0, 0, 0])


def test_the_copy_that_was_asked_for_last_is_in_the_clipboard(
    saving, state, page, maker, qtbot, qapp, monkeypatch
):
    export = page.export()
    maker.turned.set()
    maker.held.clear()
    saving.copy_picture()
    qtbot.waitUntil(maker.begun.is_set)
    later = Deferred(functools.partial(maker.make, SHOTS[1]))
    for drawn in (export.drawn, later):
        monkeypatch.setattr(
            type(page), "export", lambda self, drawn=drawn: dataclasses.replace(export, drawn=drawn)
        )
        saving.copy_picture()
    maker.held.set()
    qtbot.waitUntil(lambda: state.shared.notice is not None, timeout=PATIENCE_S * 1000)
    copied = qapp.clipboard().image().pixelColor(0, 0)
    assert (copied.red(), copied.green(), copied.blue()) == tuple(SHOTS[1, 0, 0])
    qtbot.waitUntil(lambda: not saving._queue._next and saving._queue._at is None)


@pytest.mark.parametrize("newer", ["picture", "request", "foreign"])
def test_a_picture_drawn_late_replaces_nothing_newer_in_the_clipboard(
    saving, engine, state, page, maker, qtbot, qapp, monkeypatch, newer
):
    export = page.export()
    maker.turned.set()
    maker.held.clear()
    saving.copy_picture()
    qtbot.waitUntil(maker.begun.is_set)
    if newer == "foreign":
        qapp.clipboard().setText("newer")
    elif newer == "request":
        saving.copy_request()
    else:
        monkeypatch.setattr(
            type(page), "export", lambda self: dataclasses.replace(export, drawn=SHOTS[2])
        )
        saving.copy_picture()
    before = qapp.clipboard().text(), qapp.clipboard().image()
    maker.held.set()
    qtbot.waitUntil(lambda: not engine.busy and state.shared.notice is not None)
    qapp.processEvents()
    assert (qapp.clipboard().text(), qapp.clipboard().image()) == before
    said = {
        "picture": "The picture is in the clipboard.",
        "request": "The request is in the clipboard.",
        "foreign": "The picture was not copied: the clipboard holds something newer.",
    }
    assert state.shared.notice.text == said[newer]


def test_a_copy_that_is_stopped_says_so(saving, engine, state, maker, qtbot):
    maker.turned.set()
    maker.held.clear()
    saving.copy_picture()
    qtbot.waitUntil(maker.begun.is_set)
    engine.cancel("save")
    qtbot.waitUntil(lambda: state.shared.notice is not None)
    assert state.shared.notice.text == "The picture was not copied: drawing it was stopped."
    maker.held.set()
    qtbot.waitUntil(lambda: not engine.busy)


@pytest.mark.parametrize(
    ("save", "name"),
    [("save_picture", "a.png"), ("save_array", "a.npy"), ("save_film", "a.gif")],
)
def test_a_save_that_is_cancelled_ends_at_once_and_leaves_nothing(
    saving, engine, state, maker, qtbot, tmp_path, monkeypatch, save, name
):
    choose(monkeypatch, tmp_path / name)
    maker.turned.set()
    maker.held.clear()
    getattr(saving, save)()
    qtbot.waitUntil(maker.begun.is_set)
    engine.cancel("save")
    qtbot.waitUntil(lambda: state.shared.notice is not None)
    assert state.shared.notice.text == f"Saving {name} was stopped."
    maker.held.set()
    qtbot.waitUntil(lambda: not engine.busy)
    assert list(tmp_path.iterdir()) == []
    assert len(maker.threads) == 1


@pytest.mark.parametrize("hangs", [False, True])
@pytest.mark.parametrize("again", [False, True])
def test_a_file_that_is_written_after_it_was_stopped_is_said_to_be_there(
    saving, engine, state, page, maker, qtbot, tmp_path, monkeypatch, again, hangs
):
    writing, go_on = threading.Event(), threading.Event()

    def fsync(file):
        writing.set()
        assert go_on.wait(PATIENCE_S)

    monkeypatch.setattr(os, "fsync", fsync)
    choose(monkeypatch, tmp_path / "a.png")
    maker.turned.set()
    saving.save_picture()
    qtbot.waitUntil(writing.is_set)
    if hangs:
        engine.restart()
    else:
        engine.cancel("save")
    qtbot.waitUntil(lambda: state.shared.notice is not None)
    assert state.shared.notice.text == "Saving a.png was stopped."
    assert not (tmp_path / "a.png").exists()
    if again:
        saving.save_picture()
    go_on.set()
    text = "Saved a.png." if again else "Saving a.png was stopped too late: the file is there."
    qtbot.waitUntil(lambda: state.shared.notice.text == text, timeout=PATIENCE_S * 1000)
    assert (tmp_path / "a.png").exists() and state.shared.save_folder == str(tmp_path)
    assert [one.text for one in state.shared.notices] == ["Saving a.png was stopped."] * again + [
        text
    ]
    qtbot.waitUntil(lambda: not engine.busy)
    assert not saving._queue._stopped


@pytest.mark.parametrize(("leave", "waiting"), [(False, 0), (True, 0), (True, 2)])
def test_the_window_is_closed_on_a_file_being_written_only_where_the_user_wants_it(
    saving, engine, state, maker, qtbot, tmp_path, monkeypatch, leave, waiting
):
    questions = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: questions.append(box.text()))
    monkeypatch.setattr(
        QMessageBox,
        "clickedButton",
        lambda box: next(b for b in box.buttons() if b.text() == ("Quit" if leave else "Stay")),
    )
    assert saving.may_close() and not questions
    maker.turned.set()
    maker.held.clear()
    for name in "abc"[: 1 + waiting]:
        choose(monkeypatch, tmp_path / f"{name}.gif")
        saving.save_film()
    qtbot.waitUntil(maker.begun.is_set)
    assert saving.may_close() is leave
    more = " and 2 more" if waiting else ""
    assert questions == [f"Saving a.gif{more} is not done yet. Quit all the same?"]
    saving.drop_waiting()
    engine.cancel("save")
    assert saving.may_close() and len(questions) == 1, "it is stopped, if it knows that or not"
    maker.held.set()
    qtbot.waitUntil(lambda: not engine.busy)


def test_what_is_short_is_computed_inside_a_film(
    saving, engine, maker, qtbot, tmp_path, monkeypatch, outcomes
):
    choose(monkeypatch, tmp_path / "a.gif")
    maker.turned.set()
    maker.held.clear()
    saving.save_film()
    qtbot.waitUntil(maker.begun.is_set)
    for lane in (PLANNED[0], MADE_BEHIND):
        engine.submit(lane, QUICK, lane)
    maker.held.set()
    qtbot.waitUntil(lambda: len(outcomes) == 3, timeout=PATIENCE_S * 1000)
    assert outcomes == [PLANNED[0], MADE_BEHIND, "save"]


@pytest.mark.parametrize("save", ["save_film", "save_picture", "save_array", "copy_picture"])
def test_what_is_to_be_made_lets_what_is_short_go_first(
    saving, engine, maker, qtbot, tmp_path, monkeypatch, outcomes, save
):
    name = {"save_film": "a.gif", "save_array": "a.npy"}.get(save, "a.png")
    choose(monkeypatch, tmp_path / name)
    maker.turned.set()
    maker.held.clear()
    held = CopyDrawing(drawing=Deferred(functools.partial(maker.make, SHOTS[0])))
    engine.submit("files", held, "")
    qtbot.waitUntil(maker.begun.is_set)
    getattr(saving, save)()
    engine.submit(PLANNED[0], QUICK, "")
    maker.held.set()
    qtbot.waitUntil(lambda: len(outcomes) == 3, timeout=PATIENCE_S * 1000)
    assert outcomes == ["files", PLANNED[0], "save"]


def test_a_file_that_waits_for_a_copy_is_not_lost_when_the_window_closes(
    saving, engine, maker, qtbot, tmp_path, monkeypatch
):
    questions = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: questions.append(box.text()))
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.escapeButton())
    choose(monkeypatch, tmp_path / "a.gif")
    maker.turned.set()
    maker.held.clear()
    saving.copy_picture()
    qtbot.waitUntil(maker.begun.is_set)
    assert saving.may_close(), "a copy is no file"
    saving.save_film()
    assert not saving.may_close()
    choose(monkeypatch, tmp_path / "b.gif")
    saving.save_film()
    engine.cancel("save")
    assert not saving.may_close()
    one, two = "Saving a.gif", "Saving a.gif and 1 more"
    assert questions == [f"{of} is not done yet. Quit all the same?" for of in (one, two)]
    maker.held.set()
    qtbot.waitUntil((tmp_path / "b.gif").exists)


def test_several_arrays_that_are_computed_first_are_an_archive(
    saving, state, page, maker, qtbot, tmp_path, monkeypatch
):
    numbers = DeferredArrays(lambda: {"a": SHOTS[0], "b": SHOTS[1]})
    made = dataclasses.replace(page.export(), array=numbers)
    monkeypatch.setattr(type(page), "export", lambda self: made)
    choose(monkeypatch, tmp_path / "a")
    saving.save_array()
    qtbot.waitUntil(lambda: state.shared.notice is not None)
    assert state.shared.notice.text == "Saved a.npz."
    with np.load(tmp_path / "a.npz") as kept:
        assert set(kept.files) == {"a", "b", "request"}


@pytest.mark.parametrize("chosen", ["a.gif", "a"])
def test_a_file_that_is_still_to_be_written_is_replaced_after_a_question(
    saving, state, maker, qtbot, tmp_path, monkeypatch, chosen
):
    questions, agreed = [], []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: questions.append(box.text()))
    monkeypatch.setattr(
        QMessageBox,
        "clickedButton",
        lambda box: next((b for b in box.buttons() if agreed and b.text() == "Replace"), None),
    )
    maker.turned.set()
    maker.held.clear()
    made = {}
    for name in ("b", "a"):
        choose(monkeypatch, tmp_path / f"{name}.gif")
        saving.save_film()
        made[name] = saving._queue.unwritten()[-1]
    qtbot.waitUntil(maker.begun.is_set)
    choose(monkeypatch, tmp_path / chosen)
    saving.save_film()
    assert questions == ["a.gif is still to be written. Replace it?"]
    assert saving._queue.unwritten() == (made["b"], made["a"])
    agreed.append(True)
    saving.save_film()
    kept, new = saving._queue.unwritten()
    assert kept is made["b"] and new is not made["a"]
    choose(monkeypatch, tmp_path / "b.gif")
    saving.save_film()
    assert len(questions) == 3 and saving._queue.unwritten()[0] is new, "b is begun anew"
    maker.held.set()
    qtbot.waitUntil((tmp_path / "b.gif").exists, timeout=PATIENCE_S * 1000)
    assert (tmp_path / "a.gif").exists()
    qtbot.waitUntil(lambda: not saving._queue.unwritten())


@pytest.mark.parametrize("save", ["save_picture", "save_array", "save_film"])
def test_a_name_too_long_once_it_has_its_ending_is_told_in_one_sentence(
    saving, state, maker, qtbot, tmp_path, monkeypatch, save
):
    choose(monkeypatch, tmp_path / ("x" * 252))
    maker.turned.set()
    getattr(saving, save)()
    qtbot.waitUntil(lambda: state.shared.notice is not None)
    notice = state.shared.notice
    assert notice.level == "error" and not notice.details
    assert "cannot be written: " in notice.text


def test_a_folder_that_is_gone_is_told_in_one_sentence(
    saving, state, maker, qtbot, tmp_path, monkeypatch
):
    choose(monkeypatch, tmp_path / "gone" / "a.gif")
    saving.save_film()
    qtbot.waitUntil(lambda: state.shared.notice is not None)
    notice = state.shared.notice
    assert notice.level == "error" and not notice.details
    assert notice.text == "a.gif cannot be written: gone is not a folder. Choose another folder."
    assert not maker.begun.is_set()


def test_the_picture_of_a_pane_goes_where_another_was_to_be_written(
    saving, engine, state, maker, qtbot, tmp_path, monkeypatch
):
    questions, agreed = [], []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: questions.append(box.text()))
    monkeypatch.setattr(
        QMessageBox,
        "clickedButton",
        lambda box: next((b for b in box.buttons() if agreed and b.text() == "Replace"), None),
    )
    pane = ImagePane("Photograph")
    qtbot.addWidget(pane)
    feed = PaneFeed(pane, state)
    feed.show("done", lambda: SHOTS[3])
    maker.turned.set()
    maker.held.clear()
    choose(monkeypatch, tmp_path / "a.png")
    saving.save_picture()
    qtbot.waitUntil(maker.begun.is_set)
    pane.save_as()
    assert questions == ["a.png is still to be written. Replace it?"]
    [due] = saving._queue.unwritten()
    agreed.append(True)
    pane.save_as()
    [order] = saving._queue.unwritten()
    assert order is not due
    maker.held.set()
    qtbot.waitUntil(lambda: state.shared.notice is not None)
    assert not saving._queue.unwritten()
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png"))[..., :3], SHOTS[3])
    assert state.shared.notice.text == "Saved a.png."
