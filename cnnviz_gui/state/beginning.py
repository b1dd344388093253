"""When an attack begins: what follows by itself, and what waits for the hand.

===============  =================================  ========================================
an attack was    what is quick                      what takes many passes
===============  =================================  ========================================
not begun        the button or the slider begin it  the button begins it
begun            another one, or another place on   another one waits for the button, and so
                 the axis, follows by itself        does a place once another one is there
===============  =================================  ========================================

What waits rests as if it had been stopped before its first step; what is known is shown.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from cnnviz_gui.core import attack_cost
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.attack_bound import epsilon_of
from cnnviz_gui.core.registry import Kind, Method
from cnnviz_gui.core.request import Attack, Request, Sweep
from cnnviz_gui.core.result import SweepResult
from cnnviz_gui.state.attack_plan import (
    SWEEP_POINTS,
    moved_to,
    scaled,
    without_place,
)
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.selection import Selection, Told
from cnnviz_gui.texts import tr

QUICK = 120
"""An attack of so many passes follows by itself: a second or a few."""
_AIM = frozenset({"attack_method", "attack_parameters", "target"})
_BEGINNING = _AIM | {"attack_started"}
_PLACE = frozenset({"attack_parameters", "attack_scale"})


def settled(
    selection: Selection, known: Callable[[Kind, str], Method | None], changes: dict[str, Any]
) -> dict[str, Any]:
    """Return changes of the selection with what the hand begins by them.

    To move the slider is to begin nothing anew. ``known`` returns a method by its kind and name.
    """
    if not _BEGINNING.intersection(changes):
        return changes
    new = dataclasses.replace(selection, **changes)
    same = _settings(_told(selection)) == _settings(_told(new))
    moved = same and _PLACE.intersection(changes)
    if changes.get("attack_started") and not (selection.attack_started and moved):
        changes = changes | {"attack_told": _told(new)}
    if _AIM.intersection(changes) and costly(known("attack", new.attack_method), new):
        changes = {"plane_started": False} | changes
    return changes


def slid(selection: Selection, method: Method | None, value: float) -> dict[str, object]:
    """Return what to select so that the slider stands at ``value``: it begins what is quick."""
    moved = moved_to(selection, value)
    new = dataclasses.replace(selection, **moved)  # type: ignore[arg-type]
    return moved | {"attack_started": selection.attack_started or not costly(method, new)}


def waits(selection: Selection, method: Method | None, attack: Finding, sweep: Finding) -> bool:
    """Tell whether the attack that is selected takes long and was not begun by hand.

    ``attack`` and ``sweep`` are what is known of it.
    """
    if not selection.attack_started or selection.attack_told == _told(selection):
        return False
    if not costly(method, selection):
        return False
    begun = selection.attack_told
    if begun is None or _settings(begun) != _settings(_told(selection)):
        return True
    return _found_elsewhere(attack, selection) and not _swept(sweep, selection)


def costly(method: Method | None, selection: Selection) -> bool:
    """Tell whether the attack that is selected takes more passes than are made unasked."""
    return _passes(method, selection) > QUICK


def cost(method: Method | None, selection: Selection) -> str:
    """Return ``about 1 000 passes``, nothing for an attack that is quick."""
    count = _passes(method, selection)
    return tr("about {count} passes", count=fmt.count(count)) if count > QUICK else ""


def told(method: Method | None, selection: Selection, *, swept: bool) -> str:
    """Return what the button of the page does, and what that costs where it is much.

    ``swept`` says that the axis is swept too.
    """
    said = cost(method, selection)
    if not swept:
        costly = tr("Attack at this epsilon, {cost}", cost=said)
        return costly if said else tr("Attack at this epsilon")
    if scaled(selection):
        costly = tr("Attack, {cost}, and sweep the scale of what is found", cost=said)
        return costly if said else tr("Attack and sweep the scale of what is found")
    if not said:
        return tr("Attack at this epsilon and sweep the whole axis")
    return tr(
        "Attack at this epsilon, {cost}, and sweep the whole axis, {places} places that take as"
        " long each",
        cost=said,
        places=SWEEP_POINTS,
    )


def _passes(method: Method | None, selection: Selection) -> int:
    """Return how many passes are to be expected at most; 0 where few are needed, or unknown."""
    parameters = selection.attack_parameters
    if method is None or method.ends_early or parameters is None:
        return 0
    return attack_cost.passes(method, parameters.values(), selection.target is not None)


def _told(selection: Selection) -> Told:
    return selection.attack_method, selection.attack_parameters, selection.target


def _settings(told: Told) -> Told:
    """Return what makes an attack another one wherever the slider stands."""
    method, parameters, target = told
    return method, parameters and without_place(parameters), target


def _found_elsewhere(attack: Finding, selection: Selection) -> bool:
    """Tell whether the attack has ended, or was stopped, at another place than the one selected."""
    if attack.status in ("empty", "stopped", "failed"):
        return _is_elsewhere(attack.request, selection) or _is_elsewhere(attack.asked, selection)
    return attack.status in ("done", "stale") and _is_elsewhere(attack.request, selection)


def _is_elsewhere(request: Request | None, selection: Selection) -> bool:
    if not isinstance(request, Attack) or not _is_same(request, selection):
        return False
    return request.parameters != selection.attack_parameters


def _swept(sweep: Finding, selection: Selection) -> bool:
    """Tell whether the place selected is one that the sweep of the attack has been at."""
    request, value, parameters = sweep.request, sweep.value, selection.attack_parameters
    if not isinstance(request, Sweep) or not isinstance(value, SweepResult) or parameters is None:
        return False
    if request.attack.scale is not None or not _is_same(request.attack, selection):
        return False
    return any(point.epsilon == epsilon_of(parameters) for point in value.points)


def _is_same(attack: Attack, selection: Selection) -> bool:
    """Tell whether an attack is the selected one, at whatever place on its axis."""
    parameters = selection.attack_parameters
    if parameters is None or (attack.model, attack.image) != (selection.model, selection.image):
        return False
    settings = attack.method, without_place(attack.parameters)
    return settings == (selection.attack_method, without_place(parameters))
