"""The gradient methods at the pixels beside the bare passes that they need, and beside captum.

Nothing is asserted of times. Run with ``pytest -m benchmark -s tests/benchmarks``.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import captum.attr
import pytest
import torch
from torch import Tensor

from cnnviz_gui.core import params
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.heatmaps import gradients
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.session import Session

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
ROUNDS = max(3, int(os.environ.get("CNNVIZ_BENCHMARK_ROUNDS", "15")) // 3)
QUIET = NullContext()
NETWORKS = {
    "efficientnet_lite0": ModelRef(name="efficientnet_lite0"),
    "resnet18": ModelRef(name="resnet18", untrained=True),
}
CAT = 282
COPIES, STEPS, BATCH = 25, 50, 4
Job = Callable[[], object]


@pytest.fixture(params=list(NETWORKS), scope="module")
def classifier(request: pytest.FixtureRequest) -> Classifier:
    return zoo.build(NETWORKS[request.param])


@pytest.fixture(scope="module")
def x(classifier: Classifier) -> Tensor:
    image = ImageRef(path=str(SAMPLES / "chelsea.png"))
    return Session(device=torch.device("cpu")).input(NETWORKS[classifier.facts.name], image)


def interleaved(title: str, jobs: dict[str, Job], rounds: int = ROUNDS) -> None:
    """Time the jobs in turns and print medians of the ratios to the first, with quartiles."""
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
        print(f"  {name:34s} {middle:7.3f} [{low:.3f}, {high:.3f}] {milliseconds:8.1f} ms")


def bare(classifier: Classifier, x: Tensor, count: int, batch: int, *, fast: bool) -> Job:
    """So many gradients of the frozen network, and nothing else."""
    network = classifier.fast if fast else classifier.stock

    def run() -> None:
        for first in range(0, count, batch):
            leaf = x.repeat(min(batch, count - first), 1, 1, 1).requires_grad_()
            torch.autograd.grad(network(leaf)[:, CAT].sum(), leaf)

    return run


def ours(classifier: Classifier, x: Tensor, name: str, **given: Any) -> Job:
    chosen = method("heatmap", name)
    built = params.build(chosen.params, given)
    layer = classifier.facts.recommended_layer if chosen.uses_layer else ""
    return lambda: chosen.run(classifier, x, CAT, layer, built, QUIET)


def test_one_pass(classifier: Classifier, x: Tensor) -> None:
    jobs = {"bare": bare(classifier, x, 1, 1, fast=False)}
    for name in (
        "saliency",
        "input-x-gradient",
        "guided-backprop",
        "deconvnet",
        "guided-grad-cam",
    ):
        jobs[name] = ours(classifier, x, name)
    interleaved(f"One gradient, {classifier.facts.name}", jobs, 5 * ROUNDS)


def test_smoothgrad(classifier: Classifier, x: Tensor) -> None:
    tunnel = captum.attr.NoiseTunnel(captum.attr.Saliency(classifier.stock))

    def captums() -> object:
        return tunnel.attribute(x.clone().requires_grad_(), target=CAT, nt_samples=COPIES)

    jobs = {
        "bare, batch 4": bare(classifier, x, COPIES, BATCH, fast=False),
        "bare and folded, batch 4": bare(classifier, x, COPIES, BATCH, fast=True),
        "bare and folded, batch 1": bare(classifier, x, COPIES, 1, fast=True),
        "ours": ours(classifier, x, "smoothgrad", samples=COPIES),
        "captum NoiseTunnel": captums,
    }
    title = f"SmoothGrad, {COPIES} copies, {gradients.at_once(classifier)} at once"
    interleaved(f"{title}, {classifier.facts.name}", jobs)


def test_integrated_gradients(classifier: Classifier, x: Tensor) -> None:
    oracle = captum.attr.IntegratedGradients(classifier.stock)
    jobs = {
        "bare, batch 4": bare(classifier, x, STEPS, BATCH, fast=False),
        "bare and folded, batch 4": bare(classifier, x, STEPS, BATCH, fast=True),
        "ours": ours(classifier, x, "integrated-gradients", steps=STEPS),
        "captum": lambda: oracle.attribute(x, target=CAT, n_steps=STEPS),
    }
    title = f"Integrated gradients, {STEPS} points, {gradients.at_once(classifier)} at once"
    interleaved(f"{title}, {classifier.facts.name}", jobs)
