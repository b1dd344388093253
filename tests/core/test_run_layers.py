"""One heat map at every layer: each is what the heat map alone gives there."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, MethodError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.request import Heatmap, HeatmapLayers
from cnnviz_gui.core.request_json import from_json


@pytest.fixture
def heatmap(network, picture, make_params):
    parameters = make_params("heatmap", "grad-cam")
    return Heatmap(model=network, image=picture, method="grad-cam", parameters=parameters, target=3)


def test_each_layer_has_the_map_it_has_alone(session, heatmap):
    layers = ("stem", "act", "conv")
    result = execute(HeatmapLayers(heatmap=heatmap, layers=layers), session, NullContext())
    assert [made.layer for made in result.maps] == list(layers)
    for made in result.maps:
        alone = dataclasses.replace(heatmap, layer=made.layer)
        expected = execute(alone, session, NullContext()).coarse
        np.testing.assert_array_equal(made.coarse, expected)


def test_maps_stream_from_the_last_layer_back(session, heatmap, recorder):
    ctx = recorder()
    execute(HeatmapLayers(heatmap=heatmap, layers=("stem", "act", "conv")), session, ctx)
    seen = [[made.layer for made in part.maps] for part in ctx.partials]
    assert seen == [["conv"], ["act", "conv"], ["stem", "act", "conv"]]
    assert {part.expected for part in ctx.partials} == {3}


def test_one_that_was_stopped_goes_on_where_it_was(session, heatmap, recorder):
    request = HeatmapLayers(heatmap=heatmap, layers=("stem", "act", "conv"))

    class Stopped(NullContext):
        def partial(self, result):
            if len(result.maps) == 2:
                raise Cancelled

    with pytest.raises(Cancelled):
        execute(request, session, Stopped())
    ctx = recorder()
    elsewhere = dataclasses.replace(request, heatmap=dataclasses.replace(heatmap, layer="stem"))
    result = execute(elsewhere, session, ctx)
    assert [len(part.maps) for part in ctx.partials] == [3], "two were there"
    session.forget_results()
    for one, anew in zip(result.maps, execute(request, session, NullContext()).maps, strict=True):
        np.testing.assert_array_equal(one.coarse, anew.coarse)


def test_a_layer_without_space_is_left_out(session, heatmap):
    request = HeatmapLayers(heatmap=heatmap, layers=("conv", "pool", "head"))
    result = execute(request, session, NullContext())
    assert [made.layer for made in result.maps] == ["conv"]


def test_a_method_that_works_at_no_layer_is_refused(session, heatmap, make_params):
    saliency = dataclasses.replace(
        heatmap, method="saliency", parameters=make_params("heatmap", "saliency")
    )
    with pytest.raises(MethodError, match="works at no layer"):
        execute(HeatmapLayers(heatmap=saliency, layers=("conv",)), session, NullContext())


def test_a_method_of_fine_lines_is_refused(session, heatmap, make_params):
    guided = dataclasses.replace(
        heatmap, method="guided-grad-cam", parameters=make_params("heatmap", "guided-grad-cam")
    )
    with pytest.raises(MethodError, match="on the grid of a layer"):
        execute(HeatmapLayers(heatmap=guided, layers=("conv",)), session, NullContext())


def test_the_request_survives_json(heatmap):
    request = HeatmapLayers(heatmap=heatmap, layers=("stem", "conv"))
    assert from_json(request.to_json()) == request
