"""What is said of an adversarial picture that was saved."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from cnnviz_gui.app import saving as app_saving
from cnnviz_gui.app.saving import Saving
from cnnviz_gui.core import carried
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.figure_requests import SaveFigure
from cnnviz_gui.core.heatmap_results import SavedFigure
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.plane_requests import Plane, SavePlane
from cnnviz_gui.core.request import Attack, Heatmap, ImageRef, ModelRef, Predict, SaveAdversarial
from cnnviz_gui.core.result import Norms, SavedPicture
from cnnviz_gui.core.save_work import CopyDrawing, Deferred, Film, SaveDrawing
from cnnviz_gui.core.session import Session
from cnnviz_gui.engine import events
from cnnviz_gui.panels.export import Export, Table
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.pane_feed import PaneFeed
from cnnviz_gui.state import saved_words, trust
from cnnviz_gui.state.app_state import AppState, SaveAgain
from cnnviz_gui.state.finding import Finding

ATTACK = Attack(
    model=ModelRef(name="net"), image=ImageRef(path="cat.png"), method="pgd", parameters=Params()
)


class Engine(QObject):
    happened = Signal(object)
    left = Signal(object)

    def __init__(self):
        super().__init__()
        self.asked = []

    def submit(self, lane, request, label, *, behind=""):
        self.asked.append((lane, request, label))

    def waiting(self):
        return ()

    running = waiting

    def forget(self, lane):
        pass


class Page:
    def export(self):
        return Export("cat-pgd", np.zeros((4, 4, 3), np.uint8), np.zeros((3, 4, 4)), ATTACK)


class Window(QWidget):
    def __init__(self):
        super().__init__()
        self.stage = type("Stage", (), {"page": Page()})


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def state():
    return AppState()


@pytest.fixture
def saving(qtbot, state, engine, tmp_path, monkeypatch):
    window = Window()
    qtbot.addWidget(window)
    chosen = str(tmp_path / "a.png")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen, ""))
    return Saving(window, state, engine)


def saved(tmp_path, success, exact_success):
    return SavedPicture(
        path=str(tmp_path / "a.png"),
        success=success,
        exact_success=exact_success,
        top=(Score(1, "ladybug", 0.992, 9.0),),
        norms=Norms(linf=4 / 255, l2=0.5, l1=60.0),
    )


def write_out(engine):
    """Do what the worker was asked for last, and tell it."""
    lane, request, _ = engine.asked[-1]
    found = execute(request, Session(), NullContext())
    engine.happened.emit(events.Finished(lane, 1, request, found))


def test_what_is_saved_is_drawn_as_the_state_is(saving, state):
    class Page:
        heard = False

        def hear(self, changes):
            self.heard = True

    page = Page()
    state.observe(page.hear)
    state.bulletin.later = lambda: None
    state.show(opacity=0.25)
    assert not page.heard
    saving.save_picture()
    assert page.heard


def test_the_notice_says_what_the_file_is_when_it_is_opened(saving, engine, state, tmp_path):
    saving.save_picture()
    [(lane, request, _)] = engine.asked
    opened = (Score(2, "cup", 0.5, 3.0),)
    result = dataclasses.replace(saved(tmp_path, True, True), opened=opened)
    engine.happened.emit(events.Finished(lane, 1, request, result))
    said = state.shared.notice.text
    assert said.endswith("Opened like a photograph it is resized first: cup (50.0 %).")


@pytest.mark.parametrize(
    ("success", "exact", "level", "said"),
    [
        (True, True, "info", "it is still seen as ladybug (99.2 %)."),
        (False, True, "warning", "it no longer fools: ladybug (99.2 %); the ball holds no other"),
        (False, False, "info", "it is seen as ladybug (99.2 %)."),
    ],
)
def test_the_worker_saves_and_the_notice_says_what_is_in_the_file(
    success, exact, level, said, saving, engine, state, tmp_path
):
    saving.save_picture()
    [(lane, request, label)] = engine.asked
    assert request == SaveAdversarial(attack=ATTACK, path=str(tmp_path / "a.png"))
    assert label == "Saving a.png"
    assert not (tmp_path / "a.png").exists()
    result = saved(tmp_path, success, exact)
    engine.happened.emit(events.Finished(lane, 1, request, result))
    assert said in state.shared.notice.text
    assert state.shared.notice.level == level


def test_a_picture_that_fools_no_more_is_repaired_with_one_click(saving, engine, state, tmp_path):
    saving.save_picture()
    lane, request, _ = engine.asked[0]
    result = dataclasses.replace(saved(tmp_path, False, True), repairable=True)
    engine.happened.emit(events.Finished(lane, 1, request, result))
    notice = state.shared.notice
    assert (notice.level, notice.remedy) == ("warning", "Repair the file")
    assert notice.remedy_ref == SaveAgain(dataclasses.replace(request, repair=True), None)
    saving.save_again(notice.remedy_ref)
    assert state.shared.notice is None
    lane, request, label = engine.asked[1]
    assert (request.repair, label) == (True, "Repairing a.png")
    mended = dataclasses.replace(saved(tmp_path, True, True), moved=1200)
    engine.happened.emit(events.Finished(lane, 2, request, mended))
    said = state.shared.notice.text
    assert said.startswith("Saved a.png, repaired: 1\u2009200 values moved by whole 255ths")
    saving.put(request, None)
    failed = saved(tmp_path, False, True)
    engine.happened.emit(events.Finished(lane, 3, request, failed))
    assert "no 8-bit picture inside the ball was found" in state.shared.notice.text
    assert not state.shared.notice.remedy


def test_a_save_waits_for_the_one_under_way(saving, engine, state, tmp_path):
    first, second, third = (
        SaveAdversarial(attack=ATTACK, path=str(tmp_path / name), repair=name == "a.png")
        for name in ("a.png", "b.png", "c.png")
    )
    for request in (first, second, third):
        saving.put(request, None)
    assert [asked[1] for asked in engine.asked] == [first], "the lane would drop it"
    engine.happened.emit(events.Finished("save", 1, first, saved(tmp_path, True, True)))
    assert [asked[1] for asked in engine.asked] == [first, second]
    failure = events.Failure("b.png cannot be written.", "")
    engine.happened.emit(events.Failed("save", 2, second, failure))
    assert [asked[1] for asked in engine.asked] == [first, second, third]
    engine.happened.emit(events.Stopped("save", 3, third))
    saving.put(first, None)
    assert len(engine.asked) == 4, "none is under way"


@pytest.mark.parametrize(
    ("waiting", "rest"),
    [
        (0, ""),
        (1, " The file that waited for it is not written."),
        (2, " The 2 files that waited for it are not written."),
    ],
)
def test_what_waits_is_not_written_once_all_is_stopped(
    saving, engine, state, tmp_path, waiting, rest
):
    first, *others = (
        SaveFigure(
            heatmap=Heatmap(
                model=ATTACK.model, image=ATTACK.image, method="grad-cam", parameters=Params()
            ),
            path=str(tmp_path / f"{number}.png"),
        )
        for number in range(1 + waiting)
    )
    for request in (first, *others):
        saving.put(request, None)
    saving.drop_waiting()
    engine.happened.emit(events.Stopped("save", 1, first))
    assert [asked[1] for asked in engine.asked] == [first]
    assert state.shared.notice.text == f"Saving 0.png was stopped.{rest}"
    saving.put(first, None)
    engine.happened.emit(events.Stopped("save", 2, first))
    assert state.shared.notice.text == "Saving 0.png was stopped.", "none waited this time"


def test_a_copy_that_waits_is_no_file_that_is_not_written(saving, engine, state, tmp_path):
    first = SaveAdversarial(attack=ATTACK, path=str(tmp_path / "a.png"), repair=True)
    copy = CopyDrawing(drawing=Deferred(lambda: np.zeros((4, 4, 3), np.uint8)))
    for request in (first, copy):
        saving.put(request, None)
    saving.drop_waiting()
    engine.happened.emit(events.Stopped("save", 1, first))
    assert [asked[1] for asked in engine.asked] == [first]
    assert "that waited" not in state.shared.notice.text


def test_what_waits_is_written_whatever_goes_wrong_with_the_telling(
    saving, engine, tmp_path, monkeypatch, qtbot
):
    first, second, third = (
        SaveAdversarial(attack=ATTACK, path=str(tmp_path / name)) for name in "abc"
    )
    saving.put(first, None)
    saving.put(second, None)
    with monkeypatch.context() as patched, qtbot.captureExceptions() as raised:
        patched.setattr(saved_words, "said", lambda *_: 1 / 0)
        engine.happened.emit(events.Finished("save", 1, first, saved(tmp_path, True, True)))
    assert len(raised) == 1 and [asked[1] for asked in engine.asked] == [first, second]
    engine.happened.emit(events.Finished("save", 2, second, saved(tmp_path, True, True)))
    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(app_saving, "describe", lambda *_: 1 / 0)
        saving.put(third, None)
    saving.put(third, None)
    assert [asked[1] for asked in engine.asked] == [first, second, third]


@pytest.mark.parametrize(
    ("repair", "words", "remedy"),
    [
        (True, "Repairing a.png was stopped; the file is as it was", "Repair the file"),
        (False, "Saving a.png was stopped before it was read back", "Save it again"),
    ],
)
def test_a_save_that_is_stopped_is_told_and_offered_again(
    saving, engine, state, tmp_path, repair, words, remedy
):
    request = SaveAdversarial(attack=ATTACK, path=str(tmp_path / "a.png"), repair=repair)
    saving.put(request, None)
    engine.happened.emit(events.Stopped("save", 1, request))
    notice = state.shared.notice
    assert notice.text.startswith(words) and notice.level == "warning"
    assert (notice.remedy, notice.remedy_ref) == (remedy, SaveAgain(request, None))


@pytest.mark.parametrize(
    ("repair", "remedy"), [(True, "Repair the file"), (False, "Save it again")]
)
def test_a_file_that_is_there_when_it_is_told_that_it_was_stopped_is_said_to_be_there(
    saving, engine, state, tmp_path, repair, remedy
):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    request = SaveAdversarial(attack=ATTACK, path=str(path), repair=repair)
    saving.put(request, None)
    path.unlink()
    path.write_bytes(b"new")
    engine.happened.emit(events.Stopped("save", 1, request))
    [notice] = state.shared.notices
    said = "is there, but saving it was stopped before it was read back and classified."
    assert notice.text == f"a.png {said}"
    assert (notice.remedy, notice.remedy_ref) == (remedy, SaveAgain(request, None))
    assert state.shared.save_folder == str(tmp_path)


@pytest.mark.parametrize(
    ("name", "kind", "written"),
    [
        ("b.jpg", "PNG picture (*.png)", "b.jpg"),
        ("b.png", "JPEG picture", "b.jpg"),
        ("b", "JPEG picture", "b.jpg"),
        ("b-0.5", "JPEG picture", "b-0.5.jpg"),
    ],
)
def test_a_jpeg_is_written_with_a_warning_and_what_became_of_it(
    saving, engine, state, tmp_path, monkeypatch, name, kind, written
):
    def answer(window, title, start, kinds):
        assert kinds.count("JPEG") == 1
        chosen = next(one for one in kinds.split(";;") if one.startswith(kind))
        return str(tmp_path / name), chosen

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    saving.save_picture()
    lane, request, _ = engine.asked[0]
    assert request.path == str(tmp_path / written)
    for success, said in ((True, "still seen as ladybug"), (False, "no longer fools: ladybug")):
        result = dataclasses.replace(
            saved(tmp_path, success, True), path=request.path, compressed=True
        )
        saving.put(request, None)
        engine.happened.emit(events.Finished(lane, 1, request, result))
        notice = state.shared.notice
        assert notice.level == "warning" and said in notice.text
        assert "alters the picture" in notice.text and "up to 4 / 255" in notice.text
        assert not notice.remedy


@pytest.mark.parametrize(
    ("typed", "kind", "written"),
    [
        ("b.jpg", "JPEG", "b.jpg"),
        ("b", "JPEG", "b.jpg"),
        ("b.png", "JPEG", "b.jpg"),
        ("b", "", "b.jpg"),
        ("b", "PNG", "b.png"),
        ("cat-pgd.jpg", "PNG", "cat-pgd.png"),
        ("b.jpeg", "PNG", "b.jpeg"),
    ],
)
def test_a_jpeg_of_an_attack_is_asked_for_by_name(
    saving, engine, tmp_path, monkeypatch, typed, kind, written
):
    asked = []

    def answer(window, title, start, kinds):
        asked.append((Path(start).name, kinds.split(";;")[0]))
        return str(tmp_path / typed), kind and next(k for k in kinds.split(";;") if kind in k)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    saving.save_jpeg()
    assert asked == [("cat-pgd.jpg", "JPEG picture, altered by compression (*.jpg *.jpeg)")]
    assert engine.asked[0][1].path == str(tmp_path / written)


def test_only_of_an_attack_a_jpeg_is_written(saving, engine, state, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: pytest.fail("asked"))
    asked = Predict(model=ATTACK.model, image=ATTACK.image)
    made = dataclasses.replace(Page().export(), request=asked)
    monkeypatch.setattr(Page, "export", lambda self: made)
    saving.save_jpeg()
    notice = state.shared.notice
    assert (notice.level, engine.asked) == ("warning", [])
    assert notice.text.startswith("What an attack returns can be saved as JPEG")


@pytest.fixture
def answers(monkeypatch):
    """What was asked before a file was replaced; ``agreed`` is the answer."""

    class Answers(list):
        agreed = False

    found = Answers()
    monkeypatch.setattr(QMessageBox, "exec", lambda box: found.append(box.text()))
    monkeypatch.setattr(
        QMessageBox,
        "clickedButton",
        lambda box: (
            next((b for b in box.buttons() if b.text() == "Replace"), None)
            if found.agreed
            else None
        ),
    )
    return found


@pytest.mark.parametrize(
    ("chosen", "kind", "there"),
    [("c.png", "JPEG", "c.jpg"), ("c", "JPEG", "c.jpg"), ("c", "PNG", "c.png")],
)
def test_no_picture_is_replaced_that_was_not_asked_about(
    saving, engine, tmp_path, monkeypatch, answers, chosen, kind, there
):
    def answer(window, title, start, kinds):
        return str(tmp_path / chosen), next(k for k in kinds.split(";;") if k.startswith(kind))

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    saving.save_picture()
    assert not answers and len(engine.asked) == 1, "there is none"
    (tmp_path / there).write_bytes(b"old")
    saving.save_picture()
    assert answers == [f"{there} is there already. Replace it?"] and len(engine.asked) == 1
    answers.agreed = True
    saving.save_picture()
    assert engine.asked[-1][1].path == str(tmp_path / there) and len(answers) == 2


@pytest.mark.parametrize(
    ("chosen", "there", "several"), [("d", "d.npy", False), ("d.npy", "d.npz", True)]
)
def test_no_array_is_replaced_that_was_not_asked_about(
    saving, engine, tmp_path, monkeypatch, answers, chosen, there, several
):
    array = {"loss": np.ones(2)} if several else np.ones((3, 4, 4))
    given = Export("cat", np.zeros((4, 4, 3), np.uint8), array, Plane(attack=ATTACK))
    saving._window.stage.page = type("Page", (), {"export": lambda self: given})()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / chosen), ""))
    (tmp_path / there).write_bytes(b"old")
    save = saving.save_picture if several else saving.save_array
    save()
    assert len(answers) == 1 and not engine.asked
    answers.agreed = True
    save()
    write_out(engine)
    assert (tmp_path / there).read_bytes() != b"old"


def test_of_an_untrained_network_it_is_said(saving, engine, state, tmp_path, monkeypatch):
    saving.save_picture()
    lane, request, _ = engine.asked[0]
    monkeypatch.setattr(trust, "warning", lambda facts: "Untrained: random weights.")
    engine.happened.emit(events.Finished(lane, 1, request, saved(tmp_path, True, True)))
    assert state.shared.notice.text.endswith("Untrained: random weights.")


@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize("figure", [False, True])
def test_the_doubt_is_that_of_the_network_it_was_asked_of(
    saving, engine, state, tmp_path, trained, figure
):
    facts = dataclasses.replace(untrained(ATTACK.model), trained=trained)
    waiting = SaveAdversarial(attack=ATTACK, path=str(tmp_path / "b.png"))
    result = saved(tmp_path, True, True)
    if figure:
        waiting = SavePlane(plane=Plane(attack=ATTACK), path=str(tmp_path / "b.png"))
        result = SavedFigure(path=waiting.path)
    state.use_network(ATTACK.model, facts)
    saving.save_picture()
    saving.put(waiting, facts)
    state.use_network(ModelRef(name="other"), dataclasses.replace(facts, trained=not trained))
    _, first, _ = engine.asked[0]
    for request, found in ((first, saved(tmp_path, True, True)), (waiting, result)):
        engine.happened.emit(events.Finished("save", 1, request, found))
        assert ("Untrained" in state.shared.notice.text) is not trained


def untrained(model):
    """Return facts of a network of random weights."""
    return ModelFacts(
        *(model.name, model.name, "Nets", False, "here", 4, 4, "bilinear"),
        *((0.5,) * 3, (0.2,) * 3, ("cat", "dog"), 10, 10, (), "", True),
    )


@pytest.mark.parametrize("save", ["save_picture", "save_array", "save_request", "save_figure"])
def test_the_doubt_is_of_the_network_in_use_when_the_dialog_was_opened(
    saving, engine, state, tmp_path, monkeypatch, save
):
    facts, asked = untrained(ATTACK.model), []
    figure = SavePlane(plane=Plane(attack=ATTACK), path="")
    made = dataclasses.replace(Page().export(), figure=figure)
    monkeypatch.setattr(Page, "export", lambda self: made)

    def answer(window, title, start, kinds):
        asked.append(Path(start).name)
        other = dataclasses.replace(facts, name="other", trained=True)
        state.use_network(ModelRef(name="other"), other)
        return str(tmp_path / "a"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    state.use_network(ATTACK.model, facts)
    getattr(saving, save)()
    for lane, request, _ in engine.asked:
        result = SavedFigure(path=request.path)
        if isinstance(request, SaveAdversarial):
            result = saved(tmp_path, True, True)
        engine.happened.emit(events.Finished(lane, 1, request, result))
    assert "untrained" in asked[0] and "Untrained" in state.shared.notice.text


@pytest.mark.parametrize("stopped", [False, True])
def test_the_doubt_of_what_is_written_again_is_that_of_the_network_it_was_of(
    saving, engine, state, tmp_path, stopped
):
    facts = untrained(ATTACK.model)
    state.use_network(ATTACK.model, facts)
    saving.save_picture()
    lane, request, _ = engine.asked[0]
    if stopped:
        engine.happened.emit(events.Stopped(lane, 1, request))
    else:
        result = dataclasses.replace(saved(tmp_path, False, True), repairable=True)
        engine.happened.emit(events.Finished(lane, 1, request, result))
    state.use_network(ModelRef(name="other"), dataclasses.replace(facts, trained=True))
    saving.save_again(state.shared.notice.remedy_ref)
    lane, request, _ = engine.asked[1]
    engine.happened.emit(events.Finished(lane, 2, request, saved(tmp_path, True, True)))
    assert "Untrained" in state.shared.notice.text


def test_what_was_replaced_meanwhile_is_not_repaired(saving, engine, state, tmp_path, monkeypatch):
    others = []
    for name in ("a.png", "b.png"):
        chosen = str(tmp_path / name)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, chosen=chosen: (chosen, ""))
        saving.save_picture()
        lane, request, _ = engine.asked[-1]
        result = dataclasses.replace(
            saved(tmp_path, False, True), path=request.path, repairable=True
        )
        engine.happened.emit(events.Finished(lane, 1, request, result))
        others.append(state.shared.notice)
    assert state.shared.notices == tuple(others)
    pane = ImagePane("Photograph", parent=saving._window)
    feed = PaneFeed(pane, state)
    feed.show("done", lambda: np.zeros((4, 4, 3), np.uint8))
    pane.save_as()
    assert state.shared.notices == (others[0],), "b.png is another picture now"
    lane, request, _ = engine.asked[-1]
    assert isinstance(request, SaveDrawing) and request.path == str(tmp_path / "b.png")
    engine.happened.emit(events.Finished(lane, 1, request, SavedFigure(path=request.path)))
    assert [notice.remedy for notice in state.shared.notices] == ["Repair the file", ""]


def test_why_it_could_not_be_saved_is_said(saving, engine, state):
    saving.save_picture()
    lane, request, _ = engine.asked[0]
    failure = events.Failure("a.png cannot be written: the disk is full.", "Free some space.")
    engine.happened.emit(events.Failed(lane, 1, request, failure))
    notice = state.shared.notice
    assert notice.text == "a.png cannot be written: the disk is full. Free some space."
    assert notice.level == "error"


def test_how_a_picture_came_about_is_saved_or_told_when_there_is_something(
    saving, engine, state, tmp_path, monkeypatch
):
    saving.save_film()
    assert "animation" in state.shared.notice.text
    film = np.zeros((3, 8, 8, 3), np.uint8)
    film[1], film[2] = 128, 255
    said = "It is 8 pixels high, the picture itself 20."
    made = dataclasses.replace(Page().export(), film=Film.of(film, said))
    monkeypatch.setattr(Page, "export", lambda self: made)
    saving.save_film()
    write_out(engine)
    with Image.open(tmp_path / "a.png.gif") as animation:
        assert animation.n_frames == 3
        animation.seek(2)
        assert animation.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert state.shared.notice.text == f"Saved a.png.gif. {said}"


def test_a_request_that_does_not_give_the_picture_is_refused_with_advice(
    saving, engine, state, tmp_path, monkeypatch
):
    made = dataclasses.replace(
        Page().export(), request=Predict(model=ATTACK.model, image=ATTACK.image), unlike="Not yet."
    )
    monkeypatch.setattr(Page, "export", lambda self: made)
    for give in (saving.save_request, saving.copy_request):
        state.share(notice=None)
        give()
        assert (state.shared.notice.text, state.shared.notice.level) == ("Not yet.", "warning")
    assert not list(tmp_path.iterdir())
    path = tmp_path / "b.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    saving.save_picture()
    assert not path.exists()
    assert engine.asked[-1][1].path == str(tmp_path / "b.json.png"), "the picture there is"


@pytest.mark.parametrize("unlike", ["", "Not yet."])
def test_a_picture_carries_only_a_request_that_gives_it(
    saving, engine, tmp_path, monkeypatch, unlike
):
    asked = Predict(model=ATTACK.model, image=ATTACK.image)
    crop = np.zeros((2, 2, 3), np.uint8)
    made = dataclasses.replace(Page().export(), request=asked, crop=crop, unlike=unlike)
    monkeypatch.setattr(Page, "export", lambda self: made)
    assert (saving.told() == b"") is bool(unlike)
    for give in (saving.save_picture, saving.save_crop):
        give()
        write_out(engine)
        found = carried.found_in((tmp_path / "a.png").read_bytes())
        assert (found is None) is bool(unlike)
        (tmp_path / "a.png").unlink()


def test_a_name_that_ends_otherwise_than_a_picture_gets_what_it_says(
    saving, engine, state, tmp_path, monkeypatch
):
    film = np.zeros((3, 8, 8, 3), np.uint8)
    asked = Predict(model=ATTACK.model, image=ATTACK.image)
    made = dataclasses.replace(Page().export(), request=asked)
    monkeypatch.setattr(Page, "export", lambda self: made)

    def save_as(name):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
        saving.save_picture()
        return path

    for name in ("b.json", "b.JSON"):
        assert save_as(name).read_bytes() == made.request.to_json()
    path = save_as("b.npy")
    write_out(engine)
    assert np.array_equal(np.load(path), made.array)
    save_as("b.gif")
    write_out(engine)
    assert (tmp_path / "b.gif.png").exists(), "there is no animation"
    made = dataclasses.replace(made, film=Film.of(film))
    path = save_as("b.gif")
    write_out(engine)
    with Image.open(path) as animation:
        assert animation.format == "GIF"
    save_as("b.txt")
    write_out(engine)
    assert (tmp_path / "b.txt.png").exists()


def test_the_name_of_an_attack_decides_too_and_what_there_is_is_asked_for_once(
    saving, engine, tmp_path, monkeypatch
):
    given, made = [], Page().export()
    monkeypatch.setattr(Page, "export", lambda self: given.append(made) or made)
    for save in (saving.save_picture, saving.save_jpeg):
        for name in ("c.npy", "c.json"):
            path = tmp_path / name
            monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (path, ""))
            save()
            if name == "c.npy":
                write_out(engine)
        assert np.array_equal(np.load(tmp_path / "c.npy"), made.array)
        assert (tmp_path / "c.json").read_bytes() == ATTACK.to_json()
        assert len(list(tmp_path.iterdir())) == 2
    assert len(given) == 4


@pytest.mark.parametrize("save", ["save_picture", "save_crop", "save_figure"])
@pytest.mark.parametrize("of_attack", [False, True])
def test_another_kind_of_picture_is_left_to_the_worker_to_refuse(
    saving, engine, tmp_path, monkeypatch, save, of_attack
):
    crop, figure = np.zeros((2, 2, 3), np.uint8), SavePlane(plane=Plane(attack=ATTACK), path="")
    made = dataclasses.replace(Page().export(), crop=crop, figure=figure)
    if not of_attack:
        asked = Predict(model=ATTACK.model, image=ATTACK.image)
        made = dataclasses.replace(made, request=asked)
    monkeypatch.setattr(Page, "export", lambda self: made)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (tmp_path / "b.webp", ""))
    getattr(saving, save)()
    assert engine.asked[0][1].path == str(tmp_path / "b.webp")


def test_a_figure_is_written_by_the_worker_and_said(saving, engine, state, tmp_path, monkeypatch):
    heatmap = Heatmap(
        model=ATTACK.model, image=ATTACK.image, method="grad-cam", parameters=Params()
    )
    figure = SaveFigure(heatmap=heatmap, path="")
    pixels = np.zeros((4, 4, 3), np.uint8)
    given = Export("cat-grad-cam", pixels, np.zeros((4, 4)), heatmap)
    saving._window.stage.page = type("Page", (), {"export": lambda self: given})()
    saving.save_figure()
    assert not engine.asked and "once it is complete" in state.shared.notice.text
    given = dataclasses.replace(given, figure=figure)
    path = tmp_path / "out.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    saving.save_figure()
    [(lane, request, label)] = engine.asked
    assert (lane, request.path, request.heatmap) == ("save", str(path), heatmap)
    assert label == "Saving out.png"
    engine.happened.emit(events.Finished("save", 1, request, SavedFigure(path=str(path))))
    assert state.shared.notice.text == "Saved out.png."


def test_the_figure_of_a_plane_is_written_by_the_worker_too(
    saving, engine, state, tmp_path, monkeypatch
):
    plane = Plane(attack=ATTACK)
    pixels = np.zeros((4, 4, 3), np.uint8)
    given = Export(
        "cat-plane", pixels, np.zeros((4, 4)), plane, figure=SavePlane(plane=plane, path="")
    )
    saving._window.stage.page = type("Page", (), {"export": lambda self: given})()
    path = tmp_path / "out.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    saving.save_figure()
    [(_, request, label)] = engine.asked
    assert (request.plane, request.path, label) == (plane, str(path), "Saving out.png")
    engine.happened.emit(events.Finished("save", 1, request, SavedFigure(path=str(path))))
    assert state.shared.notice.text == "Saved out.png."
    saving.save_figure()
    failure = events.Failure("out.png cannot be written.", "Choose another folder.")
    engine.happened.emit(events.Failed("save", 2, request, failure))
    assert state.shared.notice.text == "out.png cannot be written. Choose another folder."


@pytest.mark.parametrize(("typed", "written"), [("a", "a.npz"), ("a.npz", "a.npz")])
def test_several_arrays_are_one_archive(saving, engine, tmp_path, monkeypatch, typed, written):
    arrays = {"loss": np.arange(4.0), "classes": np.arange(3)}
    given = Export("cat-plane", np.zeros((4, 4, 3), np.uint8), arrays, Plane(attack=ATTACK))
    saving._window.stage.page = type("Page", (), {"export": lambda self: given})()
    asked = []

    def answer(*given):
        asked.append(given)
        return str(tmp_path / typed), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    saving.save_array()
    assert asked[0][2].endswith(".npz")
    write_out(engine)
    with np.load(tmp_path / written) as archive:
        assert set(archive) == {"loss", "classes", "request"}
        assert archive["classes"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("typed", "kind", "written"),
    [("a.npy", 0, "a.npy"), ("a.npy", 1, "a.npz"), ("a", 1, "a.npz"), ("a.npz", 0, "a.npz")],
)
def test_a_single_array_may_be_an_archive(
    saving, engine, tmp_path, monkeypatch, typed, kind, written
):
    given = Export("cat", np.zeros((4, 4, 3), np.uint8), np.arange(3.0), Plane(attack=ATTACK))
    saving._window.stage.page = type("Page", (), {"export": lambda self: given})()

    def answer(parent, title, start, kinds):
        assert start.endswith(".npy")
        return str(tmp_path / typed), kinds.split(";;")[kind]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    saving.save_array()
    write_out(engine)
    read = np.load(tmp_path / written)
    assert (read["values"] if written.endswith("z") else read).tolist() == [0, 1, 2]


def test_the_ending_of_arrays_beside_a_picture_is_that_of_what_there_is(
    saving, engine, tmp_path, monkeypatch
):
    given = Export("cat", np.zeros((4, 4, 3), np.uint8), {"loss": np.ones(2)}, Plane(attack=ATTACK))
    saving._window.stage.page = type("Page", (), {"export": lambda self: given})()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "b.npy"), ""))
    saving.save_picture()
    write_out(engine)
    assert [path.name for path in tmp_path.iterdir()] == ["b.npz"]


def test_the_reason_why_there_is_nothing_to_save_is_told(saving, state):
    saving._window.stage.page = type("Page", (), {"export": lambda self: None})()
    saving.save_picture()
    assert state.shared.notice.text == "There is nothing to save yet."
    asked = Plane(attack=ATTACK)
    state.select(stage="plane")
    state.found("plane", Finding().waiting(asked).stopped())
    saving.save_picture()
    assert state.shared.notice.text.startswith("The plane was stopped before its end: continue")


def test_numbers_may_be_named_otherwise_than_the_picture(saving, engine, monkeypatch):
    suggested = []
    made = dataclasses.replace(
        Page().export(),
        request=Predict(model=ATTACK.model, image=ATTACK.image),
        array_stem="cat-embedding",
    )
    monkeypatch.setattr(Page, "export", lambda self: made)
    monkeypatch.setattr(
        QFileDialog,
        "getSaveFileName",
        lambda *given: suggested.append(Path(given[2]).name) or ("", ""),
    )
    saving.save_picture()
    saving.save_array()
    assert suggested == ["cat-pgd.png", "cat-embedding.npy"]


def test_where_a_table_is_shown_it_is_what_is_saved_and_copied(saving, engine, state, monkeypatch):
    done = []
    table = Table(lambda: done.append("copied"), lambda: done.append("saved"))
    asked = Predict(model=ATTACK.model, image=ATTACK.image)
    made = Export("net-layers", None, None, asked, table=table)
    monkeypatch.setattr(Page, "export", lambda self: made)
    saving.copy_picture()
    saving.save_picture()
    assert done == ["copied", "saved"]
    saving.save_array()
    assert "A table has no raw array" in state.shared.notices[-1].text
    assert not engine.asked
