"""What is asked of several attacks under one budget: pure functions of the state."""

from __future__ import annotations

from cnnviz_gui.core.border_requests import knows
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.race_requests import NORMS, AttackRace
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Request
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.border_plan import alike
from cnnviz_gui.state.choosing import toggled
from cnnviz_gui.state.prediction_view import wanted_attack

LANE = "attack-race"


def methods_offered(state: AppState) -> tuple[Method, ...]:
    """Return the attacks there can be a row of."""
    return state.shared.of_kind("attack")


def why_not(method: Method, state: AppState) -> str:
    """Return why an attack cannot take part; empty where it can."""
    wanted, facts = wanted_attack(state), state.shared.facts
    norm = state.selection.race_parameters.norm
    if not knows(method, norm):
        return f"It does not know {NORMS[norm]}."
    if wanted is not None and wanted.target is not None and not method.targets:
        return "It cannot be driven towards a class."
    return method.needs(facts) if facts is not None else ""


def methods(state: AppState) -> tuple[Method, ...]:
    """Return the rows: the chosen attacks, else all but those that know no bound at all."""
    possible = tuple(one for one in methods_offered(state) if not why_not(one, state))
    chosen = state.selection.race_attacks
    if chosen:
        return tuple(one for one in possible if one.name in chosen)
    return tuple(one for one in possible if one.family != "iterative" or _bounded(one))


def _bounded(method: Method) -> bool:
    return any(spec.name == "epsilon" for spec in method.specs)


def with_method(state: AppState, name: str) -> tuple[str, ...]:
    """Return the rows with an attack more, or without it; one row always stays."""
    before = state.selection.race_attacks or tuple(one.name for one in methods(state))
    return toggled(before, name)


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
    uses = tuple(
        MethodUse(method=one.name, parameters=alike(state.last_parameters(one), parameters.norm))
        for one in methods(state)
    )
    if not uses:
        return None
    return AttackRace(
        model=attack.model,
        image=attack.image,
        methods=uses,
        target=attack.target,
        parameters=parameters,
    )
