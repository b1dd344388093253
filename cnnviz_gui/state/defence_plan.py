"""What is asked of defences: which are on, which the attack is to know. Pure functions."""

from __future__ import annotations

from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences
from cnnviz_gui.core.errors import ParameterError
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.masking_requests import Masking
from cnnviz_gui.core.params import Value, build
from cnnviz_gui.core.request import Attack, Request
from cnnviz_gui.core.result import AttackResult
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.prediction_view import wanted_attack

LANE, KNOWN_LANE, MASKING_LANE = "defences", "defences-known", "masking"


def defence_requests(state: AppState) -> dict[str, Request]:
    """Return the requests of the view of defences, and what a failed attack asks of its gradients.

    An attack that knows a defence takes long: it is asked for only where the user wants it, and
    goes on while another view of the page is in sight.
    """
    selection = state.selection
    attack = wanted_attack(state)
    if selection.stage != "attack" or not selection.attack_started or attack is None:
        return {}
    wanted: dict[str, Request] = {}
    if state.display.attack_view == "defences":
        uses = chosen(state)
        if uses:
            wanted[LANE] = Defences(attack=attack, methods=uses)
        wanted[MASKING_LANE] = Masking(attack=attack)
    elif state.display.attack_view == "picture" and _failed(state, attack):
        wanted[MASKING_LANE] = Masking(attack=attack, checks="quick")
    known = adaptive(state)
    if known is not None:
        wanted[KNOWN_LANE] = known
    return wanted


def uses(state: AppState) -> tuple[MethodUse, ...]:
    """Return every defence there is, with its parameters."""
    changed = {use.method: use for use in state.selection.defence_parameters}
    return tuple(
        changed.get(method.name) or MethodUse(method=method.name, parameters=method.params())
        for method in state.shared.methods
        if method.kind == "defence"
    )


def chosen(state: AppState) -> tuple[MethodUse, ...]:
    """Return those that are on."""
    off = state.selection.defences_off
    return tuple(use for use in uses(state) if use.method not in off)


def adaptive(state: AppState) -> AdaptiveAttacks | None:
    """Return what the user wants the attack in use to know, as far as that is still on."""
    wanted, attack = state.selection.adaptive, wanted_attack(state)
    if wanted is None or wanted.attack != attack:
        return None
    left = tuple(use for use in wanted.methods if use in chosen(state))
    if not left:
        return None
    draws = state.selection.knowing_parameters.draws
    return AdaptiveAttacks(attack=wanted.attack, methods=left, draws=draws)


def with_known(state: AppState, names: tuple[str, ...]) -> dict[str, object]:
    """Return what to select so that the attack knows these defences too."""
    attack = wanted_attack(state)
    if attack is None:
        return {}
    before = adaptive(state)
    known = () if before is None else before.methods
    more = tuple(use for use in chosen(state) if use.method in names and use not in known)
    if not known + more:
        return {}
    draws = state.selection.knowing_parameters.draws
    return {"adaptive": AdaptiveAttacks(attack=attack, methods=known + more, draws=draws)}


def switched(state: AppState, name: str, on: bool) -> dict[str, object]:
    """Return what to select so that a defence is on or off."""
    off = tuple(other for other in state.selection.defences_off if other != name)
    return {"defences_off": off if on else (*off, name)}


def with_value(state: AppState, name: str, parameter: str, value: Value) -> dict[str, object]:
    """Return what to select so that a defence has another parameter; nothing if out of range."""
    method = state.shared.method("defence", name)
    use = next((use for use in uses(state) if use.method == name), None)
    if method is None or use is None:
        return {}
    try:
        parameters = build(method.params, use.parameters.values() | {parameter: value})
    except ParameterError:
        return {}
    others = tuple(use for use in state.selection.defence_parameters if use.method != name)
    return {"defence_parameters": (*others, MethodUse(method=name, parameters=parameters))}


def may_change(attack: Attack) -> bool:
    """Tell whether an attack is allowed to change anything: with no budget failing is no news."""
    return attack.parameters.values().get("epsilon") != 0 and attack.scale != 0


def _failed(state: AppState, attack: Attack) -> bool:
    """Tell whether the attack is known to fail, though it may change something."""
    if not may_change(attack):
        return False
    finding = state.finding("attack")
    done = finding.status == "done" and finding.request == attack
    return done and isinstance(finding.value, AttackResult) and not finding.value.success
