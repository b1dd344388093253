"""Networks that read grey or a fourth channel, in a program whose pictures have three."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor, nn
from torchvision.transforms import functional

from cnnviz_gui import resources
from cnnviz_gui.core import images, preprocess
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.facts import Channels, ModelFacts
from cnnviz_gui.core.files import quantised
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.pixels import LUMA, Card, PixelNetwork
from cnnviz_gui.core.params import build, specs
from cnnviz_gui.core.registry import method, methods
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.result import AttackResult
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SIDE = 32
MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)


def card(channels: Channels) -> Card:
    return Card(
        name="small",
        title="Small",
        family="",
        trained=True,
        weights="embedded",
        input_size=SIDE,
        resize_size=SIDE,
        interpolation="bilinear",
        mean=MEAN,
        std=STD,
        labels=tuple("abcd"),
        channels=channels,
    )


def network(channels: int) -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return nn.Sequential(
            nn.Conv2d(channels, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.MaxPool2d(4),
            nn.Conv2d(6, 8, 3),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(8 * 36, 4),
        )


@pytest.fixture(scope="module")
def grey() -> Classifier:
    return Classifier(network(1), card(1))


def picture(seed: int, colours: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    levels = torch.randint(-40, 296, (1, colours, SIDE, SIDE), generator=generator).clamp(0, 255)
    return levels.float().expand(1, 3, SIDE, SIDE) / 255


def reads(channels: Channels, x: Tensor) -> Tensor:
    """What a network of so many channels is given: its output is its input, made flat."""
    wrapped = PixelNetwork(nn.Flatten(), card(channels), torch.contiguous_format)
    return wrapped(x).reshape(len(x), channels, SIDE, SIDE)


def test_a_grey_network_gets_the_luma() -> None:
    x = picture(0, 3)
    expected = functional.rgb_to_grayscale(x)
    assert torch.allclose(reads(1, x) * STD[0] + MEAN[0], expected, atol=1e-3)
    assert sum(LUMA) == pytest.approx(1)


def test_a_grey_picture_reaches_a_grey_network_as_it_is() -> None:
    x = picture(0)
    assert torch.allclose(reads(1, x), (x[:, :1] - MEAN[0]) / STD[0], atol=1e-6)


def test_a_network_of_four_channels_gets_an_opaque_fourth() -> None:
    x = picture(0, 3)
    given = reads(4, x)
    colours = reads(3, x)
    assert torch.equal(given[:, :3], colours)
    assert torch.equal(given[:, 3], torch.ones(1, SIDE, SIDE))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_everything_one_can_ask_keeps_three_colours(channels: Channels) -> None:
    classifier = Classifier(network(channels), card(channels))
    x = picture(1, 3)
    assert classifier.facts.channels == channels
    assert classifier.facts.layers[0].parameters == 6 * channels * 9 + 6
    assert torch.allclose(classifier.logits(x), classifier.stock(x), atol=1e-4)
    gradient, logits = classifier.gradient(x, lambda logits: logits[:, 0], QUIET)
    assert gradient.shape == x.shape and logits.shape == (1, 4)
    maps = classifier.feature_maps(x, ["4"], QUIET)["4"]
    assert maps.shape == (1, 8, 6, 6)
    weight, _ = classifier.filters("0")
    assert weight is not None and weight.shape == (6, channels, 3, 3)
    able = [kind for kind in methods("heatmap") if not kind.needs(classifier.facts)]
    assert {"saliency", "grad-cam", "lrp"} <= {kind.name for kind in able}
    for kind in able:
        found = kind.run(classifier, x, 0, "4" if kind.uses_layer else "", kind.params(), QUIET)
        assert found.map.shape == (SIDE, SIDE)


def test_gradients_flow_to_the_colours_in_the_shares_of_luma(grey: Classifier) -> None:
    gradient, _ = grey.gradient(picture(1, 3), lambda logits: logits[:, 0], QUIET)
    whole = gradient.sum(1)
    for share, colour in zip(LUMA, gradient[0], strict=True):
        assert torch.allclose(colour, share * whole[0], atol=1e-6 * float(whole.abs().max()))


def given_params(name: str, **values: Any) -> Any:
    chosen = method("attack", name)
    known = {spec.name: dict(spec.choices) for spec in specs(chosen.params)}
    fits = {k: v for k, v in values.items() if k in known and (not known[k] or v in known[k])}
    return build(chosen.params, fits)


ATTACKS = [kind.name for kind in methods("attack")]


@pytest.mark.parametrize("name", ATTACKS)
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**31 - 1),
    norm=st.sampled_from(["linf", "l2"]),
    epsilon=st.floats(0.0, 32.0, width=32),
    rule=st.sampled_from(["steepest", "sign", "gradient", "plain"]),
    towards=st.booleans(),
)
def test_what_an_attack_adds_to_a_grey_picture_is_grey(
    name: str, grey: Classifier, seed: int, norm: str, epsilon: float, rule: str, towards: bool
) -> None:
    chosen = method("attack", name)
    params = given_params(
        name, norm=norm, epsilon=epsilon, step_rule=rule, seed=seed % 97, steps=3, restarts=2
    )
    x = picture(seed)
    target = torch.tensor([2]) if towards and chosen.targets else None
    found = chosen.run(grey, x, torch.tensor([1]), target, params, QUIET)
    perturbation = found - x
    assert torch.equal(perturbation[:, 0], perturbation[:, 1])
    assert torch.equal(perturbation[:, 0], perturbation[:, 2])
    if "epsilon" not in params.values():
        return
    used = norm if "norm" in params.values() else "linf"
    bound = balls.radius(used, epsilon)
    assert float(balls.size(used, perturbation)) <= bound * (1 + 1e-6) + 1e-7


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_a_grey_network_gains(name: str, grey: Classifier) -> None:
    x = picture(5)
    label = grey.logits(x).argmax(1)
    for norm, epsilon in (("linf", 8.0), ("l2", 2.0)):
        params = given_params(name, norm=norm, epsilon=epsilon, steps=8)
        found = method("attack", name).run(grey, x, label, None, params, QUIET)
        before, after = (grey.logits(t).log_softmax(1)[0, label] for t in (x, found))
        assert float(after) < float(before)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_grey_start_fills_its_ball(norm: str) -> None:
    x = torch.full((1, 3, SIDE, SIDE), 0.5)
    ball = balls.ball(norm, 0.25, grey=True)
    start = ball.random_start(x, torch.Generator().manual_seed(0))
    assert torch.equal(start[:, 0], start[:, 2])
    assert 0.2 < float(balls.size(norm, start - x)) <= 0.25 * (1 + 1e-6)


def test_the_network_sees_a_coloured_photograph_in_grey(grey: Classifier) -> None:
    path = resources.samples()[1]
    shown = preprocess.network_view(images.load(ImageRef(path=str(path)), QUIET), grey.facts)
    with Image.open(path) as image:
        small = functional.center_crop(functional.resize(image.convert("RGB"), SIDE), SIDE)
    expected = np.asarray(functional.to_grayscale(small, num_output_channels=3))
    assert np.array_equal(shown, expected)


def long_facts(grey: Classifier) -> ModelFacts:
    return dataclasses.replace(grey.facts, resize_size=700, input_size=600)


def test_a_very_long_picture_is_grey_too(
    grey: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.random.default_rng(0).integers(0, 256, (40, 900, 3), np.uint8)
    Image.fromarray(values).save(tmp_path / "long.png")
    read = images.load(ImageRef(path=str(tmp_path / "long.png")), QUIET)
    plain = preprocess.network_view(read, long_facts(grey))
    monkeypatch.setattr(preprocess, "_MAX_RESIZED_PIXELS", 1)
    assert np.array_equal(preprocess.network_view(read, long_facts(grey)), plain)
    assert np.array_equal(plain[..., 0], plain[..., 2])


def test_a_grey_adversarial_image_is_grey_in_its_file(grey: Classifier) -> None:
    x = picture(9)
    params = given_params("pgd", norm="l2", epsilon=1.0)
    found = method("attack", "pgd").run(grey, x, torch.tensor([0]), None, params, QUIET)
    result = AttackResult(
        method="pgd",
        epsilon=1.0,
        norm="l2",
        target=None,
        clean=(),
        adversarial=(),
        clean_image=x[0].numpy(),
        adversarial_image=found[0].numpy(),
        success=False,
        norms=None,  # type: ignore[arg-type]  # not looked at
        forwards=0,
        backwards=0,
    )
    rounded = quantised(result)
    assert np.array_equal(rounded[..., 0], rounded[..., 1])
    assert np.array_equal(rounded[..., 0], rounded[..., 2])


def test_a_session_keeps_grey_and_coloured_views_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(ref: ModelRef, *_: Any) -> Classifier:
        channels: Channels = 1 if ref.name == "grey" else 3
        return Classifier(network(channels), card(channels))

    monkeypatch.setattr(zoo, "build", build)
    session = Session()
    image = ImageRef(path=str(resources.samples()[1]))
    for _ in range(2):
        coloured = session.seen(ModelRef(name="coloured"), image)
        grey = session.seen(ModelRef(name="grey"), image)
        assert np.array_equal(grey[..., 0], grey[..., 1])
        assert not np.array_equal(coloured[..., 0], coloured[..., 1])
