"""What the views of a layer must ask for: pure functions."""

from __future__ import annotations

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.layer_requests import (
    ActivationStatistics,
    Contributions,
    ExamineCell,
    InspectFilters,
)
from cnnviz_gui.core.request import Attack, ChannelEdit, ImageRef, InspectLayer, Request
from cnnviz_gui.state.attack_lanes import MAPS
from cnnviz_gui.state.no_maps import has_maps
from cnnviz_gui.state.selection import Display, Selection


def layer_requests(
    selection: Selection,
    facts: ModelFacts,
    layer: LayerFacts,
    display: Display,
    at_hand: tuple[ImageRef, ...],
    attack: Attack | None,
) -> dict[str, Request]:
    """Return, for each lane, what the page of a layer and the dossier beside it show.

    ``attack`` is the one that the selection describes; nothing of it is asked before it was begun.
    """
    view = display.layer_view
    wanted: dict[str, Request | None] = {
        "layer": maps_request(selection, facts, layer),
        "contributions": contributions_request(selection, layer),
    }
    if attack is not None and shows_attacked(selection, display):
        wanted[MAPS] = maps_request(selection, facts, layer, attack)
    if view in ("maps", "filters"):
        wanted["cell"] = cell_request(selection, facts, layer)
    if view == "filters":
        wanted["filters"] = filters_request(selection, layer)
    if view == "statistics":
        wanted["statistics"] = statistics_request(selection, at_hand)
    return {lane: request for lane, request in wanted.items() if request is not None}


def shows_attacked(selection: Selection, display: Display) -> bool:
    """Tell whether the page of a layer shows the maps of an attack that was begun."""
    both = display.maps_beside or display.map_order == "moved"
    return display.layer_view == "maps" and both and selection.attack_started


def edits_before(
    selection: Selection, facts: ModelFacts, layer: LayerFacts
) -> tuple[ChannelEdit, ...]:
    """Return the edits that change what a layer is given; its own channels are shown as they are.

    Later ones change nothing either, so the maps need not be computed anew for them.
    """
    places = {row.name: place for place, row in enumerate(facts.layers)}
    inside = facts.inside(layer.name)
    return tuple(
        edit
        for edit in selection.edits
        if places.get(edit.layer, len(places)) < places[layer.name] or edit.layer in inside
    )


def maps_request(
    selection: Selection, facts: ModelFacts, layer: LayerFacts, attack: Attack | None = None
) -> InspectLayer | None:
    """Return what asks for the maps of a layer, for the picture or its adversarial image.

    None for tokens: whoever selects such a layer is told so, and not that a job failed.
    """
    if selection.image is None or not has_maps(layer):
        return None
    return InspectLayer(
        model=selection.model,
        image=selection.image,
        layer=layer.name,
        attack=attack,
        edits=edits_before(selection, facts, layer),
    )


def contributions_request(selection: Selection, layer: LayerFacts) -> Contributions | None:
    """Return what asks how much the channels speak for the target; None for tokens.

    As they are before their own edits: a silenced channel keeps its place among the others.
    """
    if selection.image is None or not has_maps(layer):
        return None
    return Contributions(
        model=selection.model,
        image=selection.image,
        layer=layer.name,
        target=selection.target,
        edits=tuple(edit for edit in selection.edits if edit.layer != layer.name),
    )


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


def cell_request(selection: Selection, facts: ModelFacts, layer: LayerFacts) -> ExamineCell | None:
    """Return what asks how the chosen cell came about; None where no convolution made it."""
    image, channel, cell = selection.image, selection.channel, selection.cell
    if image is None or channel is None or cell is None or layer.groups is None:
        return None
    if len(layer.output_shape) != 3:
        return None
    channels, high, wide = layer.output_shape
    if not (channel < channels and cell[0] < high and cell[1] < wide):
        return None
    return ExamineCell(
        model=selection.model,
        image=image,
        layer=layer.name,
        channel=channel,
        row=cell[0],
        column=cell[1],
        edits=edits_before(selection, facts, layer),
    )


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
