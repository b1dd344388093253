"""Many tiles as one page: how large they are, and that each has its number."""

import numpy as np
import pytest

from cnnviz_gui.core import tile_page
from cnnviz_gui.core.tile_page import MOST, Head, Key


@pytest.mark.parametrize(
    ("channels", "side"), [(1280, 7), (1, 56), (64, 112), (40, 300), (2048, 1), (3, 5000)]
)
def test_the_maps_have_a_readable_size_and_the_page_a_sane_one(channels, side):
    plan = tile_page._plan((side, side), channels, 60)
    assert plan.shown == channels and 48 <= plan.size[0] <= 256
    rows = -(-channels // plan.columns)
    assert rows * plan.cell[0] + tile_page._HEAD <= MOST + plan.cell[0]
    assert plan.columns * plan.cell[1] <= MOST and plan.columns <= channels


def test_a_photograph_is_enlarged_smoothly_and_a_small_kernel_is_not():
    def shades(side):
        tile = np.zeros((1, side, side, 3), np.uint8)
        tile[:, :, side // 2 :] = 200
        page = tile_page.page(
            (side, side), [("0", "")], lambda first: tile[:first], Head("A", ("b",))
        )
        line = page[page.shape[0] - 60, 16:400, 0]
        return len(np.unique(line[: list(line).index(255)]))

    assert shades(3) == 2
    assert shades(96) > 2


@pytest.mark.parametrize("key", [None, Key("vik", -1.0, 1.0), Key("vik", -1.0, 1.0, ("a", "b"))])
@pytest.mark.parametrize("count", [1, 7, 5000])
def test_every_tile_has_its_place_up_to_the_largest_page(key, count):
    asked = []

    def paint(first):
        asked.append(first)
        return np.zeros((first, 3, 3, 3), np.uint8)

    said = [(str(number), "0.10") for number in range(count)]
    page = tile_page.page((3, 3), said, paint, Head("A title", ("what they are",), key))
    assert asked[0] == count if count < 1000 else 1000 < asked[0] < count
    assert page.dtype == np.uint8 and page.shape[2] == 3 and max(page.shape) <= MOST
    assert (page == 0).all(axis=2).sum() >= asked[0] * 40 * 40, "no tile covers another"
