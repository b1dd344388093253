"""Modules given from Python: what is read out of them, what is refused, what stays untouched."""

from __future__ import annotations

import copy
import gc
import weakref
from collections import OrderedDict, namedtuple
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import MethodError, ModelError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import catalogue, given, imagenet, zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import ModelRef, OpenModel
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SIDE = 32
MEAN, STD = (0.1, 0.2, 0.3), (0.5, 0.6, 0.7)


class Net(nn.Module):
    """A small classifier whose answer can be dressed up."""

    def __init__(self, classes: int = 4, channels: int = 3, dress=lambda logits: logits) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.conv = nn.Conv2d(channels, 8, 3, stride=2)
            self.norm = nn.BatchNorm2d(8)
            self.act = nn.ReLU(inplace=True)
            self.drop = nn.Dropout(0.5)
            self.head = nn.Linear(8, classes)
        self.dress = dress

    def forward(self, x: Tensor) -> object:
        x = self.act(self.norm(self.conv(x)))
        return self.dress(self.head(self.drop(x.mean((2, 3)))))


@pytest.fixture(autouse=True)
def forgotten():
    yield
    given._given.clear()


def opened(module: object, **options) -> Classifier:
    return zoo.build(given.register(module, **{"input_size": SIDE} | options))


def plain(module: nn.Module, x: Tensor) -> object:
    mean, std = (torch.tensor(three).reshape(1, 3, 1, 1) for three in (MEAN, STD))
    with torch.no_grad():
        return copy.deepcopy(module).eval()((x - mean) / std)


@pytest.fixture
def x() -> Tensor:
    return torch.rand(3, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def test_logits_are_those_of_the_module(x):
    module = Net()
    network = opened(module, mean=MEAN, std=STD, labels=["a", "b", "c", "d"], title="Mine")
    torch.testing.assert_close(network.logits(x), plain(module, x))
    facts = network.facts
    assert (facts.title, facts.labels, facts.family) == (
        "Mine",
        ("a", "b", "c", "d"),
        "From Python",
    )
    assert [row.name for row in facts.layers] == [
        "conv",
        "norm",
        "act",
        "mean",
        "drop",
        "head",
    ]
    assert facts.recommended_layer == "act"
    assert facts.notes == ()
    assert facts.trained


def test_the_module_is_not_altered(x):
    module = Net().train()
    module.conv.weight.requires_grad_(False)
    module.head.weight.grad = torch.ones_like(module.head.weight)
    module.norm.momentum = 0.25
    calls: list[int] = []
    module.conv.register_forward_hook(lambda *_: calls.append(1))
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    hooks = {name: dict(part._forward_hooks) for name, part in module.named_modules()}
    modes = {name: part.training for name, part in module.named_modules()}
    wants = {name: parameter.requires_grad for name, parameter in module.named_parameters()}
    places = {name: parameter.data_ptr() for name, parameter in module.named_parameters()}
    state = torch.get_rng_state()
    network = opened(module)
    network.gradient(x, lambda logits: logits[:, 0])
    network.cut(x[:1], "act")
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())
    assert hooks == {name: dict(part._forward_hooks) for name, part in module.named_modules()}
    assert modes == {name: part.training for name, part in module.named_modules()}
    assert wants == {name: p.requires_grad for name, p in module.named_parameters()}
    assert places == {name: p.data_ptr() for name, p in module.named_parameters()}
    assert torch.equal(module.head.weight.grad, torch.ones_like(module.head.weight))
    assert module.act.inplace
    theirs = {tensor.data_ptr() for tensor in network.stock.parameters()}
    assert not theirs & set(places.values())
    assert any("hooks of its own" in note for note in network.facts.notes)


def test_what_is_done_to_the_module_later_is_not_seen(x):
    module = Net()
    network = opened(module)
    before = network.logits(x)
    with torch.no_grad():
        module.head.weight.zero_()
    assert torch.equal(network.logits(x), before)


def test_heat_maps_and_attacks_work(x, make_params):
    network = opened(Net(), mean=MEAN, std=STD)
    grad_cam = method("heatmap", "grad-cam")
    value = grad_cam.run(network, x[:1], 1, "act", make_params("heatmap", "grad-cam"), QUIET)
    assert value.map.shape == (SIDE, SIDE)
    parameters = make_params("attack", "pgd", epsilon=8.0)
    label = network.logits(x).argmax(1)
    found = method("attack", "pgd").run(network, x, label, None, parameters, QUIET)
    loss = nn.functional.cross_entropy
    assert loss(network.logits(found), label) > loss(network.logits(x), label)


# Class names


def test_a_thousand_classes_are_imagenets():
    assert opened(Net(1000)).facts.labels == imagenet.labels()


def test_other_classes_are_numbered():
    assert opened(Net(3)).facts.labels == ("0", "1", "2")


