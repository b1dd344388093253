"""The view of one map: what it gives away."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Heatmap, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.panels.heatmaps.map_box import MapBox
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.selection import LockedRange

CAT = Score(0, "cat", 0.5, 1.0)
COLOUR = np.linspace(-1, 1, 192, dtype=np.float32).reshape(3, 8, 8)
METHOD = Method(
    "heatmap", "guided-backprop", "Guided", "", "", "", Params, lambda facts: "", True, print
)


@pytest.fixture
def box(state, qtbot):
    state.share(methods=(METHOD,))
    state.select(stage="heatmaps", heatmap_method=METHOD.name)
    image, model = state.selection.image, state.selection.model
    seen = np.full((8, 8, 3), 120, np.uint8)
    prediction = Prediction(scores=(CAT,), seen=seen)
    state.found("predict", Finding("done", Predict(model=model, image=image), prediction))
    request = Heatmap(model=model, image=image, method=METHOD.name, parameters=Params())
    result = HeatmapResult(
        method=METHOD.name, layer="", target=CAT, map=np.ones((8, 8), np.float32), coarse=None,
        signed=False, colour=COLOUR,
    )  # fmt: skip
    state.found("heatmap", Finding(asked=request).finished(request, result))
    made = MapBox(state)
    qtbot.addWidget(made)
    return made


def test_a_complete_map_gives_what_writes_it_as_a_figure_just_as_it_is_drawn(box, state):
    state.show(opacity=0.4, photograph="grey")
    locked = LockedRange(method=METHOD.name, signed=False, low=0.0, high=4.0)
    state.show(locked_range=locked)
    figure = box.export().figure
    assert figure.heatmap == box.export().request
    assert (figure.look.opacity, figure.look.photograph, figure.ends) == (0.4, "grey", (0.0, 4.0))
    state.found("heatmap", state.finding("heatmap").stopped())
    assert box.export().figure is None


def test_what_is_drawn_in_colour_is_given_away_so(box, state):
    assert box.export().array.shape == (8, 8)
    before = box.export().picture
    state.show(heatmap_in_colour=True)
    export = box.export()
    np.testing.assert_array_equal(export.array, COLOUR)
    assert (export.picture != before).any()
    middle = export.picture[4, 4].astype(int)
    assert middle[0] < 128 < middle[2], "the signs of red and blue"


def test_the_title_names_no_class_where_the_method_looks_at_none(box, state):
    assert box._map.pane.accessibleName() == "Guided, cat"
    finding = state.finding("heatmap")
    free = dataclasses.replace(finding.value, class_free=True, against=CAT)
    state.found("heatmap", finding.finished(finding.request, free))
    assert box._map.pane.accessibleName() == "Guided, ignores the class"
    assert not box.export().stem.endswith("-cat"), "the picture is named so too"
