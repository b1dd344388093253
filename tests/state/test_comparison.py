"""What a second network is asked, and what is shown of the two."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Score
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Attack, Heatmap, ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import AttackResult, Norms, Prediction, Transfer
from cnnviz_gui.state import comparison_view as view
from cnnviz_gui.state import prediction_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.comparison_plan import compared
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.plan import plan
from cnnviz_gui.state.selection import Selection

NET, OTHER = ModelRef(name="net"), ModelRef(name="other")
IMAGE = ImageRef(path="cat.png", sha256="1")
SEEN = np.zeros((4, 4, 3), np.uint8)


class NoParams(Params):
    pass


def layer(name):
    return LayerFacts(
        name, "Conv2d", 0, "", (8, 4, 4), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip


def network(title, *layers, labels=("cat", "dog"), trained=True, weights="here"):
    return ModelFacts(
        title.lower(), title, "Nets", trained, weights, 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
        labels, 10, 10, tuple(layer(name) for name in layers), layers[-1], True,
    )  # fmt: skip


FIRST = network("Net", "stem", "head")
SECOND = network("Other", "trunk", "top")
DIGITS = network("Digits", "trunk", "top", labels=("0", "1", "2"))
READY = Selection(
    model=NET, second=OTHER, image=IMAGE, stage="heatmaps", heatmap_method="grad-cam",
    heatmap_parameters=NoParams(), attack_method="fgsm", attack_parameters=NoParams(),
)  # fmt: skip


def asked(facts, winner=1, attacked=False, layered=True, **changes):
    selection = dataclasses.replace(READY, **changes)
    wanted = plan(selection, FIRST, winner=winner, layered=layered)
    return compared(
        selection, FIRST, facts, wanted, layered=layered, winner=winner, attacked=attacked
    )


def test_nothing_is_asked_of_a_network_that_is_not_there():
    assert asked(SECOND, second=None) == asked(None) == asked(SECOND, image=None) == {}


def test_both_explain_the_same_class_where_both_know_it():
    assert asked(SECOND)["heatmap-second"].target == 1
    assert asked(SECOND, target=0)["heatmap-second"].target == 0


def test_with_other_classes_each_explains_its_own_winner():
    assert asked(DIGITS, target=0)["heatmap-second"].target is None


def test_the_map_waits_for_the_class_the_first_network_sees():
    assert set(asked(SECOND, winner=None)) == {"predict-second"}
    assert set(asked(DIGITS, winner=None)) == {"predict-second", "heatmap-second"}


def test_method_and_parameters_are_the_same_and_the_layer_is_its_own():
    found = asked(SECOND, layer="stem")["heatmap-second"]
    assert isinstance(found, Heatmap)
    assert (found.model, found.method, found.layer) == (OTHER, "grad-cam", "top")
    assert asked(SECOND, layered=False)["heatmap-second"].layer == ""


def test_the_same_architecture_is_explained_at_the_same_layer():
    twin = dataclasses.replace(FIRST, trained=False)
    assert asked(twin, layer="stem")["heatmap-second"].layer == "stem"


@pytest.mark.parametrize("attacked", [False, True])
def test_an_attack_is_transferred_only_when_it_is_there(attacked):
    found = asked(SECOND, stage="attack", attack_started=True, attacked=attacked)
    assert ("attack-transfer" in found) is attacked
    assert "heatmap-second" not in found
    if attacked:
        assert found["attack-transfer"].attack.model == NET


def test_two_of_one_title_are_told_apart():
    state = AppState()
    state.use_network(NET, FIRST)
    state.use_second(OTHER, dataclasses.replace(FIRST, trained=False, weights="untrained, seed 0"))
    assert view.names(state) == ("Net (here)", "Net, untrained, seed 0")
    state.use_second(OTHER, dataclasses.replace(SECOND, trained=False))
    assert view.names(state) == ("Net", "Other, untrained")


def scores(*labelled):
    return tuple(Score(index, label, share, share) for index, label, share in labelled)


CLEAN = scores((0, "cat", 0.7), (1, "dog", 0.3))
FLIPPED = scores((1, "dog", 0.6), (0, "cat", 0.4))


@pytest.fixture
def state():
    made = AppState()
    made.use_network(NET, FIRST)
    made.use_second(OTHER, SECOND)
    made.select(image=IMAGE, attack_method="fgsm", attack_parameters=NoParams())
    found(made, "predict", Predict(model=NET, image=IMAGE), Prediction(scores=CLEAN, seen=SEEN))
    return made


def found(state, lane, request, value):
    state.found(lane, Finding().finished(request, value))


def predicted(state, listed):
    request = Predict(model=OTHER, image=state.selection.image)
    found(state, "predict-second", request, Prediction(scores=listed, seen=SEEN))


def transferred(state, adversarial=FLIPPED, *, success=True):
    """Attack with success, and ask the second network."""
    state.select(stage="attack", attack_started=True)
    attack = prediction_view.wanted_attack(state)
    image = np.zeros((3, 4, 4), np.float32)
    result = AttackResult(
        method="fgsm", epsilon=None, norm="linf", target=None, clean=CLEAN, adversarial=FLIPPED,
        clean_image=image, adversarial_image=image, success=True, norms=Norms(0.0, 0.0, 0.0),
        forwards=1, backwards=1,
    )  # fmt: skip
    found(state, "attack", attack, result)
    transfer = Transfer(
        scores=adversarial, clean=CLEAN, success=success, target=None, resized="", seen=SEEN
    )
    request = Predict(model=OTHER, image=IMAGE, attack=attack)
    found(state, "attack-transfer", request, transfer)
    return transfer


def test_agreement_is_by_name_whatever_the_number_and_the_case(state):
    assert view.agreement(state) is None
    predicted(state, scores((7, "Cat", 0.9)))
    assert view.agreement(state) == (True, "Both say cat.")
    predicted(state, scores((1, "dog", 0.9)))
    assert view.agreement(state) == (False, "They differ: cat, dog.")


def test_what_the_second_said_of_another_picture_is_not_shown(state):
    predicted(state, CLEAN)
    state.select(image=ImageRef(path="dog.png"))
    assert view.second_prediction(state) is None
    assert view.second_rows(state) == ()


def test_under_attack_the_second_shows_pairs_and_agreement_is_of_the_adversarial_image(state):
    predicted(state, CLEAN)
    assert [row.adversarial for row in view.second_rows(state)] == [None, None]
    transferred(state, CLEAN, success=False)
    rows = {row.label: (row.clean, row.adversarial) for row in view.second_rows(state)}
    assert rows == {"cat": (0.7, 0.7), "dog": (0.3, 0.3)}
    assert view.agreement(state) == (False, "They differ: dog, cat.")
    state.select(stage="heatmaps")
    assert view.agreement(state) == (True, "Both say cat.")


def test_a_transfer_of_a_former_attack_is_old_and_of_a_former_picture_gone(state):
    transferred(state)
    assert view.shown_transfer(state).current
    state.select(target=1)
    assert not view.shown_transfer(state).current
    state.select(image=ImageRef(path="dog.png"), attack_started=True)
    assert view.shown_transfer(state) is None


def test_a_verdict_says_how_far_both_winners_moved(state):
    fooled = view.verdict("Other", transferred(state))
    assert fooled.sentence == "Fools Other: yes"
    assert fooled.changes == (view.Change("cat", 0.7, 0.4), view.Change("dog", 0.3, 0.6))
    holding = transferred(state, CLEAN, success=False)
    assert view.verdict("Other", holding).sentence == "Fools Other: no"
    assert view.verdict("Other", holding).changes == (view.Change("cat", 0.7, 0.7),)


def test_towards_a_class_the_verdict_is_about_that_class(state):
    aimed = dataclasses.replace(transferred(state, CLEAN, success=False), target=CLEAN[1])
    found = view.verdict("Other", aimed)
    assert found.sentence == "Fools Other into dog: no"
    assert [change.label for change in found.changes] == ["cat", "dog"]


def test_classes_of_the_second_can_be_targets_only_where_both_know_them(state):
    assert view.clickable(state)
    state.use_second(OTHER, DIGITS)
    assert not view.clickable(state)
    assert isinstance(prediction_view.wanted_attack(state), Attack)
