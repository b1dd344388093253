"""What silenced channels and the dossier ask for, and what the bars make of the answers."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.layer_requests import ChannelClasses, FlippingSet, TopPatches
from cnnviz_gui.core.layer_results import EditedPrediction
from cnnviz_gui.core.request import ChannelEdit, ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.state import prediction_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.comparison_plan import compared
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.plan import plan
from tests.state.test_plan import FACTS, selected

EDITS = (ChannelEdit(layer="head", channel=3),)
SEEN = np.zeros((4, 4, 3), np.uint8)


def test_edits_ask_for_a_prediction_besides_the_clean_one():
    clean, edited = plan(selected(), FACTS), plan(selected(edits=EDITS), FACTS)
    assert "predict-edited" not in clean
    assert edited["predict"] == clean["predict"]
    assert edited["predict-edited"] == dataclasses.replace(clean["predict"], edits=EDITS)


def test_heat_maps_follow_the_edits_and_attacks_do_not():
    wanted = plan(selected(edits=EDITS), FACTS)
    assert wanted["heatmap"].edits == EDITS
    assert wanted["heatmap-layers"].heatmap.edits == EDITS
    attacked = plan(selected(edits=EDITS, stage="attack", attack_started=True), FACTS, winner=1)
    assert attacked["heatmap"].edits == attacked["heatmap-attacked"].edits == ()


def test_the_second_network_knows_nothing_of_the_edits():
    chosen = selected(edits=EDITS, second=ModelRef(name="other"))
    asked = compared(chosen, FACTS, FACTS, plan(chosen, FACTS), winner=0)
    assert asked["heatmap-second"].edits == asked["predict-second"].edits == ()


def test_the_dossier_is_of_the_channel_in_use():
    chosen = selected(stage="layers", layer_folder="/pictures")
    assert not {"channel-classes", "patches"} & set(plan(chosen, FACTS))
    assert "patches" not in plan(chosen, FACTS, channel=5), "before the eye rests on them"
    chosen = dataclasses.replace(chosen, patches_of=("head", 5))
    assert "patches" not in plan(chosen, FACTS, channel=4)
    wanted = plan(chosen, FACTS, channel=5)
    classes, patches = wanted["channel-classes"], wanted["patches"]
    assert isinstance(classes, ChannelClasses) and isinstance(patches, TopPatches)
    assert (classes.layer, classes.channel) == (patches.layer, patches.channel) == ("head", 5)
    assert patches.folder == "/pictures"
    without = dataclasses.replace(chosen, layer_folder="")
    assert "patches" not in plan(without, FACTS, channel=5)
    assert "channel-classes" not in plan(chosen, FACTS, channel=8)
    assert classes.edits == ()
    edited = plan(dataclasses.replace(chosen, edits=EDITS), FACTS, channel=5)
    assert edited["channel-classes"].edits == EDITS


def test_a_flipping_set_is_sought_only_when_it_is_asked_for():
    assert "flipping-set" not in plan(selected(stage="layers"), FACTS)
    wanted = plan(selected(stage="layers", flip_wanted=True, edits=EDITS), FACTS)["flipping-set"]
    assert isinstance(wanted, FlippingSet)
    assert (wanted.layer, wanted.edits) == ("head", EDITS)


def scores(*probabilities: float) -> tuple[Score, ...]:
    made = [Score(i, f"class {i}", p, p) for i, p in enumerate(probabilities)]
    return tuple(sorted(made, key=lambda score: -score.probability))


@pytest.fixture
def state() -> AppState:
    made = AppState()
    made.select(image=ImageRef(path="a.png"), edits=EDITS)
    request = Predict(model=made.selection.model, image=made.selection.image)
    clean = Prediction(scores=scores(0.5, 0.2, 0.1, 0.1, 0.1), seen=SEEN)
    made.found("predict", Finding().finished(request, clean))
    return made


def answer(state: AppState, after: tuple[Score, ...], before: tuple[Score, ...]) -> None:
    request = Predict(model=state.selection.model, image=state.selection.image, edits=EDITS)
    value = EditedPrediction(scores=after, before=before, seen=SEEN)
    state.found("predict-edited", Finding().finished(request, value))


def test_the_clean_bars_stay_until_the_edited_ones_are_known(state):
    assert [row.before for row in prediction_view.rows(state)] == [None] * 5


def test_bars_show_what_is_with_a_mark_for_what_was(state):
    answer(state, scores(0.1, 0.7, 0.1, 0.05, 0.05), scores(0.5, 0.2, 0.1, 0.1, 0.1))
    rows = prediction_view.rows(state)
    assert [(row.index, row.clean, row.before) for row in rows[:2]] == [
        (1, 0.7, 0.2),
        (0, 0.1, 0.5),
    ]


def test_the_winner_of_before_stays_in_sight(state):
    after = scores(0.01, 0.3, 0.25, 0.2, 0.14, 0.1)
    answer(state, after, scores(0.5, 0.2, 0.1, 0.1, 0.05, 0.05))
    assert [row.index for row in prediction_view.rows(state)] == [1, 2, 3, 4, 0]


def test_without_edits_the_edited_answer_is_gone(state):
    answer(state, scores(0.1, 0.7), scores(0.5, 0.2))
    state.select(edits=())
    assert prediction_view.rows(state)[0].clean == 0.5


def test_another_network_begins_without_edits(state):
    state.use_network(ModelRef(name="other"), FACTS)
    assert state.selection.edits == ()
