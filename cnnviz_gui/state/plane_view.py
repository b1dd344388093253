"""What the decision plane asks for and shows: pure functions of selection and findings."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import PurePath

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.plane_requests import Plane, PlanePicture
from cnnviz_gui.core.plane_results import PlanePictureResult, PlaneResult
from cnnviz_gui.core.request import ImageRef, Request
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.prediction_view import wanted_attack

LANE, POINT_LANE = "plane", "plane-picture"
_TOKENS = ("adversarial", "target", "warning", "success", "accent")
"""Colours of the classes beside the picture's own, the most frequent first."""
_REST = "text3"


@dataclass(frozen=True, slots=True)
class ShownPlane:
    """The plane on screen."""

    result: PlaneResult
    request: Plane
    current: bool
    """It is what the selection asks for."""


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """The picture of a point of the plane."""

    along: float
    across: float
    result: PlanePictureResult


def plane_request(state: AppState) -> Plane | None:
    """Return the plane the selection describes, None while anything it needs is missing."""
    attack = wanted_attack(state)
    if attack is None:
        return None
    parameters = state.selection.plane_parameters
    other = other_image(state) if parameters.across == "image" else None
    whole = dataclasses.replace(attack, scale=None)
    return Plane(attack=whole, parameters=parameters, other_image=other)


def other_image(state: AppState) -> ImageRef | None:
    """Return the picture that lies across: the next one of the strip."""
    refs = [entry.ref for entry in state.shared.strip]
    image = state.selection.image
    place = refs.index(image) if image in refs else -1
    others = [*refs[place + 1 :], *refs[: max(place, 0)]]
    return next((ref for ref in others if ref != image), None)


def plane_requests(state: AppState) -> dict[str, Request]:
    """Return what is to be asked while the plane is in sight."""
    selection, wanted = state.selection, plane_request(state)
    if selection.stage != "plane" or not selection.plane_started or wanted is None:
        return {}
    asked: dict[str, Request] = {LANE: wanted}
    if selection.plane_point is not None:
        along, across = selection.plane_point
        asked[POINT_LANE] = PlanePicture(plane=wanted, along=along, across=across)
    return asked


def shown_plane(state: AppState) -> ShownPlane | None:
    """Return the plane of the picture and network in use, for whatever settings it was last."""
    finding, wanted = state.finding(LANE), plane_request(state)
    request, value = finding.request, finding.value
    if wanted is None or not isinstance(request, Plane) or not isinstance(value, PlaneResult):
        return None
    if (request.attack.image, request.attack.model) != (wanted.attack.image, wanted.attack.model):
        return None
    return ShownPlane(value, request, request == wanted)


def shown_point(state: AppState) -> ShownPoint | None:
    """Return the picture of the point that was chosen on the plane in sight."""
    finding, wanted = state.finding(POINT_LANE), plane_request(state)
    request, value = finding.request, finding.value
    if not isinstance(request, PlanePicture) or not isinstance(value, PlanePictureResult):
        return None
    if request.plane != wanted or state.selection.plane_point is None:
        return None
    return ShownPoint(request.along, request.across, value)


def tokens(result: PlaneResult) -> dict[int, str]:
    """Return the colour of each class: its own for the picture's, then by how much they cover."""
    others = [index for index, _ in result.names if index != result.label.index]
    coloured = dict(zip(others, _TOKENS, strict=False))
    return {result.label.index: "clean"} | dict.fromkeys(others, _REST) | coloured


def legend(result: PlaneResult) -> list[tuple[str, str, str]]:
    """Return (colour, class, share of the plane), the largest first; the rest in one row."""
    colours, known = tokens(result), max(result.done, 1)
    rows: list[tuple[str, str, str]] = []
    rest = 0
    for index, name in result.names:
        count = int((result.classes == index).sum())
        if colours[index] == _REST:
            rest += count
        else:
            rows.append((colours[index], name, fmt.percent(count / known)))
    if rest:
        more = len(result.names) - len(rows)
        name = "1 more class" if more == 1 else f"{more} more classes"
        rows.append((_REST, name, fmt.percent(rest / known)))
    return rows


def axes(shown: ShownPlane, title: str) -> tuple[str, str]:
    """Return what the two axes are: ``along PGD``, ``across: random``."""
    kind = shown.request.parameters.across
    names = {
        "random": "a random direction",
        "class": f"{title} towards {shown.result.across}",
        "image": f"towards {PurePath(shown.result.across).name}",
    }
    return f"along {title}", names[kind]


def end(result: PlaneResult) -> str:
    """Return the colour of the class where the attack ended, as far as that is known."""
    last = len(result.classes) - 1
    along, across = (
        min(max(round((float(value) / result.reach + 1) / 2 * last), 0), last)
        for value in result.path[-1]
    )
    return tokens(result).get(int(result.classes[across, along]), "adversarial")


def at(result: PlaneResult, column: int, row: int) -> tuple[float, float]:
    """Return (a, b) of a cell of the picture, whose top row is at the largest b."""
    last = len(result.classes) - 1
    return result.reach * (2 * column / last - 1), result.reach * (1 - 2 * row / last)


def stepped(
    result: PlaneResult, point: tuple[float, float], along: int, across: int
) -> tuple[float, float]:
    """Return the point so many cells further, on the plane."""
    cell, reach = 2 * result.reach / (len(result.classes) - 1), result.reach
    a, b = point[0] + along * cell, point[1] + across * cell
    return min(max(a, -reach), reach), min(max(b, -reach), reach)


def readout(result: PlaneResult, column: int, row: int) -> str:
    """Return what is known of a cell: ``a 0.5, b −1: tabby 38 %, loss 1.2``."""
    along, across = at(result, column, row)
    place = f"a {_number(along)}, b {_number(across)}"
    index = int(result.classes[::-1][row, column])
    if index < 0:
        return place
    name = dict(result.names)[index]
    share = float(result.confidence[::-1][row, column])
    loss = float(result.loss[::-1][row, column])
    return f"{place}: {name} {fmt.percent(share)}, loss {fmt.significant(loss)}"


def progress(state: AppState) -> str:
    """Return how far the plane is, empty once it is complete."""
    shown = shown_plane(state)
    if shown is None or shown.result.done == shown.result.expected:
        return ""
    return f"{fmt.count(shown.result.done)} of {fmt.count(shown.result.expected)} points"


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", fmt.MINUS)
