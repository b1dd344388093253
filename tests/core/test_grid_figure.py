"""The figure of a grid of heat maps, its scales and its array."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.grid_figure import Tile, figure, stacked
from cnnviz_gui.core.grid_scales import natural, scales
from cnnviz_gui.core.heatmap_results import HeatmapResult

SIDE = 168
SEEN = np.full((SIDE, SIDE, 3), 120, np.uint8)


def made(peak, *, signed=False, side=SIDE, **changes):
    values = np.zeros((side, side), np.float32)
    values[: side // 2] = peak
    return HeatmapResult(
        method="m", layer="", target=Score(0, "cat", 0.5, 1.0), map=values, coarse=values[:2, :2],
        signed=signed, **changes,
    )  # fmt: skip


def test_each_map_has_its_own_scale_or_the_widest_of_its_row():
    row = [made(2.0), None, made(8.0)]
    own = scales(row, "own")
    assert (own[0], own[2]) == ((0.0, 2.0), (0.0, 8.0))
    assert scales(row, "row") == [(0.0, 8.0)] * 3
    assert scales([made(2.0, signed=True), made(3.0, signed=True)], "row") == [(-3.0, 3.0)] * 2


def test_a_scale_is_found_once_and_kept_no_longer_than_its_map():
    result = made(2.0)
    assert natural(result) is natural(result)
    assert natural(dataclasses.replace(result, map=2 * result.map)) == (0.0, 4.0)


@pytest.fixture
def drawn():
    def draw(tiles, **changes):
        columns = [("tiger cat", "38.3 %"), ("tabby", "16.8 %")]
        return figure(["Grad-CAM", "Layer-wise relevance propagation"], columns, tiles, **changes)

    return draw


def parts(picture):
    """Return the tiles of a figure of two rows and two columns."""
    left, top, across, down = 16 + 150, 16 + 40 + 8, SIDE + 8, SIDE + 26 + 8
    return {
        (row, column): picture[top + row * down :, left + column * across :][:SIDE, :SIDE]
        for row in (0, 1)
        for column in (0, 1)
    }


def test_the_figure_has_the_maps_in_their_places_and_heads_around(drawn):
    tiles = {(0, 0): Tile(made(2.0), SEEN), (1, 1): Tile(None, SEEN, "It cannot be done here.")}
    picture = drawn(tiles, footer="cat.png")
    assert picture.dtype == np.uint8
    found = parts(picture)
    assert (found[0, 0][: SIDE // 2] != found[0, 0][-1, -1]).any()
    assert len(np.unique(found[0, 1])) == len(np.unique(found[0, 1][0, 0])), "an empty place"
    assert found[1, 1].min() < 150, "a sentence"
    assert picture[:56, 166:].min() < 60, "heads of columns"
    assert picture[64:, :160].min() < 60, "heads of rows"
    assert picture[-40:].min() < 150, "what it is of"


def test_one_scale_for_a_row_dims_its_weaker_map(drawn):
    tiles = {(0, 0): Tile(made(2.0), SEEN), (0, 1): Tile(made(8.0), SEEN)}
    own, row = (parts(drawn(tiles, scale=scale)) for scale in ("own", "row"))
    np.testing.assert_array_equal(own[0, 0], own[0, 1])
    np.testing.assert_array_equal(row[0, 1], own[0, 1])
    assert (row[0, 0] != own[0, 0]).any()


def test_an_unfinished_map_says_how_far_it_is(drawn):
    whole = {(0, 0): Tile(made(2.0, samples=4, expected=4), SEEN)}
    part = {(0, 0): Tile(made(2.0, samples=3, expected=4), SEEN)}
    assert (parts(drawn(part))[0, 0] != parts(drawn(whole))[0, 0]).any()


def test_maps_of_another_size_are_drawn_at_the_size_of_the_largest(drawn):
    small = np.full((64, 64, 3), 120, np.uint8)
    tiles = {(0, 0): Tile(made(2.0), SEEN), (0, 1): Tile(made(2.0, side=64), small)}
    found = parts(drawn(tiles))
    assert np.abs(found[0, 0][10, 10].astype(int) - found[0, 1][10, 10]).max() <= 1


def test_the_array_has_every_map_and_no_number_where_there_is_none():
    small = made(3.0, side=100)
    array = stacked((1, 3), {(0, 0): made(2.0), (0, 1): None, (0, 2): small})
    assert array.shape == (1, 3, SIDE, SIDE)
    assert array.dtype == np.float32
    assert np.isnan(array[0, 1]).all()
    np.testing.assert_array_equal(array[0, 2, :100, :100], small.map)
    assert np.isnan(array[0, 2, 100:]).all()


def test_below_each_map_stands_its_scale_and_at_the_end_the_layer(drawn):
    plain, layered = made(2.0), dataclasses.replace(made(2.0), layer="head")
    picture = drawn({(0, 0): Tile(plain, SEEN)})
    top, left = 64 + SIDE + 3, 166
    bar = picture[top + 2, left : left + SIDE].astype(int).sum(1)
    assert bar[0] < 60 < bar[-1] and (np.diff(bar) > -8).all(), "inferno, from left to right"
    assert (picture[top, left + SIDE + 8 :] == 255).all(), "no bar where there is no map"
    assert (drawn({(0, 0): Tile(layered, SEEN)})[-40:] != picture[-40:]).any()
    named = figure(["m"], [("head", "a")], {(0, 0): Tile(layered, SEEN)})
    unnamed = figure(["m"], [("head", "a")], {(0, 0): Tile(plain, SEEN)})
    np.testing.assert_array_equal(named, unnamed)


def test_a_tile_may_bring_a_scale_of_its_own(drawn):
    locked = parts(drawn({(0, 0): Tile(made(2.0), SEEN, ends=(0.0, 8.0))}))[0, 0]
    row = {(0, 0): Tile(made(2.0), SEEN), (0, 1): Tile(made(8.0), SEEN)}
    np.testing.assert_array_equal(locked, parts(drawn(row, scale="row"))[0, 0])
