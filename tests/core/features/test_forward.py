"""Passes with a graph: what an objective reads is what the layers give, and no more is computed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.features import forward
from cnnviz_gui.core.features.forward import LOGITS, Outputs
from cnnviz_gui.core.models.classifier import Classifier

QUIET = NullContext()
PICTURE = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def read(
    classifier: Classifier, layers: tuple[str, ...], *, bounded: bool = False
) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}

    def objective(outputs: Outputs) -> Tensor:
        found.update({name: output.detach() for name, output in outputs.items()})
        return sum(output.flatten(1).sum(1) for output in outputs.values())

    picture = PICTURE.clone().requires_grad_()
    forward.gradient(classifier, picture, layers, objective, [picture], QUIET, bounded=bounded)
    return found


class Halved(nn.Module):
    """Works on what it is given, in place and not as a module that is known to."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mul_(0.5)


def test_a_layer_is_read_before_the_next_one_overwrites_it(
    make_classifier: Callable[[nn.Module], Classifier],
) -> None:
    network = nn.Sequential()
    network.add_module("conv", nn.Conv2d(3, 4, 3))
    network.add_module("halved", Halved())
    network.add_module("pool", nn.AdaptiveAvgPool2d(1))
    network.add_module("flat", nn.Flatten())
    network.add_module("head", nn.Linear(4, 10))
    found = read(make_classifier(network), ("conv", "halved"))
    assert set(found) == {"conv", "halved"}
    assert torch.equal(found["halved"], 0.5 * found["conv"])


def test_layers_and_classes_are_read_in_one_pass(small: Classifier) -> None:
    found = read(small, ("conv", LOGITS))
    assert set(found) == {"conv", LOGITS}
    assert torch.allclose(found[LOGITS], small.logits(PICTURE), atol=1e-5)
    before = small.forwards
    read(small, ("conv", "last", LOGITS))
    assert small.forwards == before + 1


@pytest.fixture(scope="module")
def capped(make_classifier: Callable[[nn.Module], Classifier]) -> Classifier:
    """Two layers that end in a ReLU6, and reach it."""
    network = nn.Sequential()
    network.add_module("first", nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU6()))
    network.add_module("second", nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU6()))
    network.add_module("pool", nn.AdaptiveAvgPool2d(1))
    network.add_module("flat", nn.Flatten())
    network.add_module("head", nn.Linear(4, 10))
    with torch.no_grad():
        for block in (network.first, network.second):
            block[0].bias.fill_(20.0)
    return make_classifier(network)


def test_a_ceiling_is_lifted_of_a_layer_that_is_read_alone(capped: Classifier) -> None:
    """What another layer is given stays what the network gives it."""
    assert read(capped, ("first",))["first"].max() > 6
    assert read(capped, ("first",), bounded=True)["first"].max() == 6
    both = read(capped, ("first", "second"))
    assert both["first"].max() == 6 == both["second"].max()
    assert torch.equal(both["second"], capped.feature_maps(PICTURE, ["second"], QUIET)["second"])
