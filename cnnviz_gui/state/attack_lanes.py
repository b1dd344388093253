"""The lanes of an attack: what each view shows of it, and what would compute it first."""

from __future__ import annotations

import dataclasses

from cnnviz_gui.core.request import Attack, Request, Sweep

ATTACK = "attack"
SWEEP = "sweep"
STEPS = "attack-steps"
MAPS = "layer-attacked"
DEFENDING = ("defences", "masking", "defences-known")
VIEWS = {
    "picture": (ATTACK, SWEEP, "heatmap-attacked"),
    "steps": (ATTACK, STEPS),
    "defences": (ATTACK, *DEFENDING),
}
"""What a view of the page shows of the attack of the form; the others show its prediction alone."""
ALL = tuple(dict.fromkeys([lane for lanes in VIEWS.values() for lane in lanes] + [MAPS]))
"""Those, and where the page of a layer shows the attacked maps."""
OF_BUTTON = frozenset({ATTACK, SWEEP, STEPS})
"""What the button of the page goes on with; the other views have their own."""


def computes(lane: str, request: Request | None, attack: Attack) -> bool:
    """Tell whether a request in a lane would compute an attack first, by whatever it is scaled."""
    asked = getattr(request, "attack", None)
    if lane not in ALL or not isinstance(asked, Attack):
        return False
    if isinstance(request, Sweep) and asked.scale is None:
        return False  # each point of it is another attack
    return dataclasses.replace(asked, scale=None) == dataclasses.replace(attack, scale=None)
