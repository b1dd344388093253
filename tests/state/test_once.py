"""What is worked out of a result is kept as long as the result, and no longer."""

import gc
import weakref

import numpy as np
import pytest

from cnnviz_gui.core.result import LayerMaps
from cnnviz_gui.state import dossier_view, map_orders
from cnnviz_gui.state.once import once


def layer(side=4):
    maps = np.random.default_rng(0).standard_normal((8, side, side)).astype(np.float32)
    return LayerMaps(layer="a", maps=maps, filters=None, bias=None)


def test_it_is_worked_out_once_for_each_result_and_argument():
    asked = []

    @once
    def total(result, factor, *, plus=0):
        asked.append(result)
        return float(result.maps.sum()) * factor + plus

    first, second = layer(), layer(2)
    assert total(first, 1) == total(first, 1) != total(first, 2)
    assert total(second, 1) != total(first, 1)
    assert total(first, 1, plus=1) == total(first, 1) + 1
    assert asked == [first, first, second, first]


@pytest.mark.parametrize(
    "ask",
    [
        map_orders.statistics,
        lambda result: map_orders.moved(result, layer()),
        lambda result: map_orders.moved(KEPT, result),
        lambda result: dossier_view.distribution(result, 3),
        dossier_view._ceiling,
    ],
)
def test_the_activations_of_a_layer_left_behind_are_let_go(ask):
    result = layer()
    ask(result)
    gone = weakref.ref(result.maps)
    del result
    gc.collect()
    assert gone() is None


KEPT = layer()
