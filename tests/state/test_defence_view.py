"""What is asked of defences and of masked gradients, and what is said of both."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core import defence_words
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences
from cnnviz_gui.core.defence_results import (
    AdaptiveResult,
    AdaptiveRow,
    Certificate,
    DefenceRow,
    DefencesResult,
    DefendedScore,
    Unattacked,
)
from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.masking_requests import Masking
from cnnviz_gui.core.masking_results import Check, MaskingResult
from cnnviz_gui.core.registry import method, methods
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import AttackResult, Norms, Prediction
from cnnviz_gui.state import defence_plan, defence_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.defence_plan import KNOWN_LANE, LANE, MASKING_LANE, defence_requests
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.prediction_view import wanted_attack

CAT, DOG = Score(0, "cat", 0.9, 3.0), Score(1, "dog", 0.8, 2.0)
PICTURE = np.zeros((8, 8, 3), np.uint8)
NORMS = Norms(linf=4 / 255, l2=1.0, l1=10.0)
SEVEN = [one.name for one in methods("defence")]


@pytest.fixture
def state() -> AppState:
    facts = ModelFacts(
        "net", "net", "Nets", True, "here", 8, 8, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (), "", True,
    )  # fmt: skip
    made = AppState()
    made.use_network(ModelRef(name="net"), facts)
    image, model = ImageRef(path="a.png"), ModelRef(name="net")
    made.share(methods=methods("attack") + methods("defence"))
    parameters = method("attack", "pgd").params()
    made.select(
        image=image, stage="attack", attack_method="pgd", attack_parameters=parameters,
        attack_started=True,
    )  # fmt: skip
    made.show(attack_view="defences")
    seen = Prediction(scores=(CAT, DOG), seen=PICTURE)
    asked = Predict(model=model, image=image)
    made.found("predict", Finding(asked=asked).finished(asked, seen))
    return made


def said(score: Score = CAT, distance: float = 0.1, **more: object) -> DefendedScore:
    usual = {"label_probability": 0.9, "votes": 1, "views": 1}
    return DefendedScore(score=score, distance=distance, **usual | more)


def row(use: MethodUse, adversarial: Score = CAT, distance: float = 1.2) -> DefenceRow:
    return DefenceRow(
        use=use, clean=said(), adversarial=said(adversarial, distance), kept=True, change=-0.05,
        recovered=adversarial is CAT, seen=PICTURE, forwards=2,
    )  # fmt: skip


def found(*rows: DefenceRow, expected: int = 0) -> DefencesResult:
    return DefencesResult(
        clean=CAT, adversarial=DOG, success=True, rows=rows, expected=expected or len(rows),
        forwards=2 * len(rows),
    )  # fmt: skip


def known(use: MethodUse, success: bool = True) -> AdaptiveRow:
    return AdaptiveRow(
        use=use, clean=said(CAT, 0.1), moot=False, adversarial=said(DOG if success else CAT),
        undefended=DOG, success=success,
        norms=NORMS, seen=PICTURE, forwards=11, backwards=10, seconds=1.0,
    )  # fmt: skip


def give(state: AppState, lane: str, result: object) -> None:
    request = defence_requests(state)[lane]
    state.found(lane, Finding(asked=request).finished(request, result))


def checked(*checks: Check, success: bool = False) -> MaskingResult:
    return MaskingResult(
        checks=checks, expected=len(checks), success=success, forwards=1, backwards=1
    )


def check(name: str, state: str) -> Check:
    return Check(name=name, title=name, state=state, found="Found.", advice="Do this.")


def test_nothing_is_asked_before_the_attack_has_begun_or_elsewhere(state: AppState) -> None:
    assert set(defence_requests(state)) == {LANE, MASKING_LANE}
    state.select(attack_started=False)
    assert defence_requests(state) == {}
    state.select(attack_started=True)
    state.show(attack_view="picture")
    assert defence_requests(state) == {}
    state.show(attack_view="defences")
    state.select(stage="heatmaps")
    assert defence_requests(state) == {}


def test_every_defence_is_on_until_it_is_switched_off(state: AppState) -> None:
    asked = defence_requests(state)[LANE]
    assert isinstance(asked, Defences)
    assert [use.method for use in asked.methods] == SEVEN
    state.select(**defence_plan.switched(state, "jpeg", False))
    assert "jpeg" not in [use.method for use in defence_requests(state)[LANE].methods]
    state.select(**defence_plan.switched(state, "jpeg", True))
    assert [use.method for use in defence_requests(state)[LANE].methods] == SEVEN
    state.select(defences_off=tuple(SEVEN))
    assert set(defence_requests(state)) == {MASKING_LANE}


def test_a_parameter_is_kept_within_its_range(state: AppState) -> None:
    state.select(**defence_plan.with_value(state, "jpeg", "quality", 30))
    state.select(**defence_plan.with_value(state, "bit-depth", "bits", 2))
    values = {use.method: use.parameters.values() for use in defence_plan.chosen(state)}
    assert values["jpeg"]["quality"] == 30 and values["bit-depth"]["bits"] == 2
    assert defence_plan.with_value(state, "jpeg", "quality", 300) == {}
    assert len(state.selection.defence_parameters) == 2


def test_an_attack_that_knows_is_asked_for_only_where_the_user_wants_it(state: AppState) -> None:
    state.select(**defence_plan.with_known(state, ("jpeg",)))
    state.select(**defence_plan.with_known(state, ("blur", "jpeg")))
    asked = defence_requests(state)[KNOWN_LANE]
    assert isinstance(asked, AdaptiveAttacks)
    assert [use.method for use in asked.methods] == ["jpeg", "blur"]
    state.show(attack_view="picture")
    assert defence_requests(state)[KNOWN_LANE] == asked, "it goes on while it is out of sight"
    state.select(**defence_plan.switched(state, "jpeg", False))
    assert [use.method for use in defence_requests(state)[KNOWN_LANE].methods] == ["blur"]
    other = method("attack", "pgd").params(epsilon=1.0)
    state.select(attack_parameters=other)
    assert KNOWN_LANE not in defence_requests(state), "another attack knows nothing yet"


def test_rows_are_shown_as_they_come_and_go_stale(state: AppState) -> None:
    jpeg, blur = (use for use in defence_plan.uses(state) if use.method in ("blur", "jpeg"))
    give(state, LANE, found(row(jpeg), row(blur, DOG), expected=7))
    shown = {one.method.name: one for one in defence_view.rows(state)}
    assert len(shown) == 7 and shown["median"].clean is None
    names = jpeg.method, blur.method
    good, bad = (shown[name].adversarial for name in names)
    assert (good.note, good.good, bad.note, bad.good) == ("recovered", True, "fooled", False)
    assert shown[names[0]].clean.note == "−5.0 points" and not shown[names[0]].stale
    state.select(**defence_plan.with_value(state, "jpeg", "quality", 30))
    state.found(LANE, state.finding(LANE).waiting(defence_requests(state)[LANE]))
    shown = {one.method.name: one for one in defence_view.rows(state)}
    assert shown["blur"].stale and shown["jpeg"].stale
    state.select(defences_off=("blur",))
    off = next(one for one in defence_view.rows(state) if one.method.name == "blur")
    assert not off.on and off.clean is None


def test_what_an_attack_does_that_knows_stands_beside(state: AppState) -> None:
    uses = defence_plan.chosen(state)
    give(state, LANE, found(*(row(use) for use in uses)))
    text, action = defence_view.warning(state)
    assert text == defence_words.WARNING and action
    state.select(**defence_plan.with_known(state, tuple(SEVEN)))
    request = defence_requests(state)[KNOWN_LANE]
    state.found(KNOWN_LANE, Finding().waiting(request))
    states = [one.known.state for one in defence_view.rows(state)]
    assert states == ["waiting", *["queued"] * 6], "one after the other"
    assert defence_view.warning(state)[1] == "", "there is no more to know"
    ends = [known(use, success=use.method != "smoothing") for use in uses]
    result = AdaptiveResult(epsilon=4.0, norm="linf", rows=tuple(ends), expected=7)
    give(state, KNOWN_LANE, result)
    shown = {one.method.name: one.known for one in defence_view.rows(state)}
    assert shown["jpeg"].state == "broken" and (shown["jpeg"].headline, shown["jpeg"].label) == (
        "Broken, 80.0 %",
        "dog",
    )
    assert shown["smoothing"].state == "holds" and "4 / 255" in shown["jpeg"].tooltip
    text, action = defence_view.warning(state)
    assert text.startswith("6 of 7 defences fall") and not action
    state.select(attack_parameters=method("attack", "pgd").params(epsilon=1.0))
    assert {one.known.state for one in defence_view.rows(state)} == {"unasked"}


def test_where_the_attack_fails_no_label_is_recovered(state: AppState) -> None:
    first, second = defence_plan.chosen(state)[:2]
    rows = [
        dataclasses.replace(row(use, end), recovered=False)
        for use, end in ((first, CAT), (second, DOG))
    ]
    failed = dataclasses.replace(found(*rows, expected=7), adversarial=CAT, success=False)
    give(state, LANE, failed)
    shown = [one.adversarial for one in defence_view.rows(state)[:2]]
    assert [(said.note, said.good) for said in shown] == [("not fooled", None), ("changed", False)]


def test_how_many_fall_is_said_in_words(state: AppState) -> None:
    uses = defence_plan.chosen(state)
    said = {
        ends: defence_words.fallen([known(use, end) for use, end in zip(uses, ends, strict=False)])
        for ends in ((True,), (False,), (True, True), (True, False), (False, False), (True,) * 3)
    }
    assert [text.split(" once")[0].split(" though")[0] for text in said.values()] == [
        "The defence falls",
        "The defence holds",
        "Both defences fall",
        "1 of 2 defences falls",
        "None of 2 defences falls",
        "All 3 defences fall",
    ]
    assert all(("no robustness" in text) == all(ends) for ends, text in said.items())


def test_a_defence_that_changes_the_clean_picture_is_not_counted_as_fallen(
    state: AppState,
) -> None:
    uses = defence_plan.chosen(state)
    give(state, LANE, found(*(row(use) for use in uses)))
    state.select(**defence_plan.with_known(state, tuple(SEVEN)))
    ends = [known(use) for use in uses]
    ends[0] = dataclasses.replace(known(uses[0], False), moot=True, clean=said(DOG, 1.0))
    give(state, KNOWN_LANE, AdaptiveResult(epsilon=4.0, norm="linf", rows=tuple(ends), expected=7))
    first = defence_view.rows(state)[0].known
    assert (first.state, first.headline, first.label) == ("moot", "Clean changed", "dog")
    assert "nothing to do" in first.tooltip
    text = defence_view.warning(state)[0]
    assert text.startswith("All 6 that were attacked fall") and "1 of 7 defences changes" in text
    assert defence_words.fallen(ends[:2]).startswith("The defence that was attacked falls")
    assert defence_words.fallen(ends[:1]).startswith("The defence changes the clean picture")


def test_one_that_cannot_be_attacked_says_why(state: AppState) -> None:
    uses = defence_plan.chosen(state)
    give(state, LANE, found(*(row(use) for use in uses)))
    state.select(**defence_plan.with_known(state, tuple(SEVEN)))
    missed = Unattacked(use=uses[0], problem="There is no start. Choose Square.")
    part = AdaptiveResult(epsilon=4.0, norm="linf", rows=(), expected=7, unattacked=(missed,))
    request = defence_requests(state)[KNOWN_LANE]
    state.found(KNOWN_LANE, Finding(asked=request).partial(request, part))
    first, second = (one.known for one in defence_view.rows(state)[:2])
    assert (first.state, first.tooltip) == ("failed", missed.problem)
    assert second.state == "waiting", "the others go on"
    assert defence_view.warning(state) == ("Behind 1 defence the attack cannot work.", "")


def test_the_joint_score_says_what_one_picture_cannot(state: AppState) -> None:
    uses = defence_plan.chosen(state)
    give(state, LANE, found(*(row(use) for use in uses[:3]), expected=7))
    assert defence_view.joint(state) == ""
    give(state, LANE, found(*(row(use) for use in uses)))
    assert "0.10" in defence_view.joint(state) and "1.20" in defence_view.joint(state)
    assert "none can be chosen" in defence_view.joint(state)
    give(state, LANE, found(*(row(use, distance=0.05) for use in uses)))
    assert "No threshold" in defence_view.joint(state)


def test_a_certificate_is_told_with_what_it_is_worth() -> None:
    voted = said(certificate=Certificate(0, 56, 56, 0.88, 0.0597), votes=64, views=64)
    assert "0.0597 in L2" in defence_words.certificate(voted)
    assert "64 of 64" in defence_words.exact(voted)
    divided = said(certificate=Certificate(0, 20, 56, 0.2, 0.0))
    assert "divided" in defence_words.certificate(divided)


def test_a_headless_network_names_no_class(state: AppState) -> None:
    facts = dataclasses.replace(state.shared.facts, headless=True)
    state.share(facts=facts)
    give(state, LANE, found(row(defence_plan.chosen(state)[0])))
    assert defence_view.rows(state)[0].clean.label == ""


def failing(state: AppState, success: bool = False) -> None:
    attack = wanted_attack(state)
    result = AttackResult(
        method="pgd", epsilon=4.0, norm="linf", target=None, clean=(CAT,), adversarial=(CAT,),
        clean_image=np.zeros((3, 8, 8), np.float32),
        adversarial_image=np.zeros((3, 8, 8), np.float32), success=success, norms=NORMS,
        forwards=1, backwards=1,
    )  # fmt: skip
    state.found("attack", Finding(asked=attack).finished(attack, result))


def test_a_failed_attack_has_its_gradient_looked_at(state: AppState) -> None:
    state.show(attack_view="picture")
    failing(state, success=True)
    assert defence_requests(state) == {}
    failing(state)
    asked = defence_requests(state)[MASKING_LANE]
    assert isinstance(asked, Masking) and asked.checks == "quick"
    give(state, MASKING_LANE, checked(check("gradient", "passed"), check("softmax", "passed")))
    assert defence_view.masked(state) == ""
    give(state, MASKING_LANE, checked(check("gradient", "failed"), check("softmax", "failed")))
    said = defence_view.masked(state)
    assert "softmax is saturated" in said and "because" not in said, "nobody tested what else"
    assert said.endswith("says nothing of the network. Do this.")
    give(state, MASKING_LANE, checked(check("gradient", "failed"), check("softmax", "passed")))
    assert "gradient is zero" in defence_view.masked(state)
    state.select(attack_parameters=method("attack", "pgd").params(epsilon=1.0))
    assert defence_view.masked(state) == ""


@pytest.mark.parametrize("without", ["epsilon", "scale"])
def test_no_gradient_is_blamed_where_nothing_may_change(state: AppState, without: str) -> None:
    if without == "epsilon":
        state.select(attack_parameters=method("attack", "pgd").params(epsilon=0.0))
    else:
        state.select(attack_scaled=True, attack_scale=0.0)
    failing(state)
    give(state, MASKING_LANE, checked(check("gradient", "failed"), check("softmax", "failed")))
    state.show(attack_view="picture")
    assert defence_requests(state) == {} and defence_view.masked(state) == ""


def test_a_gradient_that_is_left_is_not_blamed() -> None:
    assert defence_words.blamed([check("softmax", "failed")]) == ""
    some = dataclasses.replace(check("gradient", "failed"), figures=(("zeros", 0.95),))
    assert "hardly" in defence_words.blamed([some])
    assert "cannot" in defence_words.blamed([check("gradient", "failed")])


def test_the_verdict_on_the_gradients_waits_for_all_checks() -> None:
    plain = checked(check("gradient", "passed"))
    assert defence_words.verdict(dataclasses.replace(plain, expected=7)) == ""
    assert "Nothing speaks" in defence_words.verdict(plain)
    assert "1 of 1 checks speaks" in defence_words.verdict(checked(check("noise", "failed")))
    assert "no gradient" in defence_words.verdict(checked(check("noise", "not run")))