@pytest.mark.parametrize("labels", [["a"], list("abcde"), "abcd"])
def test_labels_that_do_not_fit_are_refused(labels):
    with pytest.raises(ModelError, match="label") as caught:
        opened(Net(), labels=labels)
    assert "one" in caught.value.advice.lower()
    assert not given.entries()


# What a network may return

Pair = namedtuple("Pair", "logits aux")


@pytest.mark.parametrize(
    "dress",
    [
        lambda z: (z, z * 2),
        lambda z: [z],
        lambda z: {"aux": z * 2, "logits": z},
        lambda z: OrderedDict(out=z, aux=z * 2),
        lambda z: {"prediction": z},
        lambda z: Pair(z, z * 2),
        lambda z: SimpleNamespace(loss=None, logits=z),
        lambda z: ((z, z * 2), z * 3),
    ],
)
def test_logits_among_other_values(dress, x):
    module = Net()
    network = opened(Net(dress=dress), mean=MEAN, std=STD)
    torch.testing.assert_close(network.logits(x), plain(module, x))
    assert any("several values" in note for note in network.facts.notes)


def test_probabilities_are_detected(x):
    module = Net()
    network = opened(Net(dress=lambda z: z.softmax(1)), mean=MEAN, std=STD)
    assert any("probabilities" in note for note in network.facts.notes)
    wanted = plain(module, x).softmax(1)
    torch.testing.assert_close(network.logits(x).softmax(1), wanted)
    own, _ = network.gradient(x, lambda logits: logits[:, 1] - logits[:, 0])
    theirs, _ = opened(module, mean=MEAN, std=STD).gradient(x, lambda z: z[:, 1] - z[:, 0])
    torch.testing.assert_close(own, theirs)


def test_logarithms_of_probabilities_are_logits(x):
    network = opened(Net(dress=lambda z: z.log_softmax(1)))
    assert network.facts.notes == ()


def test_a_probability_that_is_zero_gives_no_nan(x):
    network = opened(Net(dress=lambda z: (z * 1e4).softmax(1)))
    assert torch.isfinite(network.logits(x)).all()
    gradient, _ = network.gradient(x, lambda logits: logits[:, 0])
    assert torch.isfinite(gradient).all()


def test_independent_scores_are_detected(x):
    module = Net()
    network = opened(Net(dress=lambda z: z.sigmoid()), mean=MEAN, std=STD)
    assert any("log-odds" in note for note in network.facts.notes)
    torch.testing.assert_close(network.logits(x), plain(module, x), atol=1e-4, rtol=1e-4)


def test_logits_that_happen_to_lie_between_0_and_1_are_logits():
    network = opened(Net(dress=lambda z: z * 0 + 0.3))
    assert network.facts.notes == ()


@pytest.mark.parametrize("squeezed", [False, True])
def test_one_logit_is_two_classes(squeezed, x):
    module = Net(1)
    dress = (lambda z: z[:, 0]) if squeezed else (lambda z: z)
    network = opened(Net(1, dress=dress), mean=MEAN, std=STD, labels=["no", "yes"])
    assert network.facts.labels == ("no", "yes")
    assert any("two classes" in note for note in network.facts.notes)
    wanted = plain(module, x)[:, 0]
    torch.testing.assert_close(network.logits(x), torch.stack((wanted * 0, wanted), 1))
    torch.testing.assert_close(network.logits(x).softmax(1)[:, 1], wanted.sigmoid())


@pytest.mark.parametrize("squeezed", [False, True])
def test_one_probability_is_two_classes(squeezed, x):
    dress = (lambda z: z.sigmoid().squeeze(1)) if squeezed else torch.sigmoid
    network = opened(Net(1, dress=dress), mean=MEAN, std=STD)
    wanted = plain(Net(1), x)[:, 0].sigmoid()
    torch.testing.assert_close(network.logits(x).softmax(1)[:, 1], wanted, atol=1e-5, rtol=1e-5)


def test_maps_of_one_cell_are_logits(x):
    network = opened(Net(dress=lambda z: z[:, :, None, None]), mean=MEAN, std=STD)
    torch.testing.assert_close(network.logits(x), plain(Net(), x))


@pytest.mark.parametrize(
    ("dress", "sentence"),
    [
        (lambda z: None, "returns a value of type NoneType"),
        (lambda z: "dog", "returns a value of type str"),
        (lambda z: z.argmax(1), "whole numbers"),
        (lambda z: z[:, :, None, None].expand(-1, -1, 4, 4), "4 × 4 × 4 numbers"),
        (lambda z: z.mean(0), "4 numbers for 2 pictures"),
        (lambda z: z.sum(), "no numbers for 2 pictures"),
    ],
)
def test_what_is_no_classifier_is_refused(dress, sentence):
    with pytest.raises(ModelError, match=sentence) as caught:
        opened(Net(dress=dress))
    assert caught.value.advice
    assert not given.entries()


