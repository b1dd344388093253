"""Integrated gradients: completeness, baselines, the curve, and that it refines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import gathering, gradients
from cnnviz_gui.core.heatmaps.fills import blurred
from cnnviz_gui.core.heatmaps.integrated_gradients import (
    IntegratedGradientsParams,
    integrated_gradients,
)
from cnnviz_gui.core.models.classifier import Classifier

Make = Callable[[nn.Module], Classifier]


def run(classifier: Classifier, image: Tensor, ctx: Any = None, **given: Any) -> HeatmapValue:
    parameters = IntegratedGradientsParams(**given)
    return integrated_gradients(classifier, image, 3, "", parameters, ctx or NullContext())


@pytest.fixture
def soft(make_classifier: Make) -> Classifier:
    """A network without kinks, and with biases, lest it were homogeneous."""
    generator = torch.Generator().manual_seed(4)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2),
        nn.Softplus(),
        nn.Conv2d(8, 8, 3, stride=2),
        nn.Softplus(),
        nn.Flatten(),
        nn.Linear(8 * 7 * 7, 10),
    )
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0, 0.2, generator=generator)
    return make_classifier(network)


BASELINES = ("black", "white", "grey", "blurred", "noise")


@pytest.mark.parametrize("score", ["logit", "probability"])
@pytest.mark.parametrize("baseline", BASELINES)
def test_the_map_adds_up_to_the_rise_of_the_score(
    soft: Classifier, batch: Tensor, baseline: str, score: str
) -> None:
    value = run(soft, batch[:1], baseline=baseline, score=score, steps=64, draws=3)
    scores = value.curve.points[1]
    rise = float(scores[-1] - scores[0])
    assert abs(float(value.map.sum()) - rise) <= 1e-3 * abs(rise)
    paths = 3 if baseline == "noise" else 1
    assert value.signed and value.samples == value.expected == 64 * paths


@pytest.mark.parametrize("baseline", BASELINES)
def test_the_curve_is_the_score_along_the_path(
    soft: Classifier, batch: Tensor, baseline: str
) -> None:
    image = batch[:1]
    value = run(soft, image, baseline=baseline, steps=5, draws=1, blur=3.0, seed=9)
    places, scores = value.curve.points
    generator = torch.Generator().manual_seed(9)
    begin = {
        "black": torch.zeros_like(image),
        "white": torch.ones_like(image),
        "grey": torch.tensor((0.485, 0.456, 0.406)).reshape(1, 3, 1, 1).expand_as(image),
        "blurred": blurred(image, 3.0),
        "noise": torch.rand(image.shape, generator=generator),
    }[baseline]
    assert len(places) == 7 and float(places[0]) == 0 and float(places[-1]) == 1
    assert bool((places.diff() > 0).all())
    for place, score in zip(places, scores, strict=True):
        there = soft.logits(begin + place * (image - begin))[0, 3]
        assert float(score) == pytest.approx(float(there), rel=1e-5, abs=1e-5)
    assert value.curve.up == "Logit"


def test_of_a_linear_network_one_step_is_exact(make_classifier: Make, batch: Tensor) -> None:
    torch.manual_seed(0)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))
    classifier = make_classifier(linear)
    value = run(classifier, batch[:1], steps=1)
    std = torch.tensor((0.229, 0.224, 0.225)).reshape(3, 1, 1)
    weight = linear[1].weight[3].reshape(3, 32, 32) / std
    expected = (weight * batch[0]).sum(0)
    assert float((value.map - expected).abs().max()) <= 1e-6 * float(expected.abs().max())


def test_a_picture_that_is_its_baseline_says_so(small: Classifier) -> None:
    value = run(small, torch.zeros(1, 3, 32, 32), steps=3)
    assert not bool(value.map.any())
    assert "its own baseline" in value.reason
    assert "rises by 0 from" in value.notes[0]
    other = run(small, torch.zeros(1, 3, 32, 32), steps=3, baseline="noise", draws=1)
    assert bool(other.map.any()) and not other.reason


def test_the_note_tells_the_gap_and_what_closes_it(small: Classifier, batch: Tensor) -> None:
    few, many = (run(small, batch[:1], steps=steps) for steps in (1, 400))
    scores = many.curve.points[1]
    rise = float(scores[-1] - scores[0])
    gaps = [abs(float(value.map.sum()) - rise) / abs(rise) for value in (few, many)]
    assert gaps[1] < 0.01 < 0.05 < gaps[0]
    assert "with 1 point." in few.notes[0] and "More steps close it." in few.notes[0]
    assert "with 400 points" in many.notes[0] and "More steps" not in many.notes[0]
    assert f"{100 * gaps[0]:.1f} %" in few.notes[0]


def test_it_refines_over_the_whole_path(
    soft: Classifier, batch: Tensor, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_SECONDS", 0.0)
    monkeypatch.setattr(gradients, "at_once", lambda classifier: 4)
    watching = recorder()
    full = run(soft, batch[:1], watching, steps=32)
    counts = [value.samples for value in watching.partials]
    assert counts == list(range(4, 32, 4))
    errors = [float((value.map - full.map).norm() / full.map.norm()) for value in watching.partials]
    assert errors[0] < 0.25 and errors[-1] < errors[0]
    assert watching.steps[0] == (0, 32)


@pytest.mark.parametrize("count", [1, 3])
def test_the_size_of_a_pass_does_not_change_it(
    small: Classifier, batch: Tensor, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    given = {"baseline": "noise", "draws": 2, "steps": 5}
    expected = run(small, batch[:1], **given).map
    monkeypatch.setattr(gradients, "at_once", lambda classifier: count)
    found = run(small, batch[:1], **given).map
    assert float((found - expected).abs().max()) <= 1e-5 * float(expected.abs().max())


def test_noise_follows_its_seed(small: Classifier, batch: Tensor) -> None:
    given = {"baseline": "noise", "draws": 2, "steps": 3}
    first = run(small, batch[:1], **given, seed=1).map
    assert torch.equal(first, run(small, batch[:1], **given, seed=1).map)
    assert not torch.allclose(first, run(small, batch[:1], **given, seed=2).map)
    black = [run(small, batch[:1], steps=3, seed=seed).map for seed in (1, 2)]
    assert torch.equal(*black), "only noise is drawn"
