"""What is advised where an adversarial picture fools nobody once it is in 8 bits."""

import dataclasses

import pytest

from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.attacks.deepfool import DeepFoolParams
from cnnviz_gui.core.attacks.pgd import PgdParams
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, SaveAdversarial
from cnnviz_gui.core.result import Norms, SavedPicture
from cnnviz_gui.core.save_work import Deferred, SaveStep, Step
from cnnviz_gui.state import saved_words
from cnnviz_gui.state.app_state import SaveAgain
from tests.panels.test_attack_steps_box import trajectory

SAVED = SavedPicture(
    path="a.png", success=False, exact_success=True, top=(Score(0, "cat", 0.512, 1.0),),
    norms=Norms(0.01, 0.1, 1.0),
)  # fmt: skip
STEP = Step(
    AttackSteps(
        attack=Attack(
            model=ModelRef(name="net"), image=ImageRef(path="c.png"), method="pgd",
            parameters=PgdParams(),
        )
    ),
    trajectory(), 1, Deferred(lambda: None),
)  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "advice"),
    [
        (PgdParams(norm="l2"), "Raise epsilon a little and attack again, or save the array"),
        (DeepFoolParams(), "Save the array (Ctrl+Shift+S) to keep it exact."),
    ],
)
def test_where_no_repair_is_found_a_larger_ball_is_advised_if_there_is_one(parameters, advice):
    attack = Attack(
        model=ModelRef(name="net"), image=ImageRef(path="c.png"), method="any",
        parameters=parameters,
    )  # fmt: skip
    request = SaveAdversarial(attack=attack, path="a.png", repair=True)
    said = saved_words.said(request, SAVED, None)
    assert said.level == "warning" and not said.remedy
    assert f"no 8-bit picture inside the ball was found that does. {advice}" in said.text


@pytest.mark.parametrize(
    ("fools", "fooled", "level", "said"),
    [
        (True, True, "info", "read back in 8 bits it fools: cat (51.2 %)."),
        (False, True, "warning", "read back in 8 bits it no longer fools: cat (51.2 %)."),
        (False, False, "info", "read back in 8 bits it is seen as cat (51.2 %)."),
    ],
)
def test_of_a_step_the_file_is_judged_as_of_the_attack(fools, fooled, level, said):
    request = SaveStep(path="a.png", step=STEP)
    saved = dataclasses.replace(SAVED, success=fools, exact_success=fooled)
    notice = saved_words.said(request, saved, None)
    assert notice.text == f"Saved a.png, step 1 of the attack; {said}"
    assert notice.level == level and not notice.remedy


def test_a_request_for_the_whole_attack_says_which_step_is_in_view():
    assert saved_words.of_one(STEP) == "It gives all of the attack; the picture in view is step 1."


def test_of_a_step_that_is_stopped_it_is_said_that_the_file_may_be_there():
    request = SaveStep(path="a.png", step=STEP)
    notice = saved_words.stopped(request, None)
    assert notice.text == "Saving a.png was stopped before it was read back and classified."
    assert notice.level == "warning"
    assert (notice.remedy, notice.remedy_ref) == ("Save it again", SaveAgain(request, None))
