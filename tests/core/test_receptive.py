"""Which part of the picture a cell sees, and which cell sees a pixel."""

import pytest

from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.receptive import cell_at, field_box


def layer(shape=(8, 4, 6), field=(5, 5), jump=(2, 2), offset=(0.5, 0.5)):
    return LayerFacts(
        "conv", "Conv2d", 0, "", shape, 10, "", 10, field, jump, offset, (3, 3), (1, 1), (1, 1),
        1, True, "conv",
    )  # fmt: skip


def test_a_field_is_the_square_of_pixels_about_the_centre_of_its_cell():
    # Centre of cell (1, 2): pixel 0.5 + 2 * 2 = 4.5 across, 2.5 down; five pixels to a side.
    assert field_box(layer(), 1, 2) == (2.5, 0.5, 7.5, 5.5)


def test_a_single_pixel_is_its_own_field():
    one = layer(field=(1, 1), jump=(1, 1), offset=(0.0, 0.0))
    assert field_box(one, 3, 5) == (5.0, 3.0, 6.0, 4.0)


def test_a_field_can_be_wide_and_low():
    # Cell (1, 2): row 1 + 4 * 1 = 5 and column 3 + 2 * 2 = 7 are its centre.
    one = layer(field=(3, 7), jump=(4, 2), offset=(1.0, 3.0))
    assert field_box(one, 1, 2) == (4.0, 4.0, 11.0, 7.0)
    assert cell_at(one, 7, 5, 24) == (1, 2)


def test_a_field_may_reach_beyond_the_picture():
    left, top, _, _ = field_box(layer(field=(9, 9)), 0, 0)
    assert left < 0 and top < 0


def test_what_sees_everything_has_no_field():
    assert field_box(layer(field=None, jump=None, offset=None), 0, 0) is None


@pytest.mark.parametrize("row", range(4))
@pytest.mark.parametrize("column", range(6))
def test_the_pixel_in_the_middle_of_a_field_belongs_to_its_cell(row, column):
    one = layer(field=(7, 7), jump=(4, 4), offset=(3.0, 3.0))
    left, top, right, bottom = field_box(one, row, column)
    spot = int((left + right) / 2), int((top + bottom) / 2)
    assert cell_at(one, *spot, 24) == (row, column)


def test_pixels_beyond_the_outermost_cells_belong_to_these():
    assert cell_at(layer(), 0, 0, 24) == (0, 0)
    assert cell_at(layer(), 23, 23, 24) == (3, 5)


def test_where_a_cell_sees_everything_cells_lie_evenly():
    one = layer(shape=(8, 4, 4), field=None, jump=None, offset=None)
    assert cell_at(one, 0, 23, 24) == (3, 0)
    assert cell_at(one, 13, 5, 24) == (0, 2)


def test_a_vector_has_no_cells():
    assert cell_at(layer(shape=(10,)), 0, 0, 24) is None
