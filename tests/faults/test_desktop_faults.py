"""FAULTS 2.1 as far as they meet the running program: drops, pastes, haste, failures, settings."""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QMessageBox

from cnnviz_gui import resources
from cnnviz_gui.app import incoming
from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.app.worker import Ready
from cnnviz_gui.core.errors import Cancelled, MethodError
from cnnviz_gui.core.request import Attack, FetchImage, Heatmap, ImageRef, ModelRef, OpenModel
from cnnviz_gui.engine.runner import Kit
from cnnviz_gui.panels.controls import FailureCard
from cnnviz_gui.state.attack_plan import with_epsilon

COFFEE = next(path for path in resources.samples() if "coffee" in path.name)


def mime(*urls, text="", image=None, data=b""):
    made = QMimeData()
    if urls:
        made.setUrls(
            [QUrl(url) if isinstance(url, str) else QUrl.fromLocalFile(str(url)) for url in urls]
        )
    if text:
        made.setText(text)
    if image is not None:
        made.setImageData(image)
    if data:
        made.setData("image/png", data)
    return made


def drop(program, dropped):
    how = (Qt.DropAction.CopyAction, dropped, Qt.MouseButton.LeftButton)
    plain = Qt.KeyboardModifier.NoModifier
    # Qt gives a drop to whoever took what entered.
    for event in (
        QDragEnterEvent(QPoint(300, 300), *how, plain),
        QDropEvent(QPointF(300, 300), *how, plain),
    ):
        QApplication.sendEvent(program.window, event)
        assert event.isAccepted()


def paste(program, pasted):
    QGuiApplication.clipboard().setMimeData(pasted)
    program.commands.on_paste()


def opened(program):
    return program.state.selection.image.path


def said(program):
    notice = program.state.shared.notice
    return notice.text if notice is not None else ""


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "50 % größer #1 ü.png"
    Image.effect_noise((64, 48), 90).save(path)
    return path


# Drops and pastes: rows 25 to 30, 39


def test_26_many_files_are_opened_in_order_and_summed_up_once(program, tmp_path, monkeypatch):
    paths = []
    for number in range(300):
        paths.append(tmp_path / f"{number:03}.png")
        Image.new("RGB", (4, 4), (number % 256, 90, 90)).save(paths[-1])
    for number in (5, 6, 7):
        paths[number].write_bytes(b"not a picture")
    notices = []
    share = program.state.share

    def listen(**changes):
        notices.extend(filter(None, [changes.get("notice")]))
        share(**changes)

    monkeypatch.setattr(program.state, "share", listen)
    before = len(program.state.shared.strip)
    drop(program, mime(*paths))
    program.wait(lambda: opened(program) == str(paths[0]))
    program.settle()
    good = [str(path) for path in paths if path.name not in ("005.png", "006.png", "007.png")]
    assert [entry.ref.path for entry in program.state.shared.strip[before:]] == good
    assert len(notices) == 1
    assert "297 pictures added; 3 skipped" in notices[0].text
    assert notices[0].details.count("\n") == 2


def test_25_a_folder_is_listed_and_an_empty_one_says_so(program, tmp_path, picture):
    drop(program, mime(tmp_path))
    program.wait(lambda: opened(program) == str(picture))
    (tmp_path / "nothing").mkdir()
    drop(program, mime(tmp_path / "nothing"))
    program.wait(lambda: said(program))
    program.settle()
    assert opened(program) == str(picture)


def test_28_an_address_is_asked_only_if_the_user_agrees(program, monkeypatch):
    before = opened(program)
    answers = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: answers.append(box.text()))
    monkeypatch.setattr(
        QMessageBox, "clickedButton", lambda box: box.buttons()[0] if agreed else None
    )
    agreed = False
    drop(program, mime("https://pictures.example/cat.png"))
    program.settle()
    assert answers == ["Fetch the picture from pictures.example?"]
    assert not any(isinstance(request, FetchImage) for request in program.meddler.asked)
    # Agreed, a host that is not public is refused all the same, without being asked.
    monkeypatch.setattr(
        QMessageBox,
        "clickedButton",
        lambda box: next(b for b in box.buttons() if b.text() == "Fetch"),
    )
    drop(program, mime("https://127.0.0.1/cat.png"))
    program.wait(lambda: said(program))
    assert "refused" in said(program)
    assert opened(program) == before


