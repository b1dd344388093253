"""What is drawn between the points of a plane: regions, borders, lines of equal loss, names."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz_gui.core import plane_drawing
from cnnviz_gui.core.plane_drawing import FINE
from cnnviz_gui.core.plane_lines import traced
from cnnviz_gui.core.plane_results import OTHERS, UNKNOWN, PlaneDrawing


def drawn(logits: np.ndarray, *, stride: int = 1, label: int = 0, kept: int = 8) -> PlaneDrawing:
    """Draw logits (K, S, S) of points over [-1, 1], row 0 at the least b; NaN where unknown."""
    logs = logits - np.log(np.exp(logits).sum(0))
    order = np.argsort(-logs, axis=0)[: min(kept, len(logs))]
    best = np.take_along_axis(logs, order, 0)
    unknown = np.isnan(logits[0])
    classes = np.where(unknown, UNKNOWN, order).astype(np.int32)
    found = (
        np.moveaxis(classes, 0, 2),
        np.moveaxis(best.astype(np.float32), 0, 2),
        (-logs[label]).astype(np.float32),
    )
    return plane_drawing.draw(found, stride, label, 1.0)


def places(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (a, b) of the points of a grid over [-1, 1]."""
    line = np.linspace(-1, 1, side)
    return line[None].repeat(side, 0), line[:, None].repeat(side, 1)


def pieces(line: np.ndarray) -> list[np.ndarray]:
    """Return the lines one by one."""
    gaps = np.flatnonzero(np.isnan(line[:, 0]))
    return [part[~np.isnan(part[:, 0])] for part in np.split(line, gaps)]


@pytest.mark.parametrize("side", [17, 33, 65, 129])
def test_a_straight_border_is_where_the_linear_classifier_has_it(side: int) -> None:
    a, b = places(side)
    found = drawn(np.stack([np.zeros_like(a), 5 * (a + 0.3 * b - 0.17)]))
    (line,) = pieces(found.borders)
    assert np.abs(line @ (1, 0.3) - 0.17).max() < 1e-5
    assert sorted((line[0, 1], line[-1, 1])) == pytest.approx([-1, 1])  # from edge to edge
    fine_a, fine_b = places(FINE)
    inside = fine_a + 0.3 * fine_b > 0.17
    assert (found.classes == inside)[np.abs(fine_a + 0.3 * fine_b - 0.17) > 1e-5].all()


def test_three_classes_meet_in_one_point() -> None:
    a, b = places(33)
    turn = 2 * np.pi / 3
    found = drawn(np.stack([3 * (a * np.cos(k * turn) + b * np.sin(k * turn)) for k in range(3)]))
    lines = pieces(found.borders)
    assert len(lines) == 3
    ends = np.stack([line[end] for line in lines for end in (0, -1)])
    near = ends[np.linalg.norm(ends, axis=1) < 0.02]
    assert len(near) == 3 and np.allclose(near, near[0])
    assert {spot.index for spot in found.spots} == {0, 1, 2}


def test_a_round_region_has_one_closed_border() -> None:
    a, b = places(65)
    found = drawn(np.stack([np.zeros_like(a), 4 * (0.36 - a**2 - b**2)]))
    (line,) = pieces(found.borders)
    assert np.allclose(line[0], line[-1])
    assert np.abs(np.hypot(*line.T) - 0.6).max() < 2e-3


def test_where_one_class_has_all_there_is_no_border() -> None:
    found = drawn(np.stack([np.ones((17, 17)), np.zeros((17, 17))]))
    assert found.borders.shape == (0, 2) and not found.levels and found.contours.shape == (0, 2)
    (spot,) = found.spots
    assert spot.index == 0 and spot.wide > 0.5
    assert max(abs(spot.along), abs(spot.across)) > 0.05  # not over what is drawn in the middle


def test_the_points_themselves_are_shown_as_they_are() -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(5, 65, 65))
    found = drawn(logits)
    probabilities = np.exp(logits) / np.exp(logits).sum(0)
    assert np.array_equal(found.classes[::4, ::4], probabilities.argmax(0))
    assert np.allclose(found.confidence[::4, ::4], probabilities.max(0), atol=1e-5)
    assert np.allclose(found.loss[::4, ::4], -np.log(probabilities[0]), atol=1e-5)
    assert found.classes.shape == (FINE, FINE)


