"""The decision plane: what is asked, which colours, what a cell says."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core import plane_drawing
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.plane_requests import Plane, PlaneParams, PlanePicture
from cnnviz_gui.core.plane_results import UNKNOWN, PlanePictureResult, PlaneResult
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.state import plane_view
from cnnviz_gui.state.app_state import AppState, StripEntry
from cnnviz_gui.state.finding import Advance, Finding
from tests.state.test_plan import FACTS, BallParams


def plane_result(side=17, **given):
    """Return a plane: class 0 at the left, 1 at the right, three more in a corner."""
    classes = np.zeros((side, side), np.int32)
    classes[:, side // 2 + 1 :] = 1
    classes[0, : min(side, 3)] = (5, 6, 7)[:side]
    classes = given.get("classes", classes)
    counted = {index: int((classes == index).sum()) for index in (0, 1, 5, 6, 7)}
    names = sorted(counted, key=lambda index: -counted[index])
    known = classes != UNKNOWN
    strides = [2**power for power in range(4) if known[:: 2**power, :: 2**power].all()]
    filled = {
        "classes": classes,
        "confidence": np.where(known, 0.6, np.nan).astype(np.float32),
        "loss": np.where(known, np.linspace(0, 4, side), np.nan).astype(np.float32),
        "names": tuple((index, f"class {index}") for index in names),
        "label": Score(0, "class 0", 0.6, 1.0),
        "reach": 2.0,
        "across": "random",
        "lengths": (1.5, 1.5),
        "epsilon": 2.0,
        "norm": "linf",
        "units": (1.0, 4.0),
        "clipped": 0.125,
        "ball": np.array([[1, 0], [0, 1], [-1, 0], [0, -1]], np.float32),
        "path": np.array([[0, 0], [1, 0]], np.float32),
        "expected": side * side,
        "grid": (side - 1) // strides[0] + 1 if strides else side,
    } | given
    if "drawing" not in given:
        filled["drawing"] = drawing(filled, strides[0] if strides else 1)
    return PlaneResult(**filled)


def drawing(plane, stride):
    """Draw the points of a plane as if the winner had its probability and class 9 the rest."""
    classes, confidence = plane["classes"], np.nan_to_num(plane["confidence"], nan=0.5)
    best = np.stack([classes, np.where(classes == UNKNOWN, UNKNOWN, 9)], 2).astype(np.int32)
    logs = np.log(np.stack([confidence, 1 - confidence], 2).clip(1e-9)).astype(np.float32)
    logs[classes == UNKNOWN] = np.nan
    found = best, np.nan_to_num(logs, nan=-9) if stride == 1 else logs, plane["loss"]
    return plane_drawing.draw(found, stride, plane["label"].index, plane["reach"])


def ready_state():
    """A window's state on the plane, with a picture whose class is known."""
    state = AppState()
    state.select(
        model=ModelRef(name="net"),
        image=ImageRef(path="cat.png", sha256="1"),
        stage="plane",
        attack_method="pgd",
        attack_parameters=BallParams(),
    )
    state.use_network(ModelRef(name="net"), FACTS)
    seen = np.full((32, 32, 3), 200, np.uint8)
    prediction = Prediction(scores=(Score(0, "cat", 0.5, 1.0),), seen=seen, enlarged="")
    request = Predict(model=state.selection.model, image=state.selection.image)
    state.found("predict", Finding().finished(request, prediction))
    return state


@pytest.fixture
def ready():
    return ready_state()


def test_nothing_is_asked_before_the_user_asks(ready):
    assert plane_view.plane_requests(ready) == {}
    ready.select(plane_started=True)
    (asked,) = plane_view.plane_requests(ready).values()
    assert isinstance(asked, Plane) and asked.attack.parameters == BallParams()
    ready.select(plane_point=(0.5, -1.0))
    point = plane_view.plane_requests(ready)[plane_view.POINT_LANE]
    assert point == PlanePicture(plane=asked, along=0.5, across=-1.0)
    ready.select(stage="heatmaps")
    assert plane_view.plane_requests(ready) == {}


