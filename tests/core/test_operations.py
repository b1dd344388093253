"""Calls in the code of modules as rows: their names, their values, and cuts at them."""

from __future__ import annotations

import copy
import operator
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn
from torch.nn import functional
from torch.overrides import _get_current_function_mode_stack
from torchvision import models
from torchvision.models.feature_extraction import NodePathTracer

from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.models import embedded
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.request import ChannelEdit

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
SIDE = 64
MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)


def card(side: int) -> Card:
    return Card(
        name="net",
        title="Net",
        family="",
        trained=False,
        weights="untrained",
        input_size=side,
        resize_size=side,
        interpolation="bilinear",
        mean=MEAN,
        std=STD,
        labels=tuple(str(index) for index in range(10)),
    )


def picture(side: int = SIDE) -> Tensor:
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))


def normalised(x: Tensor) -> Tensor:
    mean, std = (torch.tensor(t).reshape(1, 3, 1, 1) for t in (MEAN, STD))
    return (x - mean) / std


def made(name: str) -> nn.Module:
    """A network of ten classes with weights that make every layer say something."""
    if name == "efficientnet_lite0":
        network: nn.Module = embedded.EfficientNetLite(classes=10)
    else:
        options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
        with torch.device("meta"):
            network = models.get_model(name, weights=None, num_classes=10, **options)
        network = network.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    for module in network.modules():
        own = dict(module.named_parameters(recurse=False))
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
        for key, parameter in own.items():
            wide = (3 / parameter[0].numel()) ** 0.5 if parameter.dim() > 1 else 0.1
            middle = 1.0 if key == "weight" and parameter.dim() == 1 else 0.0
            with torch.no_grad():
                parameter.uniform_(middle - wide, middle + wide, generator=generator)
    return network.eval().requires_grad_(False)


class Pure(fx.Interpreter):
    """Runs a network node by node with nothing in place; an oracle that knows no hook."""

    def __init__(self, network: nn.Module, cut: fx.Node | None = None) -> None:
        network = copy.deepcopy(network)
        for module in network.modules():
            if hasattr(module, "inplace"):
                module.inplace = False
        tracer = NodePathTracer(leaf_modules=[embedded.SameConv2d])
        graph = tracer.trace(network)
        super().__init__(fx.GraphModule(network, graph))
        self.found: dict[tuple[str, str], list[Tensor]] = defaultdict(list)
        self.cut: tuple[str, str, int] | None = None
        self._scopes = tracer.node_to_qualname

    def run_node(self, n: fx.Node) -> Any:
        if n.target is operator.iadd:
            n.target = operator.add
        if "inplace" in n.kwargs:
            n.kwargs = {**n.kwargs, "inplace": False}
        out = super().run_node(n)
        if not isinstance(out, Tensor) or n.op in ("placeholder", "call_module", "output"):
            return out
        kind = getattr(n.target, "__name__", str(n.target))
        scope = self._scopes[n].rpartition(".")[0]
        out = out.clone()
        self.found[scope, kind].append(out)
        if self.cut == (scope, kind, len(self.found[scope, kind])):
            return out.clone()
        return out


def spots(classifier: Classifier) -> dict[str, tuple[str, str, int]]:
    """Scope, kind and number of each operation, read off its name."""
    found = {}
    for row in classifier.facts.layers:
        if row.operation:
            name, _, number = row.name.partition("#")
            found[row.name] = (name.rpartition(".")[0], row.type, int(number or 1))
    return found


def outputs_of_modules(network: nn.Module, x: Tensor) -> dict[str, list[Tensor]]:
    twin = copy.deepcopy(network)
    found: dict[str, list[Tensor]] = defaultdict(list)

    def noting(path: str) -> Callable[..., None]:
        return lambda _module, _inputs, output: found[path].append(output.clone())

    for path, module in twin.named_modules():
        if hasattr(module, "inplace"):
            module.inplace = False
        module.register_forward_hook(noting(path))
    twin(x)
    return found


