"""A grid of heat maps: each cell is what the heat map alone gives."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from cnnviz_gui.core import registry
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, MethodError, RequestError, TargetError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.grid_requests import HeatmapGrid, MethodUse
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ChannelEdit, Heatmap, Predict
from cnnviz_gui.core.request_json import from_json

QUIET = NullContext()


@pytest.fixture
def use(make_params):
    def make(name, **given):
        return MethodUse(method=name, parameters=make_params("heatmap", name, **given))

    return make


@pytest.fixture
def grid(network, picture, use):
    return HeatmapGrid(
        model=network,
        image=picture,
        methods=(use("saliency"), use("grad-cam", score="probability")),
        targets=(3, 7),
    )


@pytest.fixture
def slow(monkeypatch):
    """A method that gathers three samples, and one that always refuses."""
    saliency = registry.method("heatmap", "saliency")

    def gather(classifier, image, target, layer, params, ctx):
        for done in range(1, 4):
            ctx.step(done, 3)
            value = HeatmapValue(map=image[0, 0] * done, samples=done, expected=3)
            if done < 3:
                ctx.partial(value)
        return value

    for name, changes in (
        ("slow", {"gathers": True, "run": gather}),
        ("never", {"needs": lambda facts: "It cannot be."}),
    ):
        made = dataclasses.replace(saliency, name=name, title=name.title(), **changes)
        monkeypatch.setitem(registry._METHODS, ("heatmap", name), made)
    return SimpleNamespace(params=saliency.params())


def cells(result):
    return {(cell.row, cell.column): cell for cell in result.cells}


def test_each_cell_is_the_heat_map_alone(grid, new_session):
    result = execute(grid, new_session(), QUIET)
    assert result.rows == ("Saliency", "Grad-CAM")
    assert [column.target.index for column in result.columns] == [3, 7]
    assert len(result.cells) == result.expected == 4
    for cell in result.cells:
        use, column = grid.methods[cell.row], result.columns[cell.column]
        alone = Heatmap(
            model=grid.model,
            image=grid.image,
            method=use.method,
            parameters=use.parameters,
            target=column.target.index,
        )
        expected = execute(alone, new_session(), QUIET)
        np.testing.assert_array_equal(cell.result.map, expected.map)
        assert not cell.result.map.flags.writeable
        assert (cell.result.method, cell.result.target) == (use.method, column.target)
        assert cell.result.seconds > 0


def test_without_classes_the_predicted_ones_are_the_columns(grid, new_session):
    session = new_session()
    result = execute(dataclasses.replace(grid, targets=(), top=4), session, QUIET)
    predicted = execute(Predict(model=grid.model, image=grid.image, top=4), session, QUIET)
    assert [c.target.index for c in result.columns] == [s.index for s in predicted.scores]


def test_each_layer_is_a_column_and_a_method_of_pixels_says_why_not(grid, new_session):
    asked = dataclasses.replace(grid, targets=(3,), layers=("stem", "conv"))
    result = execute(asked, new_session(), QUIET)
    found = cells(result)
    assert [column.layer for column in result.columns] == ["stem", "conv"]
    assert [found[1, place].result.layer for place in (0, 1)] == ["stem", "conv"]
    assert found[0, 0].result is None
    assert "one map for all layers" in found[0, 0].refused


def test_the_network_is_asked_as_it_is_edited(grid, new_session):
    edits = tuple(ChannelEdit(layer="stem", channel=place) for place in range(4))
    edited = execute(dataclasses.replace(grid, edits=edits), new_session(), QUIET)
    plain = execute(grid, new_session(), QUIET)
    for one, other in zip(edited.cells, plain.cells, strict=True):
        if one.row == 0:  # a map of the layer may be zero everywhere in both
            assert not np.array_equal(one.result.map, other.result.map)


def test_each_class_is_set_against_another_but_not_against_itself(grid, new_session):
    rather = execute(dataclasses.replace(grid, against=7), new_session(), QUIET)
    plain = execute(grid, new_session(), QUIET)
    found, before = cells(rather), cells(plain)
    assert found[0, 0].result.against.index == 7
    assert not np.array_equal(found[0, 0].result.map, before[0, 0].result.map)
    assert found[0, 1].result.against is None
    np.testing.assert_array_equal(found[0, 1].result.map, before[0, 1].result.map)
    with pytest.raises(TargetError):
        execute(dataclasses.replace(grid, against=10), new_session(), QUIET)


def test_ten_classes_of_grad_cam_take_one_cut(grid, use, monkeypatch, new_session):
    cuts = []
    whole = Classifier.cut
    monkeypatch.setattr(Classifier, "cut", lambda *given: cuts.append(given) or whole(*given))
    asked = dataclasses.replace(grid, methods=(use("grad-cam"),), targets=tuple(range(10)))
    assert len(execute(asked, new_session(), QUIET).cells) == 10
    assert len(cuts) == 1


def test_maps_that_are_known_are_shown_first_and_not_made_again(grid, new_session, recorder):
    session, ctx = new_session(), recorder()
    saliency = grid.methods[0]
    winner = Heatmap(
        model=grid.model,
        image=grid.image,
        method=saliency.method,
        parameters=saliency.parameters,
    )
    alone = execute(winner, session, QUIET)
    asked = dataclasses.replace(grid, targets=(alone.target.index, 0))
    result = execute(asked, session, ctx)
    assert [(cell.row, cell.column) for cell in ctx.partials[0].cells] == [(0, 0)]
    assert cells(result)[0, 0].result is alone, "also where the class had been left open"
    again = execute(dataclasses.replace(asked, targets=(0,)), session, QUIET)
    assert cells(again)[1, 0].result is cells(result)[1, 1].result
    assert execute(winner, session, QUIET) is alone


def test_quick_methods_come_first_and_samples_are_shown(grid, use, slow, recorder, new_session):
    ctx = recorder()
    methods = (MethodUse(method="slow", parameters=slow.params), *grid.methods)
    result = execute(dataclasses.replace(grid, methods=methods, targets=(3,)), new_session(), ctx)
    seen = [[(c.row, c.result.samples) for c in part.cells] for part in ctx.partials]
    assert [row for row, _ in seen[0]] == [2], "Grad-CAM, in the last row, at a layer"
    assert [row for row, _ in seen[1]] == [1, 2]
    assert [part[0] for part in seen[2:]] == [(0, 1), (0, 2), (0, 3)]
    assert cells(result)[0, 0].result.expected == 3
    done = [step for step, total in ctx.steps if total == 10_000]
    assert done == sorted(done)
    assert done[-1] == 10_000


def test_what_a_method_refuses_is_said_in_its_cell(grid, slow, new_session):
    never = MethodUse(method="never", parameters=slow.params)
    result = execute(
        dataclasses.replace(grid, methods=(never, *grid.methods)), new_session(), QUIET
    )
    refused = [cell for cell in result.cells if cell.result is None]
    assert {(cell.row, cell.refused) for cell in refused} == {(0, "It cannot be.")}
    assert len(result.cells) == 6


def test_a_cancelled_grid_leaves_nothing_behind(grid, recorder, new_session):
    session = new_session()
    with pytest.raises(Cancelled):
        execute(grid, session, recorder(cancel_at=8))
    result = execute(grid, session, QUIET)
    whole = execute(grid, new_session(), QUIET)
    for one, other in zip(result.cells, whole.cells, strict=True):
        np.testing.assert_array_equal(one.result.map, other.result.map)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"methods": ()}, RequestError),
        ({"layers": ()}, RequestError),
        ({"targets": (), "top": 0}, RequestError),
        ({"targets": (3, 10)}, TargetError),
    ],
)
def test_what_cannot_be_is_refused(grid, changes, error, new_session):
    with pytest.raises(error):
        execute(dataclasses.replace(grid, **changes), new_session(), QUIET)


def test_the_request_survives_json(grid):
    assert from_json(grid.to_json()) == grid


@pytest.mark.parametrize(
    "methods", [b"7", b"[7]", b'[{"parameters": {}}]', b'[{"method": "saliency", "speed": 1}]']
)
def test_methods_that_are_none_are_refused(grid, methods):
    begin, middle = b'{"task": "heatmap-grid", "model": {"name": "x"}, "image": ', b', "methods": '
    with pytest.raises(RequestError):
        from_json(begin + b'{"path": "x"}' + middle + methods + b"}")


def test_an_unknown_method_is_refused(grid):
    text = grid.to_json().replace(b'"saliency"', b'"divination"')
    with pytest.raises(MethodError, match="no heat map 'divination'"):
        from_json(text)
