"""The controller with a real engine and a stand-in for the computation: no torch, no window."""

import dataclasses
import threading
from dataclasses import dataclass

import numpy as np
import pytest

from cnnviz_gui.app.controller import Controller
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.app.lanes import LANES
from cnnviz_gui.app.worker import Ready
from cnnviz_gui.core.errors import ImageError, ModelError
from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Score
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import (
    Forget,
    Heatmap,
    HeatmapLayers,
    ImageRef,
    ListImages,
    ModelRef,
    OpenImage,
    OpenModel,
    Predict,
    Thumbnails,
)
from cnnviz_gui.core.result import (
    Forgotten,
    HeatmapLayersResult,
    HeatmapResult,
    ListedImages,
    OpenedImage,
    OpenedModel,
    Prediction,
    ThumbnailSheet,
)
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.engine.runner import Kit
from cnnviz_gui.state.app_state import Activity, AppState
from cnnviz_gui.state.finding import Problem


@dataclass(frozen=True, slots=True)
class MapParams(Params):
    sharpness: float = number(1.0, 0.0, 2.0, help="How sharp.")


METHOD = Method(
    "heatmap", "grad-cam", "Grad-CAM", "", "", "", MapParams, lambda facts: "", True, print
)
SCORE = Score(0, "cat", 0.9, 1.0)


class Computer:
    """Answers at once, fails for pictures named bad, waits where told to."""

    def __init__(self):
        self.asked = []
        self.held = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def start(self, say):
        return Kit(self.execute, None, Ready((METHOD,), (), "CPU, 1 thread"))

    def execute(self, request, session, ctx):
        self.asked.append(request)
        match request:
            case Forget():
                return Forgotten()
            case OpenModel():
                return self.open_model(request, ctx)
            case OpenImage():
                return self.open_image(request)
            case ListImages():
                good = tuple(p for p in request.paths if p.endswith(".png"))
                bad = tuple((p, "not a picture") for p in request.paths if p not in good)
                return ListedImages(paths=good, skipped=bad, truncated=False)
            case Thumbnails():
                return ThumbnailSheet(thumbnails=())
            case Predict():
                return Prediction(scores=(SCORE,), seen=np.zeros((4, 4, 3), np.uint8))
            case Heatmap():
                array = np.zeros((4, 4), np.float32)
                return HeatmapResult(
                    method="grad-cam",
                    layer="head",
                    target=SCORE,
                    map=array,
                    coarse=None,
                    signed=False,
                )
        if isinstance(request, HeatmapLayers):
            return HeatmapLayersResult(maps=(), expected=1)
        raise AssertionError(request)

    def open_model(self, request, ctx):
        self.held.set()
        self.go_on.wait(5)
        ctx.check()
        if request.model.name == "bad":
            raise ModelError("There is no network 'bad'.", "Choose another one.")
        return OpenedModel(facts=facts(request.model.name))

    def open_image(self, request):
        if "bad" in request.image.path:
            raise ImageError("bad.png is cut off after 51 %.", offer="partial")
        thumbnail = np.zeros((4, 4, 3), np.uint8)
        return OpenedImage(
            path=request.image.path, sha256="1", width=4, height=4, frames=1, format="PNG",
            thumbnail=thumbnail,
        )  # fmt: skip


def facts(name):
    layer = LayerFacts(
        "head", "Conv2d", 0, "", (8, 4, 4), 10, "", 10, 3, 1, 0.0, (3, 3), (1, 1), (1, 1), 1,
        True, "conv",
    )  # fmt: skip
    return ModelFacts(
        name, name, "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (layer,), "head", True,
    )  # fmt: skip


class Bench:
    def __init__(self, tmp_path):
        self.computer = Computer()
        self.state = AppState()
        self.engine = Engine(self.computer.start, LANES)
        self.gallery = Gallery(self.state, self.engine, tmp_path)
        self.controller = Controller(self.state, self.engine, self.gallery)

    def begin(self, qtbot):
        self.engine.start()
        qtbot.waitUntil(lambda: bool(self.state.shared.methods))
        self.state.choose_method("heatmap", "grad-cam")
        self.controller.choose_model(ModelRef(name="net"))
        self.gallery.open(ImageRef(path="cat.png"))
        qtbot.waitUntil(lambda: self.state.finding("heatmap").status == "done")


@pytest.fixture
def bench(qtbot, tmp_path):
    made = Bench(tmp_path)
    yield made
    made.computer.go_on.set()
    made.controller.stop()
    assert made.engine.shutdown(5000)


def count(bench, kind):
    return sum(isinstance(request, kind) for request in bench.computer.asked)


def test_network_and_picture_lead_to_prediction_and_heat_map(bench, qtbot):
    bench.begin(qtbot)
    assert bench.state.finding("predict").status == "done"
    assert bench.state.selection.image == ImageRef(path="cat.png", sha256="1")
    assert bench.state.shared.facts.name == "net"


def test_the_same_question_is_asked_once(bench, qtbot):
    bench.begin(qtbot)
    bench.state.select(target=1)
    qtbot.waitUntil(lambda: count(bench, Heatmap) == 2)
    bench.state.select(target=None)
    qtbot.waitUntil(lambda: bench.state.finding("heatmap").request.target is None)
    assert count(bench, Heatmap) == 2


