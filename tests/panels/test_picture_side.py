"""The line over the photograph beside the maps: what of it a cell sees."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.request import InspectLayer, ModelRef, Predict
from cnnviz_gui.core.result import LayerMaps, Prediction
from cnnviz_gui.panels.layers.picture_side import PictureSide
from cnnviz_gui.state.finding import Finding


def side_of(qtbot, state, *, field, cells=2, cell=None) -> PictureSide:
    """Return the side of a layer with a receptive field, over a picture of 4 x 4."""
    facts = state.shared.facts
    layer = dataclasses.replace(
        facts.layers[0],
        output_shape=(3, cells, cells),
        receptive_field=field and (field, field),
        offset=(1.5, 1.5),
    )
    state.use_network(ModelRef(name="other"), dataclasses.replace(facts, layers=(layer,)))
    state.select(stage="layers", layer="stem", channel=1, cell=cell)
    chosen = state.selection
    seen = np.zeros((4, 4, 3), np.uint8)
    predict = Predict(model=chosen.model, image=chosen.image)
    found = Prediction(scores=(Score(0, "cat", 1.0, 2.0),), seen=seen)
    state.found("predict", Finding().finished(predict, found))
    maps = np.arange(3 * cells * cells, dtype=np.float32).reshape(3, cells, cells)
    result = LayerMaps(layer="stem", maps=maps, filters=None, bias=None)
    request = InspectLayer(model=chosen.model, image=chosen.image, layer="stem")
    state.found("layer", Finding().finished(request, result))
    side = PictureSide(state)
    qtbot.addWidget(side)
    return side


POINT = "Point at a cell to see what it sees"
ALL = "Row 0, column 0 sees the whole picture"


@pytest.mark.parametrize(
    ("how", "map_of", "said"),
    [
        ({"field": 3}, "map of channel 1", POINT),
        ({"field": 3, "cell": (0, 0)}, "map of channel 1", "Row 0, column 0 sees what is framed"),
        ({"field": 9}, "map of channel 1", POINT),
        ({"field": 9, "cell": (0, 0)}, "map of channel 1", ALL),
        ({"field": None, "cell": (0, 0)}, "map of channel 1", ALL),
        ({"field": 4, "cells": 1}, "", "Sees the whole picture"),
        ({"field": 3, "cells": 1}, "", ""),
    ],
)
def test_what_is_shown_and_what_a_cell_sees_is_said(qtbot, state, how, map_of, said):
    side = side_of(qtbot, state, **how)
    assert "".join(text for text, *_ in side._pane._caption) == map_of
    assert side._pane._details == said
