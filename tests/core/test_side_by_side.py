"""Pictures that pass together give the maps that each gives alone, from one pass each way."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz_gui.core import contrast
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.params import build
from cnnviz_gui.core.registry import method, methods
from cnnviz_gui.core.side_by_side import SideBySide

QUIET = NullContext()
TOGETHER = [m.name for m in methods("heatmap") if m.family in ("layer", "gradient")]


def maps(small, images, name, targets, *, against=None, shared=True):
    chosen = method("heatmap", name)
    layer = "last" if chosen.uses_layer else ""
    given = {"steps": 3} if name == "integrated-gradients" else {}
    parameters = build(chosen.params, given)
    side_by_side = SideBySide(small, images, layer, (), QUIET, shared=shared)

    def run(number):
        image, network = side_by_side.image(number), side_by_side.networks[number]
        asked, place = contrast.about(network, targets[number], against)
        return chosen.run(asked, image, place, layer, parameters, QUIET)

    return [np.asarray(torch.as_tensor(v.map)) for v in side_by_side.each(run, QUIET)]


def alone(small, images, name, targets, **more):
    return [
        maps(small, images[number : number + 1], name, [target], shared=False, **more)[0]
        for number, target in enumerate(targets)
    ]


@pytest.mark.parametrize("name", TOGETHER)
def test_each_picture_has_the_map_it_has_alone(small, batch, name):
    chosen = method("heatmap", name)
    if chosen.gathers or chosen.needs(small.facts):
        pytest.skip("not done together, or not by this network")
    found = maps(small, batch, name, [1, 7, 7])
    for one, other in zip(found, alone(small, batch, name, [1, 7, 7]), strict=True):
        assert np.abs(one - other).max() <= 1e-5 * max(1, np.abs(other).max())


def test_each_picture_is_set_against_the_same_class(small, batch):
    found = maps(small, batch, "grad-cam", [1, 7, 2], against=3)
    for one, other in zip(
        found, alone(small, batch, "grad-cam", [1, 7, 2], against=3), strict=True
    ):
        assert np.abs(one - other).max() <= 1e-5 * max(1, np.abs(other).max())


@pytest.mark.parametrize("name", ["grad-cam", "saliency"])
def test_one_pass_each_way_is_enough(small, batch, name):
    before = small.forwards, small.backwards
    maps(small, batch, name, [0, 1, 2])
    once = len(batch)
    passes = small.forwards - before[0]
    assert passes == (once if name == "grad-cam" else 2 * once)
    assert small.backwards - before[1] == once


def test_the_logits_are_those_of_the_network(small, batch):
    for layer in ("", "last"):
        found = SideBySide(small, batch, layer, (), QUIET, shared=True).logits
        assert torch.allclose(found, small.logits(batch), atol=1e-5)
