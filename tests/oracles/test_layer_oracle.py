"""Parameters and multiply-adds of every row against fvcore, which counts in a graph of its own."""

from __future__ import annotations

import warnings
from collections import Counter

import fvcore.nn as fvcore
import pytest
import torch
from torch import nn
from torchvision import models

from cnnviz_gui.core.models import embedded, layers
from cnnviz_gui.core.models.trace import trace

SIDE = 64
LISTED = (
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "efficientnet_lite0",
    "googlenet",
    "mobilenet_v2",
    "resnet50",
    "squeezenet1_1",
    "vgg16",
)
PRODUCTS = ("conv", "linear", "matmul", "addmm", "einsum")
"""What fvcore calls multiply-adds; its numbers for norms and pooling are operations of others."""


def made(name: str) -> nn.Module:
    if name == "efficientnet_lite0":
        return embedded.EfficientNetLite().eval()
    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    with torch.device("meta"):
        network = models.get_model(name, weights=None, **options)
    return network.to_empty(device="cpu").eval()


@pytest.mark.parametrize("name", LISTED)
def test_costs_of_every_row_agree_with_fvcore(name: str) -> None:
    network = made(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tracer that it uses
        counter = fvcore.FlopCountAnalysis(network, torch.zeros(1, 3, SIDE, SIDE))
        counter.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        counted = counter.by_module_and_operator()
    parameters = fvcore.parameter_count(network)
    recorded = trace(network, SIDE)
    rows, _ = layers.table(recorded)
    costs: Counter[str] = Counter({"": recorded.root.macs})
    for row in rows:
        path = row.name.partition("#")[0]
        if row.operation:
            assert row.macs == 0, row.name
            continue
        costs[path] += row.macs
        assert row.parameters == parameters[path], row.name
    for path, macs in costs.items():
        assert macs == sum(counted[path][kind] for kind in PRODUCTS), path
    assert costs[""] > 0 and len(costs) > 20
