"""The probe of normalisations: what each makes the network say, the surest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import normalisation, zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.request import ImageRef, ModelRef, ProbeNormalisation
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SIDE = 32


def classifier(channels: int, **told: Any) -> Classifier:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(channels, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)
    )
    facts = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225), **told}
    card = Card(
        name="probed", title="Probed", family="", trained=True, weights="", input_size=SIDE,
        resize_size=SIDE, interpolation="bilinear", labels=tuple("abcde"), channels=channels,
        **facts,
    )  # fmt: skip
    return Classifier(network, card, torch.device("cpu"))


@pytest.fixture
def probe(picture: ImageRef, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def run(network: Classifier, ctx: Any = QUIET) -> Any:
        monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: network)
        session = Session(device=torch.device("cpu"))
        return execute(
            ProbeNormalisation(model=ModelRef(name="probed"), image=picture), session, ctx
        )

    return run


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_each_guess_is_what_a_network_so_normalised_says(
    channels: int, probe: Callable[..., Any], picture: ImageRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = classifier(channels)
    guesses = probe(network).guesses
    titles = {guess.title for guess in guesses}
    assert {title for title, _, _ in normalisation.USUAL} <= titles
    assert ("MNIST" in titles) == (channels == 1)
    for guess in guesses:
        other = classifier(channels, mean=guess.mean, std=guess.std)
        monkeypatch.setattr(zoo, "build", lambda ref, ctx, device, other=other: other)
        session = Session(device=torch.device("cpu"))
        image = session.input(ModelRef(name="other"), picture)
        said = other.logits(image)[0].double().softmax(0)
        assert guess.score.index == int(said.argmax())
        assert guess.score.probability == pytest.approx(float(said.max()), abs=1e-4)
        assert guess.score.label == "abcde"[guess.score.index]


def test_the_surest_comes_first(probe: Callable[..., Any]) -> None:
    sure = [guess.score.probability for guess in probe(classifier(3)).guesses]
    assert sure == sorted(sure, reverse=True) and len(sure) == len(normalisation.USUAL)


def test_a_normalisation_of_its_own_is_among_them(probe: Callable[..., Any]) -> None:
    own = {"mean": (0.3, 0.3, 0.3), "std": (0.7, 0.7, 0.7)}
    guesses = probe(classifier(3, **own)).guesses
    assert len(guesses) == len(normalisation.USUAL) + 1
    assert any(guess.mean == own["mean"] for guess in guesses)


def test_what_gives_no_numbers_is_left_out(probe: Callable[..., Any]) -> None:
    network = classifier(3)
    with torch.no_grad():
        network.stock.network[4].bias.fill_(torch.nan)
    assert probe(network).guesses == ()


def test_the_network_is_as_it_was_and_the_probe_can_be_cancelled(
    probe: Callable[..., Any], recorder: Callable[..., Any]
) -> None:
    network = classifier(3)
    before = (network.facts, network.stock.mean.clone())
    watching = recorder()
    probe(network, watching)
    assert len(watching.steps) >= len(normalisation.USUAL)
    with pytest.raises(Cancelled):
        probe(network, recorder(cancel_at=watching.checks // 2))
    assert network.facts.mean == before[0].mean and torch.equal(network.stock.mean, before[1])
