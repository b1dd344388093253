"""From a map to a place: parts, boxes, and how well a drawn box is met."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from cnnviz_gui.core import localisation as place_of
from cnnviz_gui.core.localisation import TOLERANCE, agree, iou, largest_part, locate


def by_scipy(mask: np.ndarray) -> np.ndarray:
    """The same by the labels of SciPy, whose numbers follow the order of reading."""
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    if not count:
        return np.zeros_like(mask)
    sizes = np.bincount(labels.ravel())[1:]
    return labels == 1 + int(sizes.argmax())


@given(arrays.arrays(bool, arrays.array_shapes(min_dims=2, max_dims=2, max_side=12)))
def test_the_largest_part_is_scipys(mask: np.ndarray) -> None:
    assert np.array_equal(largest_part(mask), by_scipy(mask))


@pytest.mark.parametrize("density", [0.2, 0.4, 0.5, 0.6, 0.9])
def test_the_largest_part_is_scipys_at_full_size(density: float) -> None:
    mask = np.random.default_rng(0).random((224, 224)) < density
    assert np.array_equal(largest_part(mask), by_scipy(mask))


def test_a_spiral_is_one_part() -> None:
    mask = np.zeros((41, 41), bool)
    row, column, down, right, length = 0, 0, 0, 1, 40
    while length > 0:
        for _ in range(length):
            mask[row, column] = True
            row, column = row + down, column + right
        down, right = right, -down
        length -= 1
    assert mask.sum() > 100
    assert np.array_equal(largest_part(mask), by_scipy(mask))


def blob(height: int = 60, width: int = 80) -> np.ndarray:
    """A large plateau of 2 with a tip of 10, and apart from it a small one of 9."""
    values = np.zeros((height, width), np.float32)
    values[10:30, 20:50] = 2
    values[15, 25] = 10
    values[50:53, 70:74] = 9
    return values


def test_the_place_is_the_largest_part_and_its_box_is_tight() -> None:
    place = locate(blob())
    assert place is not None
    assert (place.box, place.threshold) == ((20, 10, 50, 30), pytest.approx(2.0))
    assert place.mask.sum() == 600 and not place.mask.flags.writeable
    higher = locate(blob(), 0.5)
    assert higher is not None and higher.box == (70, 50, 74, 53), "of what is left the largest"
    top = locate(blob(), 1.0)
    assert top is not None and top.box == (25, 15, 26, 16)
    everything = locate(blob(), 0.0)
    assert everything is not None and everything.box == place.box


def test_only_what_speaks_for_the_class_has_a_place() -> None:
    signed = -blob()
    assert locate(signed) is None and place_of.peak(signed) is None
    signed[40, 5] = 0.1
    signed[0, 0] = np.nan
    found = locate(signed)
    assert found is not None and found.box == (5, 40, 6, 41)
    assert locate(np.zeros((4, 4), np.float32)) is None


def test_a_map_that_is_nowhere_near_zero_counts_from_its_least_value_on() -> None:
    """As those of RISE do: of its own maximum every pixel has more than 20 %."""
    plain, raised = locate(blob()), locate(blob() + 7)
    assert plain is not None and raised is not None
    assert raised.box == plain.box and np.array_equal(raised.mask, plain.mask)
    assert raised.threshold == pytest.approx(7 + plain.threshold)
    truth = (20, 10, 50, 30)
    assert agree(blob() + 7, truth).energy == pytest.approx(agree(blob(), truth).energy, rel=1e-5)
    assert locate(np.full((4, 4), 0.3, np.float32)) is None
    assert locate(np.full((4, 4), np.nan, np.float32)) is None
    high = place_of.reaching(blob())
    assert high.sum() == 612 and place_of.reaching(blob(), 1.0).sum() == 1


def test_a_crop_is_what_the_box_holds() -> None:
    picture = np.arange(60 * 80 * 3).reshape(60, 80, 3)
    part = place_of.crop(picture, (20, 10, 50, 30))
    assert part.shape == (20, 30, 3) and part[0, 0, 0] == picture[10, 20, 0]
    assert place_of.crop(picture, (-5, -5, 3, 2)).shape == (2, 3, 3)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ((0, 0, 10, 10), 1.0),
        ((10, 0, 20, 10), 0.0),
        ((5, 0, 15, 10), 1 / 3),
        ((0, 0, 5, 5), 0.25),
        ((20, 20, 10, 10), 0.0),
    ],
)
def test_intersection_over_union(other: place_of.Box, expected: float) -> None:
    one = (0, 0, 10, 10)
    assert iou(one, other) == pytest.approx(expected)
    assert iou(other, one) == pytest.approx(expected)


_BOX = st.tuples(*[st.integers(0, 12)] * 4).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


@given(_BOX, _BOX)
def test_it_is_what_counting_pixels_gives(one: place_of.Box, other: place_of.Box) -> None:
    a, b = np.zeros((12, 12), bool), np.zeros((12, 12), bool)
    place_of.crop(a, one)[...] = True
    place_of.crop(b, other)[...] = True
    union = (a | b).sum()
    assert iou(one, other) == pytest.approx((a & b).sum() / union if union else 0.0)


@given(_BOX, st.integers(0, 11), st.integers(0, 11), st.integers(0, 6))
def test_the_pointing_game_is_won_where_a_disc_meets_the_box(
    box: place_of.Box, row: int, column: int, tolerance: int
) -> None:
    values = np.zeros((12, 12), np.float32)
    values[row, column] = 1
    rows, columns = np.mgrid[:12, :12]
    disc = (rows - row) ** 2 + (columns - column) ** 2 <= tolerance**2
    inside = np.zeros((12, 12), bool)
    place_of.crop(inside, box)[...] = True
    assert place_of.points_into(values, box, tolerance) == bool((disc & inside).any())


def test_a_cell_that_was_enlarged_is_pointed_at_in_its_middle() -> None:
    cells = np.zeros((7, 7), np.float32)
    cells[2, 3] = 1
    assert place_of.peak(np.kron(cells, np.ones((32, 32), np.float32))) == (79, 111)


def test_agreement_with_a_drawn_box() -> None:
    exact = agree(blob(), (20, 10, 50, 30))
    assert (exact.iou, exact.hit, exact.near) == (1.0, True, True)
    assert exact.energy == pytest.approx((599 * 2 + 10) / (599 * 2 + 10 + 12 * 9))
    beside = agree(blob(), (25 + TOLERANCE, 10, 60, 30))
    assert (beside.hit, beside.near) == (False, True)
    assert not agree(blob(), (25 + TOLERANCE + 1, 10, 60, 30)).near
    nothing = agree(np.zeros((60, 80), np.float32), (0, 0, 80, 60))
    assert (nothing.iou, nothing.hit, nothing.near, nothing.energy) == (0.0, False, False, 0.0)
