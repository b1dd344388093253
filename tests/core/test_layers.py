"""The layer table: shapes, cost and receptive fields against what autograd and torch measure."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.models import catalogue, embedded, layers
from cnnviz_gui.core.models.trace import trace

PUBLISHED = (
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "googlenet",
    "mobilenet_v3_large",
    "regnet_y_400mf",
    "resnet50",
    "shufflenet_v2_x1_0",
    "squeezenet1_1",
    "swin_t",
    "vgg16",
    "vit_b_16",
)
RECOMMENDED = {
    "alexnet": "features",
    "convnext_tiny": "features",
    "densenet121": "features",
    "efficientnet_b0": "features",
    "googlenet": "inception5b",
    "mobilenet_v3_large": "features",
    "regnet_y_400mf": "trunk_output",
    "resnet50": "layer4",
    "shufflenet_v2_x1_0": "conv5",
    "squeezenet1_1": "features",
    "swin_t": "permute",
    "vgg16": "features",
    "vit_b_16": "conv_proj",
}


def weightless(name: str) -> nn.Module:
    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    if name.startswith("regnet"):
        return models.get_model(name, weights=None).eval()
    with torch.device("meta"):
        return models.get_model(name, weights=None, **options).eval()


def table(network: nn.Module, size: int) -> dict[str, LayerFacts]:
    rows, _ = layers.table(trace(network, size))
    return {row.name: row for row in rows}


@pytest.mark.parametrize("name", PUBLISHED)
def test_cost_is_the_published_one(name: str) -> None:
    entry = next(entry for entry in catalogue.entries() if entry.name == name)
    network = weightless(name)
    recorded = trace(network, entry.input_size)
    rows, _ = layers.table(recorded)
    assert sum(p.numel() for p in network.parameters()) == entry.parameters
    assert entry.macs is not None
    assert recorded.root.macs == pytest.approx(entry.macs, rel=2e-3)
    assert layers.recommended(recorded, rows) == RECOMMENDED[name]


@pytest.mark.parametrize("name", ["resnet18", "shufflenet_v2_x0_5", "squeezenet1_1"])
def test_cost_is_half_of_what_torch_counts(name: str) -> None:
    network = weightless(name)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 3, 64, 64, device="meta"))
    assert 2 * trace(network, 64).root.macs == counter.get_total_flops()


@pytest.mark.parametrize(
    ("groups", "stride", "macs"),
    # each of 16·16·8 numbers meets 4·4 weights of each output it goes to
    [(1, 2, 16 * 16 * 8 * 16 * 6), (2, 2, 16 * 16 * 8 * 16 * 3), (1, 4, 16 * 16 * 8 * 16 * 6)],
)
def test_a_transposed_convolution_costs_what_its_input_asks(
    groups: int, stride: int, macs: int
) -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 8, 1), nn.ConvTranspose2d(8, 6, 4, stride, 1, groups=groups)
    ).to("meta")
    assert table(network, 16)["1"].macs == macs
    with FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 3, 16, 16, device="meta"))
    assert 2 * trace(network, 16).root.macs == counter.get_total_flops()


def test_a_container_costs_what_its_children_cost() -> None:
    rows = table(weightless("resnet18"), 224)
    children = [row for row in rows.values() if row.parent == "layer2.0"]
    assert sum(row.macs for row in children) == rows["layer2.0"].macs > 0
    assert sum(row.parameters for row in children) == rows["layer2.0"].parameters


def averaging(network: nn.Module) -> nn.Module:
    """The same network with positive weights and average pooling: no field is hidden by a zero."""
    twin = copy.deepcopy(network).double().eval()
    for parent in list(twin.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.MaxPool2d):
                pool = nn.AvgPool2d(
                    child.kernel_size, child.stride, child.padding, ceil_mode=child.ceil_mode
                )
                setattr(parent, name, pool)
            if isinstance(child, nn.BatchNorm2d):
                child.reset_parameters()
    with torch.no_grad():
        for module in twin.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.fill_(1 / module.weight[0].numel())
                if module.bias is not None:
                    module.bias.fill_(0.1)
    return twin


def seen_by_one_cell(network: nn.Module, row: LayerFacts, size: int, cell: int) -> tuple[int, int]:
    """First and last column of the pixels whose change changes the cell in the middle."""
    kept: list[Tensor] = []
    path = row.name.partition("#")[0]
    handle = network.get_submodule(path).register_forward_hook(
        lambda _module, _inputs, output: kept.append(output)
    )
    x = torch.full((1, 3, size, size), 0.01, dtype=torch.float64, requires_grad=True)
    network(x)
    handle.remove()
    (gradient,) = torch.autograd.grad(kept[-1][0, :, cell, cell].sum(), x)
    columns = gradient.abs().sum((0, 1, 2)).nonzero().flatten()
    rows = gradient.abs().sum((0, 1, 3)).nonzero().flatten()
    assert torch.equal(columns, rows)
    return int(columns[0]), int(columns[-1])


def promised(row: LayerFacts, size: int, cell: int) -> tuple[int, int]:
    assert row.receptive_field is not None and row.jump is not None and row.offset is not None
    assert all(down == across for down, across in (row.receptive_field, row.jump, row.offset))
    field = row.receptive_field[0]
    first = row.offset[0] + cell * row.jump[0] - (field - 1) / 2
    assert first == int(first)
    return max(0, int(first)), min(size - 1, int(first) + field - 1)


class Branches(nn.Module):
    """Dilation, asymmetric padding, branches of different reach, a crop and a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.wide = nn.Conv2d(4, 4, 3, padding=2, dilation=2)
        self.pad = nn.ZeroPad2d((0, 1, 0, 1))
        self.narrow = nn.Conv2d(4, 4, 2)
        self.mixed = nn.Sequential(nn.Identity())
        self.pool = nn.MaxPool2d(3, 2)
        self.last = nn.Conv2d(8, 4, 5, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.mixed(torch.cat([self.wide(x) + x, self.narrow(self.pad(x))], 1))
        return self.last(self.pool(x)[:, :, 1:, 1:]).mean((2, 3))


NETWORKS = {
    "lite0": (embedded.EfficientNetLite, 224),
    "branches": (Branches, 64),
    "resnet18": (lambda: models.resnet18(), 192),
    "squeezenet1_1": (lambda: models.squeezenet1_1(), 191),
    "shufflenet": (lambda: models.shufflenet_v2_x0_5(), 160),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_receptive_fields_are_what_gradients_see(name: str) -> None:
    make, size = NETWORKS[name]
    network = make().eval()
    rows = [r for r in table(network, size).values() if r.receptive_field and r.spatial]
    twin = averaging(network)
    chosen = [row for row in rows if not row.leaf or row.role in ("conv", "depthwise", "pool")]
    for row in chosen[:: max(1, len(chosen) // 14)]:
        if "#" in row.name:
            continue
        cell = row.output_shape[-1] // 2
        assert seen_by_one_cell(twin, row, size, cell) == promised(row, size, cell), row.name


def test_fields_end_where_a_layer_sees_everything() -> None:
    rows = table(weightless("efficientnet_b0"), 224)
    assert rows["features.0"].receptive_field == (3, 3)
    assert rows["features.1.0.block.1"].receptive_field is None  # squeeze and excitation
    assert table(weightless("resnet18"), 224)["avgpool"].receptive_field is None


def test_rows_come_in_order_of_execution_below_their_parents() -> None:
    rows = table(embedded.EfficientNetLite().eval(), 224)
    names = list(rows)
    assert [name for name in names if rows[name].depth == 0] == [
        "stem",
        *(f"blocks.{index}" for index in range(16)),
        "head",
        "pool",
        "dropout",
        "classifier",
    ]
    assert [n for n in names if rows[n].parent == "blocks.1"] == [
        "blocks.1.conv_pw",
        "blocks.1.conv_dw",
        "blocks.1.conv_pwl",
    ]
    for name, row in rows.items():
        assert not row.parent or names.index(row.parent) < names.index(name)
        assert row.leaf == all(other.parent != name for other in rows.values())


def test_rows_of_the_embedded_network() -> None:
    rows = table(embedded.EfficientNetLite().eval(), 224)
    head, depthwise = rows["head"], rows["blocks.3.conv_dw"]
    assert head.output_shape == (1280, 7, 7) and head.role == "conv"
    assert head.parameters_formula == "1280 · 320 · 1 · 1 + 2 · 1280"
    assert rows["head.0"].parameters_formula == "1280 · 320 · 1 · 1"
    assert rows["classifier"].parameters_formula == "1000 · 1280 + 1000"
    assert (depthwise.role, depthwise.kernel, depthwise.stride) == ("depthwise", (5, 5), (2, 2))
    assert (depthwise.padding, depthwise.groups) == ("same", 144)
    assert depthwise.receptive_field == (35, 35)
    assert rows["blocks.4"].role == rows["blocks.3"].role == "inverted"
    assert rows["blocks.4"].skip == "add" and rows["blocks.3"].skip == ""
    assert rows["pool"].role == "pool" and rows["pool"].output_shape == (1280,)


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "googlenet", "densenet121", "mobilenet_v2"])
def test_formulas_evaluate_to_the_parameters(name: str) -> None:
    for row in table(weightless(name), 64).values():
        assert row.parameters_formula != str(row.parameters)  # says nothing
        if row.parameters_formula:
            product = row.parameters_formula.replace("·", "*")
            assert sum(_product(term) for term in product.split("+")) == row.parameters


def _product(term: str) -> int:
    result = 1
    for factor in term.split("*"):
        result *= int(factor)
    return result


def test_repeated_modules_have_a_row_for_each_run() -> None:
    rows = table(weightless("resnet18"), 64)
    assert "layer1.0.relu" not in rows
    assert rows["layer1.0.relu#1"].role == rows["layer1.0.relu#2"].role == "activation"
    assert rows["layer1.0"].role == "residual"
    assert rows["layer2.0.downsample"].role == "conv"


def test_tracing_leaves_the_network_alone() -> None:
    network = models.resnet18()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    trace(network, 64)
    assert all(torch.equal(before[name], t) for name, t in network.state_dict().items())
    assert all(not module._forward_hooks for module in network.modules())
