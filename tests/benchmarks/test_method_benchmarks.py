"""Ratios of our methods to the least work they need and to their peers; printed, never asserted.

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

import captum.attr
import foolbox
import pytest
import pytorch_grad_cam
import torch
import torchattacks
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn
from torch.nn import functional

from cnnviz_gui.core.asked import Asked
from cnnviz_gui.core.attacks.pgd import PgdParams, pgd
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.cuts import CutMemory
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.grid_requests import HeatmapGrid, MethodUse
from cnnviz_gui.core.heatmaps.grad_cam import GradCamParams, grad_cam
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.session import Session

pytestmark = pytest.mark.benchmark
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
ROUNDS = int(os.environ.get("CNNVIZ_BENCHMARK_ROUNDS", "15"))
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


@pytest.fixture
def trainable(classifier: Classifier) -> nn.Module:
    """The network as peers are documented to get it: its parameters not frozen."""
    return copy.deepcopy(classifier.stock).requires_grad_(True)


def interleaved(jobs: dict[str, Job], base: str, title: str, rounds: int = ROUNDS) -> None:
    """Time the jobs in turns and print medians of the ratios to ``base``, with quartiles."""
    for job in jobs.values():
        job()
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            began = time.perf_counter()
            job()
            taken[name].append(time.perf_counter() - began)
    print(f"\n{title}: median ratio to '{base}' [quartiles], {rounds} rounds in turns")
    for name, times in taken.items():
        ratios = [a / b for a, b in zip(times, taken[base], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        milliseconds = 1000 * statistics.median(times)
        print(f"  {name:34s} {middle:7.3f} [{low:.3f}, {high:.3f}] {milliseconds:8.1f} ms")


def forward(classifier: Classifier, x: Tensor) -> Job:
    def run() -> object:
        with torch.inference_mode():
            return classifier.stock(x)

    return run


def test_grad_cam(classifier: Classifier, x: Tensor, trainable: nn.Module) -> None:
    layer = classifier.facts.recommended_layer
    given = GradCamParams()
    kept = Asked(classifier, x, "kept", CutMemory(classifier))
    classes = list(range(100, 110))
    further = iter(range(10**9))
    inner = classifier.module(layer)
    path = next(name for name, m in classifier.stock.named_modules() if m is inner)
    place = trainable.get_submodule(path)
    captums = captum.attr.LayerGradCam(classifier.stock, inner)

    def ten() -> None:
        fresh = Asked(classifier, x, "ten", CutMemory(classifier))
        for target in classes:
            grad_cam(fresh, x, target, layer, given, QUIET)

    def one_more() -> object:
        return grad_cam(kept, x, next(further) % 1000, layer, given, QUIET)

    def peer() -> object:
        with pytorch_grad_cam.GradCAM(trainable, [place]) as oracle:
            return oracle(x, [ClassifierOutputTarget(5)])

    jobs: dict[str, Job] = {
        "one bare forward": forward(classifier, x),
        "ours, one class": lambda: grad_cam(classifier, x, 5, layer, given, QUIET),
        "ours, ten classes": ten,
        "ours, a further class": one_more,
        "captum LayerGradCam, one class": lambda: captums.attribute(x, 5, relu_attributions=True),
        "pytorch-grad-cam, one class": peer,
    }
    interleaved(jobs, "one bare forward", f"Grad-CAM, {classifier.facts.name}")


def test_a_grid_of_ten_classes(
    classifier: Classifier, x: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a whole request takes, with the prediction before and all that surrounds the maps."""
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    image = ImageRef(path=str(SAMPLES / "chelsea.png"))
    session = Session(device=torch.device("cpu"))

    def grid(*targets: int) -> Job:
        use = MethodUse(method="grad-cam", parameters=GradCamParams())
        model = NETWORKS[classifier.facts.name]
        asked = HeatmapGrid(model=model, image=image, methods=(use,), targets=targets)

        def run() -> object:
            session.forget_results()
            return execute(asked, session, QUIET)

        return run

    jobs: dict[str, Job] = {
        "one bare forward": forward(classifier, x),
        "a grid of one class": grid(100),
        "a grid of ten classes": grid(*range(100, 110)),
    }
    interleaved(jobs, "one bare forward", f"Grid of Grad-CAM, {classifier.facts.name}")


def test_gradient_step(classifier: Classifier, x: Tensor, trainable: nn.Module) -> None:
    label = classifier.logits(x).argmax(1)

    def gain(logits: Tensor) -> Tensor:
        return functional.cross_entropy(logits, label, reduction="none")

    def textbook() -> None:
        leaf = x.clone().requires_grad_()
        gain(trainable(leaf)).sum().backward()

    jobs: dict[str, Job] = {
        "one bare forward": forward(classifier, x),
        "ours": lambda: classifier.gradient(x, gain),
        "backward() to everything": textbook,
    }
    interleaved(jobs, "one bare forward", f"Gradient step, {classifier.facts.name}")


def test_pgd_20(classifier: Classifier, x: Tensor, trainable: nn.Module) -> None:
    label = classifier.logits(x).argmax(1)
    best = PgdParams(epsilon=4.0, step_size=1.0, steps=20)
    last = PgdParams(epsilon=4.0, step_size=1.0, steps=20, keep="last")
    theirs = torchattacks.PGD(trainable, eps=4 / 255, alpha=1 / 255, steps=20)
    model = foolbox.PyTorchModel(trainable, bounds=(0, 1), device="cpu")
    linf = foolbox.attacks.LinfPGD(abs_stepsize=1 / 255, steps=20)
    jobs: dict[str, Job] = {
        "torchattacks PGD": lambda: theirs(x, label),
        "ours, best image": lambda: pgd(classifier, x, label, None, best, QUIET),
        "ours, last image": lambda: pgd(classifier, x, label, None, last, QUIET),
        "foolbox LinfPGD": lambda: linf(model, x, label, epsilons=4 / 255),
    }
    title = f"PGD, 20 steps, {classifier.facts.name}"
    interleaved(jobs, "torchattacks PGD", title, max(3, ROUNDS // 3))
