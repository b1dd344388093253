"""What an attack and its sweep ask for, and which of the results is on screen: pure functions."""

from __future__ import annotations

import dataclasses

from cnnviz_gui.core import attack_bound
from cnnviz_gui.core.params import Params, specs
from cnnviz_gui.core.request import Attack, Request, Sweep
from cnnviz_gui.core.result import AttackResult, SweepResult
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.selection import Display, Selection

SWEEP_POINTS = 33
SCALES = 2.0
"""The axis of a scaled perturbation goes to so many times what was found."""
_WELL = 8
"""An epsilon is seen well on an axis that ends at up to so many times of it."""


def attack_request(selection: Selection, winner: int | None) -> Attack | None:
    """Return the attack the selection describes, None while anything it needs is missing.

    Towards the class that wins already there is nowhere to go, so that target means away from it.
    """
    if selection.image is None or selection.attack_parameters is None or winner is None:
        return None
    return Attack(
        model=selection.model,
        image=selection.image,
        method=selection.attack_method,
        parameters=selection.attack_parameters,
        target=None if selection.target == winner else selection.target,
        scale=selection.attack_scale if scaled(selection) else None,
    )


def attack_requests(selection: Selection, display: Display, attack: Attack) -> dict[str, Request]:
    """Return what the page of attacks asks for, whichever of its views is in sight."""
    if display.attack_view == "folder":  # it is not about the picture in use
        return {}
    if display.attack_view != "picture":
        return {"attack": attack}
    return {"attack": attack, "sweep": sweep_request(selection, attack)}


def scaled(selection: Selection) -> bool:
    """Tell whether the slider scales one perturbation rather than sets epsilon anew."""
    return selection.attack_scaled or not has_epsilon(selection.attack_parameters)


def has_epsilon(parameters: Params | None) -> bool:
    """Tell whether an attack has a budget."""
    return parameters is not None and attack_bound.epsilon_of(parameters) is not None


def norm_of(parameters: Params | None) -> str:
    """Return the norm of an attack's ball; attacks that know one only have L∞."""
    return "linf" if parameters is None else attack_bound.norm_of(parameters)


def norms_of(parameters: Params | None) -> tuple[str, ...]:
    """Return the norms in which an attack can have its budget."""
    known = specs(type(parameters)) if parameters is not None else ()
    choices = next((spec.choices for spec in known if spec.name == "norm"), None)
    if choices is not None:
        return tuple(name for name, _ in choices)
    return ("linf",) if has_epsilon(parameters) else ()


def with_norm(parameters: Params, norm: str) -> Params:
    """Return the parameters in another norm; what is measured in it has that norm's defaults."""
    values = parameters.values() | {"norm": norm}
    known = specs(type(parameters))
    changed = {s.name: s.scaled(values).default for s in known if s.depends_on == "norm"}
    return dataclasses.replace(parameters, **{"norm": norm, **changed})


def sweep_request(selection: Selection, attack: Attack) -> Sweep:
    """Return the sweep of the axis, the same wherever the slider stands."""
    maximum = SCALES if attack.scale is not None else selection.sweep_maximum
    return Sweep(attack=at_zero(attack), maximum=maximum, points=SWEEP_POINTS)


def at_zero(attack: Attack) -> Attack:
    """Return the attack at the left end of its axis."""
    if attack.scale is not None:
        return dataclasses.replace(attack, scale=0.0)
    return dataclasses.replace(attack, parameters=without_place(attack.parameters))


def without_place(parameters: Params) -> Params:
    """Return the parameters at epsilon 0: the same wherever the slider stands."""
    return with_epsilon(parameters, 0.0) if has_epsilon(parameters) else parameters


def place(selection: Selection) -> float:
    """Return where the slider stands: an epsilon, or a scale."""
    if scaled(selection):
        return selection.attack_scale
    parameters = selection.attack_parameters
    return float(parameters.values()["epsilon"]) if parameters is not None else 0.0


