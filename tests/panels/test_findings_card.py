"""What is to be known of a map: its notes and its curve."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import Curve, HeatmapResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Heatmap, ImageRef
from cnnviz_gui.panels.heatmaps.findings_card import FindingsCard
from cnnviz_gui.state.finding import Finding

PLAIN = HeatmapResult(
    method="m", layer="", target=Score(0, "cat", 0.5, 1.0), map=np.ones((4, 4), np.float32),
    coarse=None, signed=False,
)  # fmt: skip


@pytest.fixture
def card(state, qtbot):
    state.select(stage="heatmaps", image=ImageRef(path="a.png"))
    made = FindingsCard(state)
    qtbot.addWidget(made)
    return made


def found(state, result):
    request = Heatmap(
        model=state.selection.model, image=state.selection.image, method="m", parameters=Params()
    )
    state.found("heatmap", Finding(asked=request).finished(request, result))


def test_it_is_not_there_where_there_is_nothing_to_say(card, state):
    assert card.isHidden()
    found(state, PLAIN)
    assert card.isHidden()


def test_notes_and_curve_are_shown_and_leave_with_the_picture(card, state):
    points = np.array([[0.0, 1.0], [0.2, 9.5]], np.float32)
    curve = Curve(points=points, across="Share of the way", up="Logit")
    found(state, dataclasses.replace(PLAIN, notes=("It adds up.", "Nearly."), curve=curve))
    assert not card.isHidden() and not card.chart.isHidden()
    assert card.notes.accessibleName() == "It adds up. Nearly."
    assert card.chart.accessibleName() == "Logit"
    assert card.chart.accessibleDescription().endswith("ends at 9.50")
    state.select(image=ImageRef(path="b.png"))
    assert card.isHidden()
