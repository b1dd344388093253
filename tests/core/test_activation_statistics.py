"""Statistics of every layer: as numpy counts them, over several pictures, in one pass each."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cnnviz_gui.core import activation_statistics as statistics
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, ImageError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.layer_requests import ActivationStatistics
from cnnviz_gui.core.layer_results import LayerActivity, NetworkActivity
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SIDE = 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pictures, from smooth to noisy."""
    made = tmp_path / "pictures"
    made.mkdir()
    generator = np.random.default_rng(5)
    for number in range(4):
        coarse = generator.integers(0, 256, (2 + number, 2 + number, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((SIDE, SIDE)).save(made / f"{number}.png")
    return made


def ask(session: Session, network: ModelRef, **what: object) -> NetworkActivity:
    result = execute(ActivationStatistics(model=network, **what), session, QUIET)
    assert isinstance(result, NetworkActivity)
    return result


def of(result: NetworkActivity, name: str) -> LayerActivity:
    return next(layer for layer in result.layers if layer.layer == name)


def refs(folder: Path) -> tuple[ImageRef, ...]:
    return tuple(ImageRef(path=str(path)) for path in sorted(folder.iterdir()))


def activations(session: Session, network: ModelRef, folder: Path) -> dict[str, np.ndarray]:
    """Every layer's answers, (pictures, C, cells), by the way that keeps them all."""
    classifier = session.classifier(network)
    names = [row.name for row in classifier.facts.layers]
    seen = [classifier.feature_maps(session.input(network, ref), names) for ref in refs(folder)]
    return {
        name: np.stack([maps[name][0].reshape(maps[name].shape[1], -1).numpy() for maps in seen])
        for name in names
    }


def test_every_layer_is_counted_as_numpy_counts_it(
    session: Session, network: ModelRef, folder: Path
) -> None:
    result = ask(session, network, images=refs(folder))
    expected = activations(session, network, folder)
    assert [layer.layer for layer in result.layers] == list(expected)
    assert (result.looked_at, result.total) == (4, 4)
    for layer in result.layers:
        numbers = expected[layer.layer]
        assert layer.channels == numbers.shape[1]
        assert layer.mean == pytest.approx(numbers.mean(), rel=1e-4, abs=1e-6)
        assert layer.std == pytest.approx(numbers.std(), rel=1e-3, abs=1e-6)
        assert layer.zeros == np.mean(numbers == 0)
        assert layer.channel_means == pytest.approx(numbers.mean(axis=(0, 2)), rel=1e-4, abs=1e-5)
        bins = len(layer.counts)
        counts, _ = np.histogram(numbers, bins, (layer.low, layer.high))
        assert counts.sum() == numbers.size  # nothing lies beyond the ends
        assert layer.counts == pytest.approx(counts / numbers.size, abs=2.5 / numbers.size)
        assert bins > statistics.MOST_BINS / 4
        assert (layer.least, layer.most) == (numbers.min(), numbers.max())


def test_pictures_at_hand_and_of_a_folder_count_alike(
    session: Session, network: ModelRef, folder: Path
) -> None:
    at_hand = ask(session, network, images=refs(folder))
    listed = ask(session, network, folder=str(folder))
    for one, other in zip(at_hand.layers, listed.layers, strict=True):
        assert np.array_equal(one.counts, other.counts)
        assert (one.mean, one.zeros, one.dead) == (other.mean, other.zeros, other.dead)
    both = ask(session, network, images=refs(folder)[:1], folder=str(folder))
    assert both.total == 5


def test_dead_channels_are_those_that_are_always_silent(
    make_classifier: Callable[[nn.Module], Classifier],
    raw_network: Callable[[int], nn.Sequential],
    monkeypatch: pytest.MonkeyPatch,
    network: ModelRef,
    folder: Path,
) -> None:
    killed = raw_network(0)
    with torch.no_grad():
        killed.conv.weight[[2, 7]] = 0
        killed.conv.bias[2], killed.conv.bias[7] = 0.5, -0.5
    classifier = make_classifier(killed)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    session = Session(device=torch.device("cpu"))
    result = ask(session, network, images=refs(folder))
    assert of(result, "conv").dead == ()  # the same everywhere, but not silent
    last = activations(session, network, folder)["last"]
    silent = [c for c in range(16) if not last[:, c].any()]
    assert list(of(result, "last").dead) == silent and 7 in silent and 2 not in silent
    # One number a channel, and the same one twice, say no more than all cells before them.
    first = refs(folder)[0]
    for images in ((first,), (first, first)):
        again = ask(session, network, images=images)
        assert of(again, "pool").dead == of(again, "flat").dead == of(again, "last").dead
        assert of(again, "head").dead == ()


def test_bad_pictures_are_skipped_with_the_reason(
    session: Session, network: ModelRef, folder: Path
) -> None:
    whole = ask(session, network, folder=str(folder))
    (folder / "2b.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    result = ask(session, network, folder=str(folder))
    assert (result.looked_at, result.total) == (5, 5)
    assert [Path(path).name for path, _ in result.skipped] == ["2b.png"]
    assert of(result, "conv").mean == of(whole, "conv").mean


def test_what_cannot_be_counted_is_refused(
    session: Session, network: ModelRef, tmp_path: Path
) -> None:
    with pytest.raises(RequestError):
        ask(session, network)
    with pytest.raises(ImageError, match="cannot be found"):
        ask(session, network, folder=str(tmp_path / "nowhere"))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"nothing")
    with pytest.raises(ImageError, match="can be read"):
        ask(session, network, images=(ImageRef(path=str(broken)),))


def test_partial_results_grow_and_a_cancel_leaves_nothing(
    session: Session,
    network: ModelRef,
    folder: Path,
    recorder: type,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(statistics, "_SHOW_EVERY_S", 0.0)
    watching = recorder()
    request = ActivationStatistics(model=network, folder=str(folder))
    execute(request, session, watching)
    assert [part.looked_at for part in watching.partials] == [1, 2, 3]
    assert all(not layer.counts.flags.writeable for layer in watching.partials[0].layers)
    with pytest.raises(Cancelled):
        execute(request, session, recorder(cancel_at=watching.checks - 1))
    assert not count_hooks(session.classifier(network).stock)


def test_no_more_than_one_layer_is_held(
    session: Session, network: ModelRef, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is noted of a pass holds no activations but a bounded sample."""
    monkeypatch.setattr(statistics, "_SAMPLE", 64)
    held: list[int] = []

    def measured(look: object) -> Callable[..., object]:
        def watching(*given: object) -> object:
            looks = look(*given)  # type: ignore[operator]
            held.extend(one.sample.untyped_storage().nbytes() for one in looks.values())
            return looks

        return watching

    monkeypatch.setattr(statistics, "_looks", measured(statistics._looks))
    ask(session, network, images=refs(folder)[:1])
    assert max(held) <= 4 * 2 * 64 + 4 * 16


def test_a_histogram_that_must_widen_loses_nothing() -> None:
    generator = torch.Generator().manual_seed(0)
    bins, given = statistics._Bins(), []
    for scale in (0.01, 1.0, 0.3, 50.0, 7.0):
        numbers = scale * torch.randn(500, generator=generator) + scale
        given.append(numbers)
        bins.add(numbers, float(numbers.min()), float(numbers.max()))
        assert len(bins.counts) <= statistics.MOST_BINS
    everything = torch.cat(given).numpy()
    edges = bins.width * np.arange(bins.first, bins.first + len(bins.counts) + 1)
    assert np.array_equal(bins.counts, np.histogram(everything, edges)[0])
    assert edges[0] <= everything.min() and everything.max() < edges[-1]


def test_the_ends_are_those_of_all_and_not_of_the_sample() -> None:
    maps = torch.rand(1, 4, 256, 256, generator=torch.Generator().manual_seed(0))
    maps[0, 3, 0, 1], maps[0, 3, 0, 2] = -7.3, 9.1
    look = statistics._look(maps)
    assert len(look.sample) < maps.numel() / 2 and float(look.sample.min()) >= 0
    tally = statistics._Tally()
    tally.add(look)
    result = tally.result("x")
    assert (result.least, result.most) == pytest.approx((-7.3, 9.1))
    width = (result.high - result.low) / len(result.counts)
    assert result.low <= result.least < result.low + width
    assert result.high - width <= result.most < result.high


@pytest.mark.parametrize("value", [0.0, 3.0, -2.5, 1e30, 1e-30])
def test_a_layer_that_is_the_same_everywhere_has_a_histogram(value: float) -> None:
    bins = statistics._Bins()
    for _ in range(2):
        bins.add(torch.full((10,), value), value, value)
    low, high = bins.first * bins.width, (bins.first + len(bins.counts)) * bins.width
    assert float(bins.counts.sum()) == 20 and low <= value < high


def test_numbers_that_are_not_finite_are_left_out() -> None:
    maps = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    maps[0, 0, 0, 0], maps[0, 1, 2, 2] = math.nan, math.inf
    tally = statistics._Tally()
    tally.add(statistics._look(maps))
    result = tally.result("x")
    kept = maps[torch.isfinite(maps)].numpy()
    assert result.mean == pytest.approx(kept.mean(), rel=1e-5)
    assert math.isfinite(result.low) and math.isfinite(result.high) and not result.dead


@pytest.mark.parametrize("width", [7, 14, 28, 56, 112])
def test_the_sample_meets_every_column(width: int) -> None:
    step = statistics._stride(512 * width * width, width * width, width)
    columns = {cell % width for cell in range(0, width * width, step)}
    assert step == 1 or len(columns) == min(width, -(-width * width // step))
