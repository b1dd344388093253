"""What of an attack follows by itself, and what waits for the hand."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest

from cnnviz_gui.core import registry
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import AttackResult, Norms, Prediction, SweepPoint, SweepResult
from cnnviz_gui.state import attack_view, beginning, resting
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import sweep_request
from cnnviz_gui.state.finding import Finding, Problem
from cnnviz_gui.state.prediction_view import wanted_attack
from tests.state.test_plan import FACTS

CAT, DOG = Score(0, "cat", 0.9, 2.0), Score(1, "dog", 0.1, 1.0)


@dataclass(frozen=True, slots=True)
class StepParams(Params):
    epsilon: float = number(4.0, 0.0, 64.0, help="Budget.", role="epsilon")
    steps: int = number(10, 1, 1000, help="Steps.")


@dataclass(frozen=True, slots=True)
class QueryParams(Params):
    epsilon: float = number(4.0, 0.0, 64.0, help="Budget.", role="epsilon")
    queries: int = number(1000, 1, 20000, help="Queries.")


def method(name, params):
    return Method("attack", name, name, "", "", "", params, lambda facts: "", False, print)


@pytest.fixture
def state():
    made = AppState()
    made.use_network(ModelRef(name="net"), FACTS)
    made.share(methods=(method("pgd", StepParams), method("square", QueryParams)))
    made.select(stage="attack", image=ImageRef(path="cat.png"))
    request = Predict(model=made.selection.model, image=made.selection.image)
    seen = np.zeros((4, 4, 3), np.uint8)
    made.found("predict", Finding().finished(request, Prediction(scores=(CAT, DOG), seen=seen)))
    made.choose_method("attack", "pgd")
    return made


def waits(state):
    return attack_view.waits(state)


def find(state):
    """Let the attack in use be known."""
    request = wanted_attack(state)
    image = np.zeros((3, 4, 4), np.float32)
    result = AttackResult(
        method=request.method, epsilon=4.0, norm="linf", target=None, clean=(CAT, DOG),
        adversarial=(DOG, CAT), clean_image=image, adversarial_image=image, success=True,
        norms=Norms(0.1, 0.1, 0.1), forwards=5, backwards=4,
    )  # fmt: skip
    state.found("attack", Finding(asked=request).finished(request, result))


def slide(state, epsilon):
    """Move the slider as the hand does."""
    state.select(**attack_view.slid_to(state, epsilon))


def change(state, **values):
    """Change the form."""
    state.select(attack_parameters=dataclasses.replace(state.selection.attack_parameters, **values))


def test_what_is_quick_follows_an_attack_that_was_begun(state):
    state.select(attack_started=True)
    change(state, steps=20)
    find(state)
    slide(state, 2.0)
    assert not waits(state)


def test_what_takes_long_waits_for_the_button_and_what_is_quick_follows_again(state):
    state.select(attack_started=True)
    state.choose_method("attack", "square")
    assert waits(state)
    state.select(attack_started=True)
    assert not waits(state)
    change(state, queries=2000)
    assert waits(state)
    state.choose_method("attack", "pgd")
    assert not waits(state)
    change(state, steps=beginning.QUICK + 1)
    assert waits(state), "many steps are as long as many queries"
    change(state, steps=beginning.QUICK)
    assert not waits(state)


def test_another_class_to_reach_is_another_attack(state):
    state.choose_method("attack", "square")
    state.select(attack_started=True)
    state.select(target=1)
    assert waits(state)
    state.select(target=None)
    assert not waits(state), "that one was begun"


def test_on_another_picture_or_network_nothing_follows(state):
    state.select(attack_started=True)
    state.choose_method("attack", "square")
    state.select(image=ImageRef(path="cup.png"))
    state.choose_method("attack", "pgd")
    assert not state.selection.attack_started and not waits(state)
    state.select(attack_started=True)
    state.choose_method("attack", "square")
    state.use_network(ModelRef(name="other"), FACTS)
    state.choose_method("attack", "pgd")
    assert not state.selection.attack_started


def test_what_is_begun_together_with_its_settings_does_not_wait(state):
    given = {"attack_method": "square", "attack_parameters": QueryParams(epsilon=2.0)}
    state.select(**given, attack_started=True)
    assert wanted_attack(state).method == "square" and not waits(state)


def test_the_slider_begins_what_is_quick_alone(state):
    slide(state, 3.0)
    assert state.selection.attack_started
    state.select(attack_started=False)
    state.choose_method("attack", "square")
    slide(state, 2.0)
    assert not state.selection.attack_started
    assert state.selection.attack_parameters.epsilon == 2.0


def test_the_slider_moves_what_takes_long_until_it_is_there(state):
    state.choose_method("attack", "square")
    state.select(attack_started=True)
    slide(state, 3.0)
    slide(state, 2.0)
    assert not waits(state), "nothing is there yet: it follows the hand"
    find(state)
    slide(state, 1.0)
    assert waits(state)
    slide(state, 2.0)
    assert not waits(state), "that one is known"
    slide(state, 1.0)
    state.select(attack_started=True)
    assert not waits(state)


def test_what_was_stopped_or_failed_does_not_begin_again_elsewhere(state):
    state.choose_method("attack", "square")
    state.select(attack_started=True)
    begun = Finding().waiting(wanted_attack(state))
    for ended in (begun.stopped(), begun.failed(Problem("No.", "", "", ""))):
        state.found("attack", ended)
        slide(state, 4.0)
        assert not waits(state), "that one was begun, and rests or failed"
        slide(state, 1.0)
        assert waits(state)


def test_while_another_place_is_worked_on_a_third_waits(state):
    state.choose_method("attack", "square")
    state.select(attack_started=True)
    find(state)
    slide(state, 1.0)
    state.select(attack_started=True)
    state.found("attack", state.finding("attack").waiting(wanted_attack(state)))
    slide(state, 2.0)
    assert waits(state)


def test_a_place_of_the_sweep_is_there_already_or_once_the_sweep_comes_by(state):
    state.choose_method("attack", "square")
    state.select(attack_started=True)
    find(state)
    slide(state, 2.0)
    assert waits(state)
    found = state.finding("attack").value
    request = sweep_request(state.selection, wanted_attack(state))
    point = SweepPoint(
        epsilon=2.0, success=True, label_probability=0.1, target_probability=0.9, result=found
    )
    value = SweepResult(points=(point,), expected=33, maximum=4.0, first_flip=2.0)
    state.found("sweep", Finding(asked=request).partial(request, value))
    assert not waits(state)
    slide(state, 2.5)
    assert waits(state)


def test_a_change_that_is_scaled_is_not_found_again(state):
    state.choose_method("attack", "square")
    state.select(attack_started=True)
    find(state)
    state.select(attack_scaled=True)
    state.select(attack_scale=0.5)
    assert not waits(state)
    state.select(attack_scaled=False)
    slide(state, 1.0)
    state.select(attack_scaled=True)
    assert waits(state), "the one to scale is not there"


def test_the_plane_of_a_long_attack_waits_too(state):
    state.select(plane_started=True)
    change(state, steps=20)
    assert state.selection.plane_started
    state.choose_method("attack", "square")
    assert not state.selection.plane_started
    state.select(plane_started=True)
    assert state.selection.plane_started


def test_the_button_is_for_what_waits_in_the_views_of_the_attack_alone(state):
    state.choose_method("attack", "square")
    state.select(attack_started=True)
    find(state)
    slide(state, 1.0)
    rests = state.finding("attack").waiting(wanted_attack(state)).stopped()
    state.found("attack", rests)  # as the controller does
    assert resting.in_sight(state) == ("attack",) and resting.button(state) == "Attack"
    assert resting.sentence(state).startswith("Press Attack. It takes about 1")
    state.show(attack_view="race")
    state.select(race_started=True)
    assert resting.in_sight(state) == ()


def test_the_page_says_what_an_attack_costs(state):
    assert "passes" not in attack_view.summary(state)[0]
    assert "passes" not in attack_view.button_tip(state)
    state.choose_method("attack", "square")
    assert "about 1\u2009000 passes" in attack_view.summary(state)[0]
    tip = attack_view.button_tip(state)
    assert "about 1\u2009000 passes" in tip and "places that take as long each" in tip
    state.show(attack_view="steps")
    assert attack_view.button_tip(state) == "Attack at this epsilon, about 1\u2009000 passes"


@pytest.mark.parametrize(
    ("name", "cost", "steps"),
    [
        ("cw", "about 1\u2009000 passes", "5 × 200 steps"),
        ("boundary", "about 1\u2009000 passes", ""),
        ("square", "about 1\u2009000 passes", ""),
        ("apgd", "", "100 steps"),
        ("deepfool", "", "50 steps"),
        ("pgd", "", "10 steps"),
        ("fgsm", "", ""),
    ],
)
def test_attacks_are_as_quick_as_they_say(state, name, cost, steps):
    state.share(methods=registry.methods("attack"))
    state.choose_method("attack", name)
    chosen = state.shared.method("attack", name)
    assert beginning.cost(chosen, state.selection) == cost
    said = attack_view.summary(state)[0].split(", ")
    assert (steps in said) == bool(steps) and (cost in said) == bool(cost)


def test_an_invitation_names_the_price_where_it_is_high(state):
    assert attack_view.priced(state, "Press Attack.") == "Press Attack."
    state.choose_method("attack", "square")
    assert attack_view.priced(state, "Press Attack.").startswith("Press Attack. It takes about 1")
