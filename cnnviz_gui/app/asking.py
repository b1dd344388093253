"""What is asked: what ought to be on screen, and the changes after which that may be another."""

from __future__ import annotations

from collections.abc import Callable

from cnnviz_gui.core.request import Request
from cnnviz_gui.state import feature_plan, layer_view, prediction_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_folder_view import attack_folder_requests
from cnnviz_gui.state.attack_steps_view import attack_step_requests
from cnnviz_gui.state.border_plan import border_requests
from cnnviz_gui.state.comparison_plan import compared
from cnnviz_gui.state.defence_plan import defence_requests
from cnnviz_gui.state.grid_plan import grid_requests
from cnnviz_gui.state.heatmap_plan import GUIDE, strip_guide
from cnnviz_gui.state.map_folder_view import folder_requests
from cnnviz_gui.state.place_view import place_requests
from cnnviz_gui.state.plan import plan
from cnnviz_gui.state.plane_view import plane_requests
from cnnviz_gui.state.race_plan import race_requests
from cnnviz_gui.state.steps_view import steps_requests
from cnnviz_gui.state.trust_view import trust_requests

ASKING = frozenset(
    {
        *("facts", "model", "second", "second_facts", "image", "strip", "stage", "target"),
        *("layer", "channel", "cell", "edits", "flip_wanted", "filter_view", "input_channel"),
        *("filter_order", "matrix_window", "layer_folder", "patches_of", "layer_view"),
        *("map_order", "maps_beside", "heatmap_method", "heatmap_parameters", "heatmap_view"),
        *("place_view", "place_share", "truth", "trust_parameters", "sanity_of"),
        *("finding.heatmap", "defences_off", "defence_parameters", "adaptive"),
        "knowing_parameters",
        *("against", "grid_across", "grid_methods", "grid_classes", "grid_layers"),
        *("attack_method", "attack_parameters", "attack_started", "attack_scaled", "attack_scale"),
        *("attack_told", "attack_view", "sweep_maximum"),
        *("borders_by", "border_parameters", "border_attacks", "borders_started", "smallest_of"),
        *("borders_with", "borders_norm", "race_parameters", "race_attacks", "race_started"),
        *("plane_parameters", "plane_class", "plane_image", "plane_started", "plane_point"),
        *("similar_folder", "folder", "folder_nested", "folder_curves"),
        "attack_folder",
        *feature_plan.CHOICES,
        "sheet_started",
        "dream_wanted",
    }
)
"""Changes of the state after which something else may be wanted."""
UNDER_HAND = frozenset({"attack_parameters", "attack_scale"})
"""Those of them that come many times a second while a slider is dragged."""
_OF_VIEWS: tuple[Callable[[AppState], dict[str, Request]], ...] = (
    *(grid_requests, steps_requests, place_requests, trust_requests, folder_requests),
    *(plane_requests, border_requests, race_requests, defence_requests),
    attack_step_requests,
    attack_folder_requests,
)
"""What single views ask for, by lane, beside what ``state.plan`` names."""


def wanted(state: AppState) -> dict[str, Request]:
    """Return what ought to be on screen, by lane."""
    selection, shared = state.selection, state.shared
    method = shared.method("heatmap", selection.heatmap_method)
    layered = method is not None and method.uses_layer
    best = prediction_view.winner(state)
    winner = best.index if best else None
    asked = plan(
        selection,
        shared.facts,
        state.display,
        layered=layered,
        guide=strip_guide(
            method,
            shared.method("heatmap", GUIDE),
            selection.heatmap_parameters,
            state.remembered.get(("heatmap", GUIDE)),
        ),
        winner=winner,
        at_hand=tuple(entry.ref for entry in shared.strip),
        channel=layer_view.channel_in_use(state),
    )
    attack = state.finding("attack")
    asked |= compared(
        selection,
        shared.facts,
        shared.second_facts,
        asked,
        layered=layered,
        winner=winner,
        attacked=attack.status == "done" and attack.request == asked.get("attack"),
    )
    for more in _OF_VIEWS:
        asked |= more(state)
    return asked
