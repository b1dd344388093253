"""How a heat map is drawn: what lies under it, and the three colours it was merged of."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core import render
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.look import Look, natural_range, painted

PHOTO = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
COLOUR = np.zeros((3, 6, 8), np.float32)
COLOUR[0, 0, 0], COLOUR[2, 5, 7] = 2.0, -2.0


def made(*, signed: bool, value: float = 0.0, colour: np.ndarray | None = None) -> HeatmapResult:
    return HeatmapResult(
        method="m", layer="", target=Score(0, "cat", 0.5, 1.0),
        map=np.full((6, 8), value, np.float32), coarse=None, signed=signed, colour=colour,
    )  # fmt: skip


def drawn(result: HeatmapResult, look: Look) -> np.ndarray:
    return painted(result, PHOTO, look, *natural_range(result, in_colour=look.in_colour))


def has_hues(picture: np.ndarray) -> bool:
    return bool((picture.max(2).astype(int) - picture.min(2) > 1).any())


def test_under_a_map_with_a_sign_the_photograph_is_grey_unless_chosen_otherwise() -> None:
    usual = Look()
    assert has_hues(drawn(made(signed=False), usual))
    assert not has_hues(drawn(made(signed=True), usual))
    assert has_hues(
        drawn(made(signed=True), dataclasses.replace(usual, photograph_signed="colour"))
    )
    assert not has_hues(drawn(made(signed=False), dataclasses.replace(usual, photograph="grey")))


@pytest.mark.parametrize("signed", [False, True])
def test_without_a_photograph_the_colour_map_stands_alone(signed: bool) -> None:
    look = Look(photograph="none", photograph_signed="none", opacity=0.2)
    result = made(signed=signed, value=1.0)
    table = render.colormap(look.colour_map(result))
    assert (drawn(result, look) == table[255]).all()


def test_in_colour_nothing_is_grey_and_the_signs_lie_on_either_side() -> None:
    result, look = made(signed=False, colour=COLOUR), Look(in_colour=True)
    picture = painted(result, PHOTO, look, -2.0, 2.0)
    assert (picture[2, 2] == 128).all()
    assert picture[0, 0].tolist() == [255, 128, 128]
    assert picture[5, 7].tolist() == [128, 128, 0]
    low, high = natural_range(result, in_colour=True)
    assert low == -high and 0 < high <= 2.0
    assert look.colour_map(result) == "grey"


def test_a_map_without_colours_is_drawn_as_ever() -> None:
    result = made(signed=False, value=1.0)
    np.testing.assert_array_equal(drawn(result, Look(in_colour=True)), drawn(result, Look()))