def test_compute_again_asks_anew(bench, qtbot):
    bench.begin(qtbot)
    bench.controller.compute_again()
    qtbot.waitUntil(lambda: count(bench, Heatmap) == 2)
    kinds = [type(request) for request in bench.computer.asked]
    assert kinds.index(Forget) < max(i for i, kind in enumerate(kinds) if kind is Heatmap)


def test_a_picture_that_cannot_be_read_leaves_everything_and_offers_the_remedy(bench, qtbot):
    bench.begin(qtbot)
    before = bench.state.selection
    bench.gallery.open(ImageRef(path="bad.png"))
    qtbot.waitUntil(lambda: bench.state.shared.notice is not None)
    notice = bench.state.shared.notice
    assert notice.text == "bad.png is cut off after 51 %."
    assert notice.remedy_ref == ImageRef(path="bad.png", partial=True)
    assert bench.state.selection == before
    assert bench.state.finding("heatmap").status == "done"


def test_a_network_that_cannot_be_opened_leaves_the_one_in_use(bench, qtbot):
    bench.begin(qtbot)
    bench.state.select(target=1, layer="head")
    before = bench.state.selection
    bench.controller.choose_model(ModelRef(name="bad"))
    qtbot.waitUntil(lambda: bench.state.shared.notice is not None)
    assert "no network 'bad'" in bench.state.shared.notice.text
    assert bench.state.selection == before
    assert bench.state.shared.pending_model is None
    assert bench.state.shared.facts.name == "net"


def test_of_two_networks_chosen_in_haste_the_last_one_wins(bench, qtbot):
    bench.begin(qtbot)
    bench.computer.go_on.clear()
    bench.computer.held.clear()
    bench.controller.choose_model(ModelRef(name="slow"))
    qtbot.waitUntil(bench.computer.held.is_set)
    bench.controller.choose_model(ModelRef(name="last"))
    bench.computer.go_on.set()
    qtbot.waitUntil(lambda: bench.state.selection.model.name == "last")
    assert bench.state.shared.facts.name == "last"


def test_dropping_many_files_opens_the_first_and_says_what_was_skipped(bench, qtbot):
    bench.begin(qtbot)
    bench.gallery.open_paths(["a.png", "b.png", "notes.txt"])
    qtbot.waitUntil(lambda: bench.state.selection.image.path == "a.png")
    qtbot.waitUntil(lambda: bench.state.shared.notice is not None)
    assert "1 skipped, such as notes.txt: not a picture" in bench.state.shared.notice.text
    paths = [entry.ref.path for entry in bench.state.shared.strip]
    assert paths[-2:] == ["a.png", "b.png"]


def test_stepping_through_the_strip_wraps_around(bench, qtbot):
    bench.begin(qtbot)
    bench.gallery.add(["dog.png"])
    bench.gallery.step(1)
    qtbot.waitUntil(lambda: bench.state.selection.image.path == "dog.png")
    bench.gallery.step(1)
    qtbot.waitUntil(lambda: bench.state.selection.image.path == "cat.png")


def test_another_picture_asks_for_its_own_prediction_and_map(bench, qtbot):
    bench.begin(qtbot)
    bench.gallery.open(ImageRef(path="dog.png"))
    qtbot.waitUntil(lambda: count(bench, Heatmap) == 2)
    finding = bench.state.finding("heatmap")
    qtbot.waitUntil(lambda: bench.state.finding("heatmap").request.image.path == "dog.png")
    assert finding is not None


def test_another_network_forgets_all_that_was_found_with_the_old_one(bench, qtbot):
    bench.begin(qtbot)
    bench.state.select(stage="layers")
    bench.controller.choose_model(ModelRef(name="other"))
    qtbot.waitUntil(lambda: bench.state.shared.facts.name == "other")
    assert bench.state.finding("heatmap").value is None
    assert not any(job.request.model.name == "net" for job in bench.engine.waiting())


def test_the_activity_shown_is_the_one_that_began_last(bench):
    bench.controller._begin(Activity("Attack", "attack"))
    bench.controller._begin(Activity("Sweep", "sweep"))
    bench.controller._begin(Activity("Attack", "attack"))
    assert bench.state.shared.activity.lane == "attack"
    bench.controller._end("attack")
    assert bench.state.shared.activity.lane == "sweep"


def test_a_cancelled_job_leaves_the_old_answer_marked_as_old(bench, qtbot):
    bench.begin(qtbot)
    finding = bench.state.finding("heatmap")
    assert finding.current
    newer = dataclasses.replace(finding.request, target=1)
    assert not finding.waiting(newer).stopped().current
    assert not finding.waiting(newer).failed(Problem("x")).current


def test_an_observer_that_fails_does_not_starve_the_others(bench):
    class Broken:
        def on_change(self, changes):
            raise ZeroDivisionError

    class Counter:
        seen = 0

        def on_change(self, changes):
            self.seen += 1

    broken, counter = Broken(), Counter()
    bench.state.observe(broken.on_change)
    bench.state.observe(counter.on_change)
    with pytest.raises(ZeroDivisionError):
        bench.state.select(target=9)
    assert counter.seen == 1
