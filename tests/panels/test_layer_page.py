"""The page of a layer: its head, its views, and what it says where there are no maps."""

import dataclasses

import pytest

from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels.layers.page import LayerPage


@pytest.fixture
def page(qtbot, state):
    state.select(stage="layers")
    made = LayerPage(state)
    qtbot.addWidget(made)
    made.resize(700, 560)
    made.show()
    return made


def rename(state, **changes):
    facts = state.shared.facts
    layer = dataclasses.replace(facts.layers[0], **changes)
    changed = dataclasses.replace(facts, layers=(layer,), recommended_layer=layer.name)
    state.use_network(ModelRef(name=layer.name), changed)


def test_the_choice_of_views_stays_where_it_is(qtbot, page, state):
    places = set()
    for name in ("stem", "features.denseblock3.denselayer24.conv2"):
        rename(state, name=name)
        for view in ("maps", "filters", "statistics", "table"):
            state.show(layer_view=view)
            qtbot.waitExposed(page)
            page.layout().activate()
            places.add(page._views.mapTo(page, page._views.rect().topLeft()).x())
    assert len(places) == 1


def test_the_kind_of_a_layer_gives_up_parts_but_is_never_cut(page, state):
    shown = []
    for width in (1200, 560):
        page.resize(width, 560)
        page.layout().activate()
        shown.append(page._kind.shown_text())
    assert shown[0] == "Conv2d, convolution 3 × 3, 3 × 2 × 2"
    assert shown[1] in ("convolution 3 × 3, 3 × 2 × 2", "3 × 2 × 2", "")
