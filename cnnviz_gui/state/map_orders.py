"""In which order the maps of a layer are shown, and which number stands under each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnviz_gui.core.layer_requests import Contributions
from cnnviz_gui.core.layer_results import ChannelContributions
from cnnviz_gui.core.request import InspectLayer
from cnnviz_gui.core.result import FloatArray, LayerMaps
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import stopped
from cnnviz_gui.state.once import once
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


NO_ATTACK = tr("Run an attack first: it moves the maps.")


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


@dataclass(frozen=True, slots=True, eq=False)
class MapOrder:
    """Channels in the order of display."""

    channels: npt.NDArray[np.intp]
    numbers: FloatArray
    """What the order goes by, by channel; the mean where it goes by number."""
    says: str
    """What ``numbers`` are: ``mean``."""
    missing: str = ""
    """Why the maps are not in the order that was chosen, or in that of before; empty if they are.
    """
    by: str = "strength"
    """The order that it is, as of ``Display.map_order``."""


@once
def statistics(result: LayerMaps) -> Statistics:
    """Return the numbers of the maps, which are asked for at every change of the page."""
    import numpy as np

    flat = result.maps.reshape(len(result.maps), -1)
    mean = flat.mean(axis=1)
    zeros = 1.0 - np.count_nonzero(flat, axis=1) / flat.shape[1]
    strongest = np.argsort(-mean, kind="stable")
    rank = np.empty(len(mean), dtype=np.intp)
    rank[strongest] = np.arange(1, len(mean) + 1)
    silent = int((zeros == 1.0).sum())
    return Statistics(mean, flat.min(axis=1), flat.max(axis=1), zeros, rank, strongest, silent)


@once
def moved(clean: LayerMaps, attacked: LayerMaps) -> FloatArray:
    """Return how far each map lies from the clean one, (C,): root of the mean squared change."""
    import numpy as np

    change = (attacked.maps - clean.maps).reshape(len(clean.maps), -1)
    distance: FloatArray = np.sqrt(np.square(change, out=change).mean(axis=1))
    return distance


def order(state: AppState, shown: LayerMaps) -> MapOrder:
    """Return the order that is chosen, or that by strength while the chosen one is not known."""
    import numpy as np

    known, wanted = statistics(shown), state.display.map_order
    if wanted == "index":
        return MapOrder(np.arange(len(known.mean)), known.mean, tr("mean"), by=wanted)
    if wanted == "maximum":
        return MapOrder(_falling(known.high), known.high, tr("largest value"), by=wanted)
    missing = ""
    if wanted == "contribution":
        found, missing = contributions(state), why_no_contributions(state)
        if found is not None:
            says = tr("contribution to {label}", label=found.target.label)
            return MapOrder(_falling(found.values), found.values, says, missing, wanted)
    elif wanted == "moved":
        attacked, missing = attacked_layer(state), why_not_attacked(state)
        if attacked is not None:
            distance = moved(shown, attacked)
            return MapOrder(
                _falling(distance), distance, tr("how far the attack moved it"), missing, wanted
            )
    return MapOrder(known.strongest, known.mean, tr("mean"), missing)


def why_no_contributions(state: AppState) -> str:
    """Return why the contributions are not known, or are of a former target; empty if neither."""
    known = contributions(state) is not None
    return _missing(
        state, "contributions", tr("The contributions are being computed."), known=known
    )


def why_not_attacked(state: AppState) -> str:
    """Return why the maps of the attack that is chosen are not known; empty if they are."""
    if not state.selection.attack_started:
        return NO_ATTACK
    known = attacked_layer(state) is not None
    return _missing(
        state, "layer-attacked", tr("The attacked maps are being computed."), known=known
    )


def contributions(state: AppState) -> ChannelContributions | None:
    """Return how much the channels speak for the target, if it is known of the maps shown."""
    finding, layer = state.finding("contributions"), state.finding("layer").request
    request, value = finding.request, finding.value
    if not isinstance(request, Contributions) or not isinstance(layer, InspectLayer):
        return None
    same = (request.model, request.image, request.layer) == (layer.model, layer.image, layer.layer)
    return value if same and isinstance(value, ChannelContributions) else None


def attacked_layer(state: AppState) -> LayerMaps | None:
    """Return the maps of the adversarial image, if they are of the network and layer shown."""
    finding, layer = state.finding("layer-attacked"), state.finding("layer").request
    request, value, clean = finding.request, finding.value, state.finding("layer").value
    if not isinstance(request, InspectLayer) or not isinstance(layer, InspectLayer):
        return None
    if not isinstance(value, LayerMaps) or not isinstance(clean, LayerMaps):
        return None
    same = (request.model, request.image, request.layer) == (layer.model, layer.image, layer.layer)
    return value if same and value.maps.shape == clean.maps.shape else None


def _falling(numbers: FloatArray) -> npt.NDArray[np.intp]:
    import numpy as np

    return np.argsort(-numbers, kind="stable")


def _missing(state: AppState, lane: str, waiting: str, *, known: bool) -> str:
    finding = state.finding(lane)
    if finding.problem is not None:
        return finding.problem.message
    if known and finding.current:
        return ""
    return stopped() if finding.halted else waiting
