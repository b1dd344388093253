"""What rests, stopped or not begun, as far as it is in sight, and how the hand goes on with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnviz_gui.state import (
    attack_folder_view,
    attack_lanes,
    attack_view,
    border_plan,
    layer_plan,
    map_folder_view,
    race_plan,
)
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import ptr, tr

_COMPARED = {"borders": border_plan.COMPARED, "race": race_plan.COMPARED}


def in_sight(state: AppState) -> tuple[str, ...]:
    """Return the lanes of the view in sight that the user stopped, to be asked again.

    Of an attack, of the maps that it changes, and of what is made of a whole folder.
    """
    stage, display = state.selection.stage, state.display
    if stage == "heatmaps" and display.heatmap_view == "folder":
        return _halted(state, (map_folder_view.LANE,)) if state.selection.folder else ()
    if stage == "layers" and layer_plan.shows_attacked(state.selection, display):
        return _halted(state, (attack_lanes.MAPS,))
    if stage != "attack":
        return ()
    view = display.attack_view
    if view == "folder":
        begun = attack_folder_view.attack_folder_requests(state)
        return () if attack_folder_view.startable(state) else _halted(state, tuple(begun))
    compared = _COMPARED.get(view)
    if compared is None:
        return of_attack(state)
    if not getattr(state.selection, compared.started):
        return ()  # that waits to be begun, which comes before an attack beside it
    return _halted(state, (compared.lane,)) + of_attack(state)


def of_attack(state: AppState) -> tuple[str, ...]:
    """Return the lanes that rest of what the view in use shows of the attack.

    One that was never begun is begun in its own views alone.
    """
    if not state.selection.attack_started:
        return ()
    others = () if attack_view.waits(state) else (attack_lanes.ATTACK,)
    return _halted(state, attack_lanes.VIEWS.get(state.display.attack_view, others))


def begin(state: AppState, resume: Callable[[str], object], **changes: Any) -> None:
    """Begin the attack of the form, or go on with what rests of it: what is known stays.

    ``resume`` asks again what rests in a lane; ``changes`` are selected with it.
    """
    _go_on(state, of_attack(state), resume, {"attack_started": True} | changes)


def go_on(state: AppState, resume: Callable[[str], object]) -> bool:
    """Go on with what rests in sight; tell whether anything does."""
    rests = in_sight(state)
    attacks = attack_lanes.ATTACK in rests
    _go_on(state, rests, resume, {"attack_started": True} if attacks else {})
    return bool(rests)


def _go_on(
    state: AppState,
    rests: tuple[str, ...],
    resume: Callable[[str], object],
    changes: dict[str, Any],
) -> None:
    for lane in rests:
        resume(lane)
    state.select(**changes)


def button(state: AppState) -> str:
    """Return what is written on the button that goes on with what rests of the attack.

    An attack begins anew; the points of a sweep that are there stay.
    """
    rests = attack_lanes.OF_BUTTON.intersection(in_sight(state))
    if not rests:
        return ""
    if attack_view.waits(state):
        return ptr("button", "Attack")
    return tr("Continue") if rests == {attack_lanes.SWEEP} else tr("Attack again")


def sentence(state: AppState) -> str:
    """Return what stands in the place of a picture that is to come with what rests of the attack.

    Empty where no button goes on with it.
    """
    said = button(state)
    if not said:
        return ""
    if attack_view.waits(state):
        return attack_view.priced(state, tr("Press {button}.", button=said))
    return tr("Stopped. Press {button}.", button=said)


def _halted(state: AppState, lanes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(lane for lane in lanes if state.finding(lane).halted)