# What a network may do


def raising(error: BaseException):
    def dress(z: Tensor) -> Tensor:
        raise error

    return dress


@pytest.mark.parametrize("error", [ValueError("a wrong value\nmore"), KeyError("x"), OSError()])
def test_a_forward_that_raises_is_told(error):
    with pytest.raises(ModelError, match="cannot take a picture of 3 × 32 × 32") as caught:
        opened(Net(dress=raising(error)))
    assert type(error).__name__ in caught.value.advice
    assert "more" not in caught.value.advice


def test_a_wrong_size_is_told():
    flat = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 30 * 30, 3))
    assert opened(flat).facts.input_size == SIDE
    with pytest.raises(ModelError, match="cannot take a picture of 3 × 64 × 64"):
        opened(flat, input_size=64)


@pytest.mark.parametrize("size", [0, -1, 7, 100_000])
def test_a_senseless_size_is_refused(size):
    with pytest.raises(ModelError, match="cannot be shown"):
        opened(Net(), input_size=size)


@pytest.mark.parametrize(
    "thing", [None, 3, "resnet18", nn.Module, {"state": 1}, Net().state_dict()]
)
def test_what_is_no_module_is_refused(thing):
    with pytest.raises(ModelError, match="of type"):
        opened(thing)


def test_torchscript_is_refused():
    with pytest.raises(ModelError, match="TorchScript"):
        opened(torch.jit.trace(Net().eval(), torch.zeros(1, 3, SIDE, SIDE)))


def test_a_module_that_cannot_be_copied_is_told():
    module = Net()
    module.kept = module.head.weight * 2  # no leaf of the graph
    with pytest.raises(ModelError, match="cannot be copied"):
        opened(module)


def test_chance_is_noted():
    network = opened(Net(dress=lambda z: z + torch.rand_like(z)))
    assert any("random" in note for note in network.facts.notes)


def test_what_is_no_number_is_noted():
    network = opened(Net(dress=lambda z: z * torch.nan))
    assert any("not numbers" in note for note in network.facts.notes)


def test_without_a_gradient_predictions_remain(x):
    network = opened(Net(dress=lambda z: z.detach()), mean=MEAN, std=STD)
    assert any("No gradient" in note for note in network.facts.notes)
    torch.testing.assert_close(network.logits(x), plain(Net(), x))
    with pytest.raises(MethodError, match="No gradient passes"):
        network.gradient(x, lambda logits: logits[:, 0])


