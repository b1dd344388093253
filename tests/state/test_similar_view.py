"""What the page of similar pictures may show, and what it says."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.request import Embed, ImageRef, ModelRef, Nearest
from cnnviz_gui.core.result import Embedding, NearestImages, Neighbour
from cnnviz_gui.state import similar_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Advance, Finding

NET, CAT, DOG = ModelRef(name="net"), ImageRef(path="cat.png"), ImageRef(path="dog.png")
FOLDER = "/home/u/holiday"


def nearest(**changes: object) -> NearestImages:
    thumbnail = np.zeros((4, 4, 3), np.uint8)
    values = {
        "layer": "fc",
        "neighbours": (Neighbour("/home/u/holiday/a.jpg", 0.9, thumbnail),),
        "looked_at": 800,
        "total": 800,
    }
    return NearestImages(**(values | changes))


@pytest.fixture
def state() -> AppState:
    made = AppState()
    made.select(model=NET, image=CAT, stage="similar", similar_folder=FOLDER)
    return made


def found(state: AppState, result: NearestImages, image: ImageRef = CAT) -> None:
    request = Nearest(model=NET, image=image, folder=FOLDER)
    state.found("nearest", Finding().finished(request, result))


def test_only_what_was_asked_of_this_picture_and_network_is_the_embedding(state: AppState) -> None:
    assert similar_view.shown_embedding(state) is None and similar_view.numbers(state) == []
    vector = np.array([3.0, 0.0, 4.0, 0.0], np.float32)
    value = Embedding(layer="fc", vector=vector)
    state.found("embed", Finding().finished(Embed(model=NET, image=CAT), value))
    assert similar_view.shown_embedding(state) is value
    known = similar_view.measures(value)
    assert (known.low, known.high, known.zeros, known.length) == (0.0, 4.0, 0.5, 5.0)
    assert ("Given to", "fc") in similar_view.numbers(state)
    state.select(image=DOG)
    assert similar_view.shown_embedding(state) is None


def test_pictures_like_the_one_before_stay_until_there_are_others(state: AppState) -> None:
    found(state, nearest())
    shown = similar_view.shown_nearest(state)
    assert shown is not None and shown.current and shown.complete
    state.select(image=DOG)
    shown = similar_view.shown_nearest(state)
    assert shown is not None and not shown.current
    state.select(similar_folder="/elsewhere")
    assert similar_view.shown_nearest(state) is None, "they are of another folder"
    state.select(similar_folder=FOLDER, model=ModelRef(name="other"))
    assert similar_view.shown_nearest(state) is None, "they are of another network"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "800 pictures"),
        ({"looked_at": 1, "total": 1}, "1 picture"),
        (
            {"looked_at": 5000, "total": 5000, "truncated": True},
            "the first 5\N{THIN SPACE}000 pictures",
        ),
        ({"looked_at": 120}, "120 of 800"),
    ],
)
def test_how_much_was_looked_at_is_counted(
    state: AppState, changes: dict[str, object], said: str
) -> None:
    found(state, nearest(**changes))
    shown = similar_view.shown_nearest(state)
    assert shown is not None and similar_view.count(state, shown) == said


def test_while_it_runs_the_time_left_is_told(state: AppState) -> None:
    request = Nearest(model=NET, image=CAT, folder=FOLDER)
    finding = Finding().waiting(request).partial(request, nearest(looked_at=120))
    state.found("nearest", finding.advanced(Advance(120, 800, 11.2)))
    shown = similar_view.shown_nearest(state)
    assert shown is not None and similar_view.count(state, shown) == "120 of 800, 12 s left"


def test_what_was_skipped_is_summed_up() -> None:
    assert similar_view.skipped(nearest()) == ""
    one = nearest(skipped=(("a.png", "a.png is cut off."),))
    assert similar_view.skipped(one) == "1 skipped: a.png is cut off."
    two = dataclasses.replace(one, skipped=(*one.skipped, ("b.png", "b.png is empty.")))
    assert similar_view.skipped(two) == "2 skipped, such as: a.png is cut off."


@pytest.mark.parametrize(
    ("folder", "name"),
    [("", ""), (FOLDER, "holiday"), ("/", "/"), ("C:\\pictures", "C:\\pictures")],
)
def test_a_folder_is_named_by_its_last_part(state: AppState, folder: str, name: str) -> None:
    state.select(similar_folder=folder)
    assert similar_view.folder_name(state) == name
