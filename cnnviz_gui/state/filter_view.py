"""What the view of the filters shows: pure functions of selection and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.layer_requests import InspectFilters
from cnnviz_gui.core.layer_results import LayerFilters
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.layer_view import current_layer
from cnnviz_gui.state.once import once
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Order = npt.NDArray[np.intp]

View = Literal["whole", "filter", "input"]
_WORDS: dict[View, str] = {
    "whole": tr("Colour"),
    "filter": tr("Per filter"),
    "input": tr("Per input channel"),
}


@dataclass(frozen=True, slots=True, eq=False)
class ShownFilters:
    """Weights of a layer of the network in use."""

    result: LayerFilters
    request: InspectFilters
    order: Order
    """Kernels in the order of display; empty for a matrix."""
    current: bool
    """They are what is asked for."""


def shown_filters(state: AppState) -> ShownFilters | None:
    """Return the weights that are known of the network in use.

    Those of the layer before stay until those of the layer in use are here, or cannot be had.
    """
    finding = state.finding("filters")
    request, value = finding.request, finding.value
    if not isinstance(request, InspectFilters) or not isinstance(value, LayerFilters):
        return None
    if request.model != state.selection.model:
        return None
    layer = current_layer(state)
    if finding.problem is not None and (layer is None or layer.name != request.layer):
        return None
    by_norm = state.selection.filter_order == "norm"
    return ShownFilters(value, request, order_of(value, by_norm), finding.current)


# Asked for at every change of the page; thousands of norms are sorted once.
@once
def order_of(result: LayerFilters, by_norm: bool) -> Order:
    """Return the kernels in order: by number, or the largest norm first."""
    import numpy as np

    if result.kernel_norms is None:
        return np.zeros(0, dtype=np.intp)
    if by_norm:
        return np.argsort(-result.kernel_norms, kind="stable")
    return np.arange(len(result.kernel_norms))


def views(result: LayerFilters) -> tuple[tuple[View, str], ...]:
    """Return what of the filters can be shown; nothing where there is no choice."""
    if result.form not in ("colour", "slices"):
        return ()
    known: tuple[View, ...] = ("filter", "input")
    if result.form == "colour":
        known = ("whole", *known)
    return tuple((view, _WORDS[view]) for view in known)


def input_number(result: LayerFilters, filter_: int, slice_: int) -> int:
    """Return which channel of the layer below a slice of a filter reads."""
    out, into = result.shape[:2]
    return filter_ // (out // result.groups) * into + slice_


def why_none(state: AppState) -> str:
    """Return why the layer in use has no filters to show."""
    layer = current_layer(state)
    if layer is None:
        return tr("Choose a layer on the left to see its filters and maps.")
    if not layer.leaf:
        return _of_block(layer, state.shared.facts)
    if layer.role == "attention":
        return tr(
            "The weights of {layer} are no filters: they compare tokens with one another.",
            layer=layer.name,
        )
    if layer.role == "add":
        return tr(
            "The weights of {layer} are no filters: it adds them to what it reads.",
            layer=layer.name,
        )
    if layer.parameters:
        return tr(
            "The weights of {layer} are no filters: each scales or shifts a channel.",
            layer=layer.name,
        )
    return tr("{layer} has no filters: it has nothing to learn.", layer=layer.name)


def _of_block(block: LayerFacts, facts: ModelFacts | None) -> str:
    """Return that a block has no filters, and which layer inside it has some."""
    rows = () if facts is None else facts.layers
    inside = [row for row in rows if row.name.startswith(f"{block.name}.")]
    found = next((row.name for row in inside if row.role in ("conv", "depthwise")), "")
    if found:
        return tr(
            "{block} has no filters of its own: choose a convolution inside it, such as {layer}.",
            block=block.name,
            layer=found,
        )
    found = next((row.name for row in inside if row.role == "linear"), "")
    if found:
        return tr(
            "{block} has no filters of its own: choose a linear layer inside it, which is a matrix,"
            " such as {layer}.",
            block=block.name,
            layer=found,
        )
    return tr("{block} has no filters of its own, nor has any layer inside it.", block=block.name)
