"""Kept pictures in the file of a session: by request, and read as a stranger's."""

import dataclasses
import json

import pytest

from cnnviz_gui.core.feature_requests import Feature, Unit
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.request import CheckpointRef, ImageRef, ModelRef
from cnnviz_gui.state import session_file
from cnnviz_gui.state.kept_features import KeptAsked
from cnnviz_gui.state.selection import Selection
from tests.state.test_session_file import fresh, opened

PICTURE = ImageRef(path="/p/cat.png", sha256="1")
NET = ModelRef(name="own", checkpoint=CheckpointRef(path="/w/own.pt", sha256="2"))
REQUEST = Feature(
    model=NET,
    units=(Unit(layer="stem", channel=2, cell=(1, 2)),),
    parameters=FeatureParams(steps=40),
    image=PICTURE,
    before=(FeatureParams(steps=8),),
)
CHOSEN = Selection(model=NET, layer="stem", channel=2, cell=(1, 2), feature_preset="sharp")


@pytest.fixture
def kept():
    state = fresh()
    state.share(kept_asked=KeptAsked((REQUEST,), CHOSEN))
    return state


def test_what_is_kept_comes_back_by_request(kept):
    read = opened(session_file.write(kept))
    assert read.reset == () and read.kept.requests == (REQUEST,)
    for name in ("model", "layer", "channel", "cell", "feature_preset"):
        assert getattr(read.kept.selection, name) == getattr(CHOSEN, name)


def test_without_a_kept_picture_there_is_no_entry(kept):
    kept.share(kept_asked=None)
    data = session_file.write(kept)
    assert "kept" not in json.loads(data) and opened(data).kept is None
    # A module that only this process has cannot be told of.
    given = dataclasses.replace(REQUEST, model=ModelRef(name="given:mine"))
    kept.share(kept_asked=KeptAsked((given,), CHOSEN))
    assert "kept" not in json.loads(session_file.write(kept))


def set_(path, value):
    def change(entry):
        for name in path[:-1]:
            entry = entry[name]
        entry[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        set_(("requests",), []),
        set_(("requests",), "all"),
        set_(("more",), 1),
        set_(("chosen", "channel"), -1),
        set_(("chosen", "opacity"), 0.5),
        set_(("requests", 0, "more"), 1),
        set_(("requests", 0, "units"), []),
        set_(("requests", 0, "units", 0, "weight"), 1e300),
        set_(("requests", 0, "parameters", "steps"), 10**9),
        set_(("requests", 0, "parameters", "steps"), "many"),
        set_(("requests", 0, "image", "path"), "cat.png"),
        set_(("requests", 0, "model", "checkpoint", "path"), "/w/\0.pt"),
        set_(
            ("requests", 0, "model"),
            {"name": "given:m", "untrained": False, "seed": 0, "checkpoint": None},
        ),
        set_(("requests", 0, "before"), [{"steps": 1}] * 600),
    ],
)
def test_what_is_not_valid_is_named_and_left_out(kept, change):
    raw = json.loads(session_file.write(kept))
    change(raw["kept"])
    read = opened(json.dumps(raw).encode())
    assert read.kept is None and read.reset == ("a kept picture",)
