"""What is asked for the page of heat maps, view by view: pure functions, no side effects."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.params import Params, build
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Heatmap, HeatmapLayers, Request
from cnnviz_gui.state.layer_tree import strip_layers
from cnnviz_gui.state.selection import Display, Selection

GUIDE = "grad-cam"
"""The method whose maps lead to a layer where the chosen one takes long or is all lines."""


def heatmap_requests(
    selection: Selection,
    display: Display,
    facts: ModelFacts,
    heatmap: Heatmap,
    *,
    layered: bool,
    guide: tuple[str, Params] | None,
) -> dict[str, Request]:
    """Return, for each lane of heat maps, its request.

    Parameters
    ----------
    heatmap
        What is selected, as if no channel were edited.
    layered
        The method works at a layer, so that all can be shown.
    guide
        The method, with its parameters, that is shown at all layers in place of the chosen one.
    """
    if display.heatmap_view in ("grid", "steps", "folder"):  # they ask for their own
        return {}
    heatmap = dataclasses.replace(heatmap, edits=selection.edits)
    wanted: dict[str, Request] = {"heatmap": heatmap}
    layers = strip_layers(facts)
    if display.heatmap_view == "map" and layered and layers:
        base = dataclasses.replace(heatmap, layer="")
        if guide is not None:
            base = dataclasses.replace(base, method=guide[0], parameters=guide[1])
        wanted["heatmap-layers"] = HeatmapLayers(heatmap=base, layers=layers)
    return wanted


def strip_guide(
    chosen: Method | None,
    grad_cam: Method | None,
    used: Params | None = None,
    last: Params | None = None,
) -> tuple[str, Params] | None:
    """Return what is shown at every layer in place of a method that has no small maps to show.

    One that gathers would take minutes for them; guided Grad-CAM is fine lines, and only the
    Grad-CAM in it differs from layer to layer.

    Parameters
    ----------
    used
        Of the chosen method: what Grad-CAM has too, its score, is the same in both.
    last
        Those that Grad-CAM was used with last.
    """
    if chosen is None or grad_cam is None:
        return None
    if not chosen.gathers and chosen.family != "gradient":
        return None
    known = {spec.name: spec for spec in grad_cam.specs}
    given = {} if last is None else last.values()
    for name, value in ({} if used is None else used.values()).items():
        if name in known and (not known[name].choices or value in dict(known[name].choices)):
            given[name] = value
    return grad_cam.name, build(grad_cam.params, given)


def takes_long(request: Request, methods: Iterable[Method]) -> bool:
    """Tell whether a request is a map of many passes, which shows itself on the way."""
    if not isinstance(request, Heatmap):
        return False
    chosen = (m for m in methods if (m.kind, m.name) == ("heatmap", request.method))
    return any(method.gathers for method in chosen)
