"""The gradient methods at the pixels beside the bare passes that they need, and beside captum.

Nothing is asserted of times. Run with ``pytest -m benchmark -s tests/benchmarks``.
"""

from __future__ import annotations

from collections.abc import Callable

import captum.attr
import pytest
import torch
from torch import Tensor

from cnnviz_gui.core.heatmaps import gradients
from cnnviz_gui.core.models import replay, zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ModelRef

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]
CAT = 282
COPIES, STEPS, BATCH = 25, 50, 4
Job = Callable[[], object]
Ours = Callable[..., Job]
Timing = Callable[..., None]


def bare(classifier: Classifier, x: Tensor, count: int, batch: int, *, fast: bool) -> Job:
    """So many gradients of the frozen network, and nothing else."""
    network = classifier.fast if fast else classifier.stock

    def run() -> None:
        for first in range(0, count, batch):
            leaf = x.repeat(min(batch, count - first), 1, 1, 1).requires_grad_()
            torch.autograd.grad(network(leaf)[:, CAT].sum(), leaf)

    return run


def test_one_pass(classifier: Classifier, x: Tensor, ours: Ours, interleaved: Timing) -> None:
    jobs = {"bare": bare(classifier, x, 1, 1, fast=False)}
    for name in (
        "saliency",
        "input-x-gradient",
        "guided-backprop",
        "deconvnet",
        "guided-grad-cam",
    ):
        jobs[name] = ours(classifier, x, name)
    interleaved(f"One gradient, {classifier.facts.name}", jobs)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_one_pass_recorded(model: ModelRef, x: Tensor, interleaved: Timing) -> None:
    device = torch.device("cuda")
    network, picture = zoo.build(model, device).fast, x.to(device)
    recorded = replay._recorded(network, picture)

    def whole(once: replay.Pass) -> Job:
        def run() -> None:
            replay._both(once, picture)
            torch.cuda.synchronize()

        return run

    jobs = {"operation by operation": whole(network), "recorded": whole(recorded)}
    interleaved(f"One gradient on the device, {model.name}", jobs)


def test_smoothgrad(classifier: Classifier, x: Tensor, ours: Ours, interleaved: Timing) -> None:
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
    interleaved(f"{title}, {classifier.facts.name}", jobs, slow=True)


def test_integrated_gradients(
    classifier: Classifier, x: Tensor, ours: Ours, interleaved: Timing
) -> None:
    oracle = captum.attr.IntegratedGradients(classifier.stock)
    jobs = {
        "bare, batch 4": bare(classifier, x, STEPS, BATCH, fast=False),
        "bare and folded, batch 4": bare(classifier, x, STEPS, BATCH, fast=True),
        "ours": ours(classifier, x, "integrated-gradients", steps=STEPS),
        "captum": lambda: oracle.attribute(x, target=CAT, n_steps=STEPS),
    }
    title = f"Integrated gradients, {STEPS} points, {gradients.at_once(classifier)} at once"
    interleaved(f"{title}, {classifier.facts.name}", jobs, slow=True)
