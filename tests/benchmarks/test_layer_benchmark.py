"""The layer browser: maps of one layer against the bare trunk, the grid of 2048 maps.

Nothing is asserted of times. Run with ``pytest -m benchmark -s tests/benchmarks``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PySide6.QtWidgets import QApplication
from torch import Tensor, nn

from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Score
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.request import ImageRef, InspectLayer, ModelRef, Predict
from cnnviz_gui.core.result import LayerMaps, Prediction
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.layers.page import LayerPage
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding

ROUNDS = 25
FRAMES = 300
SIDE = 224

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]


def seconds(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


TRUNKS = {
    ("vgg16", "features.28"): lambda net: net.features[:29],
    ("vgg16", "features.0"): lambda net: net.features[:1],
    ("resnet50", "layer3"): lambda net: nn.Sequential(
        net.conv1, net.bn1, net.relu, net.maxpool, net.layer1, net.layer2, net.layer3
    ),
    ("efficientnet_lite0", "blocks.15"): lambda net: nn.Sequential(net.stem, *net.blocks),
}


@pytest.mark.parametrize(("name", "layer"), TRUNKS)
def test_maps_of_a_layer(name: str, layer: str) -> None:
    """The goal is 1.2 times the trunk up to the layer, written by hand."""
    reference = ModelRef(name=name, untrained=name != "efficientnet_lite0")
    classifier = zoo.build(reference)
    trunk = TRUNKS[name, layer](classifier.stock.network)
    mean, std = (
        torch.tensor(values).reshape(3, 1, 1)
        for values in (classifier.facts.mean, classifier.facts.std)
    )
    image = torch.rand(1, 3, SIDE, SIDE)

    def bare() -> Tensor:
        with torch.no_grad():
            found: Tensor = trunk((image - mean) / std)
        return found

    def ours() -> Tensor:
        return classifier.feature_maps(image, [layer])[layer]

    torch.testing.assert_close(ours(), bare(), rtol=1e-4, atol=1e-4)
    ratios = []
    for _ in range(ROUNDS):
        base = seconds(bare)
        ratios.append(seconds(ours) / base)
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"\n  {name} {layer}: {middle:.2f} x the trunk (quartiles {low:.2f} to {high:.2f})")


@pytest.mark.parametrize("cells", [7, 14, 28])
def test_a_grid_of_2048_maps(qtbot: object, cells: int) -> None:
    """The goals are 50 ms until the first screen is painted and 16.7 ms a frame of scrolling."""
    state = AppState()
    layer = LayerFacts(
        "last", "Conv2d", 0, "", (2048, cells, cells), 10, "", 10, (35, 35), (32, 32), (15.5, 15.5),
        (1, 1), (1, 1), (0, 0), 1, True, "conv",
    )  # fmt: skip
    facts = ModelFacts(
        "net", "net", "Nets", True, "here", SIDE, SIDE, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (layer,), "last", True,
    )  # fmt: skip
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, "light")
    state.use_network(ModelRef(name="net"), facts)
    state.select(image=ImageRef(path="a.png"), stage="layers")
    model, image = state.selection.model, state.selection.image
    assert image is not None
    seen = np.zeros((SIDE, SIDE, 3), np.uint8)
    prediction = Prediction(scores=(Score(0, "cat", 0.5, 1.0),), seen=seen, enlarged="")
    state.found("predict", Finding().finished(Predict(model=model, image=image), prediction))
    page = LayerPage(state)
    page.resize(1024, 820)
    page.show()
    application.processEvents()
    random = np.random.default_rng(0)
    request = InspectLayer(model=model, image=image, layer="last")

    def arrive() -> None:
        state.found("layer", Finding().finished(request, results.pop()))
        page.repaint()
        grid.viewport().repaint()

    grid = page._box()._clean.grid
    results = [
        LayerMaps(
            layer="last",
            maps=np.maximum(random.normal(size=(2048, cells, cells)), 0).astype(np.float32),
            filters=None,
            bias=None,
        )
        for _ in range(ROUNDS)
    ]
    first = [1e3 * seconds(arrive) for _ in range(ROUNDS)]
    bar, in_sight = grid.verticalScrollBar(), grid.visible_count()
    step = max(1, bar.maximum() // FRAMES)

    def frame() -> None:
        bar.setValue(bar.value() + step)
        grid.viewport().repaint()

    frames = sorted(1e3 * seconds(frame) for _ in range(FRAMES))
    print(f"\n  2048 maps of {cells} x {cells}, {in_sight} in sight:")
    print(f"  first screen {statistics.median(first):.1f} ms, worst {max(first):.1f} ms")
    print(
        f"  scrolling {statistics.median(frames):.1f} ms a frame,"
        f" p99 {frames[int(0.99 * FRAMES)]:.1f} ms, worst {frames[-1]:.1f} ms"
    )
    page.close()