def test_28_pixels_that_come_with_an_address_are_taken_instead(program, picture):
    drop(program, mime("https://pictures.example/cat.png", data=picture.read_bytes()))
    program.wait(lambda: "pasted-" in opened(program))
    program.settle()
    assert Path(opened(program)).read_bytes() == picture.read_bytes()
    assert not any(isinstance(request, FetchImage) for request in program.meddler.asked)


def test_29_addresses_of_every_kind_are_decoded(program, picture):
    url = QUrl.fromLocalFile(str(picture)).toString(QUrl.ComponentFormattingOption.FullyEncoded)
    assert "%25" in url
    drop(program, mime(url))
    program.wait(lambda: opened(program) == str(picture))
    data = base64.b64encode(picture.read_bytes()).decode()
    drop(program, mime(text=f"data:image/png;base64,{data}"))
    program.wait(lambda: opened(program) != str(picture))
    program.settle()
    here = opened(program)
    assert Path(here).read_bytes() == picture.read_bytes()
    drop(program, mime("file://nowhere/share/cat.png"))
    program.wait(lambda: said(program))
    program.settle()
    assert "cat.png" in said(program)
    assert opened(program) == here


def test_30_a_clipboard_without_a_picture_gets_a_hint(program):
    before = opened(program)
    for text in ("", "just words", "javascript:alert(1)", "ftp://host/cat.png"):
        program.state.share(notice=None)
        paste(program, mime(text=text))
        program.settle()
        assert said(program) == "There is no picture in the clipboard."
        assert program.state.shared.notice.level == "info"
        assert opened(program) == before


def test_39_a_picture_qt_could_not_decode_is_no_picture(program):
    before = opened(program)
    program.commands.take(incoming.read(mime(image=QImage())))
    program.settle()
    assert said(program) == "That is no picture, file or address."
    assert opened(program) == before


def test_40_pasted_pixels_of_odd_width_are_opened_unskewed(program):
    pixels = np.random.default_rng(3).integers(0, 256, (33, 5, 3), np.uint8)
    shared = QImage(pixels.data, 5, 33, 15, QImage.Format.Format_RGB888)
    paste(program, mime(image=shared.copy()))
    program.wait(lambda: "pasted-" in opened(program))
    program.settle()
    with Image.open(opened(program)) as kept:
        np.testing.assert_array_equal(np.asarray(kept.convert("RGB")), pixels)


# Haste: rows 68, 78, 80, 81


def test_68_a_class_out_of_range_is_never_asked_for(program):
    state, classes = program.state, len(program.state.shared.facts.labels)
    state.select(target=207)
    program.settle()
    for target in (classes, 10**9, -1):
        state.select(target=target)
        program.settle()
        assert state.selection.target is None
        state.select(target=classes - 1)
        program.settle()
    targets = {r.target for r in program.meddler.asked if isinstance(r, Heatmap)}
    assert targets == {None, 207, classes - 1}


class Held:
    """Stops the worker before jobs of some kind, until they are cancelled or let go."""

    def __init__(self, meddler, kind):
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.ended: list[str] = []
        self._kind = kind
        meddler.before = self

    def __call__(self, request, ctx):
        if not isinstance(request, self._kind):
            return
        self.reached.set()
        try:
            while not self.go_on.wait(0.002):
                ctx.check()
        except Cancelled:
            self.ended.append("cancelled")
            raise
        self.ended.append("let go")