def axis_end(selection: Selection) -> float:
    """Return the right end of the slider's axis."""
    return SCALES if scaled(selection) else selection.sweep_maximum


def moved_to(selection: Selection, value: float) -> dict[str, object]:
    """Return what to select so that the slider stands at ``value``."""
    if scaled(selection):
        return {"attack_scale": value}
    if selection.attack_parameters is None:
        return {}
    return {"attack_parameters": with_epsilon(selection.attack_parameters, value)}


def stepped(selection: Selection, by: int) -> float:
    """Return where the slider stands after so many points of the sweep, on the axis."""
    end = axis_end(selection)
    return min(max(place(selection) + by * end / (SWEEP_POINTS - 1), 0.0), end)


def with_epsilon(parameters: Params, epsilon: float) -> Params:
    """Return the parameters with another epsilon."""
    return dataclasses.replace(parameters, **{"epsilon": epsilon})


def sweep_maximum(parameters: Params, at_least: float = 0.0) -> float:
    """Return a right end for the epsilon axis: the default epsilon, doubled until it suffices."""
    values = parameters.values()
    spec = next((s for s in specs(type(parameters)) if s.name == "epsilon"), None)
    if spec is None:
        return 0.0
    scaled = spec.scaled(values)
    maximum = float(scaled.default) or scaled.maximum
    while maximum < min(at_least, scaled.maximum):
        maximum *= 2
    return min(maximum, scaled.maximum)


def axis_about(selection: Selection, parameters: Params) -> float:
    """Return a right end for the axis on which the epsilon of ``parameters`` is seen well.

    That in use where it is; else epsilon would lie at its left end, among nothing.
    """
    epsilon, end = float(parameters.values()["epsilon"]), selection.sweep_maximum
    same = norm_of(selection.attack_parameters) == norm_of(parameters)
    if epsilon <= 0 or (same and end / _WELL <= epsilon <= end):
        return end if same else sweep_maximum(parameters)
    end = sweep_maximum(parameters, at_least=epsilon)
    while end > _WELL / 2 * epsilon:
        end /= 2
    return end


@dataclasses.dataclass(frozen=True, slots=True)
class ShownAttack:
    """The attack that is on screen: the exact one, or the nearest computed point of the sweep."""

    result: AttackResult
    exact: bool
    """It is what the selection asks for, complete."""
    current: bool
    """It differs from that at most in its place on the axis, and little."""
    near: bool = False
    """It lies at another place on the axis, the nearest that is computed."""

    @property
    def doubtful(self) -> bool:
        """Whether it is not of the attack and the place that are asked for, and shown pale."""
        return self.near or not self.current

    @property
    def unfinished(self) -> bool:
        """Whether the attack that found it has not ended: it runs, or was stopped."""
        return self.result.closeness is None


def shown_attack(attack: Finding, sweep: Finding, wanted: Attack | None) -> ShownAttack | None:
    """Return what to draw for the place under the hand without waiting for its own result."""
    if wanted is None:
        return None
    if isinstance(attack.value, AttackResult) and attack.request == wanted:
        return ShownAttack(attack.value, attack.status == "done", True)
    near = _nearest(sweep, wanted)
    if near is not None:
        return near
    former = attack.request
    if (
        isinstance(attack.value, AttackResult)
        and isinstance(former, Attack)
        and (former.model, former.image) == (wanted.model, wanted.image)
    ):
        return ShownAttack(attack.value, False, False)
    return None


def _nearest(sweep: Finding, wanted: Attack) -> ShownAttack | None:
    request, value = sweep.request, sweep.value
    if not isinstance(request, Sweep) or not isinstance(value, SweepResult) or not value.points:
        return None
    if at_zero(wanted) != request.attack:
        return None
    point = min(value.points, key=lambda p: abs(p.epsilon - wanted.place))
    there = point.epsilon == wanted.place
    return ShownAttack(point.result, there, True, near=not there)
