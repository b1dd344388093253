"""Trust in heat maps: curves against the bare passes they need, the place of a map in milliseconds.

Nothing is asserted of times. Run with ``pytest -m benchmark -s tests/benchmarks``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

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
QUIET = NullContext()
Job = Callable[[], object]
Timing = Callable[..., None]


def heatmap(image: ImageRef) -> Heatmap:
    return Heatmap(
        model=ModelRef(name="efficientnet_lite0"),
        image=image,
        method="grad-cam",
        parameters=params.build(method("heatmap", "grad-cam").params, {}),
    )


def test_curves_against_bare_passes(image: ImageRef, interleaved: Timing) -> None:
    session, asked = Session(device=torch.device("cpu")), heatmap(image)
    network = session.classifier(asked.model)
    execute(asked, session, QUIET)
    count = at_once(network)
    pictures = session.input(asked.model, asked.image).repeat(count, 1, 1, 1)
    examined = execute(Trust(heatmap=asked), session, QUIET).expected
    seeds = itertools.count(1)

    def curves() -> object:
        parameters = TrustParams(seed=next(seeds))
        return execute(Trust(heatmap=asked, parameters=parameters), session, QUIET)

    jobs: dict[str, Job] = {
        f"{examined} bare, {count} at once": lambda: [
            network.logits(pictures) for _ in range(examined // count)
        ],
        "curves": curves,
    }
    interleaved("Trust in Grad-CAM", jobs, slow=True)


def test_random_weights_against_maps_alone(image: ImageRef, interleaved: Timing) -> None:
    session, asked = Session(device=torch.device("cpu")), heatmap(image)

    def stages(count: int) -> Job:
        request = Sanity(heatmap=asked, parameters=SanityParams(stages=count))

        def run() -> object:
            session.forget_results()
            return execute(request, session, QUIET)

        return run

    def alone() -> object:
        session.forget_results()
        return execute(asked, session, QUIET)

    jobs: dict[str, Job] = {"one map": alone, "2 stages": stages(2), "10 stages": stages(10)}
    interleaved("Random weights, Grad-CAM", jobs, slow=True)


@pytest.mark.parametrize("kind", ["smooth", "pixels"])
def test_the_place_of_a_map(kind: str, interleaved: Timing) -> None:
    rows, columns = np.mgrid[:224, :224]
    values = np.exp(-((rows - 80) ** 2 + (columns - 120) ** 2) / 3200).astype(np.float32)
    if kind == "pixels":
        values = np.abs(np.random.default_rng(0).normal(size=values.shape)).astype(np.float32)
    jobs: dict[str, Job] = {
        "locate": lambda: locate(values),
        "agree": lambda: agree(values, (30, 30, 100, 100)),
        "spearman": lambda: spearman(values, values[::-1]),
    }
    interleaved(f"A map of {kind}", jobs)
