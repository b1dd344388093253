"""The vector before the classifier: found in any architecture, refused where there is none."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz_gui.core import embedding
from cnnviz_gui.core.embedding import Head
from cnnviz_gui.core.errors import Cancelled, LayerError
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.request import ModelRef

FAMILIES = {
    "efficientnet_lite0": "classifier",
    "alexnet": "classifier.6",
    "densenet121": "classifier",
    "googlenet": "fc",
    "mobilenet_v3_small": "classifier.3",
    "regnet_y_400mf": "fc",
    "resnet18": "fc",
    "shufflenet_v2_x0_5": "fc",
    "swin_t": "head",
    "vit_b_32": "heads.head",
}


def built(name: str) -> Classifier:
    """Build a network whose classifier says something: untrained, some begin with zeros."""
    classifier = zoo.build(ModelRef(name=name, untrained=name != "efficientnet_lite0"))
    module = classifier.stock.network.get_submodule(FAMILIES.get(name, ""))
    if name != "efficientnet_lite0":
        module.weight.normal_(0, 0.05, generator=torch.Generator().manual_seed(1))
    return classifier


def pictures(classifier: Classifier, count: int = 3) -> Tensor:
    size = classifier.facts.input_size
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("name", FAMILIES)
def test_weights_times_embedding_plus_bias_are_the_logits(name: str) -> None:
    classifier = built(name)
    head = embedding.find(classifier)
    assert head == Head(FAMILIES[name], 1)
    x = pictures(classifier)
    vectors = embedding.embed(classifier, head, x)
    layer = classifier.stock.network.get_submodule(head.path)
    assert isinstance(layer, nn.Linear)
    assert vectors.shape == (3, layer.in_features) and vectors.dtype == torch.float32
    logits = classifier.logits(x)
    largest = float(logits.abs().max())
    assert largest > 0, "the classifier says something"
    said = functional.linear(vectors, layer.weight, layer.bias)
    assert torch.allclose(said, logits, atol=1e-4 * largest)
    each = torch.cat([embedding.embed(classifier, head, one[None]) for one in x])
    assert torch.allclose(vectors, each, atol=1e-5 * float(each.abs().max()))


def test_maps_before_a_convolution_are_averaged() -> None:
    classifier = zoo.build(ModelRef(name="squeezenet1_1", untrained=True))
    head = embedding.find(classifier)
    assert head.path == "classifier.1"
    x = pictures(classifier, 2)
    maps = classifier.feature_maps(x, ["features"])["features"]
    assert torch.allclose(embedding.embed(classifier, head, x), maps.mean((2, 3)), atol=1e-5)


class Tokens(nn.Module):
    """Classifies every cell and averages afterwards, with the channels last."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 4, 4)
        self.head = nn.Linear(6, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.conv(x).permute(0, 2, 3, 1)).mean((1, 2))


def test_cells_before_a_linear_layer_are_averaged(make_classifier: Callable) -> None:
    classifier = make_classifier(Tokens())
    x = pictures(classifier)
    maps = classifier.feature_maps(x, ["conv"])["conv"]
    found = embedding.embed(classifier, embedding.find(classifier), x)
    assert torch.allclose(found, maps.mean((2, 3)), atol=1e-5)


class Twice(nn.Module):
    """Runs its last layer twice; the first run is not the classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 10))
        self.last = nn.Linear(10, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.last(self.stem(x)).relu())


def test_of_a_layer_that_runs_twice_the_last_run_counts(make_classifier: Callable) -> None:
    classifier = make_classifier(Twice())
    head = embedding.find(classifier)
    assert head == Head("last", 2)
    x = pictures(classifier)
    network = classifier.stock.network
    vectors = embedding.embed(classifier, head, x)
    assert torch.allclose(network.last(vectors), classifier.logits(x), atol=1e-5)


class Idle(nn.Module):
    """Ends with a branch whose answer nobody uses."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten())
        self.head = nn.Linear(12, 10)
        self.aside = nn.BatchNorm1d(12)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        logits = self.head(x)
        self.aside(x)
        return logits


def test_a_branch_that_leads_nowhere_does_not_count(make_classifier: Callable) -> None:
    assert embedding.find(make_classifier(Idle())) == Head("head", 1)


class TwoHeads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten())
        self.one, self.two = nn.Linear(12, 10), nn.Linear(12, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        return self.one(x) + self.two(x)


class Functional(nn.Module):
    """Its last product is of no layer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 10))
        self.weight = nn.Parameter(torch.ones(10, 10))

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(self.stem(x), self.weight)


class Weightless(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d((10, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(x).mean(1)[..., 0]


def normed() -> nn.Module:
    head = nn.Sequential(nn.Linear(12, 10), nn.BatchNorm1d(10))
    return nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), head)


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (TwoHeads(), "several layers at once"),
        (Functional(), "several layers at once"),
        (normed(), "ends in '2.1', a BatchNorm1d"),
        (Weightless(), "no layer with weights"),
    ],
)
def test_what_has_no_one_vector_is_refused(
    network: nn.Module, said: str, make_classifier: Callable
) -> None:
    with pytest.raises(LayerError, match=said) as refused:
        embedding.find(make_classifier(network))
    assert refused.value.advice


def test_a_network_that_cannot_be_watched_is_refused(
    small: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small, "facts", dataclasses.replace(small.facts, hooks=False))
    with pytest.raises(LayerError, match="cannot be watched"):
        embedding.find(small)


def test_nothing_is_left_behind_wherever_it_is_cancelled(
    small: Classifier, recorder: type, batch: Tensor
) -> None:
    head = embedding.find(small)
    assert count_hooks(small.stock) == 0
    counting = recorder()
    whole = embedding.embed(small, head, batch, counting)
    for at in range(1, counting.checks + 1):
        with pytest.raises(Cancelled):
            embedding.embed(small, head, batch, recorder(cancel_at=at))
        assert count_hooks(small.fast) == 0
    before = small.forwards
    again = embedding.embed(small, head, batch)
    assert torch.equal(again, whole) and not again.requires_grad
    assert small.forwards == before + len(batch)
