"""The page of a layer: its head, its views, and what it says where there are no maps."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from cnnviz_gui.core.request import InspectLayer, ModelRef
from cnnviz_gui.core.result import LayerMaps
from cnnviz_gui.panels.controls import FailureCard
from cnnviz_gui.panels.layers.channel_head import ChannelHead
from cnnviz_gui.panels.layers.page import LayerPage
from cnnviz_gui.state import layer_view
from cnnviz_gui.state.finding import Finding, Problem


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


def maps_of(state, layer):
    chosen = state.selection
    request = InspectLayer(model=chosen.model, image=chosen.image, layer=layer)
    maps = np.ones((3, 2, 2), np.float32)
    value = LayerMaps(layer=layer, maps=maps, filters=None, bias=None)
    state.found("layer", Finding().finished(request, value))


def test_every_failure_of_the_page_can_be_tried_again(qtbot, page, state):
    state.select(channel=0, cell=(0, 0))
    lanes = ("layer", "cell", "filters", "statistics")
    for lane in lanes:
        state.found(lane, Finding().failed(Problem("No.", "Try again.")))
    again = []
    page.again.connect(again.append)
    clicked = set()
    for view in ("maps", "filters", "statistics", "table"):
        state.show(layer_view=view)
        for card in page.findChildren(FailureCard):
            if card.isVisible() and card not in clicked:
                clicked.add(card)
                qtbot.mouseClick(card.remedy, Qt.MouseButton.LeftButton)
    assert clicked == set(page.findChildren(FailureCard))
    assert sorted(again) == sorted(lanes)


def test_tokens_are_told_as_what_they_are(qtbot, page, state):
    facts = state.shared.facts
    tokens = dataclasses.replace(
        facts.layers[0], name="encoder", output_shape=(197, 768), leaf=False, role="block"
    )
    layers = (*facts.layers, tokens)
    state.use_network(ModelRef(name="tokens"), dataclasses.replace(facts, layers=layers))
    maps_of(state, "stem")
    dossier = ChannelHead(state)
    qtbot.addWidget(dossier)
    assert layer_view.shown_layer(state) is not None
    state.select(layer="encoder")
    state.found("layer", state.finding("layer").failed(Problem("Old trouble.")))
    assert page._none.isVisible() and not page.side.isVisible()
    assert page._none.sentence.text().startswith("encoder gives 197 tokens of 768 numbers each")
    assert not page._failure.isVisible() and not page._box().options.isVisible()
    assert layer_view.shown_layer(state) is None and layer_view.channel_in_use(state) is None
    assert dossier.title.text() == "encoder, no channels"
    state.show(layer_view="filters")
    assert not page._none.isVisible()
    state.show(layer_view="maps")
    page._none.action.click()
    assert state.selection.layer == "stem"
    assert page._box().isVisible() and page.side.isVisible()


def test_the_docks_keep_their_room_when_the_view_changes(qtbot, state):
    state.select(stage="layers")
    window = QMainWindow()
    qtbot.addWidget(window)
    dock, inside = QDockWidget(), QWidget()
    inside.setMinimumWidth(100)
    dock.setWidget(inside)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    page = LayerPage(state)
    window.setCentralWidget(page)
    window.resize(980, 600)
    window.show()
    window.resizeDocks([dock], [272], Qt.Orientation.Horizontal)
    QTest.qWait(0)
    widths = set()
    for view in ("maps", "statistics", "maps", "table", "maps", "filters", "statistics", "maps"):
        state.show(layer_view=view)
        QTest.qWait(0)
        widths.add((view, page.width()))
    assert len({width for _, width in widths}) == 1, widths
