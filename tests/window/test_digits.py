"""LeNet-5 and its digits, in the real window."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cnnviz_gui import resources
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state import prediction_view

pytestmark = pytest.mark.window


def seen(explorer, hand, path):
    """Wait until a picture is predicted and explained."""
    state = explorer.state
    hand.wait(lambda: state.selection.image is not None and state.selection.image.path == str(path))
    for lane in ("predict", "heatmap"):
        hand.wait(
            lambda lane=lane: (
                state.finding(lane).status == "done"
                and state.finding(lane).request.image == state.selection.image
                and state.finding(lane).request.model == state.selection.model
            )
        )


def test_lenet_reads_attacks_and_shows_digits_in_grey(explorer, hand):
    state, digits = explorer.state, resources.digits()
    explorer.commands.choose_network(ModelRef(name="lenet5"))
    seen(explorer, hand, digits[0])
    assert prediction_view.winner(state).label == "0"
    assert [e.ref.path for e in state.shared.strip[:10]] == [str(path) for path in digits]
    hand.press("ctrl+Right")
    seen(explorer, hand, digits[1])
    assert prediction_view.winner(state).label == "1"
    picture = state.finding("predict").value.seen
    assert picture.shape == (32, 32, 3) and np.array_equal(picture[..., 0], picture[..., 2])
    hand.press("ctrl+1")
    hand.wait(lambda: state.finding("layer").status == "done")
    state.select(layer="c1")
    hand.wait(lambda: state.finding("layer").value.layer == "c1")
    assert state.finding("layer").value.filters.shape == (6, 1, 5, 5)
    hand.press("ctrl+4")
    hand.wait(lambda: state.selection.stage == "attack")
    stronger = dataclasses.replace(state.selection.attack_parameters, epsilon=48.0)
    state.select(attack_parameters=stronger)
    explorer.commands.on_start_attack()
    hand.wait(lambda: state.finding("sweep").status == "done")
    hand.wait(lambda: state.finding("attack").status == "done")
    found = state.finding("attack").value
    assert found.success
    assert np.array_equal(found.adversarial_image[0], found.adversarial_image[2])
    hand.press("ctrl+3")
    explorer.commands.choose_network(ModelRef(name="efficientnet_lite0"))
    seen(explorer, hand, resources.samples()[0])
    assert len(state.shared.strip) == len(resources.samples())
