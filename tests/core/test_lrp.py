"""Relevance: each rule against a dense computation, conservation, and what has no rule."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.contrast import about
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.lrp import LrpParams, lrp, needs_rules
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.embedded import SameConv2d
from cnnviz_gui.core.request import ChannelEdit, Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SIDE = 9
RULES = ("z-plus", "alpha-beta", "gamma", "epsilon")
Make = Callable[..., Classifier]


def run(classifier: Classifier, x: Tensor, target: int = 3, **given) -> HeatmapValue:
    return lrp(classifier, x, target, "", LrpParams(**given), QUIET)


def logit(classifier: Classifier, x: Tensor, target: int = 3) -> float:
    return float(classifier.logits(x)[0, target])


def picture(side: int = SIDE) -> Tensor:
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))


def chain(bias: bool = True) -> nn.Sequential:
    """Two convolutions, the second of inputs of both signs, a pool of each kind, two linear."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 5, 3, stride=2, padding=1, bias=bias),
        nn.Conv2d(5, 6, 3, padding=1, bias=bias),
        nn.ReLU(),
        nn.MaxPool2d(2, padding=1),
        nn.Conv2d(6, 8, 2, bias=bias),
        nn.ReLU6(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(8, 7, bias=bias),
        nn.ReLU(),
        nn.Linear(7, 10, bias=bias),
    )


# The dense computation: every layer a matrix in float64, relevance passed on by its definition.


def matrix(module: nn.Module, shape: torch.Size) -> Tensor:
    """The layer without its bias as a matrix (outputs, inputs)."""
    eye = torch.eye(shape[1:].numel(), dtype=torch.float64).reshape(-1, *shape[1:])
    plain = {k: v.double() for k, v in module.state_dict().items() if k != "bias"}
    zero = (
        {"bias": torch.zeros_like(module.bias).double()}
        if "bias" in module._parameters and (module.bias is not None)
        else {}
    )
    return torch.func.functional_call(module, plain | zero, (eye,)).flatten(1).T


def shared_out(
    rule: str, w: Tensor, a: Tensor, bias: Tensor, r: Tensor, params: LrpParams
) -> Tensor:
    """Relevance of each input, by loops over the outputs."""
    total = torch.zeros_like(a)
    size = float(((w @ a + bias) ** 2).mean().sqrt()) * params.stabiliser
    for k in range(len(r)):
        parts = w[k] * a
        z = float(parts.sum() + bias[k])
        if float(r[k]) == 0:
            continue
        sign = 1 if z >= 0 else -1
        own, against = (sign * parts).clamp_min(0), (sign * parts).clamp_max(0)
        if rule == "z-plus":
            total += r[k] * own / own.sum()
        elif rule == "alpha-beta":
            if float(against.sum()) == 0:
                total += r[k] * own / own.sum()
            else:
                total += r[k] * (2 * own / own.sum() - against / against.sum())
        elif rule == "gamma":
            below = z + sign * params.gamma * float(own.sum())
            total += r[k] * (parts + sign * params.gamma * own) / below
        else:
            total += r[k] * parts / (z + sign * size)
    return total


