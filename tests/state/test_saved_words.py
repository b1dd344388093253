"""What is advised where an adversarial picture fools nobody once it is in 8 bits."""

import pytest

from cnnviz_gui.core.attacks.deepfool import DeepFoolParams
from cnnviz_gui.core.attacks.pgd import PgdParams
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, SaveAdversarial
from cnnviz_gui.core.result import Norms, SavedPicture
from cnnviz_gui.state import saved_words

SAVED = SavedPicture(
    path="a.png", success=False, exact_success=True, top=(Score(0, "cat", 0.512, 1.0),),
    norms=Norms(0.01, 0.1, 1.0),
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
