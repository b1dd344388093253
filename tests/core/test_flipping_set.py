"""Sets of channels that flip the label: verified by silencing, none of them needless, honest."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, LayerError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.layer_requests import FlippingSet
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.request import ChannelEdit, Predict

QUIET = NullContext()


@pytest.fixture
def request_(network, picture):
    return FlippingSet(model=network, image=picture, layer="last")


@pytest.fixture
def winner(session, network, picture):
    def winner(channels, layer="last", edits=()):
        silenced = tuple(ChannelEdit(layer=layer, channel=channel) for channel in channels)
        asked = Predict(model=network, image=picture, edits=(*edits, *silenced))
        return execute(asked, session, QUIET).scores[0].index

    return winner


def use(network, make_classifier, monkeypatch):
    classifier = make_classifier(network)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    return classifier


@pytest.mark.parametrize("layer", ["stem", "act", "conv", "last", "flat"])
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_set_flips_and_none_of_it_can_be_left_out(
    session, request_, winner, raw_network, make_classifier, monkeypatch, layer, seed
):
    use(raw_network(seed), make_classifier, monkeypatch)
    result = execute(dataclasses.replace(request_, layer=layer), session, QUIET)
    before = winner(())
    assert result.before[0].index == before
    if not result.found:
        assert result.channels == () and result.tried > 0
        return
    assert winner(result.channels, layer) == result.after[0].index != before
    for channel in result.channels:
        fewer = tuple(other for other in result.channels if other != channel)
        assert not fewer or winner(fewer, layer) == before


def test_one_channel_that_is_enough_is_found_alone(
    session, request_, raw_network, make_classifier, monkeypatch
):
    """The winner lives on one channel; the others hold another class up."""
    network = raw_network(0)
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.zero_()
        network.conv.bias.fill_(20)  # so that no channel is silent
        network.head.weight[4, 5] = 10
        network.head.weight[4, 3] = 1
        network.head.weight[6, 3] = 2
    use(network, make_classifier, monkeypatch)
    result = execute(request_, session, QUIET)
    assert (result.channels, result.tried) == ((5,), 1)
    assert (result.before[0].index, result.after[0].index) == (4, 6)


def test_that_there_is_no_set_is_said(session, request_, raw_network, make_classifier, monkeypatch):
    network = raw_network(0)
    with torch.no_grad():
        network.head.weight.mul_(0.001)
        network.head.bias[7] = 100
    use(network, make_classifier, monkeypatch)
    result = execute(request_, session, QUIET)
    assert not result.found and result.channels == ()
    assert result.after[0].index == result.before[0].index == 7
    assert result.tried >= 1


def test_the_edits_in_force_are_part_of_it(session, request_, winner):
    edits = (ChannelEdit(layer="stem", channel=0), ChannelEdit(layer="act", channel=3, factor=1.5))
    result = execute(dataclasses.replace(request_, edits=edits), session, QUIET)
    assert result.before[0].index == winner((), edits=edits)
    if result.found:
        assert winner(result.channels, edits=edits) == result.after[0].index


def test_it_streams_and_is_cancelled_without_a_trace(session, small, request_, recorder):
    ctx = recorder()
    result = execute(request_, session, ctx)
    assert all(part.layer == "last" for part in ctx.partials)
    own = [done for done, total in ctx.steps if total == 100_000]  # the others read the picture
    assert own and own == sorted(own)
    with pytest.raises(Cancelled):
        execute(request_, session, recorder(cancel_at=ctx.checks // 2))
    assert count_hooks(small.stock) == count_hooks(small.fast) == 0
    again = execute(request_, session, QUIET)
    assert again.channels == result.channels


def test_a_layer_that_does_not_exist_is_refused(session, request_):
    with pytest.raises(LayerError):
        execute(dataclasses.replace(request_, layer="nowhere"), session, QUIET)
