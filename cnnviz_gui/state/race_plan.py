"""What is asked of several attacks under one budget: pure functions of the state."""

from __future__ import annotations

from cnnviz_gui.core.race_requests import AttackRace
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Request
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attacks_compared import Compared, bounded
from cnnviz_gui.state.prediction_view import wanted_attack

LANE = "attack-race"


def _norm(state: AppState) -> str:
    return state.selection.race_parameters.norm


def _usual(state: AppState, method: Method) -> bool:
    """Tell whether an attack is no ascent without any bound."""
    return method.family != "iterative" or bounded(method)


COMPARED = Compared("race_attacks", LANE, "race_started", _norm, _usual)


def race_requests(state: AppState) -> dict[str, Request]:
    """Return what is asked while the race is in sight."""
    selection = state.selection
    in_sight = selection.stage == "attack" and state.display.attack_view == "race"
    request = race_request(state) if in_sight and selection.race_started else None
    return {} if request is None else {LANE: request}


def race_request(state: AppState) -> AttackRace | None:
    """Return the race the selection describes, None while anything it needs is missing."""
    attack, parameters = wanted_attack(state), state.selection.race_parameters
    if attack is None:
        return None
    uses = COMPARED.uses(state)
    if not uses:
        return None
    return AttackRace(
        model=attack.model,
        image=attack.image,
        methods=uses,
        target=attack.target,
        parameters=parameters,
    )