@pytest.mark.parametrize("name", LISTED)
def test_every_row_is_what_a_copy_without_in_place_layers_gives(name: str) -> None:
    network = made(name)
    x = picture()
    pure = Pure(network)
    with torch.no_grad():
        pure.run(normalised(x))
        modules = outputs_of_modules(network, normalised(x))
    classifier = Classifier(network, card(SIDE))
    operations = spots(classifier)
    rows = [row for row in classifier.facts.layers if len(row.output_shape) in (1, 3)]
    assert len(rows) == len(classifier.facts.layers)
    found = classifier.feature_maps(x, [row.name for row in rows])
    for row in rows:
        if row.operation:
            scope, kind, number = operations[row.name]
            expected = pure.found[scope, kind][number - 1]
        else:
            path, _, run = row.name.partition("#")
            expected = modules[path][int(run or 1) - 1]
        if tuple(expected.shape[1:]) != row.output_shape:
            expected = expected.permute(0, 3, 1, 2)
        assert torch.equal(found[row.name], expected), row.name
    assert count_hooks(classifier.stock) == 0


@pytest.mark.parametrize("name", ["googlenet", "densenet121", "mobilenet_v2"])
def test_cut_at_an_operation_agrees_with_autograd(name: str) -> None:
    network = made(name)
    pure = Pure(copy.deepcopy(network).double())
    classifier = Classifier(network, card(SIDE))
    operations = spots(classifier)
    x = picture()
    chosen = list(operations)[:: max(1, len(operations) // 4)] + list(operations)[-3:]
    for layer in dict.fromkeys(chosen):
        pure.found.clear()
        pure.cut = operations[layer]
        logits = pure.run(normalised(x).double().requires_grad_())
        scope, kind, number = pure.cut
        features = pure.found[scope, kind][number - 1]
        (expected,) = torch.autograd.grad(logits[:, 3].sum(), features)
        cut = classifier.cut(x, layer)
        gradient = cut.gradient(lambda logits: logits[:, 3]).double()
        scale = float(expected.abs().max())
        assert torch.allclose(cut.features.double(), features.detach(), rtol=1e-3, atol=1e-3)
        assert torch.allclose(gradient, expected, rtol=0, atol=2e-3 * scale), layer


class Part(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        y += x
        return functional.relu(y, inplace=True)


class Odd(nn.Module):
    """Everything that makes it hard to find a call again: runs twice, works in place, hides."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3)
        self.part = Part()
        self.add = nn.Identity()
        self.gain = nn.Parameter(torch.tensor([1.0, 2.0, 3.0, 4.0]).reshape(4, 1, 1))
        self.head = nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.part(self.part(self.stem(x)))
        first, second = torch.chunk(x, 2, 1)
        y = torch.cat([second, first], 1)
        y.mul_(self.gain)  # what it returns is thrown away
        y = self.add(y) + 1.0
        y = torch.cat([y, functional.max_pool2d(y, 3, 1, 1)], 1)
        assert y.shape[1] == 8
        return self.head(y.mean((2, 3)))


@pytest.fixture
def odd() -> Classifier:
    network = Odd()
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        for module in (network.stem, network.part.conv, network.head):
            module.reset_parameters()
    return Classifier(network, card(16))


def test_rows_of_an_odd_network(odd: Classifier) -> None:
    rows = {row.name: row for row in odd.facts.layers}
    assert list(rows) == [
        "stem",
        "part#1",
        "part.conv#1",
        "part.add#1",
        "part.relu#1",
        "part#2",
        "part.conv#2",
        "part.add#2",
        "part.relu#2",
        "cat#1",
        "mul",
        "add",
        "add_call",
        "max_pool2d",
        "cat#2",
        "mean",
        "head",
    ]
    assert rows["part#1"].role == "residual" and rows["part#1"].skip == "add"
    assert rows["part.add#2"].inputs == ("part.conv#2", "part#1")
    assert rows["cat#1"].inputs == ("part#2",)
    assert rows["mul"].parameters == 4 and rows["mul"].parameters_formula == "4 · 1 · 1"
    assert rows["max_pool2d"].kernel == (3, 3) and rows["max_pool2d"].role == "pool"
    assert rows["cat#2"].inputs == ("add_call", "max_pool2d")
    assert rows["head"].inputs == ("mean",)


def test_a_call_whose_result_is_thrown_away_can_be_cut_at(odd: Classifier) -> None:
    x = picture(16)
    cut = odd.cut(x, "mul")
    gradient = cut.gradient(lambda logits: logits[:, 0])
    weight = odd.module("head").weight
    maps = odd.feature_maps(x, ["mul", "add_call", "cat#1"])
    assert torch.equal(maps["mul"] + 1, maps["add_call"])
    gain = torch.tensor([1.0, 2.0, 3.0, 4.0]).reshape(1, 4, 1, 1)
    assert torch.allclose(maps["cat#1"] * gain, maps["mul"])
    leaf = maps["mul"].clone().requires_grad_()
    y = leaf + 1
    y = torch.cat([y, functional.max_pool2d(y, 3, 1, 1)], 1).mean((2, 3))
    (expected,) = torch.autograd.grad((y * weight[0]).sum(), leaf)
    assert torch.allclose(gradient, expected, atol=1e-6)


def test_second_run_is_told_from_the_first(odd: Classifier) -> None:
    maps = odd.feature_maps(picture(16), ["part#1", "part.conv#2", "part.add#2", "part.relu#2"])
    assert torch.allclose(maps["part.add#2"], maps["part.conv#2"] + maps["part#1"])
    assert torch.equal(maps["part.relu#2"], maps["part.add#2"].relu())


def test_an_operation_has_no_module(odd: Classifier) -> None:
    with pytest.raises(LayerError, match="no module but an operation"):
        odd.module("part.add#1")


def test_functions_are_followed_only_where_the_operation_stands(odd: Classifier) -> None:
    """Following each call of a function in all of the network takes a third of a pass."""
    network = odd.stock.network
    followed: dict[str, int] = {}
    handles = [
        module.register_forward_pre_hook(
            lambda _module, _inputs, path=path: followed.update(
                {path: len(_get_current_function_mode_stack())}
            )
        )
        for path, module in network.named_modules()
    ]
    own = count_hooks(odd.stock)
    hooked: list[int] = []
    odd.visit(picture(16), ["part.add#2"], lambda *_: hooked.append(count_hooks(odd.stock) - own))
    for handle in handles:
        handle.remove()
    outside = [path for path in followed if not path.startswith("part")]
    assert outside and not any(followed[path] for path in outside)
    assert followed["part.conv"] == 1
    inside = sum(1 for path, _ in network.named_modules() if path.startswith("part"))
    assert hooked == [2 * inside]
    assert _get_current_function_mode_stack() == []


def test_an_operation_inside_and_one_outside_are_found_in_the_same_pass(odd: Classifier) -> None:
    layers = ["part.add#1", "mul", "part.relu#2"]
    together = odd.feature_maps(picture(16), layers)
    for layer in layers:
        assert torch.equal(together[layer], odd.feature_maps(picture(16), [layer])[layer])
    halved = [ChannelEdit(layer="mul", channel=0, factor=0.5)]
    with odd.edited(halved):
        edited = odd.feature_maps(picture(16), ["mul"])["mul"]
    torch.testing.assert_close(edited[:, 0], together["mul"][:, 0] / 2)
    assert _get_current_function_mode_stack() == []


def test_nothing_is_left_after_a_pass_that_fails(odd: Classifier) -> None:
    def fail(_layer: str, _maps: Tensor) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        odd.visit(picture(16), ["mul"], fail)
    assert count_hooks(odd.stock) == 0
    assert _get_current_function_mode_stack() == []
    assert odd.feature_maps(picture(16), ["mul"])["mul"].shape == (1, 4, 14, 14)