def dense(classifier: Classifier, x: Tensor, target: int, params: LrpParams) -> Tensor:
    pixel = classifier.stock
    a = (x.double() - pixel.mean.double()) / pixel.std.double()
    low = ((0 - pixel.mean.double()) / pixel.std.double()).expand_as(a).flatten()
    high = ((1 - pixel.mean.double()) / pixel.std.double()).expand_as(a).flatten()
    steps = []
    for module in pixel.network:
        steps.append((module, a))
        state = {k: v.double() for k, v in module.state_dict().items()}
        a = torch.func.functional_call(module, state, (a,))
    r = torch.zeros_like(a[0])
    r[target] = a[0, target]
    for number, (module, given) in reversed(list(enumerate(steps))):
        values = given.flatten()
        if isinstance(module, nn.Conv2d | nn.Linear):
            w, count = matrix(module, given.shape), module(given.float()).numel()
            bias = torch.zeros(count, dtype=torch.float64)
            if module.bias is not None:
                bias = module.bias.double().repeat_interleave(count // len(module.bias))
            rule = "epsilon" if isinstance(module, nn.Linear) else params.rule
            if number == 0 and params.pixels == "box":
                moved = torch.zeros_like(values)
                for k in range(len(r)):
                    parts = w[k] * values - w[k].clamp_min(0) * low - w[k].clamp_max(0) * high
                    moved += r[k] * parts / parts.sum() if float(r[k]) else 0
                r = moved
            else:
                r = shared_out(rule, w, values, bias, r, params)
        elif isinstance(module, nn.AdaptiveAvgPool2d):
            w = matrix(module, given.shape)
            r = shared_out("epsilon", w, values, torch.zeros(len(w)), r, LrpParams())
        elif isinstance(module, nn.MaxPool2d):
            _, where = functional.max_pool2d(given, 2, padding=1, return_indices=True)
            moved = torch.zeros_like(given)
            for channel in range(given.shape[1]):
                taken = where[0, channel].flatten()
                part = r.reshape(where[0].shape)[channel].flatten()
                moved[0, channel].view(-1).index_add_(0, taken, part)
            r = moved.flatten()
    return r.reshape(x.shape[1:]).sum(0)


@pytest.mark.parametrize("pixels", ["box", "same"])
@pytest.mark.parametrize("rule", RULES)
def test_it_is_the_dense_computation(make_classifier: Make, rule: str, pixels: str) -> None:
    classifier, x = make_classifier(chain(), SIDE), picture()
    for target in (0, 3):
        given = LrpParams(rule=rule, pixels=pixels)
        expected = dense(classifier, x, target, given)
        found = lrp(classifier, x, target, "", given, QUIET).map
        assert float((found - expected).abs().max()) <= 1e-4 * float(expected.abs().max())


def test_the_stabiliser_is_a_share_of_the_root_mean_square(make_classifier: Make) -> None:
    classifier, x = make_classifier(chain(), SIDE), picture()
    given = LrpParams(rule="epsilon", stabiliser=0.3)
    expected = dense(classifier, x, 3, given)
    found = run(classifier, x, rule="epsilon", stabiliser=0.3)
    assert float((found.map - expected).abs().max()) <= 1e-4 * float(expected.abs().max())
    assert "biases and the stabiliser" in found.notes[0]
    whole = run(classifier, x, rule="epsilon").map.abs().sum()
    assert float(found.map.abs().sum()) < float(whole)


class Joined(nn.Module):
    """A sum that overwrites, two branches side by side, functional ReLUs, padding of its own."""

    def __init__(self, act: nn.Module | None = None) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem = SameConv2d(3, 6, 3, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(6, affine=False)
        self.one = nn.Conv2d(6, 6, 3, padding=1, bias=False)
        self.left, self.right = nn.Conv2d(6, 4, 1, bias=False), nn.Conv2d(6, 5, 3, bias=False)
        self.act = act or nn.ReLU()
        self.fc = nn.Linear(9, 10, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.norm(self.stem(x)))
        out = self.one(x)
        out += x
        out = functional.relu(out, inplace=True)
        left, right = self.left(out).relu(), functional.relu_(self.right(out))
        joined = torch.cat((left[:, :, 1:-1, 1:-1], right), 1)
        return self.fc(functional.avg_pool2d(joined, joined.shape[-2:]).flatten(1))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("pixels", ["box", "same"])
@pytest.mark.parametrize("network", [lambda: chain(bias=False), Joined], ids=["chain", "joined"])
def test_without_biases_it_adds_up_to_the_logit(
    make_classifier: Make, network: Callable[[], nn.Module], rule: str, pixels: str
) -> None:
    side = 12
    classifier, x = make_classifier(network(), side), picture(side)
    assert needs_rules(classifier.facts) == ""
    for target in (0, 3):
        found = run(classifier, x, target, rule=rule, pixels=pixels)
        size = float(found.map.abs().sum())
        assert abs(float(found.map.sum()) - logit(classifier, x, target)) <= 1e-4 * size


def test_what_a_clipped_relu_cuts_off_is_not_lost(make_classifier: Make) -> None:
    network = Joined(nn.ReLU6())
    with torch.no_grad():
        network.stem.weight.mul_(40)
    classifier, x = make_classifier(network, 12), picture(12)
    assert float(classifier.feature_maps(x, ["act"])["act"].max()) == 6
    found = run(classifier, x, rule="epsilon")
    size = float(found.map.abs().sum())
    assert abs(float(found.map.sum()) - logit(classifier, x)) <= 1e-4 * size


def test_a_norm_that_is_not_folded_counts_as_a_product(make_classifier: Make) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 5, 3, bias=False),
        nn.ReLU(),
        nn.BatchNorm2d(5, affine=False),
        nn.Conv2d(5, 5, 1, bias=False),
        nn.Flatten(),
        nn.Linear(5 * 49, 10, bias=False),
    )
    network[2].running_var.uniform_(0.5, 2)
    classifier, x = make_classifier(network, SIDE), picture()
    assert not classifier.facts.folded
    found = run(classifier, x, rule="epsilon")
    size = float(found.map.abs().sum())
    assert abs(float(found.map.sum()) - logit(classifier, x)) <= 1e-4 * size


