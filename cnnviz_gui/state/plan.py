"""From what is selected to what must be asked: pure functions, no side effects."""

from __future__ import annotations

import dataclasses

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import (
    Embed,
    Heatmap,
    ImageRef,
    InspectLayer,
    Nearest,
    Predict,
    Request,
)
from cnnviz_gui.state.attack_plan import attack_request, attack_requests
from cnnviz_gui.state.channel_plan import channel_requests, edited_prediction
from cnnviz_gui.state.feature_plan import feature_requests
from cnnviz_gui.state.heatmap_plan import heatmap_requests
from cnnviz_gui.state.layer_plan import layer_requests
from cnnviz_gui.state.layer_tree import visible
from cnnviz_gui.state.selection import Display, Selection

TOP = 5
BEST = 10
"""Classes of the picture in use that count as likely."""
_AS_USUAL = Display()


def plan(
    selection: Selection,
    facts: ModelFacts | None,
    display: Display = _AS_USUAL,
    *,
    layered: bool = True,
    guide: tuple[str, Params] | None = None,
    winner: int | None = None,
    at_hand: tuple[ImageRef, ...] = (),
    channel: int | None = None,
) -> dict[str, Request]:
    """Return, for each lane, the request whose result ought to be on screen.

    ``facts`` are those of the selected network; nothing is asked before they are known.
    ``layered`` says that the heat-map method works at a layer, so that all can be shown; where it
    is too slow for that, ``guide`` is the method that is shown at all of them in its place.
    ``winner`` is the class predicted for the picture; an attack waits until it is known.
    ``at_hand`` are the pictures of the strip, ``channel`` is the one in use, also where none was
    chosen.
    """
    wanted: dict[str, Request] = {}
    image = selection.image
    if facts is None:
        return wanted
    layer = effective_layer(selection, facts)
    wanted |= feature_requests(selection, display, facts, layer, channel, winner)
    if image is None:
        return wanted
    wanted["predict"] = Predict(model=selection.model, image=image, top=BEST)
    edited = edited_prediction(selection, BEST)
    if edited is not None:
        wanted["predict-edited"] = edited
    heatmap = heatmap_request(selection, layer if layered else "", winner)
    if selection.stage == "heatmaps" and heatmap is not None:
        wanted |= heatmap_requests(selection, display, facts, heatmap, layered=layered, guide=guide)
    attack = attack_request(selection, winner)
    row = facts.layer(layer)
    if selection.stage == "layers" and row is not None:
        wanted |= layer_requests(selection, facts, row, display, at_hand, attack)
        wanted |= channel_requests(selection, row, channel)
    elif selection.stage == "layers" and layer:  # the answer says why there is no such layer
        wanted["layer"] = InspectLayer(model=selection.model, image=image, layer=layer)
    if selection.stage == "similar":
        wanted["embed"] = Embed(model=selection.model, image=image)
        if selection.similar_folder:
            folder = selection.similar_folder
            wanted["nearest"] = Nearest(model=selection.model, image=image, folder=folder)
    if selection.stage == "attack" and selection.attack_started and attack is not None:
        wanted |= attack_requests(selection, display, attack)
        if heatmap is not None and display.attack_view == "picture":
            plain = dataclasses.replace(heatmap, target=None, against=None)
            wanted["heatmap"] = plain
            wanted["heatmap-attacked"] = dataclasses.replace(plain, attack=attack)
    return wanted


def effective_layer(selection: Selection, facts: ModelFacts) -> str:
    """Return the name of the layer in use, one that has a row in the tree."""
    return visible(facts, selection.layer or facts.recommended_layer)


def heatmap_request(selection: Selection, layer: str, winner: int | None) -> Heatmap | None:
    """Return what makes the map that is selected, as if no channel were edited.

    Against itself no class is set, nor against another one before it is known which it is.
    """
    if selection.image is None or selection.heatmap_parameters is None:
        return None
    target = winner if selection.target is None else selection.target
    against = None if selection.against == target else selection.against
    return Heatmap(
        model=selection.model,
        image=selection.image,
        method=selection.heatmap_method,
        parameters=selection.heatmap_parameters,
        target=selection.target,
        against=against if target is not None else None,
        layer=layer,
    )
