"""What the views of a layer must ask for: pure functions."""

from __future__ import annotations

from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.layer_requests import ActivationStatistics, InspectFilters
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.state.selection import Selection


def filters_request(selection: Selection, layer: LayerFacts) -> InspectFilters:
    """Return what asks for the weights on screen; what they do not depend on is left out."""
    if is_matrix(layer):
        return InspectFilters(
            model=selection.model,
            layer=layer.name,
            order=selection.filter_order,
            window=selection.matrix_window,
        )
    if layer.role == "depthwise":
        return InspectFilters(model=selection.model, layer=layer.name)
    index = {"filter": selection.channel or 0, "input": selection.input_channel, "whole": 0}
    view = selection.filter_view
    return InspectFilters(model=selection.model, layer=layer.name, view=view, index=index[view])


def is_matrix(layer: LayerFacts) -> bool:
    """Tell whether the weights of a layer are shown as a matrix, as far as the table tells."""
    return layer.role == "linear" or (layer.role == "conv" and layer.kernel == (1, 1))


def statistics_request(
    selection: Selection, at_hand: tuple[ImageRef, ...]
) -> ActivationStatistics | None:
    """Return what asks for statistics, over the chosen folder or the pictures at hand."""
    if selection.layer_folder:
        return ActivationStatistics(model=selection.model, folder=selection.layer_folder)
    images = at_hand or (() if selection.image is None else (selection.image,))
    return ActivationStatistics(model=selection.model, images=images) if images else None