class Looking(nn.Module):
    """Decides by the values it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.other = Net(), Net()

    def forward(self, x: Tensor) -> object:
        return self.one(x) if float(x.mean()) > -1e9 else self.other(x)


def test_a_network_that_looks_at_values_has_its_layers(x):
    network = opened(Looking())
    assert network.facts.recommended_layer
    assert network.facts.layer("one.conv").output_shape == (8, 15, 15)
    assert network.facts.layer("other.conv") is None
    assert network.feature_maps(x, ["one.act"])["one.act"].shape == (3, 8, 15, 15)


Named = namedtuple("Named", "maps rest")


class Pairing(nn.Module):
    """A part that gives more than its maps."""

    def __init__(self, dress) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.dress = dress

    def forward(self, x: Tensor) -> object:
        return self.dress(self.conv(x).relu())


class Paired(nn.Module):
    def __init__(self, dress, take) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.part = Pairing(dress)
            self.head = nn.Linear(4, 3)
        self.take = take

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.take(self.part(x)).mean((2, 3)))


@pytest.mark.parametrize(
    ("dress", "take"),
    [
        (lambda y: (y, None), lambda out: out[0]),
        (lambda y: [y, y + 1], lambda out: out[0]),
        (lambda y: Named(y, 3), lambda out: out.maps),
        (lambda y: {"maps": y, "rest": y + 1}, lambda out: out["maps"]),
        (lambda y: OrderedDict(maps=y), lambda out: out["maps"]),
    ],
)
def test_a_layer_that_gives_several_values_is_cut_at_the_first(dress, take, x, make_params):
    plainly = opened(Paired(lambda y: y, lambda out: out))
    network = opened(Paired(dress, take))
    parameters = make_params("heatmap", "grad-cam")
    run = method("heatmap", "grad-cam").run
    ours, theirs = (run(one, x[:1], 1, "part", parameters, QUIET).map for one in (network, plainly))
    torch.testing.assert_close(ours, theirs)
    assert network.facts.layer("part").output_shape == (4, 30, 30)
    assert network.feature_maps(x, ["part"])["part"].shape == (3, 4, 30, 30)


class Alone(Net):
    """Takes one picture at a time."""

    def forward(self, x: Tensor) -> object:
        assert len(x) == 1
        return super().forward(x)


def test_one_picture_at_a_time(x):
    network = opened(Alone(), mean=MEAN, std=STD)
    torch.testing.assert_close(network.logits(x), plain(Net(), x))
    assert network.facts.layer("network.conv") is not None


@pytest.mark.parametrize("whole", [False, True])
def test_an_exported_program_has_layers_and_its_module_has_none(whole, x):
    module = Net().eval()
    program = torch.export.export(module, (torch.zeros(1, 3, SIDE, SIDE),))
    network = opened(program.module() if whole else program, mean=MEAN, std=STD)
    torch.testing.assert_close(network.logits(x), plain(module, x))
    assert network.facts.hooks != whole
    assert bool(network.facts.layers) != whole
    assert ("one piece" in method("heatmap", "grad-cam").needs(network.facts)) == whole
    assert method("heatmap", "saliency").needs(network.facts) == ""
    gradient, _ = network.gradient(x, lambda logits: logits[:, 0])
    theirs, _ = opened(module, mean=MEAN, std=STD).gradient(x, lambda logits: logits[:, 0])
    torch.testing.assert_close(gradient, theirs)


def test_a_program_that_no_file_may_hold_is_shown_in_one_piece(x):
    program = torch.export.export(
        Net(dress=lambda z: z + torch.bernoulli(z * 0 + 0.5)).eval(),
        (torch.zeros(1, 3, SIDE, SIDE),),
    )
    facts = opened(program).facts
    assert not facts.hooks
    assert any("random" in note for note in facts.notes)


@pytest.mark.parametrize("wrap", [nn.DataParallel, torch.compile])
def test_what_is_wrapped_is_shown(wrap):
    facts = opened(wrap(Net())).facts
    assert facts.title == "Net"
    assert facts.layers[0].name == "conv"


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels_are_those_of_the_first_convolution(channels, x):
    network = opened(Net(channels=channels))
    assert network.facts.channels == channels
    assert network.logits(x).shape == (3, 4)


def test_other_channels_are_refused():
    with pytest.raises(ModelError, match="2 channels"):
        opened(Net(channels=2))
    with pytest.raises(ModelError, match="5 channels"):
        opened(nn.Sequential(nn.Flatten(), nn.Linear(3072, 3)), channels=5)


def test_grey_has_one_mean():
    facts = opened(Net(channels=1), mean=[0.5], std=[0.25]).facts
    assert (facts.mean, facts.std) == ((0.5,) * 3, (0.25,) * 3)


@pytest.mark.parametrize(
    "wrong", [{"mean": (1, 2)}, {"std": (1, 0, 1)}, {"std": (1, -1, 1)}, {"mean": (float("nan"),)}]
)
def test_what_is_no_normalisation_is_refused(wrong):
    with pytest.raises(ModelError, match="no normalisation"):
        opened(Net(), **wrong)


def test_how_pictures_are_cut():
    assert opened(Net()).facts.resize_size == SIDE
    assert opened(Net(), input_size=224).facts.resize_size == 256
    assert opened(Net(), input_size=224, resize_size=224).facts.resize_size == 224


@pytest.mark.parametrize("kind", [torch.float16, torch.float64, torch.bfloat16])
def test_other_precisions_are_computed_in_float32(kind, x):
    assert opened(Net().to(kind)).logits(x).dtype == torch.float32


# The registry


def test_a_given_module_is_in_the_catalogue_while_it_is_shown():
    ref = given.register(Net(), input_size=SIDE, title="Mine")
    first = catalogue.entries()[0]
    assert (first.name, first.title, first.weights, first.classes) == (ref.name, "Mine", "here", 4)
    given.forget(ref)
    assert catalogue.entries()[0].name == "efficientnet_lite0"


def test_each_has_a_name_of_its_own():
    refs = [given.register(Net(), input_size=SIDE) for _ in range(2)]
    assert refs[0] != refs[1]
    assert all(ref.given for ref in refs)
    assert not ModelRef(name="resnet18").given


def test_a_request_about_it_cannot_be_replayed_elsewhere():
    request = from_json(OpenModel(model=given.register(Net(), input_size=SIDE)).to_json())
    session = Session(device=torch.device("cpu"))
    assert execute(request, session, QUIET).facts.title == "Net"
    given.forget(request.model)
    with pytest.raises(ModelError, match="shown from Python") as caught:
        execute(request, Session(device=torch.device("cpu")), QUIET)
    assert "Show it again" in caught.value.advice


def test_nothing_is_kept_of_a_forgotten_module():
    ref = given.register(Net(), input_size=SIDE)
    network = weakref.ref(given._given[ref.name].network)
    given.forget(ref)
    gc.collect()
    assert network() is None
