"""Which lanes show an attack, and which would compute it first."""

import dataclasses

import pytest

from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.masking_requests import Masking
from cnnviz_gui.core.request import Attack, ImageRef, InspectLayer, ModelRef, Predict, Sweep
from cnnviz_gui.state import attack_lanes, attack_steps_view, defence_plan
from cnnviz_gui.state.attack_plan import at_zero
from tests.state.test_plan import BallParams

MODEL, IMAGE = ModelRef(name="net"), ImageRef(path="a.png")
ATTACK = Attack(model=MODEL, image=IMAGE, method="pgd", parameters=BallParams(epsilon=4.0))
SCALED = dataclasses.replace(ATTACK, scale=0.5)
LAYER = InspectLayer(model=MODEL, image=IMAGE, layer="head")


def test_the_views_name_the_lanes_that_are_asked():
    assert attack_steps_view.LANE in attack_lanes.VIEWS["steps"]
    defences = {defence_plan.LANE, defence_plan.MASKING_LANE, defence_plan.KNOWN_LANE}
    assert defences <= set(attack_lanes.VIEWS["defences"])
    assert set(attack_lanes.ALL) >= attack_lanes.OF_BUTTON


@pytest.mark.parametrize(
    ("lane", "request_", "does"),
    [
        ("masking", Masking(attack=ATTACK), True),
        ("masking", Masking(attack=dataclasses.replace(ATTACK, target=1)), False),
        ("masking", None, False),
        ("layer-attacked", dataclasses.replace(LAYER, attack=ATTACK), True),
        ("layer-attacked", LAYER, False),
        ("attack-steps", AttackSteps(attack=ATTACK), True),
        ("sweep", Sweep(attack=ATTACK, maximum=8.0, points=33), False),
        ("sweep", Sweep(attack=at_zero(SCALED), maximum=8.0, points=33), True),
        ("attack-transfer", Predict(model=MODEL, image=IMAGE, attack=ATTACK), False),
    ],
)
@pytest.mark.parametrize("attack", [ATTACK, SCALED])
def test_what_computes_an_attack_first(lane, request_, does, attack):
    assert attack_lanes.computes(lane, request_, attack) == does
