"""RISE: the mean of masks weighted by what is left of the class, the same for every batch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import gathering
from cnnviz_gui.core.heatmaps.rise import Masks, RiseParams, rise
from cnnviz_gui.core.models.classifier import Classifier

MakeClassifier = Callable[[nn.Module], Classifier]
SIDE = (32, 32)
CPU = torch.device("cpu")


class Reader(nn.Module):
    """Its first logit is the mean of one patch of the normalised picture, the others are 0."""

    def __init__(self, gain: float = 4.0) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(gain))

    def forward(self, x: Tensor) -> Tensor:
        read = self.gain * x[:, :, 4:12, 20:28].mean((1, 2, 3))
        return torch.cat([read[:, None], torch.zeros(len(x), 9, device=x.device)], 1)


class Same(nn.Module):
    """Says the same of every picture."""

    def __init__(self) -> None:
        super().__init__()
        self.says = nn.Parameter(torch.arange(10.0) / 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.says.expand(len(x), -1) + 0 * x.mean((1, 2, 3))[:, None]


def run(classifier: Classifier, image: Tensor, target: int, ctx=None, **given) -> HeatmapValue:
    return rise(classifier, image, target, "", RiseParams(**given), ctx or NullContext())


def white() -> Tensor:
    return torch.ones(1, 3, *SIDE)


def test_it_is_the_weighted_mean_of_its_masks(small: Classifier, batch: Tensor) -> None:
    given = RiseParams(masks=37, cells=5, keep=0.3, seed=4)
    masks = Masks(SIDE, given, CPU).some(range(37))
    mean = torch.tensor(small.facts.mean).reshape(1, 3, 1, 1)
    # what is multiplied is the picture after its normalisation, where the mean colour is 0
    shown = mean + masks[:, None] * (batch[:1] - mean)
    p = small.logits(shown).softmax(1)[:, 6].double()
    total = torch.einsum("n,nhw->hw", p, masks.double())
    given = {"masks": 37, "cells": 5, "keep": 0.3, "seed": 4}
    found = run(small, batch[:1], 6, **given)
    gain = total / masks.double().sum(0) - p.mean()
    assert torch.allclose(found.map.double(), gain, rtol=0, atol=1e-6)
    published = run(small, batch[:1], 6, **given, estimate="paper")
    assert torch.allclose(published.map.double(), total / (37 * 0.3), rtol=1e-5, atol=0)
    assert found.samples == found.expected == 37
    assert found.signed and not published.signed


def test_masks_are_soft_shifted_grids(small: Classifier) -> None:
    given = RiseParams(masks=400, cells=4, keep=0.3)
    masks = Masks(SIDE, given, CPU).some(range(400))
    assert masks.shape == (400, *SIDE)
    assert float(masks.min()) >= 0 and float(masks.max()) <= 1
    assert float(masks.mean()) == pytest.approx(0.3, abs=0.02)
    assert float(((masks > 0.01) & (masks < 0.99)).float().mean()) > 0.2
    assert len({tuple(mask.flatten().tolist()) for mask in masks}) == 400
    # a step from one pixel to the next is that of a bilinear enlargement of the grid
    assert float(masks.diff(dim=1).abs().max()) <= 4 / 40 + 1e-6


def test_the_first_masks_of_many_are_those_of_few() -> None:
    few, many = (Masks(SIDE, RiseParams(masks=count), CPU) for count in (10, 1000))
    assert torch.equal(few.some(range(10)), many.some(range(10)))
    assert torch.equal(few.some(range(3, 7)), few.some(range(10))[3:7])
    other = Masks(SIDE, RiseParams(masks=10, seed=1), CPU)
    assert not torch.equal(few.some(range(10)), other.some(range(10)))


@pytest.mark.parametrize("count", [1, 3, 32])
def test_how_many_pass_together_does_not_matter(
    small: Classifier, batch: Tensor, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(small, batch[:1], 6, masks=50).map
    monkeypatch.setattr(gathering, "at_once", lambda network: count)
    found = run(small, batch[:1], 6, masks=50).map
    assert torch.allclose(found, expected, rtol=0, atol=1e-6)
    assert torch.equal(found, run(small, batch[:1], 6, masks=50).map)


@pytest.mark.parametrize("estimate", ["gain", "paper"])
def test_it_peaks_where_the_network_reads(make_classifier: MakeClassifier, estimate: str) -> None:
    found = run(make_classifier(Reader()), white(), 0, masks=1500, estimate=estimate).map
    row, column = divmod(int(found.argmax()), 32)
    assert 3 <= row < 13 and 19 <= column < 29
    outside = found.clone()
    outside[0:16, 16:32] = 0
    assert float(found.max() - found.min()) > 1.8 * float(outside.max() - found.min())


def test_a_network_that_says_the_same_of_all_gives_a_flat_map(
    make_classifier: MakeClassifier,
) -> None:
    classifier, image = make_classifier(Same()), white()
    p = float(classifier.logits(image).softmax(1)[0, 3])
    flat = run(classifier, image, 3, masks=300)
    assert not bool(flat.map.any()) and "the same probability" in flat.reason
    published = run(classifier, image, 3, masks=1500, estimate="paper")
    # the pixels differ by how many masks left each open: within 5 standard errors
    assert float((published.map - p).abs().max()) <= 5 * p * (0.5 / 1500**0.5) / 0.5


def test_the_gain_needs_half_the_masks(small: Classifier, batch: Tensor) -> None:
    def apart(**given) -> float:
        maps = torch.stack([run(small, batch[:1], 6, seed=s, **given).map for s in range(8)])
        return float(maps.std(0).mean())

    assert apart(estimate="gain", masks=100) < apart(estimate="paper", masks=200)


@pytest.mark.parametrize("estimate", ["gain", "paper"])
def test_the_standard_error_is_that_between_seeds(
    small: Classifier, batch: Tensor, estimate: str
) -> None:
    maps = torch.stack(
        [run(small, batch[:1], 6, masks=64, seed=s, estimate=estimate).map for s in range(40)]
    )
    found = run(small, batch[:1], 6, masks=64, estimate=estimate)
    told = float(found.notes[-1].split("about ")[1].split(" ")[0])
    assert told == pytest.approx(float(maps.std(0).mean()), rel=0.3)
    assert "% of the map's range" in found.notes[-1]
    assert ("on average" in found.notes[0]) == (estimate == "gain")


def test_it_streams_with_its_count_and_ends_with_the_whole(
    small: Classifier, batch: Tensor, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_SECONDS", 0.0)
    ctx = recorder()
    found = run(small, batch[:1], 6, ctx, masks=200)
    counts = [part.samples for part in ctx.partials]
    assert len(counts) >= 4 and counts == sorted(set(counts)) and counts[-1] < 200
    assert all(part.expected == 200 for part in ctx.partials)
    assert ctx.steps[0] == (0, 200) and all(total == 200 for _, total in ctx.steps)
    whole = run(small, batch[:1], 6, masks=200)
    assert torch.equal(found.map, whole.map)
    # what was shown is what so few masks give, and stays
    few = run(small, batch[:1], 6, masks=counts[0])
    assert torch.allclose(ctx.partials[0].map, few.map, rtol=0, atol=1e-7)


def test_cancelled_it_leaves_what_it_showed(
    small: Classifier, batch: Tensor, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_SECONDS", 0.0)
    counting = recorder()
    run(small, batch[:1], 6, counting, masks=200)
    ctx = recorder(cancel_at=counting.checks - 1)
    with pytest.raises(Cancelled):
        run(small, batch[:1], 6, ctx, masks=200)
    assert 0 < ctx.partials[-1].samples < 200


def test_memory_that_runs_out_halves_the_pass(
    small: Classifier, batch: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(small, batch[:1], 6, masks=60).map
    sizes = []

    class Tight:
        facts, device = small.facts, small.device

        def logits(self, x: Tensor, ctx) -> Tensor:
            if len(x) > 8:
                raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
            sizes.append(len(x))
            return small.logits(x, ctx)

    found = run(Tight(), batch[:1], 6, masks=60).map
    assert torch.allclose(found, expected, rtol=0, atol=1e-6)
    assert max(sizes) == 8 and sum(sizes) == 60


def test_nothing_left_of_the_class_is_told(
    raw_network: Callable[[int], nn.Sequential], make_classifier: MakeClassifier, batch: Tensor
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.head.bias[4] = 1e4
    found = run(make_classifier(network), batch[:1], 5, masks=20)
    assert not bool(found.map.any())
    assert "class 5" in found.reason and found.notes == ()
