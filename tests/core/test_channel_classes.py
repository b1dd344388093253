"""The classes a channel pushes: the head's weights where that is exact, else the gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import LayerError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.layer_requests import ChannelClasses
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.request import ChannelEdit, ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()


@pytest.fixture
def ask(session, network, picture):
    def ask(layer, channel=2, count=10, edits=()):
        request = ChannelClasses(
            model=network, image=picture, layer=layer, channel=channel, count=count, edits=edits
        )
        return execute(request, session, QUIET)

    return ask


def amounts(result) -> dict[int, float]:
    return {push.index: push.amount for push in (*result.up, *result.down)}


@pytest.mark.parametrize("layer", ["last", "pool", "flat"])
def test_through_a_linear_head_they_are_its_weights(ask, raw_network, layer):
    result = ask(layer)
    assert result.how == "head"
    weight = raw_network(0).head.weight.detach()[:, 2]
    assert amounts(result) == pytest.approx(dict(enumerate(weight.tolist())), abs=1e-6)


@pytest.mark.parametrize("layer", ["stem", "norm", "act", "conv", "head"])
def test_elsewhere_they_are_the_gradient_at_the_picture(
    ask, small, session, network, picture, layer
):
    result = ask(layer)
    assert result.how == "gradient"
    cut = small.cut(session.input(network, picture), layer)
    found = amounts(result)
    for index in range(10):
        gradient = cut.gradient(lambda logits, index=index: logits[:, index])
        expected = float(gradient[0, 2].sum())
        assert found.get(index, 0.0) == pytest.approx(expected, abs=1e-4)
    assert count_hooks(small.stock) == count_hooks(small.fast) == 0


@pytest.mark.parametrize("layer", ["stem", "act", "conv", "last", "pool"])
def test_the_edits_in_force_are_part_of_it(ask, small, session, network, picture, layer):
    edits = (
        ChannelEdit(layer="conv", channel=2, factor=0.5),
        ChannelEdit(layer="flat", channel=2, factor=3.0),
        ChannelEdit(layer="flat", channel=5),
    )
    result = ask(layer, edits=edits)
    assert result.how == "gradient"  # an edit stands between the layer and the head
    with small.edited(edits):
        cut = small.cut(session.input(network, picture), layer)
    found = amounts(result)
    for index in range(10):
        gradient = cut.gradient(lambda logits, index=index: logits[:, index])
        assert found.get(index, 0.0) == pytest.approx(float(gradient[0, 2].sum()), abs=1e-4)
    assert amounts(ask(layer)) != found
    assert count_hooks(small.stock) == count_hooks(small.fast) == 0


def test_edits_before_the_layer_leave_the_weights_of_the_head_as_they_are(ask):
    edits = (ChannelEdit(layer="act", channel=1), ChannelEdit(layer="last", channel=2, factor=0.5))
    edited, plain = ask("last", edits=edits), ask("last")
    assert edited.how == plain.how == "head"
    assert amounts(edited) == amounts(plain)


class _Square(torch.autograd.Function):
    """Has a derivative in reverse mode only."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, gradient):
        return 2 * gradient * ctx.saved_tensors[0]


class _Nowhere(_Square):
    @staticmethod
    def backward(ctx, gradient):
        raise NotImplementedError("no derivative")


class _Odd(nn.Module):
    def __init__(self, middle) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=4)
        self.middle = middle
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        x = self.middle(self.stem(x).flatten(2).transpose(1, 2))
        return self.head((x[0] if isinstance(x, tuple) else x).mean(1))


class _Apply(nn.Module):
    def __init__(self, function) -> None:
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function.apply(x)


@pytest.mark.parametrize("middle", ["lstm", "function"])
def test_code_without_a_derivative_in_forward_mode_is_differentiated_backward(
    ask, make_classifier, monkeypatch, session, network, picture, middle
):
    torch.manual_seed(0)
    inside = nn.LSTM(8, 8, batch_first=True) if middle == "lstm" else _Apply(_Square)
    classifier = make_classifier(_Odd(inside))
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    result = ask("stem")
    assert result.how == "gradient"
    x, found = session.input(network, picture), amounts(result)
    tiny = 1e-3

    def moved(sign):
        def push(_module, _inputs, output):
            output = output.clone()
            output[:, 2] += sign * tiny
            return output

        handle = classifier.stock.network.stem.register_forward_hook(push)
        with torch.no_grad():
            logits = classifier.stock(x)[0]
        handle.remove()
        return logits

    speed = (moved(1) - moved(-1)) / (2 * tiny)
    for index in range(10):
        assert found.get(index, 0.0) == pytest.approx(float(speed[index]), abs=2e-3)


def test_what_has_no_derivative_at_all_is_said(ask, make_classifier, monkeypatch):
    classifier = make_classifier(_Odd(_Apply(_Nowhere)))
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    with pytest.raises(LayerError, match="No gradient passes from") as failure:
        ask("stem")
    assert failure.value.advice


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("resnet18:untrained", ["layer4", "avgpool"]),
        ("efficientnet_lite0", ["head", "pool", "dropout"]),
    ],
)
def test_before_a_linear_head_no_gradient_is_asked_for(name, layers, picture, monkeypatch):
    session = Session(device=torch.device("cpu"))
    model = ModelRef.parse(name)
    weight = session.classifier(model).stock.network
    weight = (weight.fc if name.startswith("resnet") else weight.classifier).weight.detach()
    monkeypatch.setattr(Classifier, "push", None)
    for layer in layers:
        request = ChannelClasses(model=model, image=picture, layer=layer, channel=7, count=1000)
        result = execute(request, session, QUIET)
        assert result.how == "head"
        found = amounts(result)
        expected = [found.get(index, 0.0) for index in range(1000)]
        torch.testing.assert_close(torch.tensor(expected), weight[:, 7])


def test_the_strongest_come_first_and_no_more_than_asked_for(ask):
    whole, few = ask("last"), ask("last", count=2)
    assert [push.amount for push in whole.up] == sorted((p.amount for p in whole.up), reverse=True)
    assert [push.amount for push in whole.down] == sorted(p.amount for p in whole.down)
    assert all(push.amount > 0 for push in whole.up)
    assert all(push.amount < 0 for push in whole.down)
    assert (few.up, few.down) == (whole.up[:2], whole.down[:2]) or amounts(few) == {
        push.index: push.amount for push in (*whole.up[:2], *whole.down[:2])
    }


@pytest.mark.parametrize("layer", ["features.12.2", "features.12", "avgpool", "classifier.1"])
def test_a_second_layer_of_the_classifier_is_no_linear_head(layer, picture):
    session = Session(device=torch.device("cpu"))
    model = ModelRef.parse("mobilenet_v3_small:untrained")
    request = ChannelClasses(model=model, image=picture, layer=layer, channel=0)
    result = execute(request, session, QUIET)
    assert result.how == ("head" if layer == "classifier.1" else "gradient")
    assert all(np.isfinite(push.amount) for push in result.up)


def test_attention_on_the_way_is_no_hindrance(picture):
    network = zoo.build(ModelRef.parse("vit_b_16:untrained"))
    x = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    pushed = network.push(x, "conv_proj", 5)[0, 3]
    gradient = network.cut(x, "conv_proj").gradient(lambda logits: logits[:, 3])
    assert float(pushed) == pytest.approx(float(gradient[0, 5].sum()), rel=1e-3, abs=1e-6)


def test_what_cannot_be_asked_is_refused(ask):
    with pytest.raises(LayerError, match="has no channel 16"):
        ask("last", channel=16)
    with pytest.raises(RequestError, match="0 classes cannot be listed"):
        ask("last", count=0)