def test_78_a_job_can_be_cancelled_at_every_stage(program):
    state, meddler = program.state, program.meddler
    clean = program.explain()
    held = Held(meddler, Heatmap)
    program.explorer.controller.compute_again()
    program.wait(held.reached.is_set)
    program.wait(lambda: state.shared.activity is not None)
    program.commands.on_cancel()  # running
    program.wait(lambda: held.ended == ["cancelled"])
    program.wait(lambda: state.finding("heatmap").status == "stopped")
    assert np.array_equal(state.finding("heatmap").value.map, clean)
    held = Held(meddler, OpenModel)
    before = state.selection.model
    program.commands.choose_network(ModelRef(name="squeezenet1_1", untrained=True))
    program.wait(held.reached.is_set)
    waiting = Heatmap in {type(job.request) for job in program.explorer.engine.waiting()}
    program.commands.on_compute_again()
    program.wait(lambda: waiting or program.explorer.engine.waiting())
    program.commands.on_cancel_all()  # loading, and queued behind it
    program.wait(lambda: held.ended == ["cancelled"])
    program.settle()
    assert state.selection.model == before
    assert state.shared.pending_model is None
    meddler.before = lambda request, ctx: None
    assert np.array_equal(program.explain(), clean)
    program.commands.on_cancel_all()  # finished
    assert state.finding("heatmap").status == "done"
    assert state.shared.activity is None


class Witness:
    """Notes every finished finding that does not belong to what is selected."""

    def __init__(self, program, *lanes):
        self._state, self._lanes = program.state, lanes
        self.stale: list[str] = []
        self.done = 0
        program.state.observe(self.look)

    def look(self, changes):
        for lane in self._lanes:
            finding, chosen = self._state.finding(lane), self._state.selection
            if f"finding.{lane}" in changes and finding.status == "done":
                self.done += 1
                request = finding.request
                wanted = (chosen.model, chosen.image)
                if (request.model, request.image) != wanted:
                    self.stale.append(lane)
                if isinstance(request, Attack) and request.parameters != chosen.attack_parameters:
                    self.stale.append(f"{lane}: {request.parameters}")


def test_80_switching_picture_and_network_during_a_job_shows_nothing_of_the_old(program):
    state, meddler = program.state, program.meddler
    witness = Witness(program, "heatmap", "predict")
    held = Held(meddler, Heatmap)
    program.explorer.controller.compute_again()
    program.wait(held.reached.is_set)
    program.gallery.open(ImageRef(path=str(COFFEE)))
    held.go_on.set()
    program.wait(lambda: opened(program) == str(COFFEE))
    program.settle()
    held = Held(meddler, Heatmap)
    program.explorer.controller.compute_again()
    program.wait(held.reached.is_set)
    program.commands.choose_network(ModelRef(name="squeezenet1_1", untrained=True))
    held.go_on.set()
    program.wait(lambda: state.selection.model.name == "squeezenet1_1")
    program.settle()
    assert witness.stale == []
    assert state.finding("heatmap").status == "done"
    assert state.finding("heatmap").request.model == state.selection.model


def test_81_two_hundred_slider_moves_a_second_end_with_the_last_value(program):
    state = program.state
    state.choose_method("attack", "fgsm")
    program.commands.on_start_attack()
    program.wait(lambda: state.finding("attack").status == "done")
    witness = Witness(program, "attack")
    moves = iter(np.linspace(0.5, 3.5, 201).tolist())
    timer = QTimer()

    def move():
        epsilon = next(moves, None)
        if epsilon is None:
            timer.stop()
        else:
            state.select(attack_parameters=with_epsilon(state.selection.attack_parameters, epsilon))

    timer.timeout.connect(move)
    timer.start(5)
    program.wait(lambda: not timer.isActive())
    program.wait(lambda: state.finding("attack").asked.parameters.values()["epsilon"] == 3.5)
    program.wait(lambda: state.finding("attack").status == "done")
    finding = state.finding("attack")
    assert finding.request.parameters.values()["epsilon"] == 3.5
    assert finding.value.epsilon == 3.5
    assert witness.stale == []
    program.commands.on_cancel_all()


# Failures: row 82


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Unhashable(Exception):
    __hash__ = None


