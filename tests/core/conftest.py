"""A small seeded network in place of a real one, for the tests of the methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_gui.core import params
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Kind, method
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.session import Session

SIDE = 32
CLASSES = 10


def small_network(seed: int = 0) -> nn.Sequential:
    """Two convolutions with biases and a norm, global average pooling, one linear layer."""
    generator = torch.Generator().manual_seed(seed)
    network = nn.Sequential()
    network.add_module("stem", nn.Conv2d(3, 8, 3, stride=2, padding=1))
    network.add_module("norm", nn.BatchNorm2d(8))
    network.add_module("act", nn.ReLU(inplace=True))
    network.add_module("conv", nn.Conv2d(8, 16, 3, padding=1))
    network.add_module("last", nn.ReLU(inplace=True))
    network.add_module("pool", nn.AdaptiveAvgPool2d(1))
    network.add_module("flat", nn.Flatten())
    network.add_module("head", nn.Linear(16, CLASSES))
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0, 0.3, generator=generator)
        network.head.weight.mul_(4)
        network.norm.running_mean.normal_(0, 0.2, generator=generator)
        network.norm.running_var.uniform_(0.5, 1.5, generator=generator)
    return network


@pytest.fixture(scope="session")
def make_classifier() -> Callable[[nn.Module], Classifier]:
    """Wrap a network of ten classes for pictures of 32 x 32."""

    def make(network: nn.Module, side: int = SIDE) -> Classifier:
        card = Card(
            name="small",
            title="Small",
            family="",
            trained=True,
            weights="embedded",
            input_size=side,
            resize_size=side,
            interpolation="bilinear",
            mean=(0.485, 0.456, 0.406),
            std=(0.229, 0.224, 0.225),
            labels=tuple(f"class {index}" for index in range(CLASSES)),
        )
        return Classifier(network, card, torch.device("cpu"))

    return make


@pytest.fixture(scope="session")
def small(make_classifier: Callable[[nn.Module], Classifier]) -> Classifier:
    return make_classifier(small_network())


@pytest.fixture(scope="session")
def lively(make_classifier: Callable[[nn.Module], Classifier]) -> Classifier:
    """One to which noise is now this class, now that: its mean logits on noise are equal."""
    network = small_network().eval()
    noise = torch.rand(64, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        seen = make_classifier(network).logits(noise)
        network.head.bias -= seen.mean(0)
        network.head.weight /= seen.std(0)[:, None]
        network.head.bias /= seen.std(0)
    return make_classifier(network)


@pytest.fixture
def raw_network() -> Callable[[int], nn.Sequential]:
    return small_network


@pytest.fixture
def batch() -> Tensor:
    """Three pictures in 255ths, with values at both ends."""
    generator = torch.Generator().manual_seed(1)
    levels = torch.randint(-40, 296, (3, 3, SIDE, SIDE), generator=generator).clamp(0, 255)
    return levels.float() / 255


@pytest.fixture
def make_params() -> Callable[..., Params]:
    def make(kind: Kind, name: str, **given: Any) -> Params:
        return params.build(method(kind, name).params, given)

    return make


@dataclass
class Recorder:
    """A context that remembers what it is told, and cancels at one of its checks."""

    cancel_at: int = 0
    inside: Callable[[], None] | None = None
    """What a more urgent job does inside a step."""
    checks: int = 0
    steps: list[tuple[int, int]] = field(default_factory=list)
    partials: list[Any] = field(default_factory=list)

    def check(self) -> None:
        self.checks += 1
        if self.checks == self.cancel_at:
            raise Cancelled

    def step(self, done: int, total: int) -> None:
        self.steps.append((done, total))
        self.check()
        if self.inside is not None:
            self.inside()

    def partial(self, value: object) -> None:
        self.partials.append(value)


@pytest.fixture
def recorder() -> type[Recorder]:
    return Recorder


@pytest.fixture
def network() -> ModelRef:
    return ModelRef(name="small")


@pytest.fixture
def picture(tmp_path: Path) -> ImageRef:
    """A file whose pixels the network sees as they are."""
    path = tmp_path / "picture.png"
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return ImageRef(path=str(path))


@pytest.fixture
def new_session(small: Classifier, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Session]:
    """Make sessions whose every network is the small one."""
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: small)
    return lambda: Session(device=torch.device("cpu"))


@pytest.fixture
def session(new_session: Callable[[], Session]) -> Session:
    return new_session()
