"""Ratios of the methods at a layer and of relevance to the passes they need; never asserted.

Run with ``python -m pytest -m benchmark -s tests/benchmarks``. All that is compared runs in turns
in one process.
"""

from __future__ import annotations

import copy
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import captum.attr
import pytest
import torch
from captum.attr._utils.lrp_rules import EpsilonRule
from torch import Tensor

from cnnviz_gui.core import params
from cnnviz_gui.core.asked import Asked
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.cuts import CutMemory
from cnnviz_gui.core.heatmaps.gathering import at_once
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.session import Session

pytestmark = pytest.mark.benchmark
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
ROUNDS = int(os.environ.get("CNNVIZ_BENCHMARK_ROUNDS", "9"))
TRIED = 32
QUIET = NullContext()
NETWORKS = {
    "efficientnet_lite0": ModelRef(name="efficientnet_lite0"),
    "resnet18": ModelRef(name="resnet18", untrained=True),
}
Job = Callable[[], object]


@pytest.fixture(params=list(NETWORKS), scope="module")
def classifier(request: pytest.FixtureRequest) -> Classifier:
    return zoo.build(NETWORKS[request.param])


@pytest.fixture(scope="module")
def x(classifier: Classifier) -> Tensor:
    image = ImageRef(path=str(SAMPLES / "chelsea.png"))
    return Session(device=torch.device("cpu")).input(NETWORKS[classifier.facts.name], image)


def interleaved(jobs: dict[str, Job], base: str, title: str) -> None:
    """Time the jobs in turns and print medians of the ratios to ``base``, with quartiles."""
    for job in jobs.values():
        job()
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            began = time.perf_counter()
            job()
            taken[name].append(time.perf_counter() - began)
    print(f"\n{title}: median ratio to '{base}' [quartiles], {ROUNDS} rounds in turns")
    for name, times in taken.items():
        ratios = [a / b for a, b in zip(times, taken[base], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        milliseconds = 1000 * statistics.median(times)
        print(f"  {name:34s} {middle:7.3f} [{low:.3f}, {high:.3f}] {milliseconds:8.1f} ms")


def ours(network: Any, x: Tensor, name: str, layer: str, **given: Any) -> Job:
    chosen = method("heatmap", name)
    parameters = params.build(chosen.params, given)
    return lambda: chosen.run(network, x, 5, layer, parameters, QUIET)


def forward(classifier: Classifier, x: Tensor) -> Job:
    def run() -> object:
        with torch.inference_mode():
            return classifier.stock(x)

    return run


def test_methods_of_one_pass(classifier: Classifier, x: Tensor) -> None:
    layer = classifier.facts.recommended_layer
    kept = Asked(classifier, x, "kept", CutMemory(classifier))
    names = ("cam", "hires-cam", "grad-cam-plus-plus", "layer-cam", "xgrad-cam", "eigen-cam")
    jobs: dict[str, Job] = {"one bare forward": forward(classifier, x)}
    jobs |= {name: ours(classifier, x, name, layer) for name in names}
    jobs |= {f"{name}, after another": ours(kept, x, name, layer) for name in names[1:]}
    interleaved(jobs, "one bare forward", f"At {layer!r} of {classifier.facts.name}")


def test_score_cam(classifier: Classifier, x: Tensor) -> None:
    layer = classifier.facts.recommended_layer
    kept = Asked(classifier, x, "kept", CutMemory(classifier))
    together = at_once(classifier)
    batch = x.expand(together, -1, -1, -1).contiguous()

    def bare() -> None:
        for _ in range(0, TRIED, together):
            classifier.logits(batch)

    jobs: dict[str, Job] = {
        f"{TRIED} bare, {together} at once": bare,
        f"ours, {TRIED} channels": ours(kept, x, "score-cam", layer, channels=TRIED),
    }
    interleaved(jobs, next(iter(jobs)), f"Score-CAM, {classifier.facts.name}")


def test_relevance(classifier: Classifier, x: Tensor) -> None:
    def gradient() -> object:
        return classifier.gradient(x, lambda logits: logits[:, 5])

    jobs: dict[str, Job] = {"forward and gradient": gradient}
    for rule in ("z-plus", "alpha-beta", "gamma", "epsilon"):
        jobs[rule] = ours(classifier, x, "lrp", "", rule=rule)
    interleaved(jobs, "forward and gradient", f"Relevance, {classifier.facts.name}")


def test_relevance_beside_captum() -> None:
    """On a chain, which is what theirs can do."""
    classifier = zoo.build(ModelRef(name="lenet5"))
    x = torch.rand(1, 3, 32, 32)
    network = copy.deepcopy(classifier.stock.network)  # theirs alters the weights for a while
    grey = (x.mean(1, keepdim=True) - classifier.stock.mean) / classifier.stock.std

    def peer() -> object:
        network.flatten.rule = EpsilonRule(1e-9)  # removed after each run
        return captum.attr.LRP(network).attribute(grey.clone().requires_grad_(), 5)

    jobs: dict[str, Job] = {
        "captum, epsilon": peer,
        "ours, epsilon": ours(classifier, x, "lrp", "", rule="epsilon", pixels="same"),
        "ours, z-plus": ours(classifier, x, "lrp", ""),
    }
    interleaved(jobs, "captum, epsilon", "Relevance, lenet5")
