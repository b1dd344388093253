"""The classes a channel pushes: the head's weights where that is exact, else the gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import LayerError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.layer_requests import ChannelClasses
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()


@pytest.fixture
def ask(session, network, picture):
    def ask(layer, channel=2, count=10):
        request = ChannelClasses(
            model=network, image=picture, layer=layer, channel=channel, count=count
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
