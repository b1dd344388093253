"""Requests of the pages of layers and features back to what is selected; see ``restoring``."""

from __future__ import annotations

import dataclasses
from typing import Any

from cnnviz_gui.core.feature_requests import Feature, FeatureSheet
from cnnviz_gui.core.layer_requests import (
    ActivationStatistics,
    InspectFilters,
    TopPatches,
)
from cnnviz_gui.core.request import (
    InspectLayer,
)
from cnnviz_gui.state import restored_attacks as of_attack_page
from cnnviz_gui.state.restored import Changes, Restored
from cnnviz_gui.state.selection import FeatureAim, FeatureTarget


def feature(asked: Feature) -> Restored:
    """Return what is to be chosen for a picture by gradient ascent."""
    first, more = asked.units[0], asked.units[1:]
    aim: FeatureAim = "joint" if more and asked.aim == "excite" else asked.aim
    target: FeatureTarget = "layer"
    if not first.layer:
        target = "class"
    elif first.cell is not None:
        target = "neuron"
    elif first.channel is not None:
        target = "channel"
    chosen: Changes = {
        "stage": "features",
        "feature_target": target,
        "feature_negative": first.weight < 0,
        "feature_aim": aim,
        "feature_second": dataclasses.replace(more[0], weight=1.0) if more else None,
        "feature_weight": more[0].weight if more and aim == "joint" else 1.0,
        "feature_parameters": asked.parameters,
        "feature_begin": asked.begin,
        "feature_started": True,
    }
    if asked.aim in ("blend", "differ"):
        chosen["feature_pictures"] = asked.pictures
    if asked.parameters.parameterisation == "maco":
        chosen["feature_spectrum"] = asked.spectrum
    if first.layer:
        cell = first.cell if isinstance(first.cell, tuple) else None
        chosen |= {"layer": first.layer, "channel": first.channel, "cell": cell}
    else:
        chosen["target"] = first.channel
    return Restored(chosen, {"feature_view": "picture"})


def sheet(asked: FeatureSheet) -> Restored:
    """Return what is to be chosen for the pictures of all channels."""
    chosen = {"stage": "features", "layer": asked.layer, "sheet_started": True}
    return Restored(chosen, {"feature_view": "sheet"})


def inside(view: str, asked: Any, **more: Any) -> Restored:
    """Return what is chosen of a layer, in one of the views of its page."""
    chosen: Changes = {"stage": "layers", "layer": asked.layer, **more}
    for name in ("edits", "channel"):
        if hasattr(asked, name):
            chosen[name] = getattr(asked, name)
    return Restored(chosen, {"layer_view": view})


def maps(asked: InspectLayer) -> Restored:
    """Return what is to be chosen for the maps of a layer."""
    found = inside("maps", asked)
    if asked.attack is None:
        return found
    chosen = of_attack_page.attacked(asked.attack).selection | found.selection
    return Restored(chosen, found.display | {"maps_beside": True})


def filters(asked: InspectFilters) -> Restored:
    """Return what is to be chosen for the filters of a layer."""
    more: Changes = {"filter_order": asked.order, "matrix_window": asked.window}
    more |= {"filter_view": asked.view}
    more |= {"channel": asked.index} if asked.view == "filter" else {}
    more |= {"input_channel": asked.index} if asked.view == "input" else {}
    return inside("filters", asked, **more)


def statistics(asked: ActivationStatistics) -> Restored:
    """Return what is to be chosen for statistics."""
    chosen = {"stage": "layers", "layer_folder": asked.folder}
    return Restored(chosen, {"layer_view": "statistics"})


def patches(asked: TopPatches) -> Restored:
    """Return what is to be chosen for the patches that excite a channel."""
    place = (asked.layer, asked.channel)
    return inside("maps", asked, layer_folder=asked.folder, patches_of=place)
