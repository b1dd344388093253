"""Maps of a layer for a picture and its adversarial image; what each channel speaks for."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import RequestError, TargetError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.layer_requests import Contributions
from cnnviz_gui.core.request import Attack, ChannelEdit, InspectLayer, Predict

QUIET = NullContext()


@pytest.fixture
def asked(network, picture):
    return Contributions(model=network, image=picture, layer="last", target=3)


def logit(session, asked, *edits):
    request = Predict(model=asked.model, image=asked.image, top=10, edits=edits)
    scores = execute(request, session, QUIET).scores
    return next(score.logit for score in scores if score.index == asked.target)


@pytest.mark.parametrize("layer", ["last", "pool", "flat"])
def test_before_a_linear_head_a_contribution_is_weight_times_mean(session, asked, layer):
    found = execute(dataclasses.replace(asked, layer=layer), session, QUIET)
    maps = execute(InspectLayer(model=asked.model, image=asked.image, layer=layer), session, QUIET)
    head = session.classifier(asked.model, QUIET).stock.network.head
    expected = head.weight[3].detach().numpy() * maps.maps.mean(axis=(1, 2))
    np.testing.assert_allclose(found.values, expected, rtol=1e-4, atol=1e-5)
    bias = float(head.bias[3].detach())
    assert found.target.index == 3
    assert found.values.sum() + bias == pytest.approx(found.target.logit, abs=1e-3)


@pytest.mark.parametrize("layer", ["stem", "act", "conv"])
def test_a_contribution_is_the_slope_of_the_logit_when_the_channel_is_scaled(session, asked, layer):
    found = execute(dataclasses.replace(asked, layer=layer), session, QUIET)
    step = 1e-2
    for channel in range(0, len(found.values), 3):
        up, down = (
            logit(session, asked, ChannelEdit(layer=layer, channel=channel, factor=1 + sign * step))
            for sign in (1, -1)
        )
        assert found.values[channel] == pytest.approx((up - down) / (2 * step), rel=0.05, abs=0.02)


def test_a_silenced_channel_contributes_nothing(session, asked):
    silent = ChannelEdit(layer="last", channel=5)
    found = execute(dataclasses.replace(asked, edits=(silent,)), session, QUIET)
    clean = execute(asked, session, QUIET)
    assert clean.values[5] != 0 and found.values[5] == 0


def test_without_a_target_the_winner_is_meant(session, asked):
    found = execute(dataclasses.replace(asked, target=None), session, QUIET)
    best = execute(Predict(model=asked.model, image=asked.image), session, QUIET).scores[0]
    assert found.target.index == best.index


def test_a_class_the_network_does_not_have_is_refused(session, asked):
    with pytest.raises(TargetError, match="no class 10"):
        execute(dataclasses.replace(asked, target=10), session, QUIET)


def test_maps_of_the_adversarial_image_are_those_of_its_pixels(
    session, network, picture, make_params
):
    parameters = make_params("attack", "pgd", epsilon=8.0, steps=3)
    attack = Attack(model=network, image=picture, method="pgd", parameters=parameters)
    request = InspectLayer(model=network, image=picture, layer="act", attack=attack)
    found = execute(request, session, QUIET).maps
    pixels = torch.tensor(execute(attack, session, QUIET).adversarial_image)[None]
    classifier = session.classifier(network, QUIET)
    expected = classifier.feature_maps(pixels, ["act"])["act"][0].numpy()
    np.testing.assert_array_equal(found, expected)
    clean = execute(dataclasses.replace(request, attack=None), session, QUIET).maps
    assert not np.array_equal(found, clean)


def test_an_attack_on_another_picture_is_refused(session, network, picture, make_params):
    parameters = make_params("attack", "pgd", epsilon=8.0, steps=3)
    other = dataclasses.replace(picture, path="other.png")
    attack = Attack(model=network, image=other, method="pgd", parameters=parameters)
    request = InspectLayer(model=network, image=picture, layer="act", attack=attack)
    with pytest.raises(RequestError, match="different pictures"):
        execute(request, session, QUIET)
