"""The first flip beside the curve is the smallest place at which the attack is known to succeed."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.border_requests import AttackBorders
from cnnviz_gui.core.border_results import BordersResult
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.result import AttackResult, Norms, SweepPoint, SweepResult
from cnnviz_gui.state import attack_view
from cnnviz_gui.state.attack_plan import sweep_request, with_epsilon
from cnnviz_gui.state.border_plan import LANE, SMALLEST_LANE, borders_request, smallest_request
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.prediction_view import wanted_attack
from tests.state.test_border_view import CAT, DOG, border, ready


def made(epsilon, success):
    own, other = (0.2, 0.7) if success else (0.8, 0.1)
    scores = tuple(dataclasses.replace(one, probability=p) for one, p in ((CAT, own), (DOG, other)))
    picture = np.zeros((3, 4, 4), np.float32)
    return AttackResult(
        method="pgd",
        epsilon=epsilon,
        norm="linf",
        target=None,
        clean=(CAT, DOG),
        adversarial=scores[::-1] if success else scores,
        clean_image=picture,
        adversarial_image=picture,
        success=success,
        norms=Norms(0.0, 0.0, 0.0),
        forwards=1,
        backwards=1,
    )


def point(epsilon, success):
    return SweepPoint(
        epsilon=epsilon,
        success=success,
        label_probability=0.8 - 0.6 * success,
        target_probability=0.1 + 0.6 * success,
        result=made(epsilon, success),
    )


@pytest.fixture
def state():
    """A sweep that flips from 1 on, of five points to 2, and the slider elsewhere."""
    state = ready()
    state.show(attack_view="picture")
    state.select(sweep_maximum=2.0, attack_started=True)
    parameters = with_epsilon(state.selection.attack_parameters, 2.0)
    state.select(attack_parameters=parameters)
    request = sweep_request(state.selection, wanted_attack(state))
    points = tuple(point(0.5 * i, i >= 2) for i in range(5))
    value = SweepResult(points=points, expected=5, maximum=2.0, first_flip=1.0)
    state.found("sweep", Finding().finished(request, value))
    return state


def test_without_more_it_is_the_first_point_of_the_sweep(state):
    assert attack_view.curves(state).first_flip == 1.0


def test_the_search_for_the_smallest_epsilon_counts(state):
    rows = (border(target=None, failed=0.8, reached=0.81, beyond=(0.9,)),)
    found = BordersResult(rows=rows, label=CAT)
    state.found(SMALLEST_LANE, Finding().finished(smallest_request(state), found))
    curves = attack_view.curves(state)
    assert curves.first_flip == 0.81
    assert curves.held == ((pytest.approx(0.855), pytest.approx(0.95)),)
    assert curves.epsilons == (0.0, 0.5, 1.0, 1.5, 2.0), "no probabilities are known there"


def test_a_search_with_other_settings_does_not_count(state):
    asked = smallest_request(state)
    other = dataclasses.replace(asked, norm="l2")
    rows = (border(target=None, failed=0.8, reached=0.81),)
    state.found(SMALLEST_LANE, Finding().finished(other, BordersResult(rows=rows, label=CAT)))
    assert attack_view.curves(state).first_flip == 1.0
    target = dataclasses.replace(asked, target=2)
    state.found(SMALLEST_LANE, Finding().finished(target, BordersResult(rows=rows, label=CAT)))
    assert attack_view.curves(state).first_flip == 1.0


def test_the_borders_of_attacks_and_of_the_target_count(state):
    (use,) = smallest_request(state).methods
    asked = smallest_request(state)
    both = dataclasses.replace(
        asked, methods=(MethodUse(method="fgsm", parameters=use.parameters), use)
    )
    assert isinstance(both, AttackBorders)
    rows = (border(method="fgsm", target=None, reached=0.6), border(target=None, reached=0.75))
    state.found(LANE, Finding().finished(both, BordersResult(rows=rows, label=CAT)))
    assert attack_view.curves(state).first_flip == 0.75

    request = borders_request(state)
    rows = (border(target=DOG, failed=0.55, reached=0.7),)
    state.found(LANE, Finding().finished(request, BordersResult(rows=rows, label=CAT)))
    assert attack_view.curves(state).first_flip == 1.0, "that was driven to the dog"
    sweep = state.finding("sweep")
    state.select(target=DOG.index)
    of_target = sweep_request(state.selection, wanted_attack(state))
    state.found("sweep", Finding().finished(of_target, sweep.value))
    assert attack_view.curves(state).first_flip == 0.7


@pytest.mark.parametrize(
    ("place", "success", "first", "count"),
    [
        (0.75, True, 0.75, 6),
        (0.75, False, 1.0, 6),
        (0.25, True, 0.25, 6),
        (0.25, False, 1.0, 5),
        (1.25, True, 1.0, 5),
        (1.0, True, 1.0, 5),
    ],
)
def test_the_attack_where_the_slider_stands_counts(state, place, success, first, count):
    parameters = with_epsilon(state.selection.attack_parameters, place)
    state.select(attack_parameters=parameters)
    state.found("attack", Finding().finished(wanted_attack(state), made(place, success)))
    curves = attack_view.curves(state)
    assert curves.first_flip == first
    assert len(curves.epsilons) == curves.expected == count
    assert curves.epsilons == tuple(sorted(curves.epsilons))
