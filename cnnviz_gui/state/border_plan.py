"""What is asked about how near the borders are: pure functions of the state."""

from __future__ import annotations

import dataclasses

from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Request
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import at_zero, has_epsilon, norm_of
from cnnviz_gui.state.attacks_compared import Compared, alike, bounded
from cnnviz_gui.state.prediction_view import wanted_attack

LANE, SMALLEST_LANE = "borders", "smallest-epsilon"
ENDED = ("stopped", "failed", "empty")
"""A search with one of these findings is over without an answer, and can be gone on with."""
_GRADIENTS = ("one-step", "iterative")
_QUICK = ("deepfool",)
"""Attacks without a budget that are done in no time."""


def _norm(state: AppState) -> str:
    return state.selection.borders_norm


def _usual(state: AppState, method: Method) -> bool:
    """Tell whether an attack is the one in use, or was when the comparison began, or quick."""
    selection = state.selection
    begun = selection.borders_with if selection.borders_started else ""
    in_use = method.name in (begun or selection.attack_method, *_QUICK)
    return in_use or (method.family in _GRADIENTS and bounded(method))


COMPARED = Compared("border_attacks", LANE, "borders_started", _norm, _usual)


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
    uses = COMPARED.uses(state)
    if not uses:
        return None
    return AttackBorders(
        model=attack.model,
        image=attack.image,
        methods=uses,
        target=attack.target,
        norm=_norm(state),
    )


def smallest_request(state: AppState) -> AttackBorders | None:
    """Return what finds the smallest epsilon of the attack in use; None where it has none."""
    attack = wanted_attack(state)
    if attack is None or not has_epsilon(attack.parameters):
        return None
    norm = norm_of(attack.parameters)
    use = MethodUse(method=attack.method, parameters=alike(attack.parameters, norm))
    return AttackBorders(
        model=attack.model,
        image=attack.image,
        methods=(use,),
        target=attack.target,
        norm=norm,
    )
