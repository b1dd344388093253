"""Occlusion: the fall of the score under each window, and a whole picture from the first ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import gathering
from cnnviz_gui.core.heatmaps.occlusion import OcclusionParams, occlusion
from cnnviz_gui.core.heatmaps.windows import Windows
from cnnviz_gui.core.models.classifier import Classifier

MakeClassifier = Callable[[nn.Module], Classifier]


class Reader(nn.Module):
    """Its first logit is the mean of one patch of the normalised picture, the others are 0."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(4.0))

    def forward(self, x: Tensor) -> Tensor:
        read = self.gain * x[:, :, 8:16, 20:28].mean((1, 2, 3))
        return torch.cat([read[:, None], torch.zeros(len(x), 9, device=x.device)], 1)


def run(classifier: Classifier, image: Tensor, target: int, ctx=None, **given) -> HeatmapValue:
    return occlusion(classifier, image, target, "", OcclusionParams(**given), ctx or NullContext())


def by_hand(
    classifier: Classifier, image: Tensor, target: int, window: int, stride: int, fill: Tensor
) -> Tensor:
    """Window after window, in the order in which they lie."""
    total, count = torch.zeros(32, 32).double(), torch.zeros(32, 32).double()
    whole = classifier.logits(image)[0, target]
    places = [0]
    while places[-1] + window < 32:
        places.append(places[-1] + stride)
    for y in places:
        for x in places:
            hidden = image.clone()
            there = (..., slice(y, y + window), slice(x, x + window))
            hidden[there] = fill.expand_as(image)[there]
            total[there] += (whole - classifier.logits(hidden)[0, target]).double()
            count[there] += 1
    return total / count


@pytest.mark.parametrize(("window", "stride"), [(15, 8), (8, 8), (7, 3), (40, 8), (32, 32)])
def test_it_is_the_mean_fall_of_the_windows_over_a_pixel(
    small: Classifier, batch: Tensor, window: int, stride: int
) -> None:
    mean = torch.tensor(small.facts.mean).reshape(1, 3, 1, 1)
    expected = by_hand(small, batch[:1], 6, window, stride, mean)
    found = run(small, batch[:1], 6, window=window, stride=stride)
    assert torch.allclose(found.map.double(), expected, rtol=0, atol=2e-5)
    assert found.signed and found.samples == found.expected and not found.notes


def test_black_and_blur_fill_the_window(small: Classifier, batch: Tensor) -> None:
    black = run(small, batch[:1], 6, fill="black").map
    expected = by_hand(small, batch[:1], 6, 16, 8, torch.zeros(1, 3, 1, 1))
    assert torch.allclose(black.double(), expected, rtol=0, atol=2e-5)
    flat = torch.full((1, 3, 32, 32), 0.25)
    assert float(run(small, flat, 6, fill="blur").map.abs().max()) <= 1e-4
    assert bool((run(small, batch[:1], 6, fill="blur").map.abs() > 1e-2).any())


def test_it_is_found_where_the_network_reads(make_classifier: MakeClassifier) -> None:
    found = run(make_classifier(Reader()), torch.ones(1, 3, 32, 32), 0, window=8, stride=4).map
    inside = torch.zeros(32, 32, dtype=torch.bool)
    inside[8:16, 20:28] = True
    assert float(found[inside].min()) > float(found[~inside].max())
    assert not bool(found[:, :12].any())


def test_what_speaks_against_a_class_is_negative(make_classifier: MakeClassifier) -> None:
    dark = torch.zeros(1, 3, 32, 32)
    found = run(make_classifier(Reader()), dark, 0, window=8, stride=4)
    assert float(found.map.min()) < 0 and float(found.map.max()) <= 0


def test_a_stride_that_would_leave_gaps_is_shortened_and_told(
    small: Classifier, batch: Tensor
) -> None:
    wide = run(small, batch[:1], 6, window=5, stride=9)
    assert torch.equal(wide.map, run(small, batch[:1], 6, window=5, stride=5).map)
    assert wide.notes == ("The windows are 5 px apart, not 9, so that they leave no gap.",)


def test_windows_come_from_coarse_to_fine() -> None:
    windows = Windows((60, 40), 4, 4)
    corners = [windows.slices(number) for number in range(len(windows))]
    starts = [(down.start // 4, across.start // 4) for down, across in corners]
    assert sorted(starts) == [(row, column) for row in range(15) for column in range(10)]
    assert starts[:4] == [(0, 0), (0, 8), (8, 0), (8, 8)]
    assert all(row % 4 == column % 4 == 0 for row, column in starts[:12])
    assert all(row % 2 == column % 2 == 0 for row, column in starts[:40])


def test_a_window_that_is_missing_counts_as_the_nearest_that_is_there() -> None:
    windows = Windows((64, 64), 4, 4)
    assert not windows.everywhere
    windows.enter(range(4), torch.tensor([1.0, 2.0, 3.0, 4.0]))
    assert windows.everywhere and windows.count == 4
    found = windows.map()
    for corner, value in (((0, 0), 1.0), ((0, 63), 2.0), ((63, 0), 3.0), ((63, 63), 4.0)):
        assert float(found[corner]) == value
    assert float(found[8, 14]) == 1.0 and float(found[8, 17]) == 2.0
    windows.enter([4], torch.tensor([9.0]))  # at a quarter of the first row
    assert windows.slices(4) == (slice(0, 4), slice(16, 20))
    assert float(windows.map()[0, 17]) == 9.0 and float(windows.map()[0, 63]) == 2.0


def test_it_streams_and_ends_with_the_whole(
    small: Classifier, batch: Tensor, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_SECONDS", 0.0)
    monkeypatch.setattr(gathering, "at_once", lambda network: 8)
    ctx = recorder()
    found = run(small, batch[:1], 6, ctx, window=3, stride=2)
    counts = [part.samples for part in ctx.partials]
    assert len(counts) > 20 and counts == sorted(set(counts)) and counts[-1] < found.samples
    assert all(bool(torch.isfinite(part.map).all()) for part in ctx.partials)

    def apart(value: HeatmapValue) -> float:
        return float((value.map - found.map).abs().mean())

    assert apart(ctx.partials[-1]) < apart(ctx.partials[len(counts) // 2]) < apart(ctx.partials[0])
    cancelled = recorder(cancel_at=ctx.checks // 2)
    with pytest.raises(Cancelled):
        run(small, batch[:1], 6, cancelled, window=3, stride=2)
    assert 0 < cancelled.partials[-1].samples < found.samples


def test_a_saturated_probability_says_so(
    raw_network: Callable[[int], nn.Sequential], make_classifier: MakeClassifier, batch: Tensor
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.head.bias[4] = 1e4
    classifier = make_classifier(network)
    flat = run(classifier, batch[:1], 4, score="probability")
    assert not bool(flat.map.any()) and "saturated" in flat.reason and "class 4" in flat.reason
    assert bool(run(classifier, batch[:1], 4).map.any())
