"""The gradient methods at the pixels against captum and pytorch-grad-cam."""

from __future__ import annotations

from typing import Any

import captum.attr
import pytest
import torch
from pytorch_grad_cam.guided_backprop import GuidedBackpropReLU
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models

from cnnviz_gui.core import params
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.fills import blurred
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.registry import method

pytestmark = pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require")
QUIET = NullContext()
CAT = 282


def run(
    name: str, classifier: Any, x: Tensor, target: int, layer: str = "", **given: Any
) -> HeatmapValue:
    chosen = method("heatmap", name)
    built = params.build(chosen.params, given)
    value: HeatmapValue = chosen.run(classifier, x, target, layer, built, QUIET)
    return value


def worst(found: Tensor, expected: Tensor) -> float:
    """Largest difference, as a part of the largest value."""
    return float((found - expected).abs().max() / expected.abs().max())


def alike(found: Tensor, expected: Tensor) -> float:
    return float(torch.cosine_similarity(found.flatten(), expected.flatten(), dim=0))


@pytest.mark.parametrize("target", [0, 7])
def test_input_x_gradient_is_captums(plain: Classifier, picture: Tensor, target: int) -> None:
    oracle = captum.attr.InputXGradient(plain.stock).attribute(picture.clone(), target)
    found = run("input-x-gradient", plain, picture, target).map
    assert worst(found, oracle[0].sum(0).detach()) <= 1e-5


def test_from_mean_grey_it_is_captums_on_what_the_network_reads(
    plain: Classifier, picture: Tensor
) -> None:
    mean = torch.tensor(plain.facts.mean).reshape(1, 3, 1, 1)
    std = torch.tensor(plain.facts.std).reshape(1, 3, 1, 1)
    network = plain.stock.network
    oracle = captum.attr.InputXGradient(network).attribute((picture - mean) / std, 7)
    found = run("input-x-gradient", plain, picture, 7, baseline="grey").map
    assert worst(found, oracle[0].sum(0).detach()) <= 1e-5


@pytest.mark.parametrize("baseline", ["black", "white", "grey", "blurred"])
@pytest.mark.parametrize("steps", [1, 7, 50])
def test_integrated_gradients_are_captums(
    plain: Classifier, picture: Tensor, baseline: str, steps: int
) -> None:
    begin = {
        "black": torch.zeros_like(picture),
        "white": torch.ones_like(picture),
        "grey": torch.tensor(plain.facts.mean).reshape(1, 3, 1, 1).expand_as(picture),
        "blurred": blurred(picture, 4.0),
    }[baseline]
    oracle = captum.attr.IntegratedGradients(plain.stock)
    expected, gap = oracle.attribute(
        picture, begin, target=7, n_steps=steps, return_convergence_delta=True
    )
    value = run("integrated-gradients", plain, picture, 7, baseline=baseline, steps=steps, blur=4.0)
    assert worst(value.map, expected[0].sum(0)) <= 2e-5
    scores = value.curve.points[1]
    ours = float(value.map.sum() - (scores[-1] - scores[0]))
    assert ours == pytest.approx(float(gap), abs=1e-4 * float(scores.abs().max()))


def test_integrated_gradients_are_captums_on_the_embedded_network(
    embedded: Classifier, photograph: Tensor
) -> None:
    oracle = captum.attr.IntegratedGradients(embedded.stock)
    expected = oracle.attribute(photograph, target=CAT, n_steps=8, internal_batch_size=4)
    found = run("integrated-gradients", embedded, photograph, CAT, steps=8).map
    # the folded copy rounds otherwise, and a ReLU at zero may open
    assert alike(found, expected[0].sum(0).float()) >= 0.999


class Noted:
    """A network that notes the pictures it is given."""

    def __init__(self, classifier: Classifier) -> None:
        self.facts, self.device = classifier.facts, classifier.device
        self.pictures: list[Tensor] = []
        self._classifier = classifier

    def gradient(self, x: Tensor, *rest: Any) -> tuple[Tensor, Tensor]:
        self.pictures.extend(x[:, None])
        return self._classifier.gradient(x, *rest)


