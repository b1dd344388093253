import numpy as np
import pytest

from cnnviz_gui.core.request import InspectLayer
from cnnviz_gui.core.result import LayerMaps
from cnnviz_gui.panels import channel_card
from cnnviz_gui.panels.channel_card import ChannelCard
from cnnviz_gui.panels.controls import ElidedLabel
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.layer_view import shown_layer


def shown(state, maps):
    request = InspectLayer(model=state.selection.model, image=state.selection.image, layer="stem")
    result = LayerMaps(layer="stem", maps=maps, filters=None, bias=np.full(len(maps), 0.5))
    state.found("layer", Finding().finished(request, result))
    return shown_layer(state)


def said(card):
    texts = [label.text() for label in card.findChildren(ElidedLabel) if not label.isHidden()]
    return dict(zip(texts[::2], texts[1::2], strict=True))


@pytest.fixture
def card(qtbot):
    made = ChannelCard()
    qtbot.addWidget(made)
    return made


def test_the_numbers_of_a_channel(card, state):
    maps = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    card.show_channel(shown(state, maps), 0)
    rows = said(card)
    assert rows["Mean"] == "1.50, rank 2 of 2"
    assert rows["Range"] == "0 to 3.00"
    assert rows["Silent channels"] == "0 of 2"
    assert rows["Under the cursor"] == "–"


def test_moving_the_cursor_computes_nothing_over_the_maps(card, state, monkeypatch):
    maps = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    card.show_channel(shown(state, maps), 0)
    before = said(card)
    monkeypatch.setattr(channel_card, "statistics", None)
    card.show_cell((1, 0, 1, 5.0))
    assert said(card) == before | {"Under the cursor": "5.00 (channel 1, row 0, column 1)"}
    card.show_cell(None)
    assert said(card) == before


def test_a_cell_of_the_former_layer_is_forgotten(card, state):
    card.show_channel(shown(state, np.ones((8, 4, 4), np.float32)), 0)
    card.show_cell((7, 3, 3, 1.0))
    card.show_channel(shown(state, np.ones((2, 1, 1), np.float32)), 0)
    assert said(card)["Under the cursor"] == "–"
