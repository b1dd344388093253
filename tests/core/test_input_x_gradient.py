"""Input times gradient: exact where the network is linear."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.input_x_gradient import InputXGradientParams, input_x_gradient
from cnnviz_gui.core.models.classifier import Classifier


def run(classifier: Classifier, image: Tensor, **given: str) -> HeatmapValue:
    parameters = InputXGradientParams(**given)
    return input_x_gradient(classifier, image, 3, "", parameters, NullContext())


@pytest.mark.parametrize("baseline", ["black", "white", "grey"])
def test_of_a_linear_network_it_adds_up_to_the_rise_of_the_score(
    make_classifier: Callable[[nn.Module], Classifier], batch: Tensor, baseline: str
) -> None:
    torch.manual_seed(0)
    classifier = make_classifier(nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10)))
    image = batch[:1]
    mean = torch.tensor((0.485, 0.456, 0.406)).reshape(1, 3, 1, 1)
    begin = {"black": torch.zeros_like(image), "white": torch.ones_like(image)}.get(
        baseline, mean.expand_as(image)
    )
    rise = classifier.logits(image)[0, 3] - classifier.logits(begin)[0, 3]
    value = run(classifier, image, baseline=baseline)
    assert value.signed and value.map.shape == (32, 32)
    assert float(value.map.double().sum()) == pytest.approx(float(rise), rel=1e-4)
    assert float(value.map.min()) < 0 < float(value.map.max())


def test_a_picture_that_is_its_baseline_says_so(small: Classifier) -> None:
    value = run(small, torch.zeros(1, 3, 32, 32))
    assert not bool(value.map.any())
    assert "its own baseline" in value.reason
    assert run(small, torch.zeros(1, 3, 32, 32), baseline="white").reason == ""
