"""A thousand heat maps leave nothing behind."""

import gc

import psutil
import torch

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.request import Heatmap

LAYERS = ("stem", "act", "conv", "last")


def tensors():
    gc.collect()
    return sum(isinstance(thing, torch.Tensor) for thing in gc.get_objects())


def test_a_thousand_heat_maps_grow_memory_by_less_than_five_per_cent(
    session, network, picture, make_params
):
    parameters = make_params("heatmap", "grad-cam")
    process = psutil.Process()

    def explain(number):
        request = Heatmap(
            model=network,
            image=picture,
            method="grad-cam",
            parameters=parameters,
            target=number % 10,
            layer=LAYERS[number % len(LAYERS)],
        )
        execute(request, session, NullContext())

    for number in range(50):
        explain(number)
    before, alive = process.memory_info().rss, tensors()
    for number in range(1000):
        explain(number)
    assert tensors() <= alive + len(LAYERS)
    assert process.memory_info().rss < 1.05 * before
