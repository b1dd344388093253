"""The networks that methods are timed on, the picture that they see, and the clock."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from cnnviz_gui.core import params
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.session import Session

Job = Callable[[], object]
ROUNDS = int(os.environ.get("CNNVIZ_BENCHMARK_ROUNDS", "15"))
NETWORKS = {
    "efficientnet_lite0": ModelRef(name="efficientnet_lite0"),
    "resnet18": ModelRef(name="resnet18", untrained=True),
}
CAT = 282


@pytest.fixture(params=list(NETWORKS), scope="module")
def model(request: pytest.FixtureRequest) -> ModelRef:
    return NETWORKS[request.param]


@pytest.fixture(scope="module")
def classifier(model: ModelRef) -> Classifier:
    return zoo.build(model)


@pytest.fixture(scope="session")
def image() -> ImageRef:
    samples = Path(__file__).parents[2] / "resources" / "samples"
    return ImageRef(path=str(samples / "chelsea.png"))


@pytest.fixture(scope="module")
def x(model: ModelRef, image: ImageRef) -> Tensor:
    return Session(device=torch.device("cpu")).input(model, image)


@pytest.fixture
def forward(classifier: Classifier, x: Tensor) -> Job:
    """One picture passed forward, and nothing else."""

    def run() -> object:
        with torch.inference_mode():
            return classifier.stock(x)

    return run


@pytest.fixture(scope="session")
def ours() -> Callable[..., Job]:
    """Make jobs that are one of our methods, at the recommended layer where it needs one."""

    def make(network: Any, x: Tensor, name: str, target: int = CAT, **given: Any) -> Job:
        chosen = method("heatmap", name)
        built = params.build(chosen.params, given)
        layer = network.facts.recommended_layer if chosen.uses_layer else ""
        return lambda: chosen.run(network, x, target, layer, built, NullContext())

    return make


@pytest.fixture(scope="session")
def interleaved() -> Callable[..., None]:
    """Time jobs in turns and print medians of their ratios to the first, with quartiles.

    Those that are ``slow`` have a third of the rounds.
    """

    def run(title: str, jobs: dict[str, Job], *, slow: bool = False) -> None:
        rounds = max(3, ROUNDS // 3) if slow else ROUNDS
        base = next(iter(jobs))
        taken: dict[str, list[float]] = {name: [] for name in jobs}
        for number in range(rounds + 1):
            for name, job in jobs.items():
                began = time.perf_counter()
                job()
                if number:  # the first round warms up
                    taken[name].append(time.perf_counter() - began)
        print(f"\n{title}: median ratio to '{base}' [quartiles], {rounds} rounds in turns")
        for name, times in taken.items():
            ratios = [a / b for a, b in zip(times, taken[base], strict=True)]
            low, middle, high = statistics.quantiles(ratios, n=4)
            milliseconds = 1000 * statistics.median(times)
            print(f"  {name:34s} {middle:7.3f} [{low:.3f}, {high:.3f}] {milliseconds:8.2f} ms")

    return run
