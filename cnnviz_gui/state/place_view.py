"""The place that a map marks: what is asked for it, and what is said of it. Pure functions."""

from __future__ import annotations

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.place_requests import Box, Locate
from cnnviz_gui.core.place_results import MarkedPlace
from cnnviz_gui.core.request import Request
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.heatmap_view import complete_request, shown_map
from cnnviz_gui.texts import tr

LANE = "place"


def place_requests(state: AppState) -> dict[str, Request]:
    """Return the request for the place of the map on screen, once that is complete."""
    selection, asked = state.selection, complete_request(state)
    wanted = state.display.place_view != "off" or selection.truth is not None
    if asked is None or not wanted or state.display.heatmap_view != "map":
        return {}
    return {LANE: Locate(heatmap=asked, share=selection.place_share, truth=selection.truth)}


def shown_place(state: AppState) -> MarkedPlace | None:
    """Return the place of the map on screen, for whatever threshold it was found last."""
    finding, shown = state.finding(LANE), shown_map(state)
    request, value = finding.request, finding.value
    if not isinstance(request, Locate) or not isinstance(value, MarkedPlace) or shown is None:
        return None
    return value if request.heatmap == shown.request else None


def numbers(place: MarkedPlace) -> list[tuple[str, str]]:
    """Return what is to be read of a place: name and value."""
    rows = [(tr("Above it"), _of_picture(place.area))]
    if place.box is not None:
        rows += [(tr("Box"), box_text(place.box)), (tr("Largest part"), _of_picture(place.part))]
    met = place.agreement
    if met is not None:
        pointing = tr("hit") if met.hit else tr("within 15 px") if met.near else tr("missed")
        rows += [
            (tr("IoU with yours"), f"{met.iou:.2f}"),
            (tr("Highest point"), pointing),
            (tr("Energy inside"), fmt.percent(met.energy)),
        ]
    return rows


def _of_picture(share: float) -> str:
    return tr("{share} of the picture", share=fmt.percent(share))


def box_text(box: Box) -> str:
    """Return a box as it is read: ``34, 50 to 180, 201``."""
    left, top, right, bottom = box
    return tr("{left}, {top} to {right}, {bottom}", left=left, top=top, right=right, bottom=bottom)


def why_none(state: AppState) -> str:
    """Return why there is no place to show; empty where there is one or none is wanted."""
    shown = shown_map(state)
    if shown is None:
        return ""
    if state.finding("heatmap").status in ("partial", "stopped"):
        return tr("The place is found once the map is complete.")
    place = shown_place(state)
    return tr("Nothing in this map is positive.") if place is not None and place.box is None else ""
