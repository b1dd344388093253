"""What the dossier of a channel shows: pure functions of selection and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.layer_requests import ChannelClasses, FlippingSet, TopPatches
from cnnviz_gui.core.layer_results import ChannelPatches, FlippingChannels, PushedClasses
from cnnviz_gui.core.request import Predict
from cnnviz_gui.core.result import FloatArray, LayerMaps
from cnnviz_gui.state import edits_view, layer_view, map_orders
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.once import once
from cnnviz_gui.texts import ntr, tr

if TYPE_CHECKING:
    from cnnviz_gui.state.layer_view import ShownLayer

BINS = 30
_CEILING = 6.0
_NAMED = 6
"""So many channels of a set are written out."""


@dataclass(frozen=True, slots=True, eq=False)
class Dossier:
    """One channel of the layer whose maps are known."""

    shown: ShownLayer
    channel: int
    current: bool
    """Maps and layer are those that are asked for."""

    @property
    def layer(self) -> LayerFacts:
        """Return the facts of the layer."""
        return self.shown.facts

    @property
    def map(self) -> FloatArray:
        """Return (h, w)."""
        one: FloatArray = self.shown.result.maps[self.channel]
        return one


@dataclass(frozen=True, slots=True)
class Distribution:
    """How the values of a map are spread."""

    shares: tuple[float, ...]
    low: float
    high: float
    says: str
    """Which values are counted: ``values above zero``."""


def dossier(state: AppState) -> Dossier | None:
    """Return the channel in use, None before its maps are known."""
    shown = layer_view.shown_layer(state)
    if shown is None:
        return None
    current = state.finding("layer").current and shown.facts == layer_view.current_layer(state)
    chosen = state.selection.channel if current else None
    return Dossier(shown, layer_view.chosen_channel(shown, chosen), current)


def title(state: AppState, of: Dossier) -> str:
    """Return layer and number of the channel; at the output the name of its class too."""
    names = layer_view.names(state, of.layer)
    said = f"{of.layer.name}, {of.channel}"
    return f"{said} {names[of.channel]}" if names else said


def numbers(state: AppState, of: Dossier) -> list[tuple[str, str, str]]:
    """Return name, value and exact value of what tells a channel from the others of its layer."""
    known, channel = map_orders.statistics(of.shown.result), of.channel
    count = len(known.mean)
    mean, rank = float(known.mean[channel]), int(known.rank[channel])
    zeros = float(known.zeros[channel])
    rows = [
        (
            tr("Strength"),
            tr("{value}, rank {rank}", value=fmt.significant(mean), rank=rank),
            tr("mean {mean:.6g}, {rank} of {count}", mean=mean, rank=rank, count=count),
        ),
        (
            tr("Zeros"),
            fmt.percent(zeros),
            tr("{share:.6g} of the cells are exactly 0", share=zeros),
        ),
    ]
    factor = edits_view.factor_of(state.selection.edits, of.layer.name, channel)
    if factor != 1:
        exact = tr(
            "The network goes on with {factor:.6g} times this; map and numbers are from before",
            factor=factor,
        )
        word = tr("Silenced") if factor == 0 else tr("Scaled, × {factor:.2f}", factor=factor)
        rows.insert(0, (word, tr("numbers from before"), exact))
    found = map_orders.contributions(state)
    if found is None or len(found.values) != count or state.finding("contributions").problem:
        return [*rows, (tr("Contribution"), "–", map_orders.why_no_contributions(state))]
    value = float(found.values[channel])
    place = 1 + int((found.values > value).sum())
    exact = tr(
        "{value:.6g} to the logit of {label}, {rank} of {count}",
        value=value,
        label=found.target.label,
        rank=place,
        count=count,
    )
    return [
        *rows,
        (
            tr("Contribution"),
            tr("{value}, rank {rank}", value=fmt.significant(value), rank=place),
            exact,
        ),
    ]


@once
def distribution(result: LayerMaps, channel: int) -> Distribution:
    """Return the spread of a map; after a rectifier, of what is above zero, on the layer's axis."""
    import numpy as np

    known, values = map_orders.statistics(result), result.maps[channel].ravel()
    low, high = float(known.low.min()), float(known.high.max())
    says = tr("all values")
    if low >= 0 and float(known.zeros.max()) > 0:
        values, low, says = values[values > 0], 0.0, tr("values above zero")
    if not high > low:
        return Distribution((1.0,) if values.size else (), low, high, says)
    counts = np.histogram(values, BINS, (low, high))[0]
    shares = counts / max(1, values.size)
    return Distribution(tuple(float(share) for share in shares), low, high, says)


@once
def _ceiling(result: LayerMaps) -> float:
    import numpy as np

    return int(np.count_nonzero(result.maps >= _CEILING)) / max(1, result.maps.size)


