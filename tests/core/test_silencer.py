"""Silencing set after set: the same as whole passes, the part before the layer computed once."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cnnviz_gui.core import scores
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.request import ChannelEdit
from cnnviz_gui.core.silencer import Silencer

SETS = [(1,), (), (0, 3), (2, 5, 7), (4,)]
EDITS = (
    ChannelEdit(layer="stem", channel=1, factor=0.5),
    ChannelEdit(layer="conv", channel=2, factor=2.0),
    ChannelEdit(layer="last", channel=6, factor=0.0),
)


def in_whole(classifier, image, layer, channels, edits):
    silenced = [ChannelEdit(layer=layer, channel=channel) for channel in channels]
    with classifier.edited([*edits, *silenced]):
        return scores.as_list(classifier.logits(image))


@pytest.fixture
def image(batch):
    return batch[:1]


def counted(classifier):
    """Count the pictures that the first layer of the fast copy is given."""
    seen = []
    stem = next(m for m in classifier.fast.network.modules() if isinstance(m, nn.Conv2d))
    forward = stem.forward

    def run(x):
        seen.append(len(x))
        return forward(x)

    stem.forward = run
    return seen


@pytest.mark.parametrize("edits", [(), EDITS])
@pytest.mark.parametrize("layer", ["stem", "norm", "act", "conv", "last", "pool", "flat"])
def test_many_sets_together_are_what_each_is_alone(small, image, layer, edits):
    clean = in_whole(small, image, layer, (), edits)
    silencer = Silencer(small, image, clean, layer, edits)
    silencer.logits([(2,)])
    found = silencer.logits(SETS)
    for channels, logits in zip(SETS, found, strict=True):
        expected = in_whole(small, image, layer, channels, edits)
        torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)
    cut = silencer.cut((0, 3))
    expected = in_whole(small, image, layer, (0, 3), edits)
    torch.testing.assert_close(cut.logits[0].double(), expected, rtol=1e-4, atol=1e-4)
    assert count_hooks(small.stock) == count_hooks(small.fast) == 0
    assert all("forward" not in vars(module) for module in small.fast.modules())


def test_what_comes_before_the_layer_runs_no_more(make_classifier, raw_network, image):
    classifier = make_classifier(raw_network(0))
    silencer = Silencer(classifier, image, in_whole(classifier, image, "last", (), ()), "last")
    silencer.logits([(2,)])
    silencer.logits([(3,)])
    seen = counted(classifier)
    silencer.logits(SETS)
    silencer.cut((1,))
    assert seen == []
    silencer.in_whole((1,))
    assert seen == [1]


class _Residual(nn.Module):
    """Writes in place into what a module of the trunk gave, and runs one module twice."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=4)
        self.first = nn.Conv2d(8, 8, 3, padding=1)
        self.side = nn.Conv2d(8, 8, 1)
        self.act = nn.ReLU()
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        x = self.act(self.stem(x))
        out = self.first(x)
        out += self.side(x)
        return self.head(self.act(out).mean((2, 3)))


class _Wandering(nn.Module):
    """Counts its passes, so that nothing before a layer may be left out."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=4)
        self.turns = nn.ModuleList([nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1)])
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        x = self.stem(x)
        passed = getattr(self.stem, "passed", None)
        x = self.turns[0 if passed is None else passed(x)](x)
        return self.head(x.mean((2, 3)))


@pytest.mark.parametrize("layer", ["stem", "first", "side", "act#1", "act#2", "add", "mean"])
def test_code_that_overwrites_and_modules_that_run_twice_are_no_hindrance(
    make_classifier, image, layer
):
    torch.manual_seed(0)
    classifier = make_classifier(_Residual())
    silencer = Silencer(classifier, image, in_whole(classifier, image, layer, (), ()), layer)
    silencer.logits([(2,)])
    silencer.logits([(3,)])
    seen = counted(classifier)
    found = silencer.logits(SETS)
    assert seen == []
    for channels, logits in zip(SETS, found, strict=True):
        expected = in_whole(classifier, image, layer, channels, ())
        torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)


def test_a_network_that_says_something_else_without_its_trunk_runs_in_whole(make_classifier, image):
    torch.manual_seed(0)
    classifier = make_classifier(_Wandering())
    stem = classifier.fast.network.stem
    # A module that keeps count in its own code: not run, it does not.
    stem.passed = lambda x: 0 if "forward" not in vars(stem) else 1
    layer = "turns.0"
    silencer = Silencer(classifier, image, in_whole(classifier, image, layer, (), ()), layer)
    silencer.logits([(2,)])
    found = silencer.logits(SETS)
    for channels, logits in zip(SETS, found, strict=True):
        expected = in_whole(classifier, image, layer, channels, ())
        torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)