def test_a_network_that_reads_grey_shares_it_among_the_colours() -> None:
    """With the figure: biases of the linear layers keep some."""
    classifier = zoo.build(ModelRef(name="lenet5"))
    x = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0)).repeat(1, 3, 1, 1)
    found = run(classifier, x, 4)
    value = logit(classifier, x, 4)
    kept = value - float(found.map.sum())
    last = float(classifier.module("output").bias[4])
    given = classifier.feature_maps(x, ["f6"])["f6"][0]
    weight = classifier.module("output").weight[4]
    through = float((given.relu() / given * weight * classifier.module("f6").bias).nansum())
    assert kept == pytest.approx(last + through, abs=1e-3 * abs(value))


def test_a_scaled_channel_hands_on_all_it_has(
    make_classifier: Make, picture: ImageRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_classifier(Joined())
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: made)
    session, model = Session(device=torch.device("cpu")), ModelRef(name="small")
    asked = Heatmap(
        model=model,
        image=picture,
        method="lrp",
        parameters=LrpParams(),
        target=2,
        edits=(
            ChannelEdit(layer="act", channel=1, factor=0.5),
            ChannelEdit(layer="one", channel=2, factor=0.0),
        ),
    )
    found = execute(asked, session, QUIET)
    assert float(found.map.sum()) == pytest.approx(found.target.logit, rel=1e-3)


@pytest.mark.parametrize("rule", RULES)
def test_one_class_against_another_is_the_difference(make_classifier: Make, rule: str) -> None:
    """All rules are linear in the relevance that is handed back."""
    classifier, x = make_classifier(chain(), SIDE), picture()
    one, other = (run(classifier, x, target, rule=rule).map for target in (3, 5))
    network, target = about(classifier, 3, 5)
    found = lrp(network, x, target, "", LrpParams(rule=rule), QUIET).map
    assert float((found - (one - other)).abs().max()) <= 1e-4 * float(one.abs().max())


def test_it_says_how_far_it_adds_up(make_classifier: Make) -> None:
    found = run(make_classifier(chain(), SIDE), picture())
    (note,) = found.notes
    assert note.startswith("It adds up to ") and note.endswith("was kept by biases.")
    assert found.signed
    whole = run(make_classifier(chain(bias=False), SIDE), picture())
    assert whole.notes[0].endswith(", the score.")


class Gated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.gate, self.fc = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1), nn.Linear(4, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x).relu()
        return self.fc((x * self.gate(x).relu()).mean((2, 3)))


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.fc = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3), nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(torch.cat((self.one(x).relu(), self.two(x).relu()), 1).mean((2, 3)))


class ReLU(nn.ReLU):
    """What it does is not what it is called."""

    def forward(self, x: Tensor) -> Tensor:
        return x.tanh()


def ending(*between: nn.Module) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), *between, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 10)
    )


@pytest.mark.parametrize(
    ("network", "why"),
    [
        (ending(nn.SiLU()), "'1', of type SiLU"),
        (ending(ReLU()), "computes tanh"),
        (ending(nn.Hardtanh()), "'1', of type Hardtanh"),
        (ending(nn.GroupNorm(2, 4), nn.ReLU()), "'1', of type GroupNorm"),
        (Gated(), "'mul', of type mul"),
        (Twice(), "gives it to 'one' and 'two'"),
        (nn.Sequential(nn.AvgPool2d(2), *ending(nn.ReLU())), "gives it to '0'"),
    ],
)
def test_what_has_no_rule_is_refused(make_classifier: Make, network: nn.Module, why: str) -> None:
    reason = needs_rules(make_classifier(network).facts)
    assert why in reason and reason.endswith(".")
