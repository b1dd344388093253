"""Attacks beside the bare passes that they need: PGD in each norm, and a sweep of FGSM.

Nothing is asserted of times. Run with ``pytest -m benchmark -s tests/benchmarks``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core import params
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.heatmaps.gathering import at_once
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Attack, Forget, ImageRef, ModelRef, Sweep
from cnnviz_gui.core.session import Session

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]
QUIET = NullContext()
STEPS, POINTS = 10, 32
Job = Callable[[], object]
Timing = Callable[..., None]


def gradient(classifier: Classifier, x: Tensor, label: Tensor) -> Tensor:
    """One pass forward and backward of the frozen, folded network, and nothing else."""
    leaf = x.detach().requires_grad_()
    return torch.autograd.grad(functional.cross_entropy(classifier.fast(leaf), label), leaf)[0]


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_pgd(classifier: Classifier, x: Tensor, interleaved: Timing, norm: str) -> None:
    """The bare loop walks and projects too, in the plainest way for its norm."""
    label = classifier.logits(x).argmax(1)
    chosen = method("attack", "pgd")
    given = params.build(chosen.params, {"norm": norm, "steps": STEPS, "random_start": False})
    radius = balls.radius(norm, float(given.values()["epsilon"]))
    ball = balls.ball(norm, radius)

    def passes() -> None:
        for _ in range(STEPS):
            gradient(classifier, x, label)

    def bare() -> None:
        moved = x
        for _ in range(STEPS):
            step = ball.steepest(gradient(classifier, moved, label))
            moved = ball.project(x, moved + 2.5 * radius / STEPS * step)

    jobs = {
        "passes alone": passes,
        "bare loop": bare,
        "ours": lambda: chosen.run(classifier, x, label, None, given, QUIET),
        "ours, keeping the last": lambda: chosen.run(
            classifier, x, label, None, dataclasses.replace(given, keep="last"), QUIET
        ),
    }
    title = f"PGD in {norm}, {STEPS} steps"
    interleaved(f"{title}, {classifier.facts.name}", jobs, slow=True)


def test_sweep_of_fgsm(
    classifier: Classifier, model: ModelRef, image: ImageRef, x: Tensor, interleaved: Timing
) -> None:
    label = classifier.logits(x).argmax(1)
    batch = at_once(classifier)
    session = Session(device=torch.device("cpu"))
    session.classifier(model)
    chosen = method("attack", "fgsm")
    parameters = params.build(chosen.params, {})
    attack = Attack(model=model, image=image, method="fgsm", parameters=parameters)
    sweep = Sweep(attack=attack, maximum=8.0, points=POINTS)

    def bare() -> None:
        sign = gradient(classifier, x, label).sign()
        radii = torch.linspace(0, 8 / 255, POINTS).reshape(-1, 1, 1, 1)
        for some in radii.split(batch):
            with torch.no_grad():
                classifier.fast((x + some * sign).clamp(0, 1))

    def each() -> None:
        for number in range(POINTS):
            epsilon = 8 * number / (POINTS - 1)
            given = dataclasses.replace(parameters, epsilon=epsilon)
            classifier.logits(chosen.run(classifier, x, label, None, given, QUIET))

    def ours() -> None:
        execute(Forget(), session, QUIET)
        execute(sweep, session, QUIET)

    jobs = {
        f"one gradient, passes of {batch}": bare,
        "a gradient for each": each,
        "ours": ours,
    }
    interleaved(f"FGSM at {POINTS} epsilons, {classifier.facts.name}", jobs, slow=True)


def test_pgd_at_many_epsilons_in_one_batch(
    classifier: Classifier, x: Tensor, interleaved: Timing
) -> None:
    """Whether the sweep of an iterative attack would gain by batches."""
    label = classifier.logits(x).argmax(1)
    count = at_once(classifier)
    radii = torch.linspace(1 / 255, 4 / 255, count).reshape(-1, 1, 1, 1)

    def walk(radius: Tensor) -> None:
        start = x.expand(len(radius), -1, -1, -1)
        moved, labels = start, label.expand(len(radius))
        for _ in range(STEPS):
            step = 2.5 * radius / STEPS * gradient(classifier, moved, labels).sign()
            moved = (start + (moved + step - start).clamp(-radius, radius)).clamp(0, 1)

    jobs = {
        "one by one": lambda: [walk(radius[None]) for radius in radii],
        f"{count} together": lambda: walk(radii),
    }
    interleaved(f"PGD at {count} epsilons, {classifier.facts.name}", jobs, slow=True)
