"""What is said of a plane: axes, ticks, the first border, what is cut off."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core import plane_words
from cnnviz_gui.core.plane_results import PlaneResult
from tests.state.test_plane_view import plane_result


def halves(a: float, b: float, side: int = 33, **given) -> PlaneResult:
    """Return a plane over [-2, 2] whose class 0 ends at a, and at b."""
    line = np.linspace(-2, 2, side)
    inside = (line[None] < a) & (line[:, None] < b)
    classes = np.where(inside, 0, 1).astype(np.int32)
    return plane_result(side=side, classes=classes, **given)


def test_the_first_border_is_told_in_the_units_of_the_axes() -> None:
    # Between points the winners of 0.6 change half way: 0.5 lies between 0.4375 and 0.5625.
    found = plane_words.first_borders(halves(0.5, 1.0, 33))
    assert found.along == pytest.approx(0.4375, abs=1e-3)
    assert found.across == pytest.approx(4 * 0.9375, abs=1e-2)  # a b is four epsilons
    assert "0.44 ε along the attack" in plane_words.borders(halves(0.5, 1.0, 33))


def test_behind_the_picture_there_is_no_border_along_the_attack() -> None:
    line = np.linspace(-2, 2, 33)
    classes = np.where(line[None] > -0.5, 0, 1).repeat(33, 0).astype(np.int32)
    behind = plane_result(side=33, classes=classes)
    assert plane_words.first_borders(behind) == plane_words.FirstBorders(None, None)
    assert plane_words.borders(behind) == "No border on the two axes through the picture."
    found = plane_words.borders(halves(0.5, 9.0))
    assert "0.44 ε along the attack, beyond 8.0 ε across" in found


def test_the_nearer_of_the_two_ways_across_counts() -> None:
    line = np.linspace(-2, 2, 33)
    inside = (line > -0.5) & (line < 1.5)
    classes = np.where(inside[:, None], 0, 1).repeat(33, 1).astype(np.int32)
    found = plane_words.first_borders(plane_result(side=33, classes=classes, units=(1.0, 1.0)))
    assert found.along is None and found.across == pytest.approx(0.4375 + 0.0, abs=0.07)


def test_one_class_alone_has_no_border_and_the_range_is_too_small() -> None:
    alone = halves(9, 9)
    alone = dataclasses.replace(alone, names=((0, "class 0"),))
    assert plane_words.borders(alone) == (
        "No border within 2.0 ε along and 8.0 ε across: widen the range."
    )
    unbounded = dataclasses.replace(alone, epsilon=None, units=(1.0, 1.0))
    assert "within 2.0 ×" in plane_words.borders(unbounded)


def test_ticks_are_round_and_as_many_as_have_room() -> None:
    assert plane_words.axis_ticks(-2, 2, 5) == [
        (-2, "−2"),
        (-1, "−1"),
        (0, "0"),
        (1, "1"),
        (2, "2"),
    ]
    assert [text for _, text in plane_words.axis_ticks(-9.1, 9.1, 5)] == ["−5", "0", "5"]
    assert [text for _, text in plane_words.axis_ticks(0.31, 0.44, 4)] == ["0.35", "0.40"]
    assert plane_words.axis_ticks(1, 1, 5) == [] == plane_words.axis_ticks(0, np.inf, 5)
    for most in range(1, 9):
        assert len(plane_words.axis_ticks(-0.37, 1.93, most)) <= most


def test_the_axes_name_what_lies_there() -> None:
    result = plane_result(across="tabby")
    assert plane_words.axes(result, "class", "PGD") == (
        "along PGD, in ε",
        "across, PGD towards tabby, as long, in ε",
    )
    random = plane_words.axes(result, "random", "PGD")[1]
    assert random == "across, a random direction, as long, in ε"
    free = plane_result(across="dog.png", epsilon=None)
    assert plane_words.axes(free, "image", "DeepFool") == (
        "along DeepFool, in lengths of its perturbation",
        "across, towards dog.png, in the same lengths",
    )


def test_where_there_is_little_room_an_axis_keeps_its_unit() -> None:
    title = "across, a random direction, as long, in ε"
    shorter = ["across, a random direction, in ε", "across, in ε"]
    assert plane_words.fitting(title, lambda text: True) == title
    assert plane_words.fitting(title, lambda text: len(text) < 40) == shorter[0]
    assert plane_words.fitting(title, lambda text: len(text) < 20) == shorter[1]
    assert plane_words.fitting(title, lambda text: False) == shorter[1]
    assert plane_words.fitting("along PGD, in ε", lambda text: False) == "along PGD, in ε"


def test_what_is_cut_off_is_told() -> None:
    assert "12.5 %" in plane_words.cut_off(plane_result())
    assert plane_words.cut_off(plane_result(clipped=0.0)) == ""
