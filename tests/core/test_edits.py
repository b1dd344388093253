"""Edited channels: what they mean, in both copies of a network, and that nothing of them stays."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.edits import effective
from cnnviz_gui.core.errors import Cancelled, LayerError, ParameterError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.request import ChannelEdit, Heatmap, HeatmapLayers, InspectLayer, Predict

QUIET = NullContext()


def scaled(network, layer: str, channel: int, factor: float):
    """Return the network with the same edit written into its weights."""
    with torch.no_grad():
        if layer in ("stem", "norm", "conv", "head"):
            module = network.get_submodule(layer)
            module.weight[channel] *= factor
            module.bias[channel] *= factor
        else:
            reader = network.conv if layer == "act" else network.head
            reader.weight[:, channel] *= factor
    return network


@pytest.fixture
def predict(network, picture):
    return Predict(model=network, image=picture, top=10)


@pytest.fixture
def heatmap(network, picture, make_params):
    parameters = make_params("heatmap", "grad-cam")
    return Heatmap(
        model=network,
        image=picture,
        method="grad-cam",
        parameters=parameters,
        target=3,
        layer="conv",
    )


@pytest.mark.parametrize("factor", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("layer", ["stem", "norm", "act", "conv", "last", "pool", "flat", "head"])
def test_an_edit_is_what_the_same_change_of_weights_is(
    small, make_classifier, raw_network, batch, layer, factor
):
    expected = make_classifier(scaled(raw_network(0), layer, 2, factor)).stock(batch)
    edits = [ChannelEdit(layer=layer, channel=2, factor=factor)]
    assert small.facts.folded
    with small.edited(edits):
        torch.testing.assert_close(small.logits(batch), expected, atol=1e-4, rtol=1e-4)
    with torch.no_grad(), small.edited(edits):
        torch.testing.assert_close(small.stock(batch), expected, atol=1e-4, rtol=1e-4)


def test_the_gradient_is_that_of_the_edited_network(small, make_classifier, raw_network, batch):
    altered = make_classifier(scaled(raw_network(0), "stem", 2, 0.0))
    expected, _ = altered.gradient(batch, lambda logits: logits[:, 3])
    with small.edited([ChannelEdit(layer="stem", channel=2)]):
        gradient, _ = small.gradient(batch, lambda logits: logits[:, 3])
    torch.testing.assert_close(gradient, expected, atol=1e-4, rtol=1e-4)


def test_several_channels_are_edited_together(small, make_classifier, raw_network, batch):
    network = scaled(scaled(raw_network(0), "stem", 2, 0.0), "stem", 5, 0.0)
    expected = make_classifier(scaled(network, "act", 1, 2.0)).stock(batch)
    edits = [
        ChannelEdit(layer="stem", channel=2),
        ChannelEdit(layer="act", channel=1, factor=2.0),
        ChannelEdit(layer="stem", channel=5),
    ]
    with small.edited(edits):
        torch.testing.assert_close(small.logits(batch), expected, atol=1e-4, rtol=1e-4)


def test_edits_that_do_nothing_are_left_out_and_their_order_is_no_matter():
    first = ChannelEdit(layer="a", channel=2, factor=0.5)
    second = ChannelEdit(layer="a", channel=1, factor=1.0)
    third = ChannelEdit(layer="a", channel=0)
    assert effective([first, second, third]) == (third, first)
    assert effective([first, first]) == (dataclasses.replace(first, factor=0.25),)


def test_the_prediction_tells_both_what_is_and_what_was(session, predict):
    clean = execute(predict, session, QUIET).scores
    edits = (ChannelEdit(layer="last", channel=2), ChannelEdit(layer="last", channel=7))
    edited = execute(dataclasses.replace(predict, edits=edits), session, QUIET)
    assert edited.before == clean
    assert {s.index for s in edited.scores} == {s.index for s in clean}
    assert edited.scores != clean
    assert execute(predict, session, QUIET).scores == clean


def test_the_winner_of_before_is_always_told(session, predict):
    clean = execute(predict, session, QUIET).scores
    edits = (ChannelEdit(layer="head", channel=clean[0].index, factor=-1.0),)
    edited = execute(dataclasses.replace(predict, top=2, edits=edits), session, QUIET)
    assert [score.index for score in edited.scores][-1] == clean[0].index
    assert len(edited.scores) == 3


def test_maps_after_an_edited_layer_react_and_those_before_do_not(session, network, picture):
    edits = (ChannelEdit(layer="act", channel=2),)

    def maps(layer, edits=()):
        request = InspectLayer(model=network, image=picture, layer=layer, edits=edits)
        return execute(request, session, QUIET).maps

    np.testing.assert_array_equal(maps("norm", edits), maps("norm"))
    assert not maps("act", edits)[2].any()
    assert not np.array_equal(maps("conv", edits), maps("conv"))


@pytest.mark.parametrize(
    "method", ["grad-cam", "saliency", "guided-backprop", "smoothgrad", "integrated-gradients"]
)
def test_a_heat_map_is_that_of_the_edited_network(
    session, heatmap, make_params, make_classifier, raw_network, monkeypatch, method
):
    plain = dataclasses.replace(heatmap, method=method, parameters=make_params("heatmap", method))
    edited = dataclasses.replace(plain, edits=(ChannelEdit(layer="stem", channel=2),))
    before = execute(plain, session, QUIET).map
    found = execute(edited, session, QUIET).map
    after = execute(plain, session, QUIET).map
    altered = make_classifier(scaled(raw_network(0), "stem", 2, 0.0))
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: altered)
    expected = execute(plain, type(session)(device=torch.device("cpu")), QUIET).map
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_array_equal(after, before)
    assert not np.allclose(found, before, atol=1e-3)


def test_the_maps_of_all_layers_are_edited_too(session, heatmap):
    edited = dataclasses.replace(heatmap, edits=(ChannelEdit(layer="stem", channel=2),))
    strip = execute(HeatmapLayers(heatmap=edited, layers=("act", "conv")), session, QUIET)
    for made in strip.maps:
        alone = dataclasses.replace(edited, layer=made.layer)
        np.testing.assert_array_equal(made.coarse, execute(alone, session, QUIET).coarse)


def test_nothing_stays_when_the_job_is_cancelled(session, small, predict, recorder):
    edits = (ChannelEdit(layer="stem", channel=2),)
    asked = dataclasses.replace(predict, edits=edits)
    clean = execute(predict, session, QUIET).scores
    session.forget_results()
    whole = recorder()
    execute(asked, session, whole)
    for check in range(1, whole.checks + 1):
        session.forget_results()
        with pytest.raises(Cancelled):
            execute(asked, session, recorder(cancel_at=check))
        assert count_hooks(small.stock) == count_hooks(small.fast) == 0
    assert execute(predict, session, QUIET).scores == clean


def test_a_more_urgent_job_inside_an_edited_one_sees_the_network_as_it_is(
    session, heatmap, predict, make_params, recorder
):
    clean = execute(predict, session, QUIET).scores
    inside = []

    def urgent():
        session.forget_results()
        inside.append(execute(predict, session, QUIET).scores)

    layers = HeatmapLayers(
        heatmap=dataclasses.replace(heatmap, edits=(ChannelEdit(layer="stem", channel=2),)),
        layers=("act", "conv"),
    )
    execute(layers, session, recorder(inside=urgent))
    assert inside and all(scores == clean for scores in inside)


@pytest.mark.parametrize("channel", [-1, 8])
def test_a_channel_that_does_not_exist_is_refused(session, predict, channel):
    edits = (ChannelEdit(layer="stem", channel=channel),)
    with pytest.raises(LayerError, match="has no channel") as refused:
        execute(dataclasses.replace(predict, edits=edits), session, QUIET)
    assert refused.value.advice == "Choose one from 0 to 7."


def test_a_layer_that_does_not_exist_is_refused(session, predict):
    edits = (ChannelEdit(layer="stern", channel=0),)
    with pytest.raises(LayerError, match="no layer 'stern'"):
        execute(dataclasses.replace(predict, edits=edits), session, QUIET)


def test_a_factor_that_is_no_number_is_refused(session, predict):
    edits = (ChannelEdit(layer="stem", channel=0, factor=float("nan")),)
    with pytest.raises(ParameterError, match="cannot be multiplied by nan"):
        execute(dataclasses.replace(predict, edits=edits), session, QUIET)
