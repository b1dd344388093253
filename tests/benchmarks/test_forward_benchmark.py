"""How much the fast copy and the cut save: median ratios, measured in turns in one process.

Nothing is asserted of times. Run with ``pytest -m benchmark -s tests/benchmarks``.
"""

from __future__ import annotations

import itertools
import os
import statistics
import time
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from cnnviz_gui.core import device
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.request import ModelRef

ROUNDS = 25
NAMES = ("efficientnet_lite0", "resnet18", "mobilenet_v2", "squeezenet1_1")


def measure(jobs: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(ROUNDS + 3):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            if turn >= 3:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def report(title: str, seconds: dict[str, list[float]], unit: str) -> None:
    base = statistics.median(seconds[unit])
    print(f"\n{title}: {unit} {base * 1e3:.1f} ms")
    for name, values in seconds.items():
        low, middle, high = (value / base for value in statistics.quantiles(values, n=4))
        print(f"  {name:28s} {middle:5.2f} x  (quartiles {low:.2f} to {high:.2f})")


class Asking:
    """A context that is asked, as the engine's is."""

    def check(self) -> None: ...

    def step(self, done: int, total: int) -> None: ...

    def partial(self, value: object) -> None: ...


@pytest.mark.benchmark
@pytest.mark.parametrize("name", NAMES)
def test_forward_cut_and_gradient(name: str) -> None:
    device.prepare_torch(threads=os.cpu_count())
    classifier = zoo.build(ModelRef(name=name, untrained=name != "efficientnet_lite0"))
    size, layer, ctx = classifier.facts.input_size, classifier.facts.recommended_layer, Asking()
    x = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    kept = classifier.cut(x, layer)

    def first(logits: Tensor) -> Tensor:
        return logits[:, 0]

    def forward(network: torch.nn.Module) -> Tensor:
        with torch.no_grad():
            result: Tensor = network(x)
        return result

    def ten_classes() -> None:
        cut = classifier.cut(x, layer, ctx)
        for index in range(10):
            cut.gradient(lambda logits, index=index: logits[:, index], ctx)

    seconds = measure(
        {
            "stock forward": lambda: forward(classifier.stock),
            "fast forward": lambda: forward(classifier.fast),
            "logits, asked at each layer": lambda: classifier.logits(x, ctx),
            "cut and one class": lambda: classifier.cut(x, layer, ctx).gradient(first, ctx),
            "cut and ten classes": ten_classes,
            "a further class": lambda: kept.gradient(first),
            "gradient step": lambda: classifier.gradient(x, first, ctx),
        }
    )
    report(name, seconds, "stock forward")


@pytest.mark.benchmark
def test_longest_wait_between_two_questions() -> None:
    """How long a cancel inside one pass of a large network goes unnoticed, at most."""
    device.prepare_torch(threads=os.cpu_count())
    classifier = zoo.build(ModelRef(name="resnet50", untrained=True))
    x = torch.rand(8, 3, 224, 224, generator=torch.Generator().manual_seed(0))

    class Clock(Asking):
        def __init__(self) -> None:
            self.times: list[float] = []

        def check(self) -> None:
            self.times.append(time.perf_counter())

    clock = Clock()
    classifier.gradient(x, lambda logits: logits[:, 0], clock)
    end = time.perf_counter()
    times = [*clock.times, end]
    longest = max(b - a for a, b in itertools.pairwise(times))
    print(f"\nresnet50, batch 8, gradient: {times[-1] - times[0]:.2f} s in one pass, ", end="")
    print(f"asked {len(clock.times)} times, longest wait {longest:.3f} s")
