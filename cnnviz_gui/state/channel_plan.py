"""What the dossier of a channel must ask for: pure functions."""

from __future__ import annotations

from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.layer_requests import ChannelClasses, FlippingSet, TopPatches
from cnnviz_gui.core.request import Predict, Request
from cnnviz_gui.state.selection import Selection


def edited_prediction(selection: Selection, top: int) -> Predict | None:
    """Return what asks for the prediction with channels edited; None where none is."""
    if selection.image is None or not selection.edits:
        return None
    return Predict(model=selection.model, image=selection.image, top=top, edits=selection.edits)


def channel_requests(
    selection: Selection, layer: LayerFacts, channel: int | None
) -> dict[str, Request]:
    """Return, for each lane of the dossier, its request.

    ``channel`` is the one in use; None before the maps are known that decide it.
    """
    wanted: dict[str, Request] = {}
    image = selection.image
    if image is None or len(layer.output_shape) not in (1, 3):
        return wanted
    if channel is not None and channel < layer.output_shape[0]:
        wanted["channel-classes"] = ChannelClasses(
            model=selection.model,
            image=image,
            layer=layer.name,
            channel=channel,
            edits=selection.edits,
        )
        if selection.layer_folder and selection.patches_of == (layer.name, channel):
            wanted["patches"] = TopPatches(
                model=selection.model,
                layer=layer.name,
                channel=channel,
                folder=selection.layer_folder,
            )
    if selection.flip_wanted:
        wanted["flipping-set"] = FlippingSet(
            model=selection.model, image=image, layer=layer.name, edits=selection.edits
        )
    return wanted
