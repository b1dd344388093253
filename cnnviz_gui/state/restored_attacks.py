"""Requests of the pages of attacks and planes back to what is selected; see ``restoring``."""

from __future__ import annotations

import dataclasses
from typing import Any

from cnnviz_gui.core.attack_bound import epsilon_of
from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences, KnowingParams
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.plane_requests import Plane, PlanePicture
from cnnviz_gui.core.race_requests import AttackRace
from cnnviz_gui.core.request import (
    Attack,
    Sweep,
)
from cnnviz_gui.state.restored import Changes, Restored, remembered, usual_epsilon
from cnnviz_gui.texts import tr


def attacked(asked: Attack, view: str = "picture") -> Restored:
    """Return what is to be chosen for an attack, in one of the views of its page."""
    chosen: Changes = {
        "stage": "attack",
        "attack_method": asked.method,
        "attack_parameters": asked.parameters,
        "attack_scaled": asked.scale is not None,
        "target": asked.target,
        "attack_started": True,
    }
    if asked.scale is not None:
        chosen["attack_scale"] = asked.scale
    return Restored(chosen, {"attack_view": view})


def of_attack(view: str, attack: Attack, **more: Any) -> Restored:
    """Return what is to be chosen for what is computed of an attack."""
    found = attacked(attack, view)
    return Restored(found.selection | more, found.display)


def sweep(asked: Sweep) -> Restored:
    """Return what is to be chosen for a sweep: the slider stands in its middle.

    Raises
    ------
    RequestError
        The attack has no epsilon.
    ParameterError
        It goes beyond the epsilons that the attack takes.
    """
    attack = asked.attack
    if attack.scale is not None:
        return attacked(dataclasses.replace(attack, scale=1.0))
    if epsilon_of(attack.parameters) is None:
        raise RequestError(
            tr("{method!r} has no epsilon to sweep.", method=attack.method),
            tr(
                "Choose an attack with a budget, or give it a scale to sweep along its"
                " perturbation."
            ),
        )
    end: dict[str, Any] = {"epsilon": asked.maximum}
    dataclasses.replace(attack.parameters, **end)  # they say how large it may be
    at: dict[str, Any] = {"epsilon": asked.maximum / 2}
    parameters = dataclasses.replace(attack.parameters, **at)
    found = attacked(dataclasses.replace(attack, parameters=parameters))
    found.selection["sweep_maximum"] = asked.maximum
    return found


def borders(asked: Borders) -> Restored:
    """Return what is to be chosen for the borders of the classes around."""
    attack = dataclasses.replace(asked.attack, parameters=usual_epsilon(asked.attack.parameters))
    return of_attack(
        "borders",
        attack,
        borders_by="classes",
        border_parameters=asked.parameters,
        borders_started=True,
    )


def attack_borders(asked: AttackBorders) -> Restored:
    """Return what is to be chosen for the smallest epsilons of several attacks."""
    chosen: Changes = {
        "stage": "attack",
        "borders_by": "attacks",
        "border_attacks": tuple(use.method for use in asked.methods),
        "borders_norm": asked.norm,
        "borders_started": True,
        "target": asked.target,
    }
    return Restored(chosen, {"attack_view": "borders"}, remembered("attack", asked.methods))


def race(asked: AttackRace) -> Restored:
    """Return what is to be chosen for a race."""
    chosen: Changes = {
        "stage": "attack",
        "race_attacks": tuple(use.method for use in asked.methods),
        "race_parameters": asked.parameters,
        "race_started": True,
        "target": asked.target,
    }
    return Restored(chosen, {"attack_view": "race"}, remembered("attack", asked.methods))


def defences(asked: Defences) -> Restored:
    """Return what is to be chosen for defences."""
    return of_attack("defences", asked.attack, defence_parameters=asked.methods)


def adaptive(asked: AdaptiveAttacks) -> Restored:
    """Return what is to be chosen for attacks that know the defences."""
    return of_attack(
        "defences",
        asked.attack,
        defence_parameters=asked.methods,
        adaptive=asked,
        knowing_parameters=KnowingParams(draws=asked.draws),
    )


def attack_folder(asked: AttackFolder) -> Restored:
    """Return what is to be chosen for the attacks on a folder."""
    chosen: Changes = {
        "stage": "attack",
        "folder": asked.folder.path,
        "folder_nested": asked.folder.nested,
        "attack_method": asked.method,
        "attack_parameters": usual_epsilon(asked.parameters),
        "target": asked.target,
        "attack_folder": asked,
    }
    return Restored(chosen, {"attack_view": "folder", "folder_words": "", "folder_class": None})


def plane(asked: Plane) -> Restored:
    """Return what is to be chosen for a plane."""
    found = attacked(asked.attack)
    chosen = found.selection | {
        "stage": "plane",
        "plane_parameters": asked.parameters,
        "plane_class": asked.other,
        "plane_image": asked.other_image,
        "plane_point": None,
        "plane_started": True,
    }
    return Restored(chosen)


def point(asked: PlanePicture) -> Restored:
    """Return what is to be chosen for a point of a plane."""
    found = plane(asked.plane)
    found.selection["plane_point"] = (asked.along, asked.across)
    return found