def test_a_scaled_attack_lies_along_the_same_plane(ready):
    plain = plane_view.plane_request(ready)
    ready.select(attack_scaled=True, attack_scale=0.3)
    assert plane_view.plane_request(ready) == plain


def test_another_picture_or_network_is_asked_for_anew(ready):
    ready.select(plane_started=True, plane_point=(1.0, 0.0))
    ready.select(image=ImageRef(path="dog.png", sha256="2"))
    assert not ready.selection.plane_started and ready.selection.plane_point is None


def test_a_point_beyond_a_smaller_plane_is_no_longer_chosen(ready):
    ready.select(plane_point=(0.5, -1.5))
    ready.select(plane_parameters=PlaneParams(reach=1.5))
    assert ready.selection.plane_point == (0.5, -1.5)
    ready.select(plane_parameters=PlaneParams(reach=1.0))
    assert ready.selection.plane_point is None


def test_the_next_picture_of_the_strip_lies_across(ready):
    first, second = ready.selection.image, ImageRef(path="dog.png", sha256="2")
    ready.select(plane_parameters=PlaneParams(across="image"))
    assert plane_view.plane_request(ready).other_image is None
    ready.share(strip=tuple(StripEntry(ref, ref.path) for ref in (second, first)))
    assert plane_view.plane_request(ready).other_image == second
    ready.select(plane_parameters=PlaneParams())
    assert plane_view.plane_request(ready).other_image is None


def test_any_picture_of_the_strip_can_lie_across(ready):
    refs = [ready.selection.image, *(ImageRef(path=f"{n}.png", sha256=n) for n in "234")]
    ready.share(strip=tuple(StripEntry(ref, ref.path) for ref in refs))
    ready.select(plane_parameters=PlaneParams(across="image"), plane_image=refs[3])
    assert plane_view.plane_request(ready).other_image == refs[3]
    assert [entry.ref for entry in plane_view.others(ready)] == refs[1:]
    ready.select(image=refs[3])  # it does not lie across itself
    assert plane_view.other_image(ready) == refs[0]
    ready.share(strip=())
    assert plane_view.other_image(ready) is None


def test_any_class_can_lie_across(ready):
    ready.select(plane_parameters=PlaneParams(across="class"), plane_class=3)
    assert plane_view.plane_request(ready).other == 3
    ready.select(plane_parameters=PlaneParams())
    assert plane_view.plane_request(ready).other is None
    ready.select(model=ModelRef(name="other"))  # whose third class is another
    assert ready.selection.plane_class is None


def test_a_plane_of_other_settings_is_shown_as_old_and_of_another_picture_not(ready):
    asked = plane_view.plane_request(ready)
    ready.found(plane_view.LANE, Finding().finished(asked, plane_result()))
    assert plane_view.shown_plane(ready).current
    ready.select(plane_parameters=PlaneParams(seed=3))
    assert not plane_view.shown_plane(ready).current
    ready.select(image=ImageRef(path="dog.png", sha256="2"))
    assert plane_view.shown_plane(ready) is None


def test_the_picture_of_a_point_goes_with_its_plane(ready):
    asked = plane_view.plane_request(ready)
    found = PlanePictureResult(picture=np.zeros((4, 4, 3), np.uint8), scores=(), clipped=0.0)
    point = PlanePicture(plane=asked, along=1.0, across=0.0)
    ready.select(plane_point=(1.0, 0.0))
    ready.found(plane_view.POINT_LANE, Finding().finished(point, found))
    assert plane_view.shown_point(ready).result is found
    ready.select(plane_parameters=PlaneParams(seed=3))
    assert plane_view.shown_point(ready) is None