@pytest.mark.parametrize(
    ("statistic", "theirs"),
    [("mean", "smoothgrad"), ("squared", "smoothgrad_sq"), ("variance", "vargrad")],
)
def test_smoothgrad_is_captums_with_the_same_noise(
    plain: Classifier,
    picture: Tensor,
    monkeypatch: pytest.MonkeyPatch,
    statistic: str,
    theirs: str,
) -> None:
    noted = Noted(plain)
    found = run("smoothgrad", noted, picture, 7, statistic=statistic, samples=12).map
    noise = torch.cat(noted.pictures) - picture
    assert float(noise.std()) == pytest.approx(0.15, rel=0.02)
    assert abs(float(noise.mean())) < 0.005
    monkeypatch.setattr(torch, "normal", lambda *_: noise.clone())
    tunnel = captum.attr.NoiseTunnel(captum.attr.Saliency(plain.stock))
    oracle = tunnel.attribute(
        picture.clone(), nt_type=theirs, nt_samples=12, stdevs=0.15, target=7, abs=False
    )
    assert worst(found, oracle[0].abs().amax(0).detach()) <= 5e-5


@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("guided-backprop", captum.attr.GuidedBackprop),
        ("deconvnet", captum.attr.Deconvolution),
    ],
)
@pytest.mark.parametrize("target", [0, 7])
@pytest.mark.filterwarnings("ignore:Setting backward hooks on ReLU")
def test_the_rules_for_relus_are_captums(
    plain: Classifier, picture: Tensor, name: str, oracle: Any, target: int
) -> None:
    expected = oracle(plain.stock).attribute(picture.clone(), target)[0].detach()
    signed = run(name, plain, picture, target, sign="signed").map
    assert worst(signed, expected.sum(0)) <= 1e-5
    absolute = run(name, plain, picture, target).map
    assert worst(absolute, expected.abs().amax(0)) <= 1e-5


@pytest.mark.filterwarnings("ignore:Setting backward hooks on ReLU")
def test_guided_grad_cam_is_captums(plain: Classifier, picture: Tensor) -> None:
    oracle = captum.attr.GuidedGradCam(plain.stock, plain.module("2"))
    expected = oracle.attribute(picture.clone(), 7, interpolate_mode="bilinear")[0].detach()
    found = run("guided-grad-cam", plain, picture, 7, layer="2", sign="signed").map
    assert worst(found, expected.sum(0)) <= 1e-5


def of_torchvision(name: str) -> Classifier:
    torch.manual_seed(0)
    options = {"aux_logits": False, "init_weights": False} if name != "densenet121" else {}
    network = models.get_model(name, weights=None, **options).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):  # lest signals die out on their way
            module.momentum = None
            module.train()
    side = 96
    with torch.no_grad():
        network(torch.randn(4, 3, side, side))
    card = Card(
        name=name,
        title=name,
        family="",
        trained=True,
        weights="embedded",
        input_size=side,
        resize_size=side,
        interpolation="bilinear",
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
        labels=tuple(map(str, range(1000))),
    )
    return Classifier(network, card, torch.device("cpu"))


@pytest.mark.parametrize("name", ["densenet121", "googlenet"])
def test_relus_that_are_calls_follow_the_rule_of_pytorch_grad_cam(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It replaces modules only; here its rule stands wherever a ReLU is called."""
    classifier = of_torchvision(name)
    x = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    found = run("guided-backprop", classifier, x, CAT, sign="signed").map
    plain_gradient, _ = classifier.gradient(x, lambda logits: logits[:, CAT])
    calls = []

    def relu(value: Tensor, inplace: bool = False) -> Tensor:
        calls.append(inplace)
        return GuidedBackpropReLU.apply(value)

    monkeypatch.setattr(functional, "relu", relu)
    leaf = x.clone().requires_grad_()
    (expected,) = torch.autograd.grad(classifier.stock(leaf)[0, CAT], leaf)
    assert any(calls), "some of them overwrite what they read"
    assert alike(found, expected[0].sum(0)) >= 0.9999
    assert alike(plain_gradient[0].sum(0), expected[0].sum(0)) < 0.9


class GuidedRelu6(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        ctx.save_for_backward(value)
        return value.clamp(0, 6)

    @staticmethod
    def backward(ctx: Any, back: Tensor) -> Tensor:
        (value,) = ctx.saved_tensors
        return torch.where((value > 0) & (value < 6) & (back > 0), back, torch.zeros_like(back))


def test_relu6_of_the_embedded_network_follows_the_rule_written_out(
    embedded: Classifier, photograph: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = run("guided-backprop", embedded, photograph, CAT, sign="signed").map
    monkeypatch.setattr(functional, "hardtanh", lambda value, *_: GuidedRelu6.apply(value))
    leaf = photograph.clone().requires_grad_()
    (expected,) = torch.autograd.grad(embedded.stock(leaf)[0, CAT], leaf)
    assert alike(found, expected[0].sum(0)) >= 0.999
