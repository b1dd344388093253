"""Which actions would do nothing now, and why. Pure functions of the state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cnnviz_gui.state import (
    attack_folder_view,
    attack_plan,
    comparison_view,
    edits_view,
    feature_view,
    kept_view,
    layer_view,
    prediction_view,
    resting,
    trust,
)
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.state.layer_tree import order, visible
from cnnviz_gui.state.plan import effective_layer
from cnnviz_gui.texts import tr

Reason = Callable[[AppState], str]


def why_not(state: AppState) -> dict[str, str]:
    """Return, by the names of actions that depend on the state, why each would do nothing.

    An empty string where it would do something.
    """
    return {
        name: next((said for reason in reasons if (said := reason(state))), "")
        for name, reasons in _REASONS.items()
    }


def _network(state: AppState) -> str:
    none = tr("There is no network yet{key}.", key=KEYS.hint("choose_network"))
    return "" if state.shared.facts is not None else none


def _picture(state: AppState) -> str:
    none = tr("There is no picture yet{key}.", key=KEYS.hint("open_files"))
    return "" if state.selection.image is not None else none


def _others(state: AppState) -> str:
    image = state.selection.image
    others = (one for one in state.shared.strip if image is None or one.ref.path != image.path)
    return "" if any(others) else tr("There is no other picture in the strip.")


def _classes(state: AppState) -> str:
    facts = state.shared.facts
    return trust.warning(facts) if trust.nameless(facts) else ""


def _target(state: AppState) -> str:
    chosen = state.selection.target is not None
    return "" if chosen else tr("No class is chosen: the winner is the target.")


def _layout(state: AppState) -> str:
    in_sight = state.selection.stage == "heatmaps" and state.display.heatmap_view == "map"
    elsewhere = tr("This is for heat maps{key} in the view Map.", key=KEYS.hint("show_heatmaps"))
    return "" if in_sight else elsewhere


def _attacked(state: AppState) -> str:
    shown = prediction_view.attack_on_screen(state)
    return "" if shown is not None else tr("There is no attack to blink.")


def _two(state: AppState) -> str:
    return "" if comparison_view.comparing(state) else tr("There is no second network.")


def _comparing(state: AppState) -> str:
    return "" if state.shared.pending_second is not None else _two(state)


def _layer(by: int, state: AppState) -> str:
    facts = state.shared.facts
    names = order(facts) if facts is not None else []
    here = effective_layer(state.selection, facts) if facts is not None else ""
    end = names[-1 if by > 0 else 0] if names else ""
    if here != end:
        return ""
    return tr("This is the last layer.") if by > 0 else tr("This is the first layer.")


def _recommended(state: AppState) -> str:
    facts = state.shared.facts
    if facts is None or not facts.recommended_layer:
        return tr("No layer is recommended.")
    in_use = effective_layer(state.selection, facts) == visible(facts, facts.recommended_layer)
    return tr("It is in use already.") if in_use else ""


def _channel(by: int, state: AppState) -> str:
    following = layer_view.next_channel(state, by)
    if following is None:
        return tr(
            "No channel is in sight: the page Layers{key} has them.", key=KEYS.hint("show_layers")
        )
    if following == layer_view.channel_in_use(state):
        return tr("This is the last channel.") if by > 0 else tr("This is the first channel.")
    return ""


def _silence(state: AppState) -> str:
    none = tr("No channel is in use{key}.", key=KEYS.hint("show_layers"))
    return "" if edits_view.toggled(state) else none


def _edited(state: AppState) -> str:
    return "" if state.selection.edits else tr("No channel is edited.")


def _attack(state: AppState) -> str:
    selection, folder = state.selection, state.display.attack_view == "folder"
    if selection.stage != "attack":
        return ""
    if folder:
        begins = attack_folder_view.startable(state) or resting.in_sight(state)
        return "" if begins else tr("There is no folder whose attacks could begin.")
    begins = not selection.attack_started or resting.of_attack(state)
    again = KEYS.doer("compute_again")
    return "" if begins else tr("The attack is begun already; {key} computes it again.", key=again)


def _axis(by: int, state: AppState) -> str:
    if state.selection.attack_parameters is None:
        return tr("There is no attack yet.")
    if attack_plan.stepped(state.selection, by) != attack_plan.place(state.selection):
        return ""
    if by < 0:
        return tr("The slider stands at the start of its axis.")
    if attack_plan.scaled(state.selection):
        return tr("The slider stands at the end of its axis.")
    return tr(
        "The slider stands at the end of its axis. A larger epsilon, typed in, makes it longer."
    )


def _longer(state: AppState) -> str:
    return "" if feature_view.more(state) else tr("The picture can go on for no more steps.")


def _keep(state: AppState) -> str:
    if state.shared.kept_features is not None or kept_view.to_keep(state) is not None:
        return ""
    making = KEYS.doer("make_feature")
    return tr("There is no picture of the features to keep ({key} makes one).", key=making)


def _kept(state: AppState) -> str:
    kept = state.shared.kept_features is not None
    keeping = KEYS.doer("feature_keep")
    return "" if kept else tr("No picture of the features is kept ({key} keeps one).", key=keeping)


def _activity(state: AppState) -> str:
    return "" if state.shared.activity is not None else tr("Nothing is being computed.")


def _jobs(state: AppState) -> str:
    return "" if state.shared.waiting else _activity(state)


_READY = (_network, _picture)
_REASONS: dict[str, tuple[Reason, ...]] = {
    "close_picture": (_picture,),
    "close_others": (_others,),
    "next_picture": (_others,),
    "previous_picture": (_others,),
    "choose_target": (_network, _classes),
    "clear_target": (_network, _target),
    "toggle_layout": (*_READY, _layout),
    "blink": (*_READY, _attacked),
    "compare": (_network,),
    "swap_networks": (_two,),
    "stop_comparing": (_comparing,),
    "search_layers": (_network,),
    "save_layers": (_network,),
    "next_layer": (_network, partial(_layer, 1)),
    "previous_layer": (_network, partial(_layer, -1)),
    "recommended_layer": (_network, _recommended),
    "next_channel": (*_READY, partial(_channel, 1)),
    "previous_channel": (*_READY, partial(_channel, -1)),
    "silence_channel": (*_READY, _silence),
    "restore_channels": (_edited,),
    "compute_again": _READY,
    "start_attack": (*_READY, _attack),
    "epsilon_up": (*_READY, partial(_axis, 1)),
    "epsilon_down": (*_READY, partial(_axis, -1)),
    "make_feature": _READY,
    "feature_longer": (*_READY, _longer),
    "feature_anew": _READY,
    "feature_keep": (*_READY, _keep),
    "feature_back": (_kept,),
    "feature_sheet": _READY,
    "cancel": (_activity,),
    "cancel_all": (_jobs,),
}
"""Why an action would do nothing, the first reason that holds."""
