"""What the decision plane asks for and shows: pure functions of selection and findings."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import plane_picture, plane_words
from cnnviz_gui.core.plane_requests import Plane, PlanePicture
from cnnviz_gui.core.plane_results import UNKNOWN, PlanePictureResult, PlaneResult
from cnnviz_gui.core.request import ImageRef, Request
from cnnviz_gui.state.app_state import AppState, StripEntry
from cnnviz_gui.state.prediction_view import wanted_attack
from cnnviz_gui.texts import ntr, tr

LANE, POINT_LANE = "plane", "plane-picture"
_TOKENS = ("adversarial", "target", "warning", "success", "accent")
"""Colours of the classes beside the picture's own, the most frequent first."""
_REST = "text3"
_LINES = {"path": tr("way of the attack"), "ball": tr("ε ball"), "contours": tr("equal loss")}


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
    selection = state.selection
    across = selection.plane_parameters.across
    return Plane(
        attack=dataclasses.replace(attack, scale=None),
        parameters=selection.plane_parameters,
        other=selection.plane_class if across == "class" else None,
        other_image=other_image(state) if across == "image" else None,
    )


def others(state: AppState) -> list[StripEntry]:
    """Return the pictures that may lie across: those of the strip, from the next one on."""
    entries, image = list(state.shared.strip), state.selection.image
    refs = [entry.ref for entry in entries]
    place = refs.index(image) if image in refs else -1
    turned = [*entries[place + 1 :], *entries[: max(place, 0)]]
    return [entry for entry in turned if entry.ref != image]


def other_image(state: AppState) -> ImageRef | None:
    """Return the picture that lies across: the chosen one, else the next of the strip."""
    refs = [entry.ref for entry in others(state)]
    chosen = state.selection.plane_image
    return chosen if chosen in refs else next(iter(refs), None)


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
    return plane_picture.colours(result, "clean", _TOKENS, _REST)


def legend(result: PlaneResult) -> list[tuple[str, str, str]]:
    """Return (colour, class, share of the plane), the largest first; the rest in one row.

    Only the finest grid that is known whole counts: what is known beyond it lies on one side.
    """
    colours, shares = tokens(result), result.shares
    counted = [(index, name) for index, name in result.names if shares[index]]
    named = [(index, name) for index, name in counted if colours[index] != _REST]
    rest = [index for index, _ in counted if colours[index] == _REST]
    rows = [(colours[index], name, fmt.percent(shares[index])) for index, name in named]
    if rest:
        name = ntr("{n} more class", "{n} more classes", len(rest))
        rows.append((_REST, name, fmt.percent(sum(shares[index] for index in rest))))
    return rows


def marks(result: PlaneResult, chosen: bool) -> list[tuple[str, str]]:
    """Return (sign, word) of what is drawn over a plane and over its loss.

    The sign is the colour of a dot, or names a line: ``path``, ``ball``, ``contours``. ``chosen``
    says that a point was chosen.
    """
    found = [("clean", tr("photograph")), (end(result), tr("end of the attack"))]
    if chosen:
        found.append(("accent", tr("point in view")))
    lines = {"path": len(result.path) > 1, "ball": len(result.ball)}
    lines["contours"] = len(result.drawing.contours)
    return found + [(sign, word) for sign, word in _LINES.items() if lines[sign]]


def notes(result: PlaneResult, doubt: str = "") -> list[str]:
    """Return what is to be known of a plane beside its colours, a sentence each.

    ``doubt`` tells why the network is not to be believed.
    """
    begun = result.done < result.expected
    so_far = tr("At {side} × {side} points so far.", side=result.grid) if begun else ""
    told = (doubt, so_far, plane_words.borders(result), plane_words.cut_off(result))
    return [text for text in told if text]


def names(result: PlaneResult) -> dict[int, str]:
    """Return what each class is called."""
    return dict(result.names)


def axes(shown: ShownPlane, title: str) -> tuple[str, str]:
    """Return the titles of the two axes; ``title`` is the attack's."""
    return plane_words.axes(shown.result, shown.request.parameters.across, title)


def end(result: PlaneResult) -> str:
    """Return the colour of the class where the attack ended, as far as that is known."""
    row, column = nearest(result, *(float(value) for value in result.path[-1]))
    return tokens(result).get(int(result.classes[row, column]), "adversarial")


def nearest(result: PlaneResult, along: float, across: float) -> tuple[int, int]:
    """Return row and column of the classified point that is nearest to a place."""
    last = len(result.classes) - 1
    column, row = (
        min(max(round((value / result.reach + 1) / 2 * last), 0), last) for value in (along, across)
    )
    if result.classes[row, column] != UNKNOWN:
        return row, column
    stride = last // (result.grid - 1)
    return round(row / stride) * stride, round(column / stride) * stride


def at(result: PlaneResult, column: int, row: int) -> tuple[float, float]:
    """Return (a, b) of the point nearest to a pixel, whose top row is at the largest b."""
    last = len(result.drawing.classes) - 1
    reach = result.reach
    place = nearest(result, reach * (2 * column / last - 1), reach * (1 - 2 * row / last))
    b, a = (reach * (2 * number / (len(result.classes) - 1) - 1) for number in place)
    return a, b


def stepped(
    result: PlaneResult, point: tuple[float, float], along: int, across: int
) -> tuple[float, float]:
    """Return the point so many points further, on the plane."""
    cell, reach = 2 * result.reach / (len(result.classes) - 1), result.reach
    a, b = point[0] + along * cell, point[1] + across * cell
    return min(max(a, -reach), reach), min(max(b, -reach), reach)


def place(result: PlaneResult, along: float, across: float) -> str:
    """Return where a point lies, in the units of the axes: ``0.50 ε along, −1.25 ε across``."""
    unit = f" {plane_words.EPSILON}" if result.epsilon is not None else ""
    a, b = (
        _number(value * size) for value, size in zip((along, across), result.units, strict=True)
    )
    return tr("{along} along, {across} across", along=f"{a}{unit}", across=f"{b}{unit}")


def coordinates(result: PlaneResult, along: float, across: float) -> list[tuple[str, str]]:
    """Return where a point lies, axis by axis: ``Along``, ``0.50 ε``."""
    unit = plane_words.EPSILON if result.epsilon is not None else fmt.TIMES
    values = (along * result.units[0], across * result.units[1])
    return [
        (name, f"{_number(value)} {unit}")
        for name, value in zip((tr("Along"), tr("Across")), values, strict=True)
    ]


def readout(result: PlaneResult, column: int, row: int) -> tuple[str, str, str]:
    """Return class, numbers and place of the classified point nearest to a pixel."""
    along, across = at(result, column, row)
    point = nearest(result, along, across)
    numbers = tr(
        "{share}, loss {loss}",
        share=fmt.percent(float(result.confidence[point])),
        loss=fmt.significant(float(result.loss[point])),
    )
    name = names(result)[int(result.classes[point])]
    return name, numbers, place(result, along, across)


def progress(state: AppState) -> str:
    """Return how far the plane is, empty once it is complete."""
    shown = shown_plane(state)
    if shown is None or shown.result.done == shown.result.expected:
        return ""
    done, expected = state.finding(LANE).counted(shown.result.done, shown.result.expected)
    return tr("{done} of {total} points", done=fmt.count(done), total=fmt.count(expected))


def _number(value: float) -> str:
    """Return a coordinate, with as many decimals as tell it from its neighbours."""
    decimals = 2 if abs(value) < 10 else 1
    text = f"{value:.{decimals}f}"
    return text.replace("-", "" if not float(text) else fmt.MINUS)
