"""RISE, occlusion and Augmented Grad-CAM beside the bare passes that they need, and beside captum.

Nothing is asserted of times. Run with ``pytest -m benchmark -s tests/benchmarks``.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import captum.attr
import pytest
import torch
from torch import Tensor

from cnnviz_gui.core.heatmaps.gathering import at_once
from cnnviz_gui.core.heatmaps.motions import Motions
from cnnviz_gui.core.heatmaps.rise import Masks, RiseParams
from cnnviz_gui.core.heatmaps.super_resolution import SuperResolution
from cnnviz_gui.core.models.classifier import Classifier

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]
CAT = 282
MASKS = VIEWS = 32
WINDOW = 45
"""And as far apart: 25 windows."""
Job = Callable[[], object]
Ours = Callable[..., Job]
Timing = Callable[..., None]


def bare(classifier: Classifier, x: Tensor, count: int, batch: int, *, fast: bool = True) -> Job:
    """So many pictures passed forward, and nothing else."""
    network = classifier.fast if fast else classifier.stock

    def run() -> None:
        with torch.inference_mode():
            for first in range(0, count, batch):
                network(x.expand(min(batch, count - first), -1, -1, -1))

    return run


def test_rise(classifier: Classifier, x: Tensor, ours: Ours, interleaved: Timing) -> None:
    batch = at_once(classifier)
    jobs = {
        f"bare and folded, {batch} at once": bare(classifier, x, MASKS, batch),
        "bare, all at once": bare(classifier, x, MASKS, MASKS, fast=False),
        "bare and folded, one by one": bare(classifier, x, MASKS, 1),
        "masks alone": lambda: Masks((224, 224), RiseParams(masks=MASKS), x.device).some(
            range(MASKS)
        ),
        "ours": ours(classifier, x, "rise", masks=MASKS),
    }
    interleaved(f"RISE, {MASKS} masks, {classifier.facts.name}", jobs, slow=True)


def test_occlusion(classifier: Classifier, x: Tensor, ours: Ours, interleaved: Timing) -> None:
    batch = at_once(classifier)
    count = len(range(0, 224, WINDOW)) ** 2
    oracle = captum.attr.Occlusion(classifier.stock)
    jobs = {
        f"bare and folded, {batch} at once": bare(classifier, x, count + 1, batch),
        "ours": ours(classifier, x, "occlusion", window=WINDOW, stride=WINDOW),
        "captum": lambda: oracle.attribute(x, (3, WINDOW, WINDOW), strides=WINDOW, target=CAT),
    }
    interleaved(f"Occlusion, {count} windows, {classifier.facts.name}", jobs, slow=True)


def test_augmented_grad_cam(
    classifier: Classifier, x: Tensor, ours: Ours, interleaved: Timing
) -> None:
    batch = at_once(classifier)
    jobs: dict[str, Job] = {f"bare and folded, {batch} at once": bare(classifier, x, VIEWS, batch)}
    for together in ("average", "variation"):
        jobs[f"ours, {together}"] = ours(
            classifier, x, "augmented-grad-cam", views=VIEWS, reconstruction=together
        )
    interleaved(f"Augmented Grad-CAM, {VIEWS} views, {classifier.facts.name}", jobs, slow=True)


def test_solver() -> None:
    y, x = torch.meshgrid(torch.arange(224.0), torch.arange(224.0), indexing="ij")
    truth = ((x - 70) ** 2 + (y - 80) ** 2 < 22**2).float()
    motions = Motions.draw(100, 28.6, 30, torch.Generator().manual_seed(0))
    empty = torch.zeros(100, 14, 14)
    maps = SuperResolution(empty, motions, (224, 224), 0, 0).seen(truth).reshape(empty.shape)
    for name in ("paper", "converge"):
        solver = SuperResolution(maps, motions, (224, 224), 0.002, 0.0001)
        began = time.perf_counter()
        steps = len(list(getattr(solver, name)()))
        taken = time.perf_counter() - began
        print(f"\n{name}: {steps} steps to {solver.loss(solver.map):.1f} in {taken:.2f} s")
