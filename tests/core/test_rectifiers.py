"""Which activations a network has, and other ways back through its ReLUs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models

from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.models import rectifiers
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.models.trace import trace
from cnnviz_gui.core.request import ChannelEdit

Make = Callable[[nn.Module], Classifier]


class Ways(nn.Module):
    """One ReLU, written in each of the ways that there are."""

    def __init__(self, way: str) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(5)
        self.stem = nn.Conv2d(3, 6, 3, stride=2)
        self.head = nn.Linear(6, 10)
        with torch.no_grad():
            for weight in self.parameters():
                weight.normal_(0, 0.4, generator=generator)
        self.way = way
        self.module = {"module": nn.ReLU(), "in place": nn.ReLU(inplace=True)}.get(way)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        if self.module is not None:
            x = self.module(x)
        elif self.way == "function":
            x = functional.relu(x)
        elif self.way == "function in place":
            functional.relu_(x)
        elif self.way == "method":
            x = x.relu()
        else:
            x = functional.hardtanh(x, 0.0, 1e9)
        return self.head(x.mean((2, 3)) + 0.3 * x.amax((2, 3)))


WAYS = ("module", "in place", "function", "function in place", "method", "hardtanh")


def by_hand(network: Ways, x: Tensor, target: int, rule: str) -> Tensor:
    """The way back written out, layer by layer."""
    mean = torch.tensor((0.485, 0.456, 0.406)).reshape(1, 3, 1, 1)
    std = torch.tensor((0.229, 0.224, 0.225)).reshape(1, 3, 1, 1)
    before = functional.conv2d((x - mean) / std, network.stem.weight, network.stem.bias, 2)
    leaf = before.relu().requires_grad_()
    logits = network.head(leaf.mean((2, 3)) + 0.3 * leaf.amax((2, 3)))
    (back,) = torch.autograd.grad(logits[0, target], leaf)
    back = back.clamp_min(0) if rule != "gradient" else back
    back = back * (before > 0) if rule != "deconvnet" else back
    weight = network.stem.weight
    pixels = functional.conv_transpose2d(back, weight, stride=2, output_padding=1)
    return pixels / std


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rule", ["gradient", "guided", "deconvnet"])
def test_a_rule_is_followed_however_a_relu_is_written(
    make_classifier: Make, batch: Tensor, way: str, rule: rectifiers.Rule
) -> None:
    network = Ways(way)
    classifier = make_classifier(network)
    x = batch[:1]
    found, logits = classifier.gradient(x, lambda logits: logits[:, 3], rule=rule)
    expected = by_hand(network, x, 3, rule)
    assert float((found - expected).abs().max()) <= 1e-6 * float(expected.abs().max())
    assert torch.allclose(logits, classifier.logits(x), atol=1e-5)
    assert count_hooks(classifier.fast) == count_hooks(classifier.stock) == 0


def test_the_gradient_is_the_gradient_again_afterwards(small: Classifier, batch: Tensor) -> None:
    def gradient(rule: rectifiers.Rule) -> Tensor:
        return small.gradient(batch, lambda logits: logits[:, 3], rule=rule)[0]

    before = gradient("gradient")
    guided, deconvnet = gradient("guided"), gradient("deconvnet")
    assert not torch.allclose(before, guided) and not torch.allclose(guided, deconvnet)
    assert torch.equal(gradient("gradient"), before)


def test_a_silenced_channel_passes_nothing_back(small: Classifier, batch: Tensor) -> None:
    silenced = [ChannelEdit(layer="last", channel=channel, factor=0.0) for channel in range(16)]
    with small.edited(silenced):
        found, _ = small.gradient(batch, lambda logits: logits[:, 3], rule="guided")
    assert not bool(found.any())


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (nn.ReLU(), "ReLU"),
        (nn.ReLU(inplace=True), "ReLU"),
        (nn.ReLU6(), "ReLU6"),
        (nn.Hardtanh(0.0, 1.0), "clipped ReLU"),
        (nn.Hardtanh(), "Hardtanh"),
        (nn.SiLU(), "SiLU"),
        (nn.GELU(), "GELU"),
        (nn.Hardswish(), "Hardswish"),
        (nn.Hardsigmoid(), "Hardsigmoid"),
        (nn.Sigmoid(), "sigmoid"),
        (nn.Tanh(), "tanh"),
        (nn.ELU(), "ELU"),
        (nn.SELU(), "ELU"),
        (nn.LeakyReLU(), "leaky ReLU"),
        (nn.PReLU(), "PReLU"),
        (nn.Softplus(), "softplus"),
        (nn.Mish(), "Mish"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_facts_name_the_activations(make_classifier: Make, layer: nn.Module, name: str) -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3), layer, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 10)
    )
    assert make_classifier(network).facts.activations == (name,)


def test_a_network_without_a_relu_is_refused(make_classifier: Make, batch: Tensor) -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Flatten(), nn.LazyLinear(10))
    network(batch)
    classifier = make_classifier(network)
    with pytest.raises(MethodError, match="no ReLU"):
        classifier.gradient(batch, lambda logits: logits[:, 3], rule="guided")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("densenet121", ("ReLU",)),
        ("googlenet", ("ReLU",)),
        ("inception_v3", ("ReLU",)),
        ("squeezenet1_1", ("ReLU",)),
        ("mobilenet_v2", ("ReLU6",)),
        ("mobilenet_v3_small", ("Hardswish", "ReLU", "Hardsigmoid")),
        ("efficientnet_b0", ("SiLU", "sigmoid")),
        ("convnext_tiny", ("GELU",)),
        ("vit_b_16", ("GELU",)),
    ],
)
def test_facts_name_those_of_torchvision_modules_or_calls(
    name: str, kinds: tuple[str, ...]
) -> None:
    inception = name in ("googlenet", "inception_v3")
    options = {"aux_logits": False, "init_weights": False} if inception else {}
    with torch.device("meta"):
        network = models.get_model(name, weights=None, **options).eval()
    assert trace(network, 224).activations == kinds
