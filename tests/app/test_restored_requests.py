"""What a picture carries, restored: the window asks for that very request again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnviz_gui import resources
from cnnviz_gui.app import asking
from cnnviz_gui.core import carried, find_files, registry
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.feature_requests import Feature, FeatureSheet, Unit
from cnnviz_gui.core.files import save_png
from cnnviz_gui.core.layer_requests import FlippingSet, TopPatches
from cnnviz_gui.core.registry import Kind
from cnnviz_gui.core.request import (
    Attack,
    ChannelEdit,
    Heatmap,
    ImageRef,
    InspectLayer,
    OpenModel,
    Predict,
    Request,
)
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.restore_work import Places
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.tasks import RESULTS, TASKS
from cnnviz_gui.state import feature_plan, restoring, restoring_words
from cnnviz_gui.state.app_state import AppState, StripEntry
from cnnviz_gui.state.finding import Finding
from tests.core.test_as_code import NAME, NET, requests

QUIET = NullContext()


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pictures")
    shutil.copy(resources.digits()[0], made / NAME)
    shutil.copy(resources.digits()[1], made / "-other.png")
    return made


def all_requests(place: Path) -> dict[str, Request]:
    image, known = ImageRef(path=str(place / NAME)), requests(place)
    attack, cam = known["attack"], known["map"]
    assert isinstance(attack, Attack) and isinstance(cam, Heatmap)
    more = {
        "patches": TopPatches(model=NET, layer="c1", channel=2, folder=str(place)),
        "attacked": InspectLayer(model=NET, image=image, layer="c3", attack=attack),
        "joined": Feature(
            model=NET,
            units=(Unit(layer="c3", channel=2), Unit(layer="c3", channel=5, weight=0.5)),
            parameters=replace(feature_plan.SHEET, seed=3),
        ),
        "sheet": FeatureSheet(
            model=NET, layer="c1", channels=tuple(range(6)), parameters=feature_plan.SHEET
        ),
        "silenced": replace(cam, edits=(ChannelEdit(layer="c1", channel=1),)),
        "flipping": FlippingSet(model=NET, image=image, layer="c3"),
    }
    return known | more


def window(session: Session, image: ImageRef, others: tuple[ImageRef, ...]) -> AppState:
    """A window that was just started, on a network and a picture that were opened."""
    state = AppState()
    kinds: tuple[Kind, ...] = ("heatmap", "attack", "defence")
    state.share(methods=tuple(one for kind in kinds for one in registry.methods(kind)))
    state.use_network(NET, execute(OpenModel(model=NET), session, QUIET).facts)
    state.share(strip=tuple(StripEntry(ref, Path(ref.path).name) for ref in (*others, image)))
    state.select(image=image)
    state.choose_method("heatmap", "saliency")
    state.choose_method("attack", "deepfool")
    return state


def answer(state: AppState, session: Session, *lanes: str) -> None:
    """Let what decides on the rest be known, as it is a moment later."""
    for lane, asked in asking.wanted(state).items():
        if lane in lanes:
            state.found(lane, Finding().finished(asked, execute(asked, session, QUIET)))


@pytest.mark.parametrize("name", sorted(all_requests(Path("x"))))
def test_the_window_asks_for_what_the_picture_carries(
    name: str, session: Session, place: Path, tmp_path: Path
) -> None:
    asked = carried.exactly(all_requests(place)[name], session, QUIET)
    written = save_png(
        tmp_path / "result.png", np.zeros((2, 2), np.uint8), carried.of(asked, session, QUIET)
    )
    found = carried.found_in(written.read_bytes())
    assert found is not None
    places = Places(folders=(str(place),))
    request = find_files.located(found.request, places, QUIET)
    assert request == asked, "the files were found"
    if name == "untrained":
        assert restoring.needs(request).model == request.model
        return
    needs = restoring.needs(request)
    assert needs.model == NET
    image = next(iter(needs.images[::-1]), None)
    if image is None:
        image = carried.exactly(ImageRef(path=str(place / NAME)), session, QUIET)
    state = window(session, image, needs.images[:-1])
    restoring.choose(state, restoring.restored(request, state.shared.methods))
    answer(state, session, "predict", "predict-edited")
    answer(state, session, "heatmap", "attack", "layer")
    wanted = asking.wanted(state)
    if name == "table":
        assert state.display.layer_view == "table"
        return
    if isinstance(request, Predict) and not request.edits:
        assert wanted["predict"].image == request.image
        return
    assert request in wanted.values(), wanted


def test_what_no_page_shows_is_not_offered() -> None:
    known = restoring.restorable
    assert known(Predict(model=NET, image=ImageRef(path="a.png")))
    assert not known(from_json(b'{"task": "list-images", "paths": ["a"]}'))
    shown = {task for task, kind in TASKS.items() if kind in restoring._WAYS}
    assert shown == set(RESULTS), "what a stranger may ask for is just what a page shows"


def test_a_request_is_told_in_words(place: Path) -> None:
    asked = all_requests(place)
    told = restoring_words.told
    assert told(asked["map"], "Grad-CAM", "LeNet-5", ("0", "1", "2", "three")) == (
        f"Grad-CAM of {NAME}, LeNet-5, layer c3, three"
    )
    assert told(asked["silenced"], "Grad-CAM", "LeNet-5", ("0", "1", "2", "three")) == (
        f"Grad-CAM of {NAME}, LeNet-5, layer c3, three, with 1 channel silenced"
    )
    assert told(asked["across"], "Decision plane", "", ()) == f"Decision plane of {NAME}"
    assert told(asked["filters"], "Filters", "LeNet-5", ()) == "Filters, LeNet-5, layer c1"
