"""When an attack begins: what follows by itself, and what waits for the hand.

===============  =================================  ========================================
an attack was    what is quick                      what takes many passes
===============  =================================  ========================================
not begun        the button or the slider begin it  the button or the slider begin it
begun            another one, or another place on   another one waits for the button, and so
                 the axis, follows by itself        does a place once another one is there
===============  =================================  ========================================

An attack that is quick follows again after one that waited.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from cnnviz_gui.core import attack_cost
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.attack_bound import epsilon_of
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Kind, Method
from cnnviz_gui.core.request import Attack, Sweep
from cnnviz_gui.core.result import SweepResult
from cnnviz_gui.state.attack_plan import SWEEP_POINTS, at_zero, has_epsilon, scaled, with_epsilon
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.selection import Selection

QUICK = 120
"""An attack of so many passes follows by itself: a second or a few."""
_CHOSEN = frozenset(
    {
        *("model", "image", "target", "attack_method", "attack_parameters"),
        *("attack_scaled", "attack_started"),
    }
)


def settled(
    selection: Selection,
    findings: Mapping[str, Finding],
    known: Callable[[Kind, str], Method | None],
    changes: dict[str, Any],
) -> dict[str, Any]:
    """Return changes of the selection with whether the attack in use waits after them.

    ``known`` returns a method by its kind and name.
    """
    if not _CHOSEN.intersection(changes):
        return changes
    new = dataclasses.replace(selection, **changes)
    told = "attack_started" in changes
    other = _settings(selection) != _settings(new)
    if told and (other or not new.attack_started):
        return changes | {"attack_waits": False}
    begun = new.attack_started or selection.attack_waits
    if not begun or not costly(known("attack", new.attack_method), new):
        return changes | {"attack_started": begun, "attack_waits": False}
    if other:
        return changes | {"attack_started": False, "attack_waits": True}
    if scaled(new) or selection.attack_parameters == new.attack_parameters:
        return changes | ({"attack_waits": False} if told else {})
    attack, sweep = (findings.get(lane, Finding()) for lane in ("attack", "sweep"))
    waits = _found_elsewhere(attack, new) and not _swept(sweep, attack, new)
    return changes | {"attack_waits": waits}


def costly(method: Method | None, selection: Selection) -> bool:
    """Tell whether the attack that is selected takes more passes than are made unasked."""
    return _passes(method, selection) > QUICK


def cost(method: Method | None, selection: Selection) -> str:
    """Return ``about 1 000 passes``, nothing for an attack that is quick."""
    count = _passes(method, selection)
    return f"about {fmt.count(count)} passes" if count > QUICK else ""


def told(method: Method | None, selection: Selection) -> str:
    """Return what the button of the page does, and what that costs where it is much."""
    said = cost(method, selection)
    if not said:
        return "Attack at this epsilon and sweep the whole axis"
    if scaled(selection):
        return f"Attack, {said}, and sweep the scale of what is found"
    return (
        f"Attack at this epsilon, {said}, and sweep the whole axis,"
        f" {SWEEP_POINTS} places that take as long each"
    )


def _passes(method: Method | None, selection: Selection) -> int:
    """Return how many passes are to be expected at most; 0 where few are needed, or unknown."""
    parameters = selection.attack_parameters
    if method is None or method.ends_early or parameters is None:
        return 0
    return attack_cost.passes(method, parameters.values(), selection.target is not None)


def _settings(selection: Selection) -> tuple[object, ...]:
    """Return what makes an attack another one wherever the slider stands."""
    at_zero = _at_zero(selection.attack_parameters)
    method = (selection.attack_method, at_zero)
    return (selection.model, selection.image, selection.target, *method)


def _at_zero(parameters: Params | None) -> Params | None:
    if parameters is None or not has_epsilon(parameters):
        return parameters
    return with_epsilon(parameters, 0.0)


def _found_elsewhere(attack: Finding, new: Selection) -> bool:
    """Tell whether the attack is known at another place than the one selected, at its end."""
    request = attack.request
    if attack.status != "done" or not isinstance(request, Attack) or request.scale is not None:
        return False
    same = (request.model, request.image, request.method, _at_zero(request.parameters)) == (
        new.model,
        new.image,
        new.attack_method,
        _at_zero(new.attack_parameters),
    )
    return same and request.parameters != new.attack_parameters


def _swept(sweep: Finding, attack: Finding, new: Selection) -> bool:
    """Tell whether the place selected is one that the sweep of that attack has been at."""
    request, value, found = sweep.request, sweep.value, attack.request
    if not isinstance(request, Sweep) or not isinstance(value, SweepResult):
        return False
    if not isinstance(found, Attack) or request.attack != at_zero(found):
        return False
    parameters = new.attack_parameters
    place = None if parameters is None else epsilon_of(parameters)
    return any(point.epsilon == place for point in value.points)
