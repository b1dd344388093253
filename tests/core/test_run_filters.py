"""Weights as they are looked at: the right part, never too much of it, exact where one zooms in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz_gui.core import run_filters
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.layer_requests import InspectFilters
from cnnviz_gui.core.layer_results import LayerFilters
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()


@pytest.fixture
def kinds() -> nn.Sequential:
    """One layer of each form."""
    generator = torch.Generator().manual_seed(3)
    network = nn.Sequential()
    network.add_module("colour", nn.Conv2d(3, 8, 3, stride=2, padding=1))
    network.add_module("depthwise", nn.Conv2d(8, 8, 5, padding=2, groups=8, bias=False))
    network.add_module("pointwise", nn.Conv2d(8, 12, 1))
    network.add_module("grouped", nn.Conv2d(12, 16, 3, padding=1, groups=3 - 1))
    network.add_module("act", nn.ReLU())
    network.add_module("pool", nn.AdaptiveAvgPool2d(1))
    network.add_module("flat", nn.Flatten())
    network.add_module("head", nn.Linear(16, 10))
    for weight in network.parameters():
        weight.data.normal_(0, 0.3, generator=generator)
    return network


@pytest.fixture
def ask(
    kinds: nn.Sequential,
    make_classifier: Callable[[nn.Module], Classifier],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., LayerFilters]:
    classifier = make_classifier(kinds)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    session = Session(device=torch.device("cpu"))

    def ask(layer: str, **changes: object) -> LayerFilters:
        request = InspectFilters(model=ModelRef(name="kinds"), layer=layer, **changes)
        result = execute(request, session, QUIET)
        assert isinstance(result, LayerFilters)
        return result

    return ask


def numbers(module: nn.Module) -> np.ndarray:
    return module.weight.detach().numpy()


def test_each_layer_has_the_form_that_shows_its_weights(ask: Callable[..., LayerFilters]) -> None:
    forms = {name: ask(name).form for name in ("colour", "depthwise", "pointwise", "grouped")}
    assert forms == {
        "colour": "colour", "depthwise": "single", "pointwise": "matrix", "grouped": "slices",
    }  # fmt: skip
    assert ask("head").form == "matrix"
    nothing = ask("act")
    assert nothing.form == "none" and nothing.norms is None
    with pytest.raises(LayerError):
        ask("nowhere")


def test_kernels_are_those_of_the_layer(
    ask: Callable[..., LayerFilters], kinds: nn.Sequential
) -> None:
    assert np.array_equal(ask("colour").kernels, numbers(kinds.colour))
    assert np.array_equal(ask("depthwise").kernels, numbers(kinds.depthwise)[:, 0])
    grouped = numbers(kinds.grouped)
    of_filter = ask("grouped", view="filter", index=5)
    assert np.array_equal(of_filter.kernels, grouped[5])
    assert np.allclose(of_filter.kernel_norms, np.linalg.norm(grouped[5].reshape(6, 9), axis=1))
    of_input = ask("grouped", view="input", index=2)
    assert np.array_equal(of_input.kernels, grouped[:, 2])
    assert (of_input.shape, of_input.groups) == ((16, 6, 3, 3), 2)


def test_an_index_beyond_the_end_means_the_last(
    ask: Callable[..., LayerFilters], kinds: nn.Sequential
) -> None:
    """A channel of one layer is asked of the next before the hand has chosen there."""
    last = ask("grouped", view="filter", index=999)
    assert last.index == 15
    assert np.array_equal(last.kernels, numbers(kinds.grouped)[15])
    assert ask("grouped", view="whole", index=-4).index == 0
    assert ask("grouped", view="whole").view == "input"


def test_a_small_matrix_comes_whole_and_exact(
    ask: Callable[..., LayerFilters], kinds: nn.Sequential
) -> None:
    shown = ask("pointwise")
    assert np.array_equal(shown.matrix, numbers(kinds.pointwise)[:, :, 0, 0])
    assert (shown.window, shown.step) == ((0, 0, 12, 8), (1, 1))
    assert shown.rows.tolist() == list(range(12))


def test_rows_by_norm_and_a_window_agree_with_numpy(
    ask: Callable[..., LayerFilters], kinds: nn.Sequential
) -> None:
    table = numbers(kinds.head)
    order = np.argsort(-np.linalg.norm(table, axis=1), kind="stable")
    shown = ask("head", order="norm", window=(2, 4, 7, 11))
    assert shown.rows.tolist() == order.tolist()
    assert np.array_equal(shown.matrix, table[order[2:7], 4:11])
    beyond = ask("head", window=(8, -3, 99, 99))
    assert beyond.window == (8, 0, 10, 16)


def test_blocks_keep_the_weight_of_largest_magnitude(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_filters, "SIDE", 4)
    monkeypatch.setattr(run_filters, "_AT_A_TIME", 60)  # several pieces
    table = torch.randn(13, 30, generator=torch.Generator().manual_seed(0))
    rows = torch.randperm(13, generator=torch.Generator().manual_seed(1))
    step = run_filters._step(13), run_filters._step(30)
    assert step == (4, 8)
    blocks = run_filters._blocks(table, rows, step, QUIET).numpy()
    shuffled = table.numpy()[rows]
    assert blocks.shape == (4, 4)
    for row, column in np.ndindex(4, 4):
        part = shuffled[4 * row : 4 * row + 4, 8 * column : 8 * column + 8]
        assert blocks[row, column] == part.flat[np.abs(part).argmax()]


def test_what_is_known_of_all_weights_agrees_with_numpy(
    ask: Callable[..., LayerFilters], kinds: nn.Sequential, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_filters, "_AT_A_TIME", 30)
    weight, shown = numbers(kinds.grouped), ask("grouped")
    assert np.allclose(shown.norms, np.linalg.norm(weight.reshape(16, -1), axis=1), rtol=1e-6)
    counts, edges = np.histogram(weight, run_filters.BINS)
    assert shown.weights.counts == pytest.approx(counts / weight.size, abs=1.5 / weight.size)
    assert (shown.weights.low, shown.weights.high) == (edges[0], edges[-1])
    assert shown.weights.mean == pytest.approx(weight.mean(), abs=1e-6)
    assert shown.weights.std == pytest.approx(weight.std(), rel=1e-5)
    assert shown.bound == np.abs(weight).max()
    fine = (edges[-1] - edges[0]) / (run_filters.BINS * run_filters._FINER)
    beyond = [np.mean(np.abs(weight) > shown.reach + by * fine) for by in (0.01, -1.01)]
    assert beyond[0] <= 0.001 <= beyond[1]
    assert np.array_equal(shown.bias, kinds.grouped.bias.detach().numpy())
    assert shown.biases.mean == pytest.approx(shown.bias.mean(), abs=1e-6)
    assert ask("depthwise").biases is None


def test_very_many_weights_are_counted_over_some_of_the_filters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_filters, "_SAMPLE", 1000)
    table = torch.randn(100, 60, generator=torch.Generator().manual_seed(0))
    spread = run_filters._summary(table, None, QUIET).weights
    every_sixth = np.histogram(table[::6], run_filters.BINS, (spread.low, spread.high))[0]
    assert spread.counts == pytest.approx(every_sixth / every_sixth.sum(), abs=2e-3)
    assert (spread.low, spread.high) == (float(table.min()), float(table.max()))
    assert spread.std == pytest.approx(float(table.std(correction=0)), rel=1e-5)


def test_weights_that_are_not_numbers_spoil_no_distribution(
    ask: Callable[..., LayerFilters], kinds: nn.Sequential
) -> None:
    with torch.no_grad():
        kinds.colour.weight[0, 0, 0, 0] = float("nan")
        kinds.colour.weight[1, 0, 0, 0] = float("inf")
    shown = ask("colour")
    assert np.isfinite([shown.bound, shown.weights.mean, shown.weights.std]).all()
    assert shown.weights.counts.sum() == pytest.approx(1, abs=1e-5)


def test_a_huge_layer_is_sent_in_blocks(
    make_classifier: Callable[[nn.Module], Classifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 2000), nn.Linear(2000, 10))
    classifier = make_classifier(network)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    session = Session(device=torch.device("cpu"))
    request = InspectFilters(model=ModelRef(name="huge"), layer="1")
    shown = execute(request, session, QUIET)
    assert isinstance(shown, LayerFilters)
    assert shown.matrix.shape == (1000, 768) and shown.step == (2, 4)
    assert np.abs(shown.matrix).max() == shown.bound
