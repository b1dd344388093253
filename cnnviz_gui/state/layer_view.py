"""What the layer page shows: pure functions of selection and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.request import InspectLayer
from cnnviz_gui.core.result import LayerMaps
from cnnviz_gui.state import map_orders
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.map_orders import MapOrder, Statistics, statistics
from cnnviz_gui.state.no_maps import has_maps
from cnnviz_gui.state.plan import effective_layer
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "ShownLayer",
    "Statistics",
    "channel_in_use",
    "chosen_channel",
    "current_layer",
    "is_vector",
    "names",
    "next_channel",
    "shown_layer",
    "silenced",
    "statistics",
    "why_none",
]


@dataclass(frozen=True, slots=True, eq=False)
class ShownLayer:
    """Maps and filters of a layer for the picture in use."""

    result: LayerMaps
    request: InspectLayer
    facts: LayerFacts
    ordered: MapOrder

    @property
    def order(self) -> npt.NDArray[np.intp]:
        """Channels in the order of display."""
        return self.ordered.channels


def shown_layer(state: AppState) -> ShownLayer | None:
    """Return the layer whose maps are known, if they belong to picture and network in use.

    None where the layer in use has no maps: nothing will replace those of the layer before.
    """
    finding, facts = state.finding("layer"), state.shared.facts
    request, value = finding.request, finding.value
    if not isinstance(request, InspectLayer) or not isinstance(value, LayerMaps) or facts is None:
        return None
    if (request.model, request.image) != (state.selection.model, state.selection.image):
        return None
    layer, current = facts.layer(value.layer), current_layer(state)
    if layer is None or (current is not None and not has_maps(current)):
        return None
    return ShownLayer(value, request, layer, map_orders.order(state, value))


def chosen_channel(shown: ShownLayer, chosen: int | None) -> int:
    """Return the channel in use: the chosen one, without a choice the strongest."""
    if chosen is None:
        return int(statistics(shown.result).strongest[0])
    return min(chosen, len(shown.order) - 1)


def next_channel(state: AppState, by: int) -> int | None:
    """Return the channel so many places further on in the order of display; it ends at the ends.

    Where features are pictured there may be no maps, and so no order but that of the numbers.
    """
    shown, layer, channel = shown_layer(state), current_layer(state), state.selection.channel
    if shown is None and state.selection.stage == "features" and layer and has_maps(layer):
        return min(max((channel or 0) + by, 0), layer.output_shape[0] - 1)
    if shown is None:
        return channel
    now = chosen_channel(shown, state.selection.channel)
    order = shown.order.tolist()
    return int(order[min(max(order.index(now) + by, 0), len(order) - 1)])


def channel_in_use(state: AppState) -> int | None:
    """Return the channel whose dossier is shown: the chosen one, else the strongest.

    None before the maps of the layer are known that decide it, and where there are none.
    """
    layer = current_layer(state)
    if layer is not None and not has_maps(layer):
        return None
    if state.selection.channel is not None:
        return state.selection.channel
    shown = shown_layer(state)
    if shown is None or layer is None or shown.facts != layer:
        return None
    return chosen_channel(shown, None)


def silenced(state: AppState, layer: str) -> frozenset[int]:
    """Return the channels of a layer that are silenced."""
    edits = state.selection.edits
    return frozenset(e.channel for e in edits if e.layer == layer and e.factor == 0.0)


def current_layer(state: AppState) -> LayerFacts | None:
    """Return the facts of the layer in use."""
    facts = state.shared.facts
    return facts.layer(effective_layer(state.selection, facts)) if facts is not None else None


def is_vector(shown: ShownLayer) -> bool:
    """Tell whether a layer gives one number a channel, so that there is nothing to see in a map."""
    return shown.result.maps.shape[1:] == (1, 1)


def names(state: AppState, layer: LayerFacts) -> tuple[str, ...]:
    """Return the names of the channels: those of the classes at the output, else none."""
    facts = state.shared.facts
    if facts is None or layer not in facts.layers:
        return ()
    later = facts.layers[facts.layers.index(layer) + 1 :]
    ends = all(row.name.startswith(f"{layer.name}.") or not row.parameters for row in later)
    size = len(facts.labels)
    whole = layer.output_shape in ((size,), (size, 1, 1))
    return facts.labels if ends and whole else ()


def why_none(facts: ModelFacts | None) -> str:
    """Return why a network has no layers to choose from; empty where it has, or is not known."""
    if facts is None or facts.layers:
        return ""
    return tr(
        "{network} runs as one piece: none of its layers can be watched.", network=facts.title
    )
