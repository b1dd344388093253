"""Values that ascent makes grow, by the formulas of their papers and with loops in numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch.nn import functional

from cnnviz_gui.core.feature_requests import Unit
from cnnviz_gui.core.features import objectives
from cnnviz_gui.core.features.objectives import Objective

Array = npt.NDArray[np.float64]
MAPS = np.random.default_rng(0).normal(size=(4, 5, 3, 7))
"""Of four views, five channels, three rows and seven columns."""
VECTORS = np.random.default_rng(1).normal(size=(4, 5))


def value(objective: Objective) -> Array:
    given = {"maps": torch.tensor(MAPS), "vectors": torch.tensor(VECTORS)}
    return objective(given).numpy()


def cosine(one: Array, other: Array) -> float:
    return float(one.ravel() @ other.ravel() / np.linalg.norm(one) / np.linalg.norm(other))


def test_a_channel_answers_with_its_mean_a_cell_with_its_value() -> None:
    assert value(objectives.excite([Unit(layer="maps", channel=3)])) == pytest.approx(
        MAPS[:, 3].mean((1, 2))
    )
    row_and_column = Unit(layer="maps", channel=3, cell=(1, 5))
    assert value(objectives.excite([row_and_column])) == pytest.approx(MAPS[:, 3, 1, 5])
    centre = Unit(layer="maps", channel=3, cell="centre")
    assert value(objectives.excite([centre])) == pytest.approx(MAPS[:, 3, 1, 3])
    beyond = Unit(layer="maps", channel=3, cell=(2, 9))
    assert value(objectives.excite([beyond])) == pytest.approx(MAPS[:, 3, 2, 6]), "the nearest"
    assert value(objectives.excite([Unit(layer="vectors", channel=2)])) == pytest.approx(
        VECTORS[:, 2]
    )


def test_a_layer_answers_with_half_its_mean_square() -> None:
    """As Mordvintsev's DeepDream does, whose gradient is the activations themselves."""
    assert value(objectives.excite([Unit(layer="maps")])) == pytest.approx(
        [(one**2).sum() / one.size / 2 for one in MAPS]
    )
    maps = torch.tensor(MAPS, requires_grad=True)
    objectives.excite([Unit(layer="maps")])({"maps": maps}).sum().backward()
    assert maps.grad is not None
    assert maps.grad.numpy() == pytest.approx(MAPS / MAPS[0].size)


def test_several_units_are_added_with_their_weights() -> None:
    units = [Unit(layer="maps", channel=1, weight=-2.0), Unit(layer="vectors", channel=4)]
    assert value(objectives.excite(units)) == pytest.approx(
        -2 * MAPS[:, 1].mean((1, 2)) + VECTORS[:, 4]
    )


def test_each_picture_has_a_channel_of_its_own() -> None:
    units = [Unit(layer="maps", channel=4, weight=3.0), Unit(layer="maps", channel=0)]
    means = MAPS.mean((2, 3))
    assert value(objectives.each(units, 2)) == pytest.approx(
        [3 * means[0, 4], 3 * means[1, 4], means[2, 0], means[3, 0]]
    )


def test_a_walk_goes_in_equal_stops_from_the_first_to_the_second() -> None:
    units = [Unit(layer="maps", channel=1), Unit(layer="maps", channel=2, weight=-1.0)]
    first, second = MAPS[:, 1].mean((1, 2)), -MAPS[:, 2].mean((1, 2))
    stops = np.array([0, 1 / 3, 2 / 3, 1])
    assert value(objectives.blend(units, 4, 1)) == pytest.approx(
        (1 - stops) * first + stops * second
    )
    ends = np.array([0, 0, 1, 1])
    assert value(objectives.blend(units, 2, 2)) == pytest.approx((1 - ends) * first + ends * second)


@pytest.mark.parametrize("views", [1, 2])
def test_pictures_differ_by_the_cosine_of_their_gram_matrices(views: int) -> None:
    """Olah et al. 2017, from picture to picture; views of one picture may be alike."""
    grams = []
    for one in MAPS:
        gram = np.zeros((5, 5))
        for row in range(3):
            for column in range(7):
                gram += np.outer(one[:, row, column], one[:, row, column])
        grams.append(gram)
    expected = []
    for view in range(4):
        others = [other for other in range(4) if other // views != view // views]
        like = sum(cosine(grams[view], grams[other]) for other in others) / views
        expected.append(-1.5 * MAPS[view, 2].mean() - 0.7 * like)
    unit = Unit(layer="maps", channel=2, weight=-1.5)
    assert value(objectives.differ(unit, 0.7, views)) == pytest.approx(expected)


def expected_direction(view: Array, wanted: Array) -> float:
    """Return the dot product times its cosine, not less than a tenth of it, cell by cell."""
    found = []
    for row in range(3):
        for column in range(7):
            here = wanted if wanted.ndim == 1 else wanted[:, row, column]
            along = cosine(view[:, row, column], here)
            found.append(view[:, row, column] @ here * max(along, 0.1))
    return float(np.mean(found))


@pytest.mark.parametrize("shape", [(5,), (5, 3, 7)])
def test_a_direction_is_followed_by_dot_product_and_cosine(shape: tuple[int, ...]) -> None:
    wanted = np.random.default_rng(5).normal(size=shape)
    assert value(objectives.direction("maps", torch.tensor(wanted))) == pytest.approx(
        [expected_direction(view, wanted) for view in MAPS], rel=1e-5
    )
    if len(shape) == 1:
        assert value(objectives.direction("vectors", torch.tensor(wanted))) == pytest.approx(
            [one @ wanted * max(cosine(one, wanted), 0.1) for one in VECTORS], rel=1e-5
        )


def test_imitation_is_the_squared_distance_in_shares_of_what_is_imitated() -> None:
    wanted = np.random.default_rng(6).normal(size=(5, 3, 7))
    assert value(objectives.imitate("maps", torch.tensor(wanted))) == pytest.approx(
        [-((one - wanted) ** 2).sum() / (wanted**2).sum() for one in MAPS]
    )
    assert value(objectives.imitate("vectors", torch.tensor(wanted[:, 0, 0]))) == pytest.approx(
        [-((one - wanted[:, 0, 0]) ** 2).sum() / (wanted[:, 0, 0] ** 2).sum() for one in VECTORS]
    )


def test_maps_of_a_picture_that_grows_are_compared_at_its_size() -> None:
    wanted = torch.tensor(np.random.default_rng(7).normal(size=(5, 6, 14)))
    fitted = functional.interpolate(wanted[None], (3, 7), mode="bilinear", antialias=True)[0]
    assert value(objectives.imitate("maps", wanted)) == pytest.approx(
        value(objectives.imitate("maps", fitted))
    )
