"""The slider of the attack page: an epsilon, or how often the perturbation found is added."""

import dataclasses
from dataclasses import dataclass

import pytest

from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.result import SweepPoint, SweepResult
from cnnviz_gui.state import attack_plan, known_flips
from cnnviz_gui.state.attack_plan import attack_request, moved_to, place, shown_attack, stepped
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.plan import plan
from tests.state.test_plan import FACTS, BallParams, result, selected


@dataclass(frozen=True, slots=True)
class FreeParams(Params):
    steps: int = number(5, 1, 10, help="Steps.")


SCALED = selected(stage="attack", attack_started=True, attack_scaled=True, attack_scale=0.75)
FREE = selected(stage="attack", attack_started=True, attack_parameters=FreeParams())


def test_an_attack_without_a_budget_can_only_be_scaled():
    assert attack_plan.scaled(FREE) and not attack_plan.scaled(selected())
    assert attack_request(FREE, 0).scale == 1.0
    assert attack_request(selected(), 0).scale is None
    assert attack_request(SCALED, 0).scale == 0.75


@pytest.mark.parametrize("selection", [SCALED, FREE])
def test_the_sweep_of_a_scaled_attack_goes_along_one_perturbation(selection):
    wanted = plan(selection, FACTS, winner=0)
    sweep = wanted["sweep"]
    assert (sweep.attack.scale, sweep.maximum) == (0.0, attack_plan.SCALES)
    assert sweep.attack.parameters == selection.attack_parameters
    other = dataclasses.replace(selection, attack_scale=1.5)
    assert plan(other, FACTS, winner=0)["sweep"] == sweep


def test_another_epsilon_is_another_perturbation_to_scale():
    other = dataclasses.replace(SCALED, attack_parameters=BallParams(epsilon=8.0))
    assert plan(other, FACTS, winner=0)["sweep"] != plan(SCALED, FACTS, winner=0)["sweep"]


@pytest.mark.parametrize(
    ("selection", "stands", "end"), [(selected(), 4.0, 8.0), (SCALED, 0.75, 2.0), (FREE, 1.0, 2.0)]
)
def test_the_slider_moves_what_it_stands_for(selection, stands, end):
    assert place(selection) == stands and attack_plan.axis_end(selection) == end
    moved = dataclasses.replace(selection, **moved_to(selection, end / 2))
    assert place(moved) == end / 2
    assert stepped(selection, 1) == stands + end / 32
    assert stepped(selection, 99) == end and stepped(selection, -99) == 0.0


def test_moving_a_scale_leaves_the_parameters_alone():
    assert moved_to(SCALED, 0.5) == {"attack_scale": 0.5}


def sweep_of(selection, successes, maximum=2.0):
    points = tuple(
        SweepPoint(epsilon=e, success=s, label_probability=0.5, target_probability=0.2, result=r)
        for e, s, r in (
            (maximum * i / (len(successes) - 1), s, result(1.0 * i))
            for i, s in enumerate(successes)
        )
    )
    request = plan(selection, FACTS, winner=0)["sweep"]
    first = next((p.epsilon for p in points if p.success), None)
    value = SweepResult(points=points, expected=len(points), maximum=maximum, first_flip=first)
    return Finding("done", request, value)


def test_the_point_nearest_to_the_scale_is_shown():
    finding = sweep_of(SCALED, [False] * 5)
    shown = shown_attack(Finding(), finding, attack_request(SCALED, 0))
    assert shown.result.epsilon in (1.0, 2.0) and not shown.exact
    on_it = attack_request(dataclasses.replace(SCALED, attack_scale=0.5), 0)
    assert shown_attack(Finding(), finding, on_it).exact


def test_a_sweep_over_epsilon_is_not_shown_for_a_scale():
    finding = sweep_of(selected(stage="attack", attack_started=True), [False] * 5)
    assert isinstance(finding.request.attack, Attack)
    assert shown_attack(Finding(), finding, attack_request(SCALED, 0)) is None


@pytest.mark.parametrize(
    ("successes", "held"),
    [
        ([0, 0, 0, 0, 0], []),
        ([0, 0, 1, 1, 1], []),
        ([0, 1, 0, 1, 1], [(0.75, 1.25)]),
        ([0, 1, 0, 0, 1], [(0.75, 1.75)]),
        ([1, 0, 1, 0, 0], [(0.25, 0.75), (1.25, 2.0)]),
    ],
)
def test_stretches_that_hold_beyond_the_first_flip_are_known(successes, held):
    points = sweep_of(SCALED, [bool(s) for s in successes]).value.points
    won = {point.epsilon: point.success for point in points}
    assert list(known_flips._held(won)) == held
