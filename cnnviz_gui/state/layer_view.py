"""What the layer page shows: pure functions of selection and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.request import InspectLayer
from cnnviz_gui.core.result import LayerMaps
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.plan import effective_layer

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class ShownLayer:
    """Maps and filters of a layer for the picture in use."""

    result: LayerMaps
    request: InspectLayer
    facts: LayerFacts
    order: npt.NDArray[np.intp]
    """Channels in the order of display."""
    strength: npt.NDArray[np.float32]
    """Mean of each map."""


def shown_layer(state: AppState) -> ShownLayer | None:
    """Return the layer whose maps are known, if they belong to picture and network in use."""
    import numpy as np

    finding, facts = state.finding("layer"), state.shared.facts
    request, value = finding.request, finding.value
    if not isinstance(request, InspectLayer) or not isinstance(value, LayerMaps) or facts is None:
        return None
    if (request.model, request.image) != (state.selection.model, state.selection.image):
        return None
    layer = facts.layer(value.layer)
    if layer is None:
        return None
    strength = value.maps.mean(axis=(1, 2))
    if state.display.map_order == "strength":
        order = np.argsort(-strength, kind="stable")
    else:
        order = np.arange(len(strength))
    return ShownLayer(value, request, layer, order, strength)


def current_layer(state: AppState) -> LayerFacts | None:
    """Return the facts of the layer in use."""
    facts = state.shared.facts
    return facts.layer(effective_layer(state.selection, facts)) if facts is not None else None


def ranks(shown: ShownLayer) -> Any:
    """Return the rank of each channel by strength, 1 for the strongest."""
    import numpy as np

    rank = np.empty(len(shown.strength), dtype=int)
    rank[np.argsort(-shown.strength, kind="stable")] = np.arange(1, len(shown.strength) + 1)
    return rank
