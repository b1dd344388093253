"""Trust in heat maps: curves against the bare passes they need, the place of a map in milliseconds.

Nothing is asserted of times. Run with ``pytest -m benchmark -s tests/benchmarks``.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from cnnviz_gui.core import params
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.heatmaps.gathering import at_once
from cnnviz_gui.core.localisation import agree, locate
from cnnviz_gui.core.rank import spearman
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.trust_requests import Sanity, SanityParams, Trust, TrustParams

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
ROUNDS = int(os.environ.get("CNNVIZ_BENCHMARK_ROUNDS", "5"))
QUIET = NullContext()


def seconds(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def heatmap(name: str) -> Heatmap:
    return Heatmap(
        model=ModelRef(name="efficientnet_lite0"),
        image=ImageRef(path=str(SAMPLES / "chelsea.png")),
        method=name,
        parameters=params.build(method("heatmap", name).params, {}),
    )


def test_curves_against_bare_passes() -> None:
    session, asked = Session(device=torch.device("cpu")), heatmap("grad-cam")
    network = session.classifier(asked.model)
    execute(asked, session, QUIET)
    count = at_once(network)
    pictures = session.input(asked.model, asked.image).repeat(count, 1, 1, 1)
    examined = execute(Trust(heatmap=asked), session, QUIET).expected
    ratios = []
    for number in range(1, ROUNDS + 1):
        request = Trust(heatmap=asked, parameters=TrustParams(seed=number))
        ours = seconds(lambda request=request: execute(request, session, QUIET))
        bare = seconds(lambda: [network.logits(pictures) for _ in range(examined // count)])
        ratios.append(ours / bare)
    middle = statistics.median(ratios)
    print(f"\n{examined} pictures, {count} at once: {middle:.2f} of the bare passes, {ours:.2f} s")


def test_random_weights_against_maps_alone() -> None:
    session, asked = Session(device=torch.device("cpu")), heatmap("grad-cam")
    execute(asked, session, QUIET)
    for stages in (2, 10):
        request = Sanity(heatmap=asked, parameters=SanityParams(stages=stages))
        taken = seconds(lambda request=request: execute(request, session, QUIET))
        print(f"\n{stages} stages of Grad-CAM: {taken:.2f} s, {taken / stages:.2f} s each")


@pytest.mark.parametrize("kind", ["smooth", "pixels"])
def test_the_place_of_a_map(kind: str) -> None:
    rows, columns = np.mgrid[:224, :224]
    values = np.exp(-((rows - 80) ** 2 + (columns - 120) ** 2) / 3200).astype(np.float32)
    if kind == "pixels":
        values = np.abs(np.random.default_rng(0).normal(size=values.shape)).astype(np.float32)
    jobs: dict[str, Callable[[], object]] = {
        "locate": lambda: locate(values),
        "agree": lambda: agree(values, (30, 30, 100, 100)),
        "spearman": lambda: spearman(values, values[::-1]),
    }
    for name, job in jobs.items():
        taken = [1000 * seconds(job) for _ in range(41)]
        print(
            f"\n{kind} {name}: median {statistics.median(taken):.2f} ms, best {min(taken):.2f} ms"
        )
