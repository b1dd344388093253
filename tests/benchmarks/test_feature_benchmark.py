"""Gradient ascent: what it reaches beside the plain pixel loop, and what a step costs.

Nothing is asserted of times. Run with ``pytest -m benchmark -s tests/benchmarks``.
"""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.feature_requests import Unit
from cnnviz_gui.core.features import objectives
from cnnviz_gui.core.features.ascent import Ascent, Goal
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import preset
from cnnviz_gui.core.features.views import Views
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ModelRef

QUIET = NullContext()
ROUNDS = 15
CHANNELS = (2, 17, 30, 44, 59)
MIDDLE = "blocks.7"
LAYERS = {"early": "blocks.2", "middle": MIDDLE, "late": "blocks.15"}
TOGETHER = 4

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def embedded() -> Classifier:
    return zoo.build(ModelRef(name="efficientnet_lite0"))


def fast() -> FeatureParams:
    chosen = preset("fast")
    assert chosen is not None
    return chosen.parameters


def begun(classifier: Classifier, layer: str, channels: tuple[int, ...], given: FeatureParams):
    units = [Unit(layer=layer, channel=channel) for channel in channels]
    objective = objectives.each(units, given.views)
    return Ascent(classifier, Goal((layer,), objective, len(units), None, layer, True), given)


def answers(classifier: Classifier, ascent: Ascent, views: Views) -> list[float]:
    """Return what each channel answers to its picture in [0, 1], mean over the views."""
    picture = ascent.picture()
    seen = views.draw(picture, picture.shape[-1], torch.Generator().manual_seed(0), alike=True)
    maps = classifier.feature_maps(seen, [MIDDLE])[MIDDLE].mean((2, 3))
    each = maps.reshape(len(CHANNELS), views.count, -1).mean(1)
    return [float(each[row, channel]) for row, channel in enumerate(CHANNELS)]


def test_values_beside_the_plain_pixel_loop(embedded: Classifier) -> None:
    """Five channels, as many steps and pixels: the picture as it is, and moved a little.

    The pixel loop ends in noise that only this very grid of pixels answers to: it is ahead on the
    picture as it is, and far behind once the picture is moved by a few pixels.
    """
    given = fast()
    loop = preset("course")
    assert loop is not None
    plain = dataclasses.replace(loop.parameters, size=given.size, steps=given.steps)
    moved = Views(count=8, jitter=8.0, turn=5.0, stretch=0.1)
    print()
    reached = {}
    for name, parameters in (("fast", given), ("pixel loop", plain)):
        ascent = begun(embedded, MIDDLE, CHANNELS, parameters)
        start = answers(embedded, ascent, Views())
        for _ in range(parameters.steps):
            ascent.step(embedded, QUIET)
        reached[name] = [answers(embedded, ascent, each) for each in (Views(), moved)]
        for row, channel in enumerate(CHANNELS):
            found = [values[row] for values in reached[name]]
            print(
                f"  {name:10} {MIDDLE} channel {channel:3}: from {start[row]:6.2f} to"
                f" {found[0]:6.2f}, moved {found[1]:6.2f}"
            )
        assert all(np.array(reached[name][0]) > start), "values rise"
    better = np.array(reached["fast"]) > np.array(reached["pixel loop"])
    print(f"  fast reaches more in {better[0].sum()} of 5, moved in {better[1].sum()} of 5")
    assert better[1].sum() >= 4, "what it shows is there wherever it lies"


def seconds(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


@pytest.mark.parametrize("depth", LAYERS)
def test_a_step_beside_the_bare_loop(embedded: Classifier, depth: str) -> None:
    """The goal is 1.1 times the loop written by hand on the frozen network cut at the layer."""
    layer, size = LAYERS[depth], fast().size
    net = embedded.stock.network
    trunk = nn.Sequential(net.stem, *list(net.blocks)[: int(layer.split(".")[1]) + 1])
    mean, std = (
        torch.tensor(values).reshape(3, 1, 1)
        for values in (embedded.facts.mean, embedded.facts.std)
    )

    def bare(pictures: int) -> Callable[[], None]:
        image = torch.rand(pictures, 3, size, size, requires_grad=True)
        optimiser = torch.optim.Adam([image], lr=0.1, maximize=True)

        def step() -> None:
            value: Tensor = trunk((image - mean) / std)[:, 3].mean()
            (image.grad,) = torch.autograd.grad(value, image)
            optimiser.step()

        return step

    course = preset("course")
    assert course is not None
    pixels = dataclasses.replace(course.parameters, size=size)
    plain = begun(embedded, layer, (3,), pixels)
    awake = dataclasses.replace(fast(), redirect=0)
    waking = begun(embedded, layer, (3,), dataclasses.replace(awake, redirect=64))
    quick = begun(embedded, layer, (3,), awake)
    sheet = begun(embedded, layer, tuple(range(TOGETHER)), awake)
    one, several = bare(1), bare(TOGETHER)
    ratios: dict[str, list[float]] = {}
    for round_number in range(ROUNDS + 2):
        base = seconds(one)
        times = {
            "pixels": seconds(lambda: plain.step(embedded, QUIET)),
            "fast": seconds(lambda: quick.step(embedded, QUIET)),
            "fast, ReLUs redirected": seconds(lambda: waking.step(embedded, QUIET)),
            "sheet": seconds(lambda: sheet.step(embedded, QUIET)) / TOGETHER,
            "bare batch": seconds(several) / TOGETHER,
        }
        if round_number >= 2:
            for name, taken in times.items():
                ratios.setdefault(name, []).append(taken / base)
    told = ", ".join(f"{name} {statistics.median(values):.2f}" for name, values in ratios.items())
    print(f"\n  {layer}, {size} px, x a bare step: {told} (sheet and batch: each picture)")
