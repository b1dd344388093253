"""What is asked about how near the borders are: pure functions of the state."""

from __future__ import annotations

import dataclasses

from cnnviz_gui.core.border_requests import AttackBorders, Borders, in_norm, knows
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Request
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import at_zero, has_epsilon, with_epsilon
from cnnviz_gui.state.choosing import toggled
from cnnviz_gui.state.prediction_view import wanted_attack

LANE, SMALLEST_LANE = "borders", "smallest-epsilon"
NORMS = {"linf": "L∞", "l2": "L2", "l1": "L1"}
_GRADIENTS = ("one-step", "iterative")
_QUICK = ("deepfool",)
"""Attacks without a budget that are done in no time."""


def norm(state: AppState) -> str:
    """Return the norm of the attack in use; of one without a budget, what it makes small."""
    parameters = state.selection.attack_parameters
    if parameters is not None and has_epsilon(parameters):
        return str(parameters.values().get("norm", "linf"))
    return "l2"


def methods_offered(state: AppState) -> tuple[Method, ...]:
    """Return the attacks there can be a row of."""
    return state.shared.of_kind("attack")


def why_not(method: Method, state: AppState) -> str:
    """Return why an attack cannot be compared here; empty where it can."""
    wanted, facts = wanted_attack(state), state.shared.facts
    if not knows(method, norm(state)):
        return f"It does not know {NORMS[norm(state)]}."
    if wanted is not None and wanted.target is not None and not method.targets:
        return "It cannot be driven towards a class."
    return method.needs(facts) if facts is not None else ""


def methods(state: AppState) -> tuple[Method, ...]:
    """Return the rows: the chosen attacks, else the one in use and the quick ones."""
    selection = state.selection
    possible = tuple(one for one in methods_offered(state) if not why_not(one, state))
    if selection.border_attacks:
        return tuple(one for one in possible if one.name in selection.border_attacks)
    return tuple(
        one
        for one in possible
        if one.name in (selection.attack_method, *_QUICK)
        or (one.family in _GRADIENTS and any(spec.name == "epsilon" for spec in one.specs))
    )


def with_method(state: AppState, name: str) -> tuple[str, ...]:
    """Return the rows with an attack more, or without it; one row always stays."""
    before = state.selection.border_attacks or tuple(one.name for one in methods(state))
    return toggled(before, name)


def border_requests(state: AppState) -> dict[str, Request]:
    """Return what is asked while the borders are in sight, and the smallest epsilon until known."""
    selection, asked = state.selection, smallest_request(state)
    wanted: dict[str, Request] = {}
    if asked is not None and selection.smallest_of == asked:
        wanted[SMALLEST_LANE] = asked
    in_sight = selection.stage == "attack" and state.display.attack_view == "borders"
    if in_sight and selection.borders_started:
        request = borders_request(state)
        wanted |= {} if request is None else {LANE: request}
    return wanted


def borders_request(state: AppState) -> Borders | AttackBorders | None:
    """Return what the view of the borders shows, None while anything it needs is missing.

    It is the same wherever the slider stands.
    """
    selection, attack = state.selection, wanted_attack(state)
    if attack is None:
        return None
    if selection.borders_by == "classes":
        whole = at_zero(dataclasses.replace(attack, target=None, scale=None))
        return Borders(attack=whole, parameters=selection.border_parameters)
    uses = tuple(
        MethodUse(method=one.name, parameters=alike(state.last_parameters(one), norm(state)))
        for one in methods(state)
    )
    if not uses:
        return None
    return AttackBorders(
        model=attack.model,
        image=attack.image,
        methods=uses,
        target=attack.target,
        norm=norm(state),
    )


def smallest_request(state: AppState) -> AttackBorders | None:
    """Return what finds the smallest epsilon of the attack in use; None where it has none."""
    attack = wanted_attack(state)
    if attack is None or not has_epsilon(attack.parameters):
        return None
    use = MethodUse(method=attack.method, parameters=alike(attack.parameters, norm(state)))
    return AttackBorders(
        model=attack.model,
        image=attack.image,
        methods=(use,),
        target=attack.target,
        norm=norm(state),
    )


def alike(parameters: Params, norm: str) -> Params:
    """Return what is common to all epsilons of one norm."""
    measured = in_norm(parameters, norm)
    return with_epsilon(measured, 0.0) if has_epsilon(measured) else measured
