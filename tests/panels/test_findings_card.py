"""What is to be known of a map: its notes and its curve."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import Curve, HeatmapResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Heatmap, ImageRef
from cnnviz_gui.panels.heatmaps.findings_card import CurveCard, NotesCard
from cnnviz_gui.state.finding import Finding

PLAIN = HeatmapResult(
    method="m", layer="", target=Score(0, "cat", 0.5, 1.0), map=np.ones((4, 4), np.float32),
    coarse=None, signed=False,
)  # fmt: skip


@pytest.fixture
def cards(state, qtbot):
    state.select(stage="heatmaps", image=ImageRef(path="a.png"))
    made = NotesCard(state), CurveCard(state)
    for card in made:
        qtbot.addWidget(card)
    return made


def found(state, result):
    request = Heatmap(
        model=state.selection.model, image=state.selection.image, method="m", parameters=Params()
    )
    state.found("heatmap", Finding(asked=request).finished(request, result))


def test_they_are_not_there_where_there_is_nothing_to_say(cards, state):
    assert all(card.isHidden() for card in cards)
    found(state, PLAIN)
    assert all(card.isHidden() for card in cards)


def test_notes_and_curve_are_shown_and_leave_with_the_picture(cards, state):
    notes, curve = cards
    points = np.array([[0.0, 1.0], [0.2, 9.5]], np.float32)
    path = Curve(points=points, across="Share of the way", up="Logit")
    found(state, dataclasses.replace(PLAIN, notes=("It adds up.", "Nearly."), curve=path))
    assert not notes.isHidden() and not curve.isHidden()
    assert notes.accessibleName() == "It adds up. Nearly."
    assert curve.chart.accessibleName() == "Logit"
    assert curve.chart.accessibleDescription().endswith("ends at 9.50")
    state.show(heatmap_view="grid")
    assert curve.isHidden(), "the grid is of several maps"
    state.show(heatmap_view="map")
    assert not curve.isHidden()
    state.select(image=ImageRef(path="b.png"))
    assert notes.isHidden() and curve.isHidden()
