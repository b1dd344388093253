"""A stand-in for the computation, and state, engine and controller round it."""

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
from cnnviz_gui.core.feature_requests import FeatureSheet
from cnnviz_gui.core.feature_results import SheetOfFeatures
from cnnviz_gui.core.heatmap_results import HeatmapLayersResult, HeatmapResult
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import (
    Attack,
    Forget,
    Heatmap,
    HeatmapLayers,
    ImageRef,
    ListImages,
    ListNetworks,
    ModelRef,
    OpenImage,
    OpenModel,
    Predict,
    Sweep,
    Thumbnails,
)
from cnnviz_gui.core.result import (
    AttackResult,
    Forgotten,
    ListedImages,
    ListedNetworks,
    Norms,
    OpenedImage,
    OpenedModel,
    Prediction,
    SweepResult,
    ThumbnailSheet,
    Transfer,
)
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.engine.runner import Kit
from cnnviz_gui.panels.places import PLACES
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.keys import KEYS


@dataclass(frozen=True, slots=True)
class MapParams(Params):
    sharpness: float = number(1.0, 0.0, 2.0, help="How sharp.")


@dataclass(frozen=True, slots=True)
class BallParams(Params):
    epsilon: float = number(4.0, 0.0, 64.0, help="Budget.")


METHODS = (
    Method("heatmap", "grad-cam", "Grad-CAM", "", "", "", MapParams, lambda facts: "", True, print),
    Method(
        "heatmap",
        "score-cam",
        "Score-CAM",
        "",
        "",
        "",
        MapParams,
        lambda facts: "",
        True,
        print,
        gathers=True,
    ),
    Method("attack", "fgsm", "FGSM", "", "", "", BallParams, lambda facts: "", False, print),
)
SCORE = Score(0, "cat", 0.9, 1.0)
PAIR = (SCORE, Score(1, "dog", 0.1, 0.0))


class Computer:
    """Answers at once, fails for pictures named bad, waits where told to."""

    def __init__(self):
        self.asked = []
        self.held = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.attacking = threading.Event()
        self.attacking.set()

    def start(self, say):
        return Kit(self.execute, None, Ready(METHODS, "CPU, 1 thread"))

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
            case Predict(attack=Attack()):
                return Transfer(
                    scores=PAIR, clean=PAIR, success=False, target=None, resized="",
                    seen=np.zeros((4, 4, 3), np.uint8),
                )  # fmt: skip
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
            case HeatmapLayers():
                return HeatmapLayersResult(maps=(), expected=1)
            case Attack():
                self.attacking.wait(5)
                ctx.check()
                return attacked(request.parameters.epsilon)
            case FeatureSheet():
                return SheetOfFeatures(
                    layer=request.layer, channels=(), pictures=np.zeros((0, 4, 4, 3), np.uint8),
                    activations=np.zeros(0, np.float32), total=len(request.channels),
                )  # fmt: skip
            case Sweep():
                return SweepResult(points=(), expected=33, maximum=request.maximum)
            case ListNetworks():
                return ListedNetworks(entries=())
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


def attacked(epsilon):
    image = np.zeros((3, 4, 4), np.float32)
    return AttackResult(
        method="fgsm", epsilon=epsilon, norm="linf", target=None, clean=PAIR, adversarial=PAIR,
        clean_image=image, adversarial_image=image, success=False, norms=Norms(0.0, 0.0, 0.0),
        forwards=1, backwards=1,
    )  # fmt: skip


def facts(name):
    layer = LayerFacts(
        "head", "Conv2d", 0, "", (8, 4, 4), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip
    return ModelFacts(
        name, name, "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog") if name != "digits" else ("0", "1"), 10, 10, (layer,), "head", True,
    )  # fmt: skip


@pytest.fixture
def make_facts():
    return facts


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
def computer():
    return Computer()


@pytest.fixture
def bench(qtbot, tmp_path):
    made = Bench(tmp_path)
    yield made
    made.computer.go_on.set()
    made.computer.attacking.set()
    made.controller.stop()
    assert made.engine.shutdown(5000)


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Places and keys are those of the process: let none of another test count."""
    PLACES.bring({})
    KEYS.choose({})
    yield
    PLACES.bring({})
    KEYS.choose({})
