"""A picture that carries its request comes back: it opens, and its request is offered."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui import resources
from cnnviz_gui.app import asking
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.app.restoring import Restoring
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core import carried, params, registry
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import CnnvizError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.files import save_png
from cnnviz_gui.core.request import (
    Attack,
    ChannelEdit,
    Heatmap,
    ImageRef,
    ModelRef,
    OpenModel,
    Sweep,
)
from cnnviz_gui.core.session import Session
from cnnviz_gui.engine import events
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Problem
from cnnviz_gui.state.restored import Restore

QUIET = NullContext()
NET, OTHER = ModelRef(name="lenet5"), ModelRef(name="lenet5", untrained=True)
PIXELS = np.full((4, 4, 3), 90, np.uint8)


class Engine(QObject):
    """Does at once what it is asked for."""

    happened = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self.gallery = session, None

    def submit(self, lane, request, label, *, behind=""):
        try:
            result = execute(request, self.session, QUIET)
        except CnnvizError as error:
            problem = Problem(str(error), "", "", "")
            if self.gallery is not None:
                self.gallery.on_failed(request, problem)
            self.happened.emit(events.Failed(lane, 1, request, events.Failure(str(error), "")))
            return
        if self.gallery is not None:
            self.gallery.on_finished(request, result)
        self.happened.emit(events.Finished(lane, 1, request, result))

    def forget(self, lane):
        pass


class Controller:
    def __init__(self, state, session):
        self._state, self._session = state, session

    def choose_model(self, model):
        facts = execute(OpenModel(model=model), self._session, QUIET).facts
        self._state.use_network(model, facts)


@pytest.fixture(scope="module")
def session():
    return Session()


@pytest.fixture
def window(qtbot, session, tmp_path):
    """A window on a network and a picture that are other ones."""
    made = QWidget()
    qtbot.addWidget(made)
    state, engine = AppState(), Engine(session)
    made.state = state
    made.gallery = engine.gallery = Gallery(state, engine, tmp_path)
    controller, settings = Controller(state, session), Settings()
    made.restoring = Restoring(made, state, engine, controller, made.gallery, settings)
    kinds = ("heatmap", "attack", "defence")
    state.share(methods=tuple(one for kind in kinds for one in registry.methods(kind)))
    controller.choose_model(OTHER)
    made.gallery.bring(ImageRef(path=str(resources.digits()[1])))
    state.choose_method("heatmap", "saliency")
    return made


@pytest.fixture
def place(tmp_path):
    """A picture in a folder, and a map of it beside it."""
    made = tmp_path / "place"
    made.mkdir()
    (made / "seven.png").write_bytes(resources.digits()[0].read_bytes() + b"\0")
    return made


def asked_of(place: Path, session: Session) -> Heatmap:
    chosen = registry.method("heatmap", "grad-cam")
    parameters = params.build(chosen.params, {"upsampling": "nearest"})
    plain = Heatmap(
        model=NET,
        image=ImageRef(path=str(place / "seven.png")),
        method="grad-cam",
        parameters=parameters,
        target=7,
        layer="c3",
    )
    return carried.exactly(plain, session, QUIET)


def saved(place: Path, session: Session) -> tuple[Path, Heatmap]:
    asked = asked_of(place, session)
    session.classifier(NET)
    return save_png(place / "map.png", PIXELS, carried.of(asked, session, QUIET)), asked


def press(window: QWidget) -> None:
    window.restoring.begin(window.state.shared.notice.remedy_ref)


def test_the_button_brings_the_very_request_back(window, place, session, qtbot) -> None:
    path, asked = saved(place, session)
    window.gallery.open_paths([str(path)])
    state = window.state
    assert state.selection.image.path == str(path), "it opened as any other picture"
    notice = state.shared.notice
    assert notice.text == "map.png holds Grad-CAM of seven.png, LeNet-5, layer c3, 7."
    assert notice.remedy == "Restore"
    press(window)
    qtbot.waitUntil(lambda: state.selection.heatmap_method == "grad-cam")
    assert asking.wanted(state)["heatmap"] == asked


def test_it_is_offered_when_it_comes_in_and_not_at_each_look(window, place, session) -> None:
    path, _ = saved(place, session)
    window.gallery.open_paths([str(path)])
    window.gallery.open(ImageRef(path=str(resources.digits()[1])))
    window.gallery.open(ImageRef(path=str(path)))
    assert window.state.shared.notice is None


def test_a_request_in_a_file_is_offered_too(window, place, session, qtbot) -> None:
    asked = asked_of(place, session)
    (place / "request.json").write_bytes(asked.to_json())
    window.gallery.open_paths([str(place / "request.json")])
    assert window.state.shared.notice.text.startswith("request.json holds Grad-CAM of seven.png")
    press(window)
    qtbot.waitUntil(lambda: window.state.selection.layer == "c3")
    assert asking.wanted(window.state)["heatmap"] == asked


def test_a_request_without_checksums_comes_back_too(window, place, session, qtbot) -> None:
    asked = asked_of(place, session)
    bare = dataclasses.replace(asked, image=ImageRef(path="seven.png"))
    (place / "request.json").write_bytes(bare.to_json())
    window.gallery.open_paths([str(place / "request.json")])
    press(window)
    qtbot.waitUntil(lambda: window.restoring._wanted is None)
    assert asking.wanted(window.state)["heatmap"] == asked


class Listener:
    """Hears every notice."""

    def __init__(self, state: AppState) -> None:
        self.state, self.heard = state, []
        state.observe(self.hear, at_once=True)

    def hear(self, changes) -> None:
        if "notice" in changes and self.state.shared.notice is not None:
            self.heard.append(self.state.shared.notice.text)


@pytest.mark.parametrize(
    ("weights", "warned"), [("own", False), ("", False), ("0" * 64, True)], ids=str
)
def test_other_weights_than_those_it_was_made_with_are_told_once(
    window, place, session, qtbot, weights: str, warned: bool
) -> None:
    asked = asked_of(place, session)
    if weights == "own":
        weights = carried.weights_of(session.classifier(NET))
    told = carried.written(asked, network="LeNet-5", weights=weights)
    path = save_png(place / "map.png", PIXELS, told)
    window.gallery.open_paths([str(path)])
    listener = Listener(window.state)
    press(window)
    qtbot.waitUntil(lambda: window.state.selection.layer == "c3")
    qtbot.waitUntil(lambda: window.restoring._wanted is None)
    assert len([one for one in listener.heard if "other weights" in one]) == warned
    assert asking.wanted(window.state)["heatmap"] == asked, "it is asked for anew"


def test_what_cannot_be_set_is_told_and_nothing_is_offered(window, place, session) -> None:
    parameters = params.build(registry.method("attack", "deepfool").params, {})
    image = ImageRef(path="seven.png")
    attack = Attack(model=OTHER, image=image, method="deepfool", parameters=parameters)
    (place / "request.json").write_bytes(Sweep(attack=attack, maximum=8.0).to_json())
    window.gallery.open_paths([str(place / "request.json")])
    notice = window.state.shared.notice
    assert not notice.remedy
    assert notice.text.startswith("request.json carries a request that cannot be restored.")
    assert "'deepfool' has no epsilon" in notice.text


def test_what_the_network_has_not_is_named_and_as_usual(window, place, session, qtbot) -> None:
    wrong = {"target": -1, "against": 900, "layer": "gone"}
    edits = (ChannelEdit(layer="c3", channel=5000),)
    asked = dataclasses.replace(asked_of(place, session), **wrong, edits=edits)
    (place / "request.json").write_bytes(asked.to_json())
    window.gallery.open_paths([str(place / "request.json")])
    assert window.state.shared.notice.remedy == "Restore", window.state.shared.notice
    press(window)
    qtbot.waitUntil(lambda: window.restoring._wanted is None)
    chosen = window.state.selection
    assert (chosen.target, chosen.against, chosen.layer, chosen.edits) == (None, None, "", ())
    assert chosen.heatmap_parameters == asked.parameters, "the rest came back"
    notice = window.state.shared.notice
    assert notice.level == "warning"
    for named in ("target", "rather-than class", "layer", "edit of a channel"):
        assert named in notice.text


@pytest.mark.parametrize("same", [True, False])
def test_a_picture_that_is_not_at_hand_can_be_shown(
    window, place, session, qtbot, monkeypatch, tmp_path, same
) -> None:
    path, asked = saved(place, session)
    elsewhere = tmp_path / "elsewhere.png"
    (place / "seven.png").rename(elsewhere)
    if not same:
        shutil.copy(resources.digits()[2], elsewhere)
    window.gallery.open_paths([str(path)])
    press(window)
    state = window.state
    assert state.shared.notice.text.startswith("seven.png is not at hand")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    press(window)
    assert state.selection.image.path == str(path), "nothing was chosen, nothing happens"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(elsewhere), ""))
    press(window)
    qtbot.waitUntil(lambda: state.selection.layer == "c3")
    assert state.selection.image.path == str(elsewhere)
    if same:
        moved = dataclasses.replace(asked.image, path=str(elsewhere))
        assert asking.wanted(state)["heatmap"] == dataclasses.replace(asked, image=moved)
    else:
        assert "is another file" in state.shared.notice.text


def test_a_request_that_is_of_no_use_costs_no_picture(window, place) -> None:
    path = save_png(place / "map.png", PIXELS, b'{"format": 99}')
    window.gallery.open_paths([str(path)])
    assert window.state.selection.image.path == str(path)
    notice = window.state.shared.notice
    assert notice.text.startswith("map.png carries a request that cannot be restored.")
    assert notice.remedy_ref is None


def test_a_file_that_is_no_request_is_refused_in_a_sentence(window, place) -> None:
    before = window.state.selection
    (place / "a.json").write_text("[1, 2]")
    window.gallery.open_paths([str(place / "a.json")])
    assert "another version" in window.state.shared.notice.text
    (place / "b.json").write_text('{"task": "forget"}')
    window.gallery.open_paths([str(place / "b.json")])
    assert "No page shows" in window.state.shared.notice.text
    assert window.state.selection == before


def test_nothing_is_restored_over_what_the_user_opens_meanwhile(
    window, place, session, qtbot, monkeypatch
) -> None:
    path, _ = saved(place, session)
    window.gallery.open_paths([str(path)])
    restore = window.state.shared.notice.remedy_ref
    assert isinstance(restore, Restore)
    monkeypatch.setattr(window.gallery, "bring", lambda ref: None)  # it is never read
    window.restoring.begin(restore)
    window.state.select(image=ImageRef(path=str(resources.digits()[2])))
    qtbot.waitUntil(lambda: window.restoring._wanted is None)
    assert window.state.selection.heatmap_method == "saliency"
