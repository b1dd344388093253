"""Correlations of maps: against SciPy, with ties, and where they are not defined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cnnviz_gui.core.rank import pearson, ranks, spearman


def maps(seed: int, levels: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    one, other = random.normal(size=(2, 20, 30)).astype(np.float32)
    other = other + 0.5 * one
    if levels is None:
        return one, other
    return np.rint(one * levels) / levels, np.rint(other * levels) / levels


@pytest.mark.parametrize("levels", [None, 10, 1])
@pytest.mark.parametrize("seed", range(5))
def test_they_are_scipys(seed: int, levels: int | None) -> None:
    one, other = maps(seed, levels)
    expected = stats.spearmanr(one.ravel(), other.ravel()).statistic
    assert spearman(one, other) == pytest.approx(expected, abs=1e-12)
    expected = stats.pearsonr(one.ravel().astype(float), other.ravel().astype(float)).statistic
    assert pearson(one, other) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30))
def test_equal_values_share_their_rank(values: list[int]) -> None:
    found = ranks(np.array(values, np.float32))
    assert np.array_equal(found, stats.rankdata(values))


def test_only_the_order_counts_for_the_ranks() -> None:
    one, other = maps(0)
    assert spearman(np.exp(one), other) == pytest.approx(spearman(one, other), abs=1e-12)
    assert spearman(one, one) == 1.0 and spearman(one, -one) == -1.0
    assert pearson(one, 3 * one + 2) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_the_size_of_the_numbers_does_not_matter(scale: float) -> None:
    one, other = maps(1)
    small = (one * np.float32(scale)).astype(np.float32)
    assert pearson(small, other) == pytest.approx(pearson(one, other), abs=1e-6)


@pytest.mark.parametrize(
    "blank", [np.zeros((2, 3)), np.full((2, 3), 7.1), np.array([[1, 2, np.nan], [0, 0, 0]])]
)
def test_a_map_without_an_order_has_none(blank: np.ndarray) -> None:
    other = np.arange(6.0).reshape(2, 3)
    for correlation in (pearson, spearman):
        assert math.isnan(correlation(blank, other)) and math.isnan(correlation(other, blank))
    assert math.isnan(pearson(np.array([np.inf, 1.0]), np.array([0.0, 1.0])))
