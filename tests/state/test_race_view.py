"""A race of attacks: what is asked, how the rows are sorted, what is said of them."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.race_requests import AttackRace, RaceParams
from cnnviz_gui.core.race_results import RaceResult, Runner
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import Closeness, Norms
from cnnviz_gui.state import race_plan, race_view
from cnnviz_gui.state.finding import Advance, Finding
from cnnviz_gui.state.race_plan import LANE, race_requests
from tests.state.test_border_view import CAT, DOG, Free, NormParams, OneNorm, ready

PARAMETERS = {"fgsm": OneNorm(epsilon=2.0), "pgd": NormParams(epsilon=2.0), "deepfool": Free()}


def racing():
    state = ready()
    state.show(attack_view="race")
    state.select(race_started=True)
    return state


@pytest.fixture
def state():
    return racing()


def runner(name="pgd", size=2.0, **given):
    usual = {
        "parameters": PARAMETERS[name], "note": "10 steps", "done": True, "success": True,
        "size": size, "inside": size <= 2, "winner": DOG,
        "aim": dataclasses.replace(CAT, probability=0.1), "norms": Norms(size / 255, 0.5, 30.0),
        "closeness": Closeness(ssim=0.99, psnr=40.0, changed=1, changed_8bit=1, pixels=4),
        "forwards": 11, "backwards": 10, "seconds": 0.25,
        "picture": np.zeros((4, 4, 3), np.uint8), "change": np.ones((4, 4), np.float32),
        "bound": 2.0,
    }  # fmt: skip
    return Runner(method=name, **(usual | given))


def waiting(name):
    return Runner(method=name, parameters=PARAMETERS[name])


def refused(name):
    return dataclasses.replace(waiting(name), done=True, problem="It cannot.", advice="So.")


def give(state, *runners, status="finished"):
    request = race_requests(state)[LANE]
    result, finding = RaceResult(runners=runners, label=CAT), Finding(asked=request)
    done = finding.finished(request, result)
    state.found(LANE, done if status == "finished" else finding.partial(request, result))
    return race_view.shown_race(state)


def test_nothing_is_asked_before_it_is_wanted_or_out_of_sight(state):
    asked = race_requests(state)[LANE]
    assert isinstance(asked, AttackRace)
    assert [use.method for use in asked.methods] == ["fgsm", "pgd", "deepfool", "boundary"]
    state.select(race_started=False)
    assert race_requests(state) == {}
    state.select(race_started=True)
    state.show(attack_view="borders")
    assert LANE not in race_requests(state)
    state.select(image=ImageRef(path="dog.png"))
    assert not state.selection.race_started


def test_the_race_has_a_budget_of_its_own(state):
    before = race_requests(state)
    state.select(attack_parameters=NormParams(epsilon=9.0))
    assert race_requests(state) == before, "wherever the slider stands"
    state.select(race_parameters=RaceParams(norm="l2", epsilon=0.5, gradients=7))
    asked = race_requests(state)[LANE]
    assert asked.parameters.gradients == 7
    assert [use.method for use in asked.methods] == ["pgd", "deepfool", "boundary"]
    assert asked.methods[0].parameters.norm == "l2"
    state.select(target=1)
    asked = race_requests(state)[LANE]
    assert asked.target == 1 and [use.method for use in asked.methods] == ["pgd", "deepfool"]


def test_attacks_are_chosen_and_who_cannot_is_told(state):
    state.select(race_attacks=race_plan.COMPARED.toggled(state, "fgsm"))
    assert [one.name for one in race_plan.COMPARED.methods(state)] == [
        "pgd",
        "deepfool",
        "boundary",
    ]
    state.select(race_attacks=("fgsm", "pgd"), race_parameters=RaceParams(norm="l2", epsilon=1.0))
    assert race_plan.COMPARED.left_out(state) == "FGSM: it does not know L2."
    assert race_plan.COMPARED.toggled(state, "nobody") == ("fgsm", "pgd", "nobody")


def test_rows_are_ranked_and_sorted_by_any_column(state):
    shown = give(
        state,
        runner("fgsm", 2.0, success=False, winner=CAT),
        runner("pgd", 2.0, seconds=9.0),
        runner("deepfool", 5.0, forwards=3),
    )
    assert [row.title for row in race_view.rows(state, shown)] == ["PGD", "DEEPFOOL", "FGSM"]
    state.show(race_order="seconds", race_falling=True)
    assert race_view.rows(state, shown)[0].title == "PGD"
    state.show(race_order="forwards", race_falling=False)
    assert race_view.rows(state, shown)[0].title == "DEEPFOOL"
    state.show(race_order="nothing")
    assert race_view.column(state, shown).key == "rank"


def test_success_is_told_with_where_it_lies(state):
    shown = give(
        state, runner("fgsm", success=False, winner=CAT), runner("pgd"), runner("deepfool", 5.0)
    )
    said = {row.title: (row.outcome, row.where, row.token) for row in race_view.rows(state, shown)}
    assert said["PGD"] == ("→ dog", "", "adversarial")
    assert said["FGSM"] == ("cat", "", "text2")
    assert said["DEEPFOOL"] == ("→ dog", "outside ε", "warning")
    (pgd,) = [row for row in race_view.rows(state, shown) if row.title == "PGD"]
    texts = {one.key: one.text(pgd) for one in race_view.columns(state, shown)}
    assert texts["linf"] == "2.00" and texts["l1"] == "30.0" and texts["ssim"] == "0.990"
    assert texts["aim"] == "10.0 %" and texts["backwards"] == "10"
    assert "inside" in pgd.told and "± 2 / 255" in pgd.told and "10 steps" in pgd.told


def test_what_is_not_there_yet_waits_and_what_cannot_says_why(state):
    shown = give(state, runner("pgd"), waiting("fgsm"), waiting("deepfool"), status="partial")
    notes = {row.title: row.note for row in race_view.rows(state, shown)}
    assert notes == {"PGD": "10 steps", "FGSM": "running…", "DEEPFOOL": "waiting"}
    assert race_view.progress(state) == "1 of 3 attacks"
    state.found(LANE, state.finding(LANE).advanced(Advance(2, 3, None)))
    assert race_view.progress(state) == "2 of 3 attacks", "as the strip counts"
    state.found(LANE, state.finding(LANE).stopped())
    notes = {row.title: row.note for row in race_view.rows(state, race_view.shown_race(state))}
    assert notes == {"PGD": "10 steps", "FGSM": "not run", "DEEPFOOL": "not run"}
    shown = give(state, refused("fgsm"), runner("pgd"))
    last = race_view.rows(state, shown)[-1]
    assert last.problem == "It cannot." and "So." in last.told
    assert {one.text(last) for one in race_view.columns(state, shown) if one.number} == {"–"}
    assert race_view.progress(state) == ""


def test_a_row_becomes_the_attack_of_the_pictures(state):
    give(state, runner("pgd"), refused("fgsm"))
    chosen = race_view.choice(state, 0)
    assert chosen["attack_parameters"] == PARAMETERS["pgd"] and chosen["target"] is None
    assert chosen["attack_started"] and not chosen["attack_scaled"]
    assert race_view.choice(state, 1) is None and race_view.choice(state, 7) is None


def test_of_an_untrained_network_it_is_said_and_without_names_there_are_numbers(state):
    assert race_view.budget(state) == "ε 2 / 255 (L∞), 40 gradients or 500 queries"
    facts = state.shared.facts
    state.use_network(state.selection.model, dataclasses.replace(facts, trained=False))
    assert race_view.budget(state).startswith("untrained, ")
    state.use_network(state.selection.model, dataclasses.replace(facts, headless=True))
    shown = give(state, runner("pgd"))
    assert race_view.rows(state, shown)[0].outcome == "→ class 1"


def test_the_probability_says_of_which_class_it_is(state):
    def column(*runners):
        found = race_view.columns(state, give(state, *runners))
        return next(one for one in found if one.key == "aim")

    assert column(runner()).title == "cat" and column(runner()).unit == "probability"
    assert column(runner()).help.startswith("Of cat, the class of the picture itself")
    state.select(target=2)
    aim = dataclasses.replace(CAT, index=2, label="grey fox, Urocyon")
    assert column(runner(aim=aim)).title == "grey fox, Uro…"
    assert column(runner(aim=aim)).help.startswith("Of grey fox, Urocyon, the class to reach")
    assert column(waiting("pgd")).title == "class 2"