def test_what_is_not_known_lies_between_what_is() -> None:
    a, b = places(17)
    logits = np.stack([np.zeros_like(a), 5 * (a + 0.3 * b - 0.17)])
    begun = np.full_like(logits, np.nan)
    begun[:, ::4, ::4] = logits[:, ::4, ::4]
    begun[:, 0:5:2, ::2] = logits[:, 0:5:2, ::2]  # of the next finer grid a part
    coarse, fine = drawn(begun, stride=4), drawn(logits)
    assert (coarse.classes == fine.classes).mean() > 0.999  # what is linear stays as it is
    assert np.abs(pieces(coarse.borders)[0] @ (1, 0.3) - 0.17).max() < 1e-5


def test_a_point_of_a_finer_grid_counts_as_soon_as_it_is_known() -> None:
    logits = np.full((2, 17, 17), np.nan)
    logits[:, ::4, ::4] = np.array([2.0, 0.0])[:, None, None]
    logits[:, 2, 2] = (0.0, 4.0)
    found = drawn(logits, stride=4)
    assert found.classes[32, 32] == 1 and found.classes[64, 64] == 0
    (line,) = pieces(found.borders)
    assert np.allclose(line[0], line[-1])


def test_many_classes_share_what_is_left() -> None:
    side, each = 65, 16
    winner = np.arange(side)[:, None] // 17 * 4 + np.arange(side)[None] // 17
    logits = (winner == np.arange(each)[:, None, None]) * 3.0
    found = drawn(logits, label=5)
    shown = set(np.unique(found.classes).tolist())
    assert OTHERS in shown and 5 in shown and len(shown) == 13
    chosen = shown - {OTHERS}
    sparse = found.classes[::4, ::4]
    assert np.array_equal(sparse, np.where(np.isin(winner, list(chosen)), winner, OTHERS))


def test_a_class_beyond_those_kept_at_a_point_does_not_win_there() -> None:
    logits = np.random.default_rng(1).normal(size=(40, 17, 17)) * 4
    full, kept = drawn(logits, kept=40), drawn(logits, kept=8)
    assert np.array_equal(full.classes[::16, ::16], kept.classes[::16, ::16])
    assert (full.classes == kept.classes).mean() > 0.9


def test_lines_of_equal_loss_lie_where_the_loss_is_that() -> None:
    a, _ = places(33)
    p = (a + 1.2) / 2.4  # of class 0, from 0.08 to 0.92
    found = drawn(np.stack([np.log(p), np.log(1 - p)]))
    assert 3 <= len(found.levels) <= 8 and list(found.levels) == sorted(found.levels)
    lines = pieces(found.contours)
    assert len(lines) == len(found.levels)
    loss = -np.log(p[0])
    for line, level in zip(lines, found.levels, strict=True):
        exact = np.interp(-level, -loss, a[0])
        assert np.abs(line[:, 0] - exact).max() < 1e-4


def test_a_name_stands_where_it_has_room() -> None:
    a, b = places(65)
    found = drawn(np.stack([np.zeros_like(a), 9 * (np.abs(b - 0.6) < 0.15) - 4.5]))
    for spot in found.spots:
        columns = np.linspace(spot.along - spot.wide, spot.along + spot.wide, 9)
        rows = np.linspace(spot.across - spot.high, spot.across + spot.high, 9)
        grid = [np.round((part + 1) / 2 * (FINE - 1)).astype(int) for part in (rows, columns)]
        inside = [(g >= 0) & (g < FINE) for g in grid]
        assert (found.classes[np.ix_(grid[0][inside[0]], grid[1][inside[1]])] == spot.index).all()
    assert {spot.index for spot in found.spots} == {0, 1}
    stripe = next(spot for spot in found.spots if spot.index == 1)
    assert abs(stripe.across - 0.6) < 0.05 and stripe.high < 0.2


def test_lines_pass_every_crossing_once() -> None:
    rng = np.random.default_rng(0)
    fields = rng.normal(size=(3, 20, 20)).astype(np.float32)
    winners = fields.argmax(0)
    lines = pieces(traced(fields))
    points = np.concatenate(lines)
    inner = [line[1:-1] if not np.allclose(line[0], line[-1]) else line[1:] for line in lines]
    stepped = np.concatenate(inner)
    assert len(np.unique(stepped.round(5), axis=0)) == len(stepped)
    level = np.isclose(points[:, 1] % 1, 0) & ~np.isclose(points[:, 0] % 1, 0)
    across = {(int(y), int(x)) for x, y in points[level]}
    expected = set(zip(*np.nonzero(winners[:, 1:] != winners[:, :-1]), strict=True))
    assert across == {(int(row), int(column)) for row, column in expected}
