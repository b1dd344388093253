"""A map in figures: each means what its name says."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz_gui.core import map_figures
from cnnviz_gui.core.faithfulness import middle

SIDE = 40


def blank() -> np.ndarray:
    return np.zeros((SIDE, SIDE), np.float32)


def test_a_square_is_marked_and_boxed():
    values = blank()
    values[10:20, 4:14] = 3
    found = map_figures.of_map(values, 0.15)
    assert (found.peak, found.box) == (3, (4, 10, 14, 20))
    assert found.marked == pytest.approx(100 / SIDE**2)
    assert found.inside == pytest.approx(1)
    assert found.spread == pytest.approx(100 / SIDE**2), "an even square fills itself"


def test_evidence_outside_the_box_is_told():
    values = blank()
    values[10:20, 4:14] = 3
    values[30:35, 30:40] = 2
    found = map_figures.of_map(values, 0.15)
    assert found.box == (4, 10, 14, 20) and found.inside == pytest.approx(300 / 400)
    assert found.marked == pytest.approx(150 / SIDE**2)


def test_the_spread_is_between_one_pixel_and_all():
    point = blank()
    point[3, 3] = 5
    even = blank() + 1
    assert map_figures.spread(point) == pytest.approx(1 / SIDE**2)
    assert map_figures.spread(even) == pytest.approx(1)
    assert map_figures.spread(blank()) == 0
    slope = np.linspace(0, 1, SIDE**2, dtype=np.float32).reshape(SIDE, SIDE)
    assert 0.5 < map_figures.spread(slope) < 1


def test_a_blob_in_the_middle_is_known():
    blob = middle((SIDE, SIDE)).astype(np.float32)
    blob -= blob.min()
    assert map_figures.of_map(blob, 0.15).centre == pytest.approx(1, abs=1e-3)
    assert map_figures.of_map(blob.max() - blob, 0.15).centre == pytest.approx(-1, abs=1e-3)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_a_map_that_marks_nothing_has_no_figures(bad):
    values = blank()
    values[:] = bad
    assert map_figures.of_map(values, 0.15) is None