def layer_numbers(of: Dossier, facts: ModelFacts) -> list[tuple[str, str]]:
    """Return name and value of what is common to the channels of the layer."""
    known = map_orders.statistics(of.shown.result)
    count = len(known.mean)
    mean, largest = float(known.mean.mean()), float(known.high.max())
    rows = [
        (tr("Zeros, all channels"), fmt.percent(float(known.zeros.mean()))),
        (tr("Dead for this image"), tr("{done} of {total}", done=known.silent, total=count)),
        (tr("Mean, largest"), f"{fmt.significant(mean)}, {fmt.significant(largest)}"),
    ]
    if _ends_in(facts, of.layer) == "ReLU6":
        rows.append((tr("At the ReLU6 ceiling"), fmt.percent(_ceiling(of.shown.result))))
    return rows


def _ends_in(facts: ModelFacts, layer: LayerFacts) -> str:
    """Return the type of the last thing a layer does."""
    inside = [row for row in facts.layers if row.parent == layer.name]
    return _ends_in(facts, inside[-1]) if inside else layer.type


def kernel(of: Dossier) -> tuple[FloatArray, str] | None:
    """Return the kernel to show, (kh, kw) or in colour (3, kh, kw), and what it is of.

    Of many input channels the one whose kernel is largest; None for a layer of 1 x 1 kernels.
    """
    import numpy as np

    weight = of.shown.result.filters
    if weight is None or of.channel >= len(weight) or weight.shape[2] * weight.shape[3] == 1:
        return None
    mine: FloatArray = weight[of.channel]
    size = f"{mine.shape[1]} {fmt.TIMES} {mine.shape[2]}"
    if len(mine) == 3:
        return mine, tr("kernel {size}, in colour", size=size)
    if len(mine) == 1:
        return mine[0], tr("kernel {size}", size=size)
    largest = int(np.square(mine).sum(axis=(1, 2)).argmax())
    return mine[largest], tr(
        "kernel {size}, input {input} of {count}", size=size, input=largest, count=len(mine)
    )


def pushed(state: AppState, of: Dossier) -> PushedClasses | None:
    """Return the classes the channel pushes, if they are known of it."""
    finding = state.finding("channel-classes")
    request, value = finding.request, finding.value
    if not isinstance(request, ChannelClasses) or not isinstance(value, PushedClasses):
        return None
    shown = of.shown.request
    wanted = (shown.model, shown.image, of.layer.name, of.channel, state.selection.edits)
    asked = (request.model, request.image, request.layer, request.channel, request.edits)
    return value if asked == wanted else None


def patches(state: AppState, of: Dossier) -> ChannelPatches | None:
    """Return the patches that excite the channel, as far as they are known."""
    finding, selection = state.finding("patches"), state.selection
    request, value = finding.request, finding.value
    if not isinstance(request, TopPatches) or not isinstance(value, ChannelPatches):
        return None
    wanted = (selection.model, of.layer.name, of.channel, selection.layer_folder)
    asked = (request.model, request.layer, request.channel, request.folder)
    return value if asked == wanted else None


def flipping(state: AppState) -> FlippingChannels | None:
    """Return the set that flips the label, as far as it is sought, for picture and layer in use.

    It was found with the edits there were then, so it means something with these alone, or with
    the set itself silenced on top of them.
    """
    finding, selection = state.finding("flipping-set"), state.selection
    request, value = finding.request, finding.value
    layer = layer_view.current_layer(state)
    if not isinstance(request, FlippingSet) or not isinstance(value, FlippingChannels):
        return None
    wanted = (selection.model, selection.image, layer.name if layer is not None else "")
    if (request.model, request.image, request.layer) != wanted:
        return None
    after = edits_view.silenced(request.edits, value.layer, value.channels)
    known = (frozenset(request.edits), frozenset(after))
    return value if frozenset(selection.edits) in known else None


def said_of_set(found: FlippingChannels, *, done: bool) -> str:
    """Return what is known of a set, in a sentence or two."""
    tried = ntr(
        "{count} set tried", "{count} sets tried", found.tried, count=fmt.count(found.tried)
    )
    if not found.found:
        if not done:
            return tr("No set yet, {tried}.", tried=tried)
        return tr(
            "No set was found: {tried}, none of them flips the label."
            " Another layer may hold this class less firmly.",
            tried=tried,
        )
    before, after = found.before[0].label, found.after[0].label
    named = ", ".join(str(channel) for channel in found.channels[:_NAMED])
    named += ", …" if len(found.channels) > _NAMED else ""
    count = len(found.channels)
    values = {"channels": named, "before": before, "after": after}
    if count == 1:
        return tr("Channel {channels} silenced: {before} becomes {after}.", **values)
    said = tr(
        "{count} channels ({channels}) silenced: {before} becomes {after}.", count=count, **values
    )
    return said + " " + tr("None of them can be left out.") if done else said


def clean_winner_known(state: AppState) -> bool:
    """Tell whether there is a label to flip."""
    finding, selection = state.finding("predict"), state.selection
    request = finding.request
    return isinstance(request, Predict) and (request.model, request.image) == (
        selection.model,
        selection.image,
    )
