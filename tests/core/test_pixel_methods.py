"""What all methods at the pixels keep on a network that reads grey."""

from __future__ import annotations

import pytest
import torch

from cnnviz_gui.core import params
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.pixels import LUMA
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import ModelRef

NAMES = (
    "input-x-gradient",
    "smoothgrad",
    "integrated-gradients",
    "guided-backprop",
    "deconvnet",
    "guided-grad-cam",
)


@pytest.fixture(scope="module")
def lenet() -> Classifier:
    return zoo.build(ModelRef(name="lenet5", untrained=True))


@pytest.mark.parametrize("name", NAMES)
def test_it_works_on_grey_digits(lenet: Classifier, name: str) -> None:
    chosen = method("heatmap", name)
    assert chosen.needs(lenet.facts) == ""
    digit = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0)).repeat(1, 3, 1, 1)
    layer = "relu3" if chosen.uses_layer else ""
    for target in range(3):
        given = params.build(chosen.params, {})
        value = chosen.run(lenet, digit, target, layer, given, NullContext())
        assert value.map.shape == (32, 32)
        assert bool(torch.isfinite(value.map).all())
        assert bool(value.map.any()) != bool(value.reason)


@pytest.mark.parametrize("rule", ["gradient", "guided", "deconvnet"])
def test_the_colours_of_a_grey_network_share_by_their_luma(lenet: Classifier, rule: str) -> None:
    digit = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    found, _ = lenet.gradient(digit, lambda logits: logits[:, 1], rule=rule)  # type: ignore[arg-type]
    grey = found[0] / torch.tensor(LUMA).reshape(3, 1, 1)
    assert torch.allclose(grey[0], grey[1], rtol=1e-4) and torch.allclose(
        grey[0], grey[2], rtol=1e-4
    )
