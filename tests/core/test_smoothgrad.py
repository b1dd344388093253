"""SmoothGrad: its statistics, its noise, and that it refines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import gathering, gradients
from cnnviz_gui.core.heatmaps.saliency import SaliencyParams, saliency
from cnnviz_gui.core.heatmaps.smoothgrad import SmoothGradParams, smoothgrad
from cnnviz_gui.core.models.classifier import Classifier


def run(classifier: Classifier, image: Tensor, ctx: Any = None, **given: Any) -> HeatmapValue:
    return smoothgrad(classifier, image, 3, "", SmoothGradParams(**given), ctx or NullContext())


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show whatever can be shown."""
    monkeypatch.setattr(gathering, "_SECONDS", 0.0)


def at_once(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(gradients, "at_once", lambda classifier: count)


def worst(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())


def test_without_noise_it_is_saliency(small: Classifier, batch: Tensor) -> None:
    plain = saliency(small, batch[:1], 3, "", SaliencyParams(), NullContext()).map
    found = run(small, batch[:1], level=0.0, samples=5)
    assert worst(found.map, plain) <= 1e-5
    assert not found.signed and (found.samples, found.expected) == (5, 5)


def test_the_mean_of_the_squares_is_the_variance_and_the_square_of_the_mean(
    small: Classifier, batch: Tensor
) -> None:
    """One channel alone has a gradient, so that no largest is taken between."""

    class Red:
        facts, device = small.facts, small.device

        def gradient(self, x: Tensor, objective: Any, ctx: Any) -> tuple[Tensor, Tensor]:
            found, logits = small.gradient(x, objective, ctx)
            return found * torch.tensor((1.0, 0.0, 0.0)).reshape(1, 3, 1, 1), logits

    given = {"samples": 20, "level": 0.3}
    maps = {
        kind: run(Red(), batch[:1], statistic=kind, **given).map.double()  # type: ignore[arg-type]
        for kind in ("mean", "squared", "variance")
    }
    assert worst(maps["variance"] + maps["mean"].square(), maps["squared"]) <= 1e-5
    assert float(maps["variance"].max()) > 0


def test_it_is_the_mean_over_noise_of_the_share_of_the_range_that_is_given() -> None:
    """Of a score that is a sum of squares the gradient is the picture, and its noise."""

    class Squares:
        device = torch.device("cpu")

        class facts:  # stands for an object
            layers, macs, labels = (), 1, tuple("abcd")

        def gradient(self, x: Tensor, objective: Any, ctx: Any) -> tuple[Tensor, Tensor]:
            return x, torch.zeros(len(x), 4)

    image = 0.2 + 0.5 * torch.rand(1, 3, 24, 24, generator=torch.Generator().manual_seed(2))
    image[0, :, 0, 0], image[0, :, 0, 1] = 0.2, 0.7
    found = run(Squares(), image, samples=400, statistic="variance", level=0.2)  # type: ignore[arg-type]
    sigma = 0.2 * 0.5
    # the largest of three variances of 400 samples lies a little above
    assert sigma**2 < float(found.map.mean()) < 1.1 * sigma**2
    signed = run(Squares(), image, samples=400, sign="signed", level=0.2).map  # type: ignore[arg-type]
    assert float((signed - image[0].sum(0)).std()) == pytest.approx(
        sigma * (3 / 400) ** 0.5, rel=0.15
    )


def test_the_first_copies_of_many_are_those_of_few(
    small: Classifier, batch: Tensor, eager: None, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(monkeypatch, 4)
    watching = recorder()
    full = run(small, batch[:1], watching, samples=12)
    assert [one.samples for one in watching.partials] == [4, 8]
    for early in watching.partials:
        assert torch.equal(early.map, run(small, batch[:1], samples=early.samples).map)
        assert early.expected == full.expected == 12


def test_the_size_of_a_pass_does_not_change_it(
    small: Classifier, batch: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for count in (1, 3, 7):
        at_once(monkeypatch, count)
        found.append(run(small, batch[:1], samples=7).map)
    assert worst(found[0], found[1]) <= 1e-5 and worst(found[0], found[2]) <= 1e-5


def test_a_seed_gives_the_same_bits_and_another_one_others(
    small: Classifier, batch: Tensor
) -> None:
    first = run(small, batch[:1], seed=7, samples=9).map
    assert torch.equal(first, run(small, batch[:1], seed=7, samples=9).map)
    assert not torch.allclose(first, run(small, batch[:1], seed=8, samples=9).map)


def test_what_was_shown_stays_as_it_was(
    small: Classifier, batch: Tensor, eager: None, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(monkeypatch, 2)
    kept = []

    class Keeping(recorder):  # type: ignore[misc, valid-type]
        def partial(self, value: HeatmapValue) -> None:
            kept.append((value.map, value.map.clone()))

        def step(self, done: int, total: int) -> None:
            super().step(done, total)
            if done >= 6:
                raise Cancelled

    with pytest.raises(Cancelled):
        run(small, batch[:1], Keeping(), samples=10)
    assert len(kept) == 3
    assert all(torch.equal(shown, copy) for shown, copy in kept)


def test_a_map_without_variance_says_why(
    small: Classifier,
    batch: Tensor,
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Callable[[nn.Module], Classifier],
) -> None:
    one = run(small, batch[:1], statistic="variance", samples=1)
    assert not bool(one.map.any()) and "same gradient" in one.reason
    network = raw_network(0)
    with torch.no_grad():
        network.head.bias[3] = 1e4
    still = run(make_classifier(network), batch[:1], score="probability", samples=2)
    assert not bool(still.map.any()) and "saturated" in still.reason


def test_a_shortage_of_memory_makes_passes_smaller(small: Classifier, batch: Tensor) -> None:
    sizes = []

    class Tight:
        facts, device = small.facts, small.device

        def gradient(self, x: Tensor, objective: Any, ctx: Any) -> tuple[Tensor, Tensor]:
            if len(x) > 2:
                raise MemoryError
            sizes.append(len(x))
            return small.gradient(x, objective, ctx)

    found = run(Tight(), batch[:1], samples=20)  # type: ignore[arg-type]
    assert max(sizes) <= 2 and sum(sizes) == 20
    assert worst(found.map, run(small, batch[:1], samples=20).map) <= 1e-5
