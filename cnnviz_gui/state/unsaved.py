"""Why what is on screen cannot be saved yet. Pure functions of the state."""

from __future__ import annotations

from cnnviz_gui.state import attack_steps_view
from cnnviz_gui.state.app_state import AppState

_NOTHING = "There is nothing to save yet."
_OF_ATTACK = {"picture": "attack", "steps": attack_steps_view.LANE}
_OF_STAGE = {"plane": "plane"}
_WORDS = {"attack": "attack", attack_steps_view.LANE: "attack", "plane": "plane"}


def why(state: AppState) -> str:
    """Return what keeps the page in sight from giving anything away, and what to do."""
    stage = state.selection.stage
    lane = _OF_STAGE.get(stage, "")
    if stage == "attack" and state.selection.attack_started:
        lane = _OF_ATTACK.get(state.display.attack_view, "")
    if not lane:
        return _NOTHING
    finding, word = state.finding(lane), _WORDS[lane]
    if finding.halted:
        return f"The {word} was stopped before its end: continue it first."
    if finding.at_work:
        return f"The {word} is not at its end yet: save it then."
    return _NOTHING
