import numpy as np
import pytest

from cnnviz_gui.core.result import LayerMaps
from cnnviz_gui.state.layer_view import statistics


@pytest.fixture
def maps() -> LayerMaps:
    values = np.zeros((4, 2, 3), np.float32)
    values[1] = [[1, 2, 3], [0, 0, 6]]
    values[2] = -1
    return LayerMaps(layer="stem", maps=values, filters=None, bias=None)


def test_numbers_of_maps(maps):
    known = statistics(maps)
    np.testing.assert_array_equal(known.mean, [0, 2, -1, 0])
    np.testing.assert_array_equal(known.low, [0, 0, -1, 0])
    np.testing.assert_array_equal(known.high, [0, 6, -1, 0])
    np.testing.assert_allclose(known.zeros, [1, 2 / 6, 0, 1])
    np.testing.assert_array_equal(known.strongest, [1, 0, 3, 2])
    np.testing.assert_array_equal(known.rank, [2, 1, 4, 3])
    assert known.silent == 2


def test_numbers_are_computed_once_a_result(maps):
    assert statistics(maps) is statistics(maps)
