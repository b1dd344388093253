"""What the layer page shows: pure functions of selection and findings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
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


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """Numbers of the maps of a layer, one a channel unless said otherwise."""

    mean: npt.NDArray[np.float32]
    low: npt.NDArray[np.float32]
    high: npt.NDArray[np.float32]
    zeros: npt.NDArray[np.float64]
    """Share of the cells that are exactly 0, in [0, 1]."""
    rank: npt.NDArray[np.intp]
    """Place by strength, 1 for the strongest."""
    strongest: npt.NDArray[np.intp]
    """Channels, the strongest first."""
    silent: int
    """So many channels are 0 everywhere."""


# Asked for at every change of the page; the maps of one layer can be 13 MB.
@lru_cache(maxsize=2)
def statistics(result: LayerMaps) -> Statistics:
    """Return the numbers of the maps; those of the last two results are kept."""
    import numpy as np

    maps = result.maps
    mean = maps.mean(axis=(1, 2))
    zeros = np.mean(maps == 0, axis=(1, 2))
    strongest = np.argsort(-mean, kind="stable")
    rank = np.empty(len(mean), dtype=np.intp)
    rank[strongest] = np.arange(1, len(mean) + 1)
    low, high = maps.min(axis=(1, 2)), maps.max(axis=(1, 2))
    return Statistics(mean, low, high, zeros, rank, strongest, int((zeros == 1.0).sum()))


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
    known = statistics(value)
    by_number = state.display.map_order == "index"
    order = np.arange(len(known.mean)) if by_number else known.strongest
    return ShownLayer(value, request, layer, order, known.mean)


def chosen_channel(shown: ShownLayer, chosen: int | None) -> int:
    """Return the channel in use: the chosen one, without a choice the first on display."""
    if chosen is None:
        return int(shown.order[0])
    return min(chosen, len(shown.strength) - 1)


def current_layer(state: AppState) -> LayerFacts | None:
    """Return the facts of the layer in use."""
    facts = state.shared.facts
    return facts.layer(effective_layer(state.selection, facts)) if facts is not None else None


def why_none(facts: ModelFacts | None) -> str:
    """Return why a network has no layers to choose from; empty where it has, or is not known."""
    if facts is None or facts.layers:
        return ""
    return f"{facts.title} runs as one piece: none of its layers can be watched."
