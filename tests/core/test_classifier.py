"""The wrapped network: exact against autograd in float64, unchanged by whatever happens."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models

from cnnviz_gui.core.errors import Cancelled, LayerError
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.models.pixels import Card

SIZE = 64
NAMES = (
    "resnet18",
    "vgg16",
    "squeezenet1_1",
    "googlenet",
    "densenet121",
    "mobilenet_v2",
    "shufflenet_v2_x0_5",
)
WITH_NORM = tuple(name for name in NAMES if name not in ("vgg16", "squeezenet1_1"))


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    """Torch's initialisers draw from the global generator; here always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        yield


def card(size: int = SIZE) -> Card:
    return Card(
        name="net",
        title="Net",
        family="",
        trained=False,
        weights="untrained, seed 0",
        input_size=size,
        resize_size=size,
        interpolation="bilinear",
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
        labels=tuple(str(index) for index in range(10)),
    )


def randomised(network: nn.Module, seed: int = 0) -> nn.Module:
    """Statistics far from 0 and 1, so that a norm that is folded wrongly shows."""
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None and module.running_var is not None
            module.running_mean.normal_(0, 0.2, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
            with torch.no_grad():
                module.weight.uniform_(0.5, 1.5, generator=generator)
                module.bias.normal_(0, 0.2, generator=generator)
    return network.eval()


@dataclass
class Subject:
    """A classifier and, made before it, the network as it was, in both precisions."""

    classifier: Classifier
    single: nn.Module
    double: nn.Module
    x: Tensor

    def normalised(self, x: Tensor) -> Tensor:
        mean = torch.tensor(card().mean, dtype=x.dtype).reshape(1, 3, 1, 1)
        std = torch.tensor(card().std, dtype=x.dtype).reshape(1, 3, 1, 1)
        return (x - mean) / std


_made: dict[str, Subject] = {}


def subject(name: str) -> Subject:
    if name not in _made:
        options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
        network = models.get_model(name, weights=None, num_classes=10, **options)
        network = randomised(network).requires_grad_(False)
        pristine = copy.deepcopy(network)
        x = torch.rand(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(1))
        double = copy.deepcopy(network).double()
        _made[name] = Subject(Classifier(network, card()), pristine, double, x)
    return _made[name]


def cosine(a: Tensor, b: Tensor) -> float:
    return float(functional.cosine_similarity(a.double().flatten(), b.double().flatten(), dim=0))


def first_class(logits: Tensor) -> Tensor:
    return logits[:, 3]


def some_layers(classifier: Classifier) -> list[str]:
    """Every kind of module, spread over the network."""
    rows = [
        row.name
        for row in classifier.facts.layers
        if len(row.output_shape) == 3 and not row.operation
    ]
    return sorted({rows[0], *rows[:: max(1, len(rows) // 12)], rows[-1]})


def split_name(classifier: Classifier, layer: str) -> tuple[str, int]:
    path, _, number = layer.partition("#")
    return path, int(number or 1)


def reference_features(
    network: nn.Module, x: Tensor, path: str, number: int
) -> tuple[Tensor, Tensor]:
    """(features in the graph, logits); what follows gets a copy, so nothing overwrites them."""
    seen: list[Tensor] = []

    def hook(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        seen.append(output.clone())
        return seen[-1].clone()

    handle = network.get_submodule(path).register_forward_hook(hook)
    logits = network(x)
    handle.remove()
    return seen[number - 1], logits


@pytest.mark.parametrize("name", NAMES)
def test_both_copies_give_the_logits_of_the_network(name: str) -> None:
    s = subject(name)
    with torch.no_grad():
        expected = s.double(s.normalised(s.x.double())).float()
        stock = s.classifier.stock(s.x)
    scale = float(expected.abs().max())
    assert torch.allclose(s.classifier.logits(s.x), expected, rtol=0, atol=1e-4 * scale)
    assert torch.allclose(stock, expected, rtol=0, atol=1e-4 * scale)


@pytest.mark.parametrize("name", WITH_NORM)
def test_norms_are_folded(name: str) -> None:
    classifier = subject(name).classifier
    assert classifier.facts.folded
    left = sum(isinstance(m, nn.BatchNorm2d) for m in classifier.fast.modules())
    all_norms = sum(isinstance(m, nn.BatchNorm2d) for m in classifier.stock.modules())
    # in DenseNet half of the norms, and the last, stand before their convolution
    assert left <= (all_norms // 2 + 2 if name == "densenet121" else 0)


@pytest.mark.parametrize("name", NAMES)
def test_pixel_gradient_agrees_with_float64(name: str) -> None:
    s = subject(name)
    leaf = s.x.double().requires_grad_()
    (expected,) = torch.autograd.grad(first_class(s.double(s.normalised(leaf))).sum(), leaf)
    gradient, logits = s.classifier.gradient(s.x, first_class)
    assert cosine(gradient, expected) >= 0.9999
    assert gradient.shape == s.x.shape and not logits.requires_grad


@pytest.mark.parametrize("name", NAMES)
def test_cut_agrees_with_plain_autograd(name: str) -> None:
    s = subject(name)
    for layer in some_layers(s.classifier):
        path, number = split_name(s.classifier, layer)
        network = s.double
        x = s.normalised(s.x.double()).requires_grad_()
        features, logits = reference_features(network, x, path, number)
        (expected,) = torch.autograd.grad(first_class(logits).sum(), features)
        cut = s.classifier.cut(s.x, layer)
        gradient = cut.gradient(first_class)
        scale = float(features.detach().abs().max())
        assert torch.allclose(cut.features.double(), features.detach(), rtol=0, atol=1e-4 * scale)
        assert torch.allclose(cut.logits.double(), logits.detach(), rtol=1e-3, atol=1e-4)
        if expected.abs().max() > 0:
            assert cosine(gradient, expected) >= 0.9999, layer
        assert gradient.shape == cut.features.shape


@pytest.mark.parametrize("name", NAMES)
def test_feature_maps_are_bit_equal_to_the_network(name: str) -> None:
    s = subject(name)
    layers = some_layers(s.classifier)
    found = s.classifier.feature_maps(s.x, layers)
    assert list(found) != [] and set(found) == set(layers)
    with torch.no_grad():
        for layer in layers:
            path, number = split_name(s.classifier, layer)
            expected, _ = reference_features(s.single, s.normalised(s.x), path, number)
            assert torch.equal(found[layer], expected), layer


def test_cut_keeps_the_graph_for_further_classes() -> None:
    s = subject("resnet18")
    cut = s.classifier.cut(s.x, "layer4")
    backwards = s.classifier.backwards
    first = cut.gradient(lambda logits: logits[:, 0])
    second = cut.gradient(lambda logits: logits[:, 1])
    assert not torch.equal(first, second)
    assert torch.equal(first, cut.gradient(lambda logits: logits[:, 0]))
    assert s.classifier.backwards == backwards + 3 * len(s.x)


def test_plain_name_of_a_repeated_module_is_its_last_run() -> None:
    classifier = subject("resnet18").classifier
    x = subject("resnet18").x
    names = ["layer1.0.relu", "layer1.0.relu#1", "layer1.0.relu#2"]
    maps = classifier.feature_maps(x, names)
    assert torch.equal(maps[names[0]], maps[names[2]])
    assert not torch.equal(maps[names[0]], maps[names[1]])
    assert torch.equal(classifier.cut(x, names[0]).features, classifier.cut(x, names[2]).features)


def test_feature_maps_stop_after_the_last_layer_needed() -> None:
    s = subject("resnet18")
    ran: list[bool] = []
    handle = s.classifier.module("layer2").register_forward_hook(lambda *_: ran.append(True))
    s.classifier.feature_maps(s.x, ["conv1", "layer1"])
    handle.remove()
    assert ran == []


def test_filters_are_those_of_training() -> None:
    s = subject("googlenet")
    weight, bias = s.classifier.filters("conv1.conv")
    assert weight is not None and bias is None
    assert torch.equal(weight, s.single.get_submodule("conv1.conv").weight)
    unit, _ = s.classifier.filters("conv1")
    assert unit is not None and torch.equal(unit, weight)
    assert s.classifier.filters("maxpool1") == (None, None)


def test_batch_invariance() -> None:
    s = subject("resnet18")
    together, _ = s.classifier.gradient(s.x, first_class)
    alone, _ = s.classifier.gradient(s.x[:1], first_class)
    batch, single = s.classifier.logits(s.x)[:1], s.classifier.logits(s.x[:1])
    assert torch.allclose(batch, single, rtol=0, atol=1e-5 * float(batch.abs().max()))
    assert float((together[:1] - alone).norm() / alone.norm()) < 1e-4


def test_counters_count_images() -> None:
    s = subject("squeezenet1_1")
    forwards, backwards = s.classifier.forwards, s.classifier.backwards
    s.classifier.logits(s.x)
    s.classifier.gradient(s.x, first_class)
    assert s.classifier.forwards == forwards + 4
    assert s.classifier.backwards == backwards + 2


class SkipsAround(nn.Module):
    """The convolution's output is read twice, so its norm must not be folded."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.dead = nn.Conv2d(3, 4, 1)
        self.unused = nn.Conv2d(3, 4, 1)
        self.fc = nn.Linear(4, 10)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.conv(x)
        self.dead(x)
        maps = functional.relu(self.norm(y), inplace=True) + y
        return self.fc(maps.mean((2, 3))), maps


@pytest.fixture
def odd() -> Classifier:
    return Classifier(randomised(SkipsAround()), card(16))


def test_output_that_is_read_twice_is_not_folded(odd: Classifier) -> None:
    assert not odd.facts.folded
    assert odd.logits(torch.zeros(1, 3, 16, 16)).shape == (1, 10)


def test_layer_errors_say_what_is_wrong(odd: Classifier) -> None:
    x = torch.zeros(1, 3, 16, 16)
    with pytest.raises(LayerError, match=r"no layer 'conv2'.*Did you mean.*conv"):
        odd.cut(x, "conv2")
    with pytest.raises(LayerError, match="does not depend"):
        odd.cut(x, "dead")
    with pytest.raises(LayerError, match="takes no part"):
        odd.feature_maps(x, ["unused"])


def test_tokens_are_refused_with_the_reason() -> None:
    network = models.VisionTransformer(16, 8, 1, 2, 8, 16, num_classes=10)
    classifier = Classifier(network, card(16))
    x = torch.zeros(1, 3, 16, 16)
    with pytest.raises(LayerError, match="sequence of tokens"):
        classifier.cut(x, "encoder")
    assert classifier.cut(x, "conv_proj").features.shape == (1, 8, 2, 2)


def test_maps_with_channels_at_the_end_are_turned() -> None:
    network = models.SwinTransformer([4, 4], 8, [2], [2], [7, 7], num_classes=10)
    classifier = Classifier(network, card(32))
    x = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    row = classifier.facts.layer("norm")
    assert row is not None and row.output_shape == (8, 8, 8)
    cut = classifier.cut(x, "norm")
    maps = classifier.feature_maps(x, ["permute"])["permute"]
    assert torch.allclose(cut.features, maps, rtol=0, atol=1e-4)
    after = classifier.cut(x, "permute")
    assert torch.equal(cut.gradient(first_class), after.gradient(first_class))


# What happens to the network when something goes wrong ------------------------------------------


@dataclass
class Counting:
    """Counts the checks, and cancels at one of them."""

    at: int = -1
    checks: int = field(default=0)

    def check(self) -> None:
        self.checks += 1
        if self.checks == self.at:
            raise Cancelled

    def step(self, done: int, total: int) -> None:
        self.check()

    def partial(self, value: object) -> None:
        pass


def state_of(classifier: Classifier) -> tuple[object, ...]:
    networks = (classifier.stock, classifier.fast)
    return (
        [tensor.sum().item() for n in networks for tensor in n.state_dict().values()],
        [parameter.grad for n in networks for parameter in n.parameters()],
        [parameter.requires_grad for n in networks for parameter in n.parameters()],
        [module.training for n in networks for module in n.modules()],
        [count_hooks(n) for n in networks],
        torch.get_rng_state().tolist(),
        torch.is_grad_enabled(),
    )


Job = Callable[[Classifier, Tensor, Counting], object]
JOBS: dict[str, Job] = {
    "logits": lambda c, x, ctx: c.logits(x, ctx),
    "gradient": lambda c, x, ctx: c.gradient(x, first_class, ctx),
    "cut": lambda c, x, ctx: c.cut(x, "layer1", ctx).gradient(first_class, ctx),
    "feature_maps": lambda c, x, ctx: c.feature_maps(x, ["layer2", "layer4"], ctx),
}


@pytest.mark.parametrize("job", JOBS)
def test_nothing_is_left_after_success_failure_and_cancel(job: str) -> None:
    s = subject("resnet18")
    run, before, x = JOBS[job], state_of(s.classifier), s.x.clone()
    counting = Counting()
    run(s.classifier, x, counting)
    assert state_of(s.classifier) == before
    with pytest.raises(RuntimeError):
        run(s.classifier, torch.zeros(1, 5, SIZE, SIZE), Counting())
    assert state_of(s.classifier) == before
    for at in {1, 2, counting.checks // 2, counting.checks}:
        with pytest.raises(Cancelled):
            run(s.classifier, x, Counting(at))
        assert state_of(s.classifier) == before
    assert torch.equal(x, s.x) and x.grad is None and not x.requires_grad


def test_failing_objective_leaves_nothing() -> None:
    s = subject("resnet18")
    before = state_of(s.classifier)
    for run in (s.classifier.gradient, lambda x, o: s.classifier.cut(x, "layer1").gradient(o)):
        with pytest.raises(IndexError):
            run(s.x, lambda logits: logits[:, 99])
        assert state_of(s.classifier) == before


def test_cancelled_then_rerun_equals_an_uninterrupted_run() -> None:
    s = subject("resnet18")
    expected, _ = s.classifier.gradient(s.x, first_class)
    with pytest.raises(Cancelled):
        s.classifier.gradient(s.x, first_class, Counting(30))
    again, _ = s.classifier.gradient(s.x, first_class)
    assert torch.equal(again, expected)


def test_a_pass_asks_at_every_convolution_forward_and_backward() -> None:
    network = models.resnet50(weights=None, num_classes=10)
    classifier = Classifier(network, card())
    layers = sum(isinstance(m, nn.Conv2d | nn.Linear) for m in network.modules())
    x = torch.zeros(1, 3, SIZE, SIZE)
    forward, both, head = Counting(), Counting(), Counting()
    classifier.logits(x, forward)
    classifier.gradient(x, first_class, both)
    cut = classifier.cut(x, "layer3", Counting())
    cut.gradient(first_class, head)
    assert forward.checks >= layers
    assert both.checks >= 2 * layers
    assert head.checks >= 10  # the ten convolutions of layer4


def test_making_the_fast_copy_can_be_cancelled() -> None:
    network = models.resnet18(weights=None, num_classes=10)
    classifier = Classifier(network, card())
    x = torch.full((1, 3, SIZE, SIZE), 0.3)
    with pytest.raises(Cancelled):
        classifier.logits(x, Counting(5))
    assert count_hooks(network) == 0
    assert torch.equal(classifier.logits(x), Classifier(network, card()).logits(x))


@pytest.mark.parametrize("name", ["resnet18", "alexnet", "shufflenet_v2_x0_5"])
def test_the_bytes_of_the_fast_copy_are_counted_before_it_is_made(name: str) -> None:
    classifier = Classifier(models.get_model(name, weights=None, num_classes=10), card())
    ahead = classifier.nbytes
    assert classifier.fast is not classifier.stock
    assert 0 <= classifier.nbytes - ahead < 100, "but for mean and standard deviation"


def test_a_blueprint_serves_every_network_of_the_architecture() -> None:
    first, second = (models.resnet18(weights=None, num_classes=10) for _ in range(2))
    drawn, x = Classifier(first, card()), torch.full((1, 3, SIZE, SIZE), 0.3)
    again, alone = Classifier(second, card(), known=drawn.blueprint), Classifier(second, card())
    assert again.facts == alone.facts == drawn.facts
    assert torch.equal(again.logits(x), alone.logits(x))
