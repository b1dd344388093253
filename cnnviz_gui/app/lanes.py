"""The lanes of the mailbox, most urgent first.

A lane holds one waiting job, the newest. A job that runs lets waiting jobs of more urgent lanes
pass whenever it steps, so a sweep never holds up a prediction. The pictures of two networks, which
can go on where they were, take turns.
"""

from __future__ import annotations

from cnnviz_gui.engine.mailbox import lanes_in_order
from cnnviz_gui.state import attack_lanes

_FIRST = ("predict", "predict-edited", "predict-second")
_SHORT = (
    *_FIRST,
    "attack-steps",  # before the attack, which it leaves done
    "attack",
    "attack-transfer",
    "heatmap",
    "heatmap-second",
    "heatmap-attacked",
    "place",
    "grad-cam-steps",
    "cell",
    "layer",
    "filters",
    "layer-attacked",
    "contributions",
    "channel-classes",
    "feature-kept",
    "plane-picture",
    "embed",
)
_LONG = (
    "heatmap-grid",
    "heatmap-grid-second",
    "heatmap-layers",
    "trust",
    "sanity",
    "smallest-epsilon",
    "sweep",
    "plane",
    "borders",
    "attack-race",
    "defences",
    "defences-known",
    "masking",
    "feature",
    "feature-second",
    "flipping-set",
    "patches",
    "nearest",
    "heatmap-folder",
    "attack-folder",
    "statistics",
    "feature-sheet",
)
PLANNED = (*_SHORT, *_LONG)
"""Lanes whose request follows from the selection."""
OF_FIRST = tuple(lane for lane in PLANNED if lane != "predict-second")
"""Lanes whose answer changes with the first network."""
AWAITED = ("predict", "predict-edited", "attack", "layer")
"""Lanes whose answer decides what others are asked."""
RESUMED = {
    **dict.fromkeys(attack_lanes.ALL, "attack_started"),
    "defences-known": "adaptive",
    **{"plane": "plane_started", "borders": "borders_started", "attack-race": "race_started"},
    **{"flipping-set": "flip_wanted", "attack-folder": "attack_folder"},
    **dict.fromkeys(("heatmap", "patches", "nearest", "statistics", "heatmap-folder"), ""),
}
"""Lanes of which what was stopped stays so until the user goes on, and what begins them, if a field
of the selection does."""
PENDING = {"model": "pending_model", "second-model": "pending_second"}
"""What is no longer pending when a lane ends."""
MADE_BEHIND = _SHORT[-1]
"""What is drawn or encoded before it is written lets all that is short pass."""
TURNS = ("feature", "feature-second")
SLOW_BEHIND = "sweep"
"""A map of many passes lets what is short pass, the maps of every layer, and a sweep."""
LANES = lanes_in_order(
    "forget",
    "save",
    "catalogue",
    "labels",
    "spectrum",
    "files",
    "restore",
    "fetch",
    "image",
    "model",
    *_FIRST,
    "thumbnails",  # a few at once, see ``Gallery``; the others behind all that computes
    *_SHORT[len(_FIRST) :],
    "second-model",
    "checkpoint",
    "probe",
    *_LONG,
    "kept",  # what an opened session has kept is made once all that it shows is there
    "device",  # never inside a job that computes: its network would be on the other device
    turns=TURNS,  # so that both pictures sharpen
)


def stopped_with(lane: str) -> tuple[str, ...]:
    """Return the lanes that stop with one, which comes last: the others wait behind it.

    The pictures of two networks are one thing to see, and so are defences and the checks beside
    them. What is asked of an attack would compute it from the start, were it not stopped too; its
    sweep is the same attack at other places.
    """
    if lane in TURNS:
        return TURNS
    if lane in attack_lanes.DEFENDING:
        return (*(other for other in attack_lanes.DEFENDING if other != lane), lane)
    if lane not in (attack_lanes.ATTACK, attack_lanes.STEPS):
        return (lane,)
    others = {attack_lanes.ATTACK, attack_lanes.STEPS}
    asking = (*(other for other in attack_lanes.ALL if other not in others), attack_lanes.ATTACK)
    return asking if lane == attack_lanes.ATTACK else (*asking, lane)
