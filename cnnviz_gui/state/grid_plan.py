"""What is asked for the grid of heat maps: pure functions of the state."""

from __future__ import annotations

from typing import Literal

from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.grid_requests import HeatmapGrid, MethodUse
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Request
from cnnviz_gui.state import comparison_view, prediction_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.choosing import toggled
from cnnviz_gui.state.comparison_plan import same_classes, second_layer
from cnnviz_gui.state.heatmap_view import seen
from cnnviz_gui.state.layer_tree import strip_layers
from cnnviz_gui.state.plan import effective_layer

LANES = ("heatmap-grid", "heatmap-grid-second")
Across = Literal["classes", "layers", "networks"]
_MOST_CLASSES = 3
_MOST_LAYERS = 6


def across(state: AppState) -> Across:
    """Return what the columns are: what was chosen, as far as there is such."""
    wanted = state.selection.grid_across
    return wanted if wanted in ways(state) else "classes"


def ways(state: AppState) -> tuple[Across, ...]:
    """Return what the columns can be."""
    facts = state.shared.facts
    layered: tuple[Across, ...] = ("layers",) if facts is None or layers_offered(facts) else ()
    compared: tuple[Across, ...] = ("networks",) if comparison_view.comparing(state) else ()
    return ("classes", *layered, *compared)


def methods_offered(state: AppState) -> tuple[Method, ...]:
    """Return the methods there can be a row of, the quick ones first."""
    layered = across(state) == "layers"
    known = [m for m in state.shared.of_kind("heatmap") if m.uses_layer or not layered]
    return tuple(sorted(known, key=lambda method: method.gathers))


def why_not(method: Method, state: AppState) -> str:
    """Return why no network in use can do a method; empty where one can."""
    shared = state.shared
    there = [shared.facts] if across(state) != "networks" else [shared.facts, shared.second_facts]
    reasons = [method.needs(facts) for facts in there if facts is not None]
    return reasons[0] if reasons and all(reasons) else ""


def methods(state: AppState) -> tuple[Method, ...]:
    """Return the rows: the chosen methods, else the quick ones that the network can do."""
    offered, chosen = methods_offered(state), state.selection.grid_methods
    if chosen:
        return tuple(method for method in offered if method.name in chosen)
    return tuple(m for m in offered if not m.gathers and not why_not(m, state))


def predicted(state: AppState) -> tuple[Score, ...]:
    """Return the most probable classes, best first, as heat maps see them; empty before that."""
    if prediction_view.winner(state) is None or trust.nameless(state.shared.facts):
        return ()
    if state.selection.edits:
        edited = prediction_view.edited_prediction(state)
        return () if edited is None else edited.scores
    value = state.finding("predict").value
    return getattr(value, "scores", ())


def classes(state: AppState) -> tuple[int, ...]:
    """Return the chosen classes, else the most probable ones; the target is always among them."""
    selection, facts = state.selection, state.shared.facts
    count = len(facts.labels) if facts is not None else 0
    chosen = tuple(index for index in selection.grid_classes if 0 <= index < count)
    if not chosen:
        chosen = tuple(score.index for score in predicted(state)[:_MOST_CLASSES])
    target = () if selection.target is None else (selection.target,)
    return tuple(dict.fromkeys((*chosen, *target)))


def layers_offered(facts: ModelFacts) -> tuple[str, ...]:
    """Return the layers there can be a column of."""
    return strip_layers(facts)


def layers(state: AppState) -> tuple[str, ...]:
    """Return the chosen layers, else the last at each resolution, in the network's order."""
    facts, chosen = state.shared.facts, state.selection.grid_layers
    if facts is None:
        return ()
    offered = layers_offered(facts)
    if any(name in chosen for name in offered):
        return tuple(name for name in offered if name in chosen)
    last = {_side(facts, name): name for name in offered}
    return tuple(name for name in offered if name in last.values())[-_MOST_LAYERS:]


def _side(facts: ModelFacts, name: str) -> tuple[int, ...]:
    layer = facts.layer(name)
    return () if layer is None else layer.output_shape[1:]


def with_method(state: AppState, name: str) -> tuple[str, ...]:
    """Return the rows with a method more, or without it; one row always stays."""
    before = state.selection.grid_methods or tuple(method.name for method in methods(state))
    return toggled(before, name)


def with_class(state: AppState, index: int) -> tuple[int, ...]:
    """Return the classes with one more, or without it; one always stays."""
    first = tuple(score.index for score in predicted(state)[:_MOST_CLASSES])
    return toggled(state.selection.grid_classes or first, index)


def with_layer(state: AppState, name: str) -> tuple[str, ...]:
    """Return the layers with one more, or without it; one always stays."""
    return toggled(layers(state), name)


def aim(state: AppState) -> int | None:
    """Return the one class that all maps explain where the columns are no classes."""
    if state.selection.target is not None:
        return state.selection.target
    best = predicted(state)
    return best[0].index if best else None


def grid_requests(state: AppState) -> dict[str, Request]:
    """Return, for each lane of the grid, its request; none while the view is another one."""
    selection, facts = state.selection, state.shared.facts
    if selection.stage != "heatmaps" or state.display.heatmap_view != "grid":
        return {}
    uses, way, target = _uses(state), across(state), aim(state)
    if facts is None or selection.image is None or not uses or not _foreseen(state):
        return {}
    one = () if target is None else (target,)
    layer = effective_layer(selection, facts)
    first = HeatmapGrid(
        model=selection.model,
        image=selection.image,
        methods=uses,
        targets=classes(state) if way == "classes" else one,
        top=1,
        against=selection.against,
        layers=layers(state) if way == "layers" else (layer,),
        edits=selection.edits,
    )
    second = state.shared.second_facts
    if way != "networks" or selection.second is None or second is None:
        return {LANES[0]: first}
    beside = HeatmapGrid(
        model=selection.second,
        image=selection.image,
        methods=uses,
        targets=one if same_classes(facts, second) else (),
        top=1,
        against=selection.against if same_classes(facts, second) else None,
        layers=(second_layer(layer, facts, second),),
    )
    return dict(zip(LANES, (first, beside), strict=True))


def _foreseen(state: AppState) -> bool:
    """Tell whether it is known what the network sees, as it is now."""
    edited = not state.selection.edits or prediction_view.edited_prediction(state) is not None
    return edited and seen(state) is not None


def _uses(state: AppState) -> tuple[MethodUse, ...]:
    """Return the rows with the parameters last used with each."""
    return tuple(
        MethodUse(method=method.name, parameters=state.last_parameters(method))
        for method in methods(state)
    )
