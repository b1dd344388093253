"""What a stranger's file asks for is chosen whole or refused; the window goes on and is saved."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnviz_gui import resources
from cnnviz_gui.app import asking
from cnnviz_gui.core import carried, registry
from cnnviz_gui.core.errors import CnnvizError
from cnnviz_gui.core.registry import Kind, Method
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.tasks import RESULTS
from cnnviz_gui.state import restoring, restoring_words, session_file
from cnnviz_gui.state.app_state import AppState
from tests import hostile
from tests.app.test_restored_requests import window

IMAGE = ImageRef(path=str(resources.digits()[0]))
SESSION = Session()
PLACES = {"folder", "layer_folder", "similar_folder", "plane_image"}
"""Are found before anything is chosen, which is left out here."""


def known(kind: Kind, name: str) -> Method | None:
    return next((one for one in registry.methods(kind) if one.name == name), None)


def restored_from(raw: object) -> AppState | None:
    """Return the window that has taken all that a request asks for; None if that is refused."""
    state = window(SESSION, IMAGE, ())
    try:
        found = carried.read(json.dumps(raw).encode())
        choice = restoring.restored(found.request, state.shared.methods)
    except CnnvizError:
        return None
    assert restoring_words.of(found.request, state.shared, found.network)
    restoring.choose(state, choice)
    return state


@pytest.mark.parametrize("task", RESULTS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_the_window_takes_what_it_can_ask_for_and_save(task: str, seed: int) -> None:
    state = restored_from(hostile.request(RESULTS[task], Random(seed)))
    if state is None:
        return
    for asked in asking.wanted(state).values():
        asked.fingerprint()
    saved = session_file.decode(session_file.write(state))
    again = session_file.read(saved, known, AppState())
    assert set(again.reset) <= PLACES


@pytest.mark.parametrize(
    ("task", "field", "more"),
    [
        ("sanity", "sanity_of", {"heatmap": {"method": "grad-cam", "target": 7, "layer": "c3"}}),
        ("defences-known", "adaptive", {"methods": [{"method": "median"}], "draws": 3}),
        ("attack-folder", "attack_folder", {"epsilons": [0.5, 1.0], "folder": {"path": "x"}}),
    ],
)
def test_a_request_within_what_is_chosen_is_as_it_was_asked(
    task: str, field: str, more: dict[str, object]
) -> None:
    base = {"model": {"name": "lenet5"}, "image": {"path": Path(IMAGE.path).name}}
    robust = task == "attack-folder"
    asked = {
        "sanity": {"heatmap": base | more.pop("heatmap", {})},  # type: ignore[operator]
        "defences-known": {"attack": base | {"method": "fgsm"}},
        "attack-folder": {"model": base["model"], "method": "fgsm"},
    }[task]
    state = restored_from({"task": task, **asked, **more})
    assert state is not None
    chosen = getattr(state.selection, field)
    assert chosen.task == ("heatmap" if task == "sanity" else task)
    if robust:
        assert chosen.epsilons == (0.5, 1.0)


@pytest.mark.parametrize(
    "raw",
    [
        {"task": "sweep", "maximum": 8, "attack": {"method": "deepfool"}},
        {"task": "sweep", "maximum": 100, "attack": {"method": "fgsm"}},
        {"task": "sanity", "heatmap": {"method": "grad-cam", "target": 10**7}},
        {"task": "sanity", "heatmap": {"method": "pgd"}},
        {"task": "defences-known", "attack": {"method": "fgsm"}, "methods": [], "draws": 0},
        {"task": "defences-known", "attack": {"method": "fgsm"}, "methods": [{"method": "no"}]},
        {"task": "attack-folder", "method": "fgsm", "folder": {"path": 3}, "epsilons": [1]},
        {"task": "attack-folder", "method": "fgsm", "folder": {"path": "x"}, "epsilons": [-1]},
    ],
    ids=str,
)
def test_what_cannot_be_set_is_refused_before_anything_is_chosen(raw: dict[str, object]) -> None:
    base = {"model": {"name": "lenet5"}, "image": {"path": "a.png"}}
    part = next((name for name in ("heatmap", "attack") if name in raw), None)
    whole = {**raw, "model": base["model"]} if part is None else raw | {part: base | raw[part]}  # type: ignore[operator]
    assert restored_from(whole) is None
