"""Ratios of our methods to the least work they need and to their peers; printed, never asserted.

Run with ``python -m pytest -m benchmark -s tests/benchmarks``. All that is compared runs in turns
in one process.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

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
QUIET = NullContext()
Job = Callable[[], object]
Timing = Callable[..., None]


@pytest.fixture
def trainable(classifier: Classifier) -> nn.Module:
    """The network as peers are documented to get it: its parameters not frozen."""
    return copy.deepcopy(classifier.stock).requires_grad_(True)


def test_grad_cam(
    classifier: Classifier, x: Tensor, forward: Job, trainable: nn.Module, interleaved: Timing
) -> None:
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
        "one bare forward": forward,
        "ours, one class": lambda: grad_cam(classifier, x, 5, layer, given, QUIET),
        "ours, ten classes": ten,
        "ours, a further class": one_more,
        "captum LayerGradCam, one class": lambda: captums.attribute(x, 5, relu_attributions=True),
        "pytorch-grad-cam, one class": peer,
    }
    interleaved(f"Grad-CAM, {classifier.facts.name}", jobs)


def test_a_grid_of_ten_classes(
    classifier: Classifier,
    model: ModelRef,
    image: ImageRef,
    forward: Job,
    interleaved: Timing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a whole request takes, with the prediction before and all that surrounds the maps."""
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    session = Session(device=torch.device("cpu"))

    def grid(*targets: int) -> Job:
        use = MethodUse(method="grad-cam", parameters=GradCamParams())
        asked = HeatmapGrid(model=model, image=image, methods=(use,), targets=targets)

        def run() -> object:
            session.forget_results()
            return execute(asked, session, QUIET)

        return run

    jobs: dict[str, Job] = {
        "one bare forward": forward,
        "a grid of one class": grid(100),
        "a grid of ten classes": grid(*range(100, 110)),
    }
    interleaved(f"Grid of Grad-CAM, {classifier.facts.name}", jobs)


def test_gradient_step(
    classifier: Classifier, x: Tensor, forward: Job, trainable: nn.Module, interleaved: Timing
) -> None:
    label = classifier.logits(x).argmax(1)

    def gain(logits: Tensor) -> Tensor:
        return functional.cross_entropy(logits, label, reduction="none")

    def textbook() -> None:
        leaf = x.clone().requires_grad_()
        gain(trainable(leaf)).sum().backward()

    jobs: dict[str, Job] = {
        "one bare forward": forward,
        "ours": lambda: classifier.gradient(x, gain),
        "backward() to everything": textbook,
    }
    interleaved(f"Gradient step, {classifier.facts.name}", jobs)


def test_pgd_20(
    classifier: Classifier, x: Tensor, trainable: nn.Module, interleaved: Timing
) -> None:
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
    interleaved(f"PGD, 20 steps, {classifier.facts.name}", jobs, slow=True)