FAILURES = [
    ValueError("a wrong value"),
    Exception(),
    Mute(),
    Unhashable([1], {2: 3}),
    RuntimeError("\udcff\ud800 not text \x00"),
    MemoryError(),
    RecursionError("too deep"),
    OSError(28, "No space left on device"),
    SystemExit(3),
    KeyboardInterrupt(),
    GeneratorExit(),
    StopIteration(),
    MethodError("This method does not suit this network.", "Choose another one."),
]


def test_82_whatever_a_worker_raises_is_shown_and_the_next_job_works(program):
    state, meddler = program.state, program.meddler
    clean = program.explain()
    card = next(c for c in program.window.stage.page.findChildren(FailureCard))
    for error in FAILURES:

        def fail(request, ctx, error=error):
            if isinstance(request, Heatmap):
                raise error

        meddler.before = fail
        program.commands.on_compute_again()
        program.wait(lambda: state.finding("heatmap").status == "failed")
        program.settle()
        problem = state.finding("heatmap").problem
        assert problem.message
        problem.message.encode()
        assert card.isVisible()
        assert card.message.text() == problem.message
        meddler.before = lambda request, ctx: None
        assert np.array_equal(program.explain(), clean), repr(type(error))
        assert not card.isVisible()


# Settings: rows 85, 86


def idle(say):
    """Start nothing: these tests end before anything is computed."""
    return Kit(lambda request, session, ctx: None, None, Ready((), "CPU"))


def started(settings, cache, qtbot):
    explorer = Explorer(settings, cache, start=idle)
    qtbot.addWidget(explorer.window)
    explorer.show()
    qtbot.waitUntil(lambda: explorer.networks.chooser is not None, timeout=20_000)
    qtbot.waitUntil(lambda: bool(explorer.state.shared.strip), timeout=20_000)
    return explorer


HOSTILE = [
    b"\x00\xff\xfe" * 100,
    b"",
    b'{"scheme": 7, "opacity": NaN}',
    json.dumps({"opacity": "maybe", "stage": None, "parameters": [1]}).encode(),
    json.dumps({"recent_networks": ["no such network:maybe"], "recent_images": [1]}).encode(),
]


@pytest.mark.parametrize("data", HOSTILE)
def test_85_hostile_settings_are_set_aside_and_the_program_starts(data, qtbot, tmp_path):
    path = tmp_path / "settings.json"
    path.write_bytes(data)
    explorer = started(path, tmp_path / "cache", qtbot)
    qtbot.waitUntil(lambda: explorer.state.shared.notice is not None, timeout=20_000)
    assert "kept as settings.BAK" in explorer.state.shared.notice.text
    assert path.with_suffix(".BAK").read_bytes() == data
    explorer.window.close()
    assert json.loads(path.read_bytes())["scheme"] == "system"


@pytest.mark.parametrize("text", ["!!!", "AAAA", base64.b64encode(bytes(range(200))).decode(), "é"])
def test_85_a_layout_from_elsewhere_gives_the_usual_one(text, qtbot, tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"geometry": text, "layout": text, "opacity": 0.3}))
    explorer = started(path, tmp_path / "cache", qtbot)
    for name in ("layers", "prediction", "parameters"):
        qtbot.waitUntil(explorer.window.docks[name].isVisible, timeout=20_000)
    assert explorer.window.width() >= explorer.window.minimumWidth()
    assert explorer.state.display.opacity == 0.3
    explorer.window.close()


def test_86_without_a_place_to_write_the_program_runs_from_memory(qtbot, tmp_path, picture):
    (tmp_path / "file").write_bytes(b"in the way")
    explorer = started(tmp_path / "file" / "settings.json", tmp_path / "file" / "cache", qtbot)
    qtbot.waitUntil(lambda: explorer.state.shared.notice is not None, timeout=20_000)
    assert "settings cannot be read" in explorer.state.shared.notice.text
    paste_into = mime(data=picture.read_bytes())
    QGuiApplication.clipboard().setMimeData(paste_into)
    explorer.commands.on_paste()
    qtbot.waitUntil(lambda: "cannot be kept" in explorer.state.shared.notice.text)
    explorer.window.close()
    assert (tmp_path / "file").read_bytes() == b"in the way"
    assert not explorer.window.isVisible()
