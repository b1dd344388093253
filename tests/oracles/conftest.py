"""Two networks for comparisons: a small seeded one, and the embedded one with a photograph."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.session import Session

SAMPLES = Path(__file__).parents[2] / "resources" / "samples"


@pytest.fixture(scope="session")
def plain() -> Classifier:
    """Convolutions with biases and no norm, so that nothing is folded."""
    generator = torch.Generator().manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=2),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 10),
    )
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0, 0.3, generator=generator)
    card = Card(
        name="plain",
        title="Plain",
        family="",
        trained=True,
        weights="embedded",
        input_size=33,
        resize_size=33,
        interpolation="bilinear",
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
        labels=tuple(map(str, range(10))),
    )
    return Classifier(network, card, torch.device("cpu"))


@pytest.fixture
def picture() -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randint(-40, 296, (1, 3, 33, 33), generator=generator).clamp(0, 255).float() / 255


@pytest.fixture(scope="session")
def embedded() -> Classifier:
    return zoo.build(ModelRef(name="efficientnet_lite0"))


@pytest.fixture(scope="session")
def photograph() -> Tensor:
    """float32 (1, 3, 224, 224)."""
    image = ImageRef(path=str(SAMPLES / "chelsea.png"))
    return Session(device=torch.device("cpu")).input(ModelRef(name="efficientnet_lite0"), image)
