"""The ball on the grid of whole levels: what is in it, rounding into it, its farthest point."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from cnnviz_gui.core.level_ball import LevelBall


def clean(seed: int = 0, side: int = 6) -> np.ndarray:
    levels = np.random.default_rng(seed).integers(-40, 296, (3, side, side)).clip(0, 255)
    return (levels / 255).astype(np.float32)


def inside(picture: np.ndarray, change: np.ndarray, norm: str, epsilon: float) -> bool:
    """Say it without the class: in whole numbers."""
    moved = np.rint(picture.astype(float) * 255).astype(int) + change
    sizes = [abs(int(one)) for one in change.ravel()]
    whole = {
        "linf": max(sizes) <= epsilon + 1e-6,
        "l2": math.fsum(size**2 for size in sizes) <= (255 * epsilon) ** 2 + 1e-6,
        "l1": sum(sizes) <= 255 * epsilon + 1e-6,
    }[norm]
    return whole and moved.min() >= 0 and moved.max() <= 255


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("norm", "epsilon"),
    [("linf", 0.5), ("linf", 2.6), ("linf", 4.0), ("l2", 0.02), ("l2", 0.1), ("l1", 0.3)],
)
def test_what_is_rounded_lies_in_the_ball(norm: str, epsilon: float, seed: int) -> None:
    picture = clean(seed)
    ball = LevelBall.around(picture, norm, epsilon)
    wanted = np.random.default_rng(seed).normal(0, 3, picture.shape)
    change = ball.rounded(wanted)
    assert ball.holds(change) and inside(picture, change, norm, epsilon)


def test_what_fits_is_only_rounded() -> None:
    ball = LevelBall.around(np.full((3, 2, 2), 0.5, np.float32) * 0 + 128 / 255, "l2", 0.1)
    wanted = np.linspace(-3.3, 3.3, 12).reshape(3, 2, 2)
    assert np.array_equal(ball.rounded(wanted), np.rint(wanted))


def test_what_was_rounded_up_most_is_taken_back_first() -> None:
    ball = LevelBall.around(np.full((3, 1, 1), 128 / 255, np.float32), "l1", 2 / 255)
    wanted = np.array([0.9, 0.6, 0.5001]).reshape(3, 1, 1)
    assert ball.rounded(wanted).ravel().tolist() == [1, 1, 0]


def test_four_255ths_are_four_levels() -> None:
    for whole in range(65):
        assert LevelBall.around(clean(), "linf", float(whole)).bound == whole
        assert LevelBall.around(clean(), "l1", whole / 255).bound == whole


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_no_picture_of_the_ball_gains_more_than_the_farthest(norm: str) -> None:
    """Four values, every perturbation tried."""
    picture = np.array([0, 3, 128, 254], float).reshape(1, 2, 2) / 255
    for seed in range(6):
        gradient = np.random.default_rng(seed).normal(size=(1, 2, 2))
        ball = LevelBall.around(
            picture.astype(np.float32), norm, 4.0 if norm == "linf" else 4 / 255
        )
        found = ball.farthest(gradient)
        assert ball.holds(found)
        tried = (np.array(c).reshape(1, 2, 2) for c in itertools.product(range(-4, 5), repeat=4))
        best = max(float((gradient * c).sum()) for c in tried if ball.holds(c))
        gained = float((gradient * found).sum())
        # L2 in whole levels is a knapsack: greedily filled it may lack the last level
        least = best - 1.01 * np.abs(gradient).max() if norm == "l2" else best
        assert gained >= least - 1e-9


def test_grey_moves_all_colours_alike() -> None:
    picture = clean(2)
    ball = LevelBall.around(picture, "l2", 0.05, grey=True)
    found = ball.farthest(np.random.default_rng(1).normal(size=(1, 6, 6)))
    whole = np.broadcast_to(found, picture.shape)
    assert ball.holds(found) and inside(picture, whole, "l2", 0.05)
    assert found.any()


def test_without_a_bound_only_black_and_white_are_the_end() -> None:
    picture = clean(3)
    ball = LevelBall.around(picture, "l2", None)
    change = ball.rounded(np.full(picture.shape, 400.0))
    assert (np.rint(picture * 255) + change == 255).all()
