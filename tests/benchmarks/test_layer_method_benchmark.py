"""Ratios of the methods at a layer and of relevance to the passes they need; never asserted.

Run with ``python -m pytest -m benchmark -s tests/benchmarks``. All that is compared runs in turns
in one process.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import captum.attr
import pytest
import torch
from captum.attr._utils.lrp_rules import EpsilonRule
from torch import Tensor

from cnnviz_gui.core.asked import Asked
from cnnviz_gui.core.cuts import CutMemory
from cnnviz_gui.core.heatmaps.gathering import at_once
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ModelRef

pytestmark = pytest.mark.benchmark
TRIED = 32
Job = Callable[[], object]
Ours = Callable[..., Job]
Timing = Callable[..., None]


def test_methods_of_one_pass(
    classifier: Classifier, x: Tensor, forward: Job, ours: Ours, interleaved: Timing
) -> None:
    layer = classifier.facts.recommended_layer
    kept = Asked(classifier, x, "kept", CutMemory(classifier))
    names = ("cam", "hires-cam", "grad-cam-plus-plus", "layer-cam", "xgrad-cam", "eigen-cam")
    jobs: dict[str, Job] = {"one bare forward": forward}
    jobs |= {name: ours(classifier, x, name) for name in names}
    jobs |= {f"{name}, after another": ours(kept, x, name) for name in names[1:]}
    interleaved(f"At {layer!r} of {classifier.facts.name}", jobs)


def test_score_cam(classifier: Classifier, x: Tensor, ours: Ours, interleaved: Timing) -> None:
    kept = Asked(classifier, x, "kept", CutMemory(classifier))
    together = at_once(classifier)
    batch = x.expand(together, -1, -1, -1).contiguous()

    def bare() -> None:
        for _ in range(0, TRIED, together):
            classifier.logits(batch)

    jobs: dict[str, Job] = {
        f"{TRIED} bare, {together} at once": bare,
        f"ours, {TRIED} channels": ours(kept, x, "score-cam", channels=TRIED),
    }
    interleaved(f"Score-CAM, {classifier.facts.name}", jobs, slow=True)


def test_relevance(classifier: Classifier, x: Tensor, ours: Ours, interleaved: Timing) -> None:
    def gradient() -> object:
        return classifier.gradient(x, lambda logits: logits[:, 5])

    jobs: dict[str, Job] = {"forward and gradient": gradient}
    for rule in ("z-plus", "alpha-beta", "gamma", "epsilon"):
        jobs[rule] = ours(classifier, x, "lrp", rule=rule)
    interleaved(f"Relevance, {classifier.facts.name}", jobs)


def test_relevance_beside_captum(ours: Ours, interleaved: Timing) -> None:
    """On a chain, which is what theirs can do."""
    classifier = zoo.build(ModelRef(name="lenet5"))
    x = torch.rand(1, 3, 32, 32)
    network = copy.deepcopy(classifier.stock.network)  # theirs alters the weights for a while
    grey = (x.mean(1, keepdim=True) - classifier.stock.mean) / classifier.stock.std

    def peer() -> object:
        network.flatten.rule = EpsilonRule(1e-9)  # removed after each run
        return captum.attr.LRP(network).attribute(grey.clone().requires_grad_(), 5)

    jobs: dict[str, Job] = {
        "captum, epsilon": peer,
        "ours, epsilon": ours(classifier, x, "lrp", 5, rule="epsilon", pixels="same"),
        "ours, z-plus": ours(classifier, x, "lrp", 5),
    }
    interleaved("Relevance, lenet5", jobs)
