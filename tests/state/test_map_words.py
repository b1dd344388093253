"""What is told of a heat map to those who do not see it."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.state import map_words


def result(values, *, signed=False):
    return HeatmapResult(
        method="grad-cam", layer="head", target=Score(1, "tiger cat", 0.383, 2.0),
        map=np.array(values, np.float32), coarse=None, signed=signed,
    )  # fmt: skip


def test_the_strongest_place_is_told_with_its_value_and_the_class():
    told = map_words.of_map(result([[0, 0, 0, 0], [0, 0.5, 0, 0.1]]))
    assert told == (
        "Strongest at 38 % from the left and 75 % from the top, 0.500, "
        "for tiger cat, 38.3 %; not signed"
    )


def test_of_a_signed_map_the_largest_magnitude_counts():
    told = map_words.of_map(result([[0.2, -0.5]], signed=True))
    assert "75 % from the left" in told
    assert "−0.500" in told
    assert told.endswith("; signed")


def test_a_class_without_a_name_is_left_out():
    assert "tiger" not in map_words.of_map(result([[1.0]]), nameless=True)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_map_with_nothing_in_it_says_so(value):
    assert map_words.of_map(result([[value, value]])) == "Zero everywhere"


def test_of_a_method_that_looks_at_no_class_none_is_named():
    free = dataclasses.replace(result([[1.0]]), class_free=True)
    told = map_words.of_map(free)
    assert "tiger" not in told and told.endswith(", whatever the class; not signed")
