"""Why what is on screen cannot be saved yet. Pure functions of the state."""

from __future__ import annotations

from cnnviz_gui.state import attack_steps_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import tr

_NOTHING = tr("There is nothing to save yet.")
_OF_ATTACK = {"picture": "attack", "steps": attack_steps_view.LANE}
_OF_STAGE = {"plane": "plane"}
_ATTACK = (
    tr("The attack was stopped before its end: continue it first."),
    tr("The attack is not at its end yet: save it then."),
)
_PLANE = (
    tr("The plane was stopped before its end: continue it first."),
    tr("The plane is not at its end yet: save it then."),
)
_RESTS = {"attack": _ATTACK, attack_steps_view.LANE: _ATTACK, "plane": _PLANE}
"""What is said of work that was stopped, and of work that goes on."""


def why(state: AppState) -> str:
    """Return what keeps the page in sight from giving anything away, and what to do."""
    stage = state.selection.stage
    lane = _OF_STAGE.get(stage, "")
    if stage == "attack" and state.selection.attack_started:
        lane = _OF_ATTACK.get(state.display.attack_view, "")
    if not lane:
        return _NOTHING
    finding, (stopped, going_on) = state.finding(lane), _RESTS[lane]
    if finding.halted:
        return stopped
    if finding.at_work:
        return going_on
    return _NOTHING


def no_array() -> str:
    """Return why a table is not saved as an array, and what to do."""
    return tr(
        "A table has no raw array: it is saved with the names of its rows and columns{key}.",
        key=KEYS.hint("save_picture"),
    )
