"""The embedding against torchvision's own feature extraction, which traces another way."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from cnnviz_gui.core import embedding
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.request import ModelRef


@pytest.mark.parametrize(
    "name",
    [
        "alexnet",
        "convnext_tiny",
        "densenet121",
        "efficientnet_b0",
        "googlenet",
        "mnasnet0_5",
        "mobilenet_v2",
        "mobilenet_v3_small",
        "resnet18",
        "squeezenet1_1",
        "vgg11",
        "vit_b_32",
    ],
)
def test_it_is_what_torchvision_extracts_before_the_classifier(name: str) -> None:
    classifier = zoo.build(ModelRef(name=name, untrained=True))
    head = embedding.find(classifier)
    stock = copy.deepcopy(classifier.stock)
    network = stock.network
    assert isinstance(network, nn.Module)
    _, names = get_graph_node_names(network)
    before = names[names.index(head.path) - 1]
    size = classifier.facts.input_size
    x = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    extractor = create_feature_extractor(network, [before]).eval()
    with torch.no_grad():
        expected = extractor((x - stock.mean) / stock.std)[before]
    if expected.dim() == 4:
        expected = expected.mean((2, 3))
    found = embedding.embed(classifier, head, x)
    assert torch.allclose(found, expected, atol=1e-4 * float(expected.abs().max()))