def test_the_pictures_own_class_has_its_colour_and_small_ones_share_one():
    result = plane_result()
    colours = plane_view.tokens(result)
    assert colours[0] == "clean" and colours[1] == "adversarial"
    assert len({colours[index] for index in (0, 1, 5, 6, 7)}) == 5
    many = plane_result(
        names=tuple((index, f"class {index}") for index in (0, 1, 2, 3, 4, 5, 6, 7))
    )
    assert [plane_view.tokens(many)[index] for index in (6, 7)] == ["text3", "text3"]
    rows = plane_view.legend(many)
    assert rows[-1][:2] == ("text3", "2 more classes")
    assert rows[0][1] == "class 0"


def test_the_attacks_end_has_the_colour_of_its_class():
    assert plane_view.end(plane_result()) == "adversarial"
    beyond = plane_result(path=np.array([[0, 0], [-9, 0]], np.float32))
    assert plane_view.end(beyond) == "clean"


def test_a_pixel_says_what_is_at_the_nearest_point():
    result = plane_result()
    assert plane_view.at(result, 0, 0) == (-2.0, 2.0)
    assert plane_view.at(result, 128, 128) == (0.0, 0.0)
    assert plane_view.at(result, 256, 256) == (2.0, -2.0)
    assert plane_view.at(result, 133, 121) == (0.0, 0.0)
    said = plane_view.readout(result, 190, 130)
    assert said == ("class 1", "60.0 %, loss 3.00", "1.00 ε along, 0.00 ε across")
    name, _, place = plane_view.readout(result, 0, 256)
    assert (name, place) == ("class 5", "−2.00 ε along, −8.00 ε across")
    free = dataclasses.replace(result, epsilon=None, units=(1.0, 20.0))
    assert plane_view.place(free, 0.5, -1) == "0.50 along, −20.0 across"
    assert plane_view.coordinates(result, 0.5, 1) == [("Along", "0.50 ε"), ("Across", "4.00 ε")]


def test_where_a_point_is_not_known_yet_the_next_coarser_one_speaks():
    classes = np.full((17, 17), UNKNOWN, np.int32)
    classes[::4, ::4] = 0
    classes[1, 1] = 5
    result = plane_result(classes=classes)
    assert result.grid == 5
    assert plane_view.nearest(result, -2 + 1 / 4, -2 + 1 / 4) == (1, 1)
    assert plane_view.nearest(result, -2 + 3 / 4, -2 + 3 / 4) == (4, 4)
    assert plane_view.at(result, 250, 10) == (2.0, 2.0)


def test_shares_count_the_whole_grid_alone_and_say_so():
    classes = np.full((17, 17), UNKNOWN, np.int32)
    classes[::4, ::4] = 0
    classes[::4, 16] = 1
    classes[2, ::2] = 5  # of the next finer grid: not to be counted
    result = plane_result(classes=classes)
    assert [row[1:] for row in plane_view.legend(result)] == [
        ("class 0", "80.0 %"),
        ("class 1", "20.0 %"),
    ]
    assert plane_view.notes(result)[0] == "At 5 × 5 points so far."
    whole = plane_view.notes(plane_result())
    assert not any("so far" in note for note in whole)
    assert whole[0].startswith("First border: ") and "12.5 %" in whole[1]


def test_it_says_how_far_it_is(ready):
    asked = plane_view.plane_request(ready)
    classes = np.full((17, 17), UNKNOWN, np.int32)
    classes[::4, ::4] = 0
    ready.found(plane_view.LANE, Finding().partial(asked, plane_result(classes=classes)))
    assert plane_view.progress(ready) == "25 of 289 points"
    told = ready.finding(plane_view.LANE).advanced(Advance(40, 289, None))
    ready.found(plane_view.LANE, told)
    assert plane_view.progress(ready) == "40 of 289 points", "as the strip counts"
    ready.found(plane_view.LANE, Finding().finished(asked, plane_result()))
    assert plane_view.progress(ready) == ""
