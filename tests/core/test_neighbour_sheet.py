"""The sheet of similar pictures: where each stands, and how large the page is."""

import numpy as np
import pytest

from cnnviz_gui.core.neighbour_sheet import Named, sheet

TOP, LEFT = 16 + 2 * 20 + 8, 16 + 224 + 24
ASKED = Named(np.full((32, 32, 3), (250, 0, 0), np.uint8), "cat.png")


def drawn(count):
    one = Named(np.full((160, 160, 3), (0, 0, 250), np.uint8), "a-name-beyond-all-room.jpg", "0.5")
    return sheet(ASKED, [one] * count, "cat.png · Net", "20 pictures")


def test_the_picture_asked_about_stands_before_those_found_each_with_its_words():
    page = drawn(8)
    assert (page[TOP : TOP + 224, 16 : 16 + 224] == (250, 0, 0)).all()
    blue = (page == (0, 0, 250)).all(axis=2)
    assert blue.sum() == 8 * 160 * 160 and blue[TOP : TOP + 160, LEFT : LEFT + 160].all()
    assert page[:TOP].min() < 60 and page[-16:].min() == 255
    for left, side, high in ((16, 224, 224), (LEFT, 160, 160), (LEFT + 168, 160, 160)):
        assert page[TOP + high : TOP + high + 20, left : left + side].min() < 60, "its name"
    gap = page[TOP : TOP + 180, LEFT + 160 : LEFT + 168]
    assert gap.min() == 255, "a long name is cut"


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_the_page_is_as_wide_as_what_was_found(count):
    page = drawn(count)
    assert page.shape[1] == max(560, LEFT + count * 168 - 8 + 16)
    assert page.shape[0] == TOP + 224 + 20 + 16
