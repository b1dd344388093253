"""What pictures that are not begun will cost: time, from what steps took so far, and memory."""

from __future__ import annotations

import math

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.feature_requests import Feature, FeatureSheet, Unit
from cnnviz_gui.core.feature_results import FeaturePictures, SheetOfFeatures
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.state import feature_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr

_PER_PIXEL = 2500
"""Multiply-adds that take as long as a pixel of the picture itself: transform, views, step."""
_HELD = 12
"""Numbers that a pixel of the picture itself needs for each colour, gradients included."""
_HELD_OF_VIEW = 3
"""The same of a pixel of a view."""
_FLOAT = 4
_WORTH_SAYING = 512 << 20
"""Bytes that are there anyway."""
_HEAVY = 4.0
"""Times the work of the fastest preset; below, nobody asks how long it takes."""
_Request = Feature | FeatureSheet
_LANES = ("feature", "feature-second", "feature-sheet")


def time_needed(state: AppState) -> str:
    """Return about how long what is in sight will take, in words; empty where that is little.

    Steps of the same network that were made before tell it, whatever they were for: the work grows
    with the layers up to the target, with the area, the views and the pictures.
    """
    jobs = _jobs(state)
    seconds = [_seconds(state, *job) for job in jobs]
    known = [one for one in seconds if one is not None]
    if len(known) == len(jobs):
        return about(sum(known)) if jobs else ""
    heavy = any(steps * _work(facts, one) > _fast(facts, one) for facts, one, steps in jobs)
    return tr("time not known yet") if heavy else ""


def time_of_more(state: AppState, steps: int) -> str:
    """Return about how long so many more steps will take, in words; empty where nobody knows."""
    seconds = [_seconds(state, facts, request, steps) for facts, request, _ in _jobs(state)]
    known = [one for one in seconds if one is not None]
    return about(sum(known)) if known and len(known) == len(seconds) else ""


def memory_needed(state: AppState) -> int:
    """Return about how many bytes a step of what is in sight needs at once."""
    return max((_bytes(facts, request) for facts, request, _ in _jobs(state)), default=0)


def too_large(needs: int, free: int) -> str:
    """Return a sentence where a step needs more bytes than there are, with advice."""
    if needs < _WORTH_SAYING or needs <= free:
        return ""
    return tr(
        "A step needs about {needs}, {free} are free."
        " Smaller or fewer pictures, or fewer views, need less.",
        needs=fmt.memory(needs),
        free=fmt.memory(free),
    )


def about(seconds: float) -> str:
    """Return a time that is not known well: ``about 20 s``, ``about 4 min``."""
    if seconds < 10:
        return tr("a few seconds")
    if seconds < 55:
        return tr("about {seconds} s", seconds=5 * round(seconds / 5))
    if seconds < 3300:
        return tr("about {minutes} min", minutes=round(seconds / 60))
    if seconds < 36 * 3600:
        return tr("about {hours} h", hours=fmt.plain(round(seconds / 1800) / 2))
    return tr("about {days} days", days=round(seconds / 86400))


def _jobs(state: AppState) -> list[tuple[ModelFacts, _Request, int]]:
    """Return the requests in sight that are not done, with their networks and steps to come."""
    shared = state.shared
    if state.display.feature_view == "sheet":
        sheet, found = feature_view.wanted_sheet(state), feature_view.shown_sheet(state)
        if sheet is None or shared.facts is None:
            return []
        left = len(sheet.channels) - (len(found.result.channels) if found is not None else 0)
        return [(shared.facts, sheet, left * sheet.parameters.steps)]
    jobs: list[tuple[ModelFacts, _Request, int]] = []
    for lane, facts in (("feature", shared.facts), ("feature-second", shared.second_facts)):
        asked, found_one = feature_view.wanted(state, lane), feature_view.shown(state, lane)
        if asked is None or facts is None:
            continue
        done = 0
        if found_one is not None and found_one.current and found_one.request.before == asked.before:
            done = found_one.result.done
        jobs.append((facts, asked, max(0, asked.parameters.steps - done)))
    return jobs


def _seconds(state: AppState, facts: ModelFacts, request: _Request, steps: int) -> float | None:
    if not steps:
        return 0.0
    for lane in _LANES:
        made, value = state.finding(lane).request, state.finding(lane).value
        if not isinstance(value, FeaturePictures | SheetOfFeatures) or not value.pace:
            continue
        if isinstance(made, Feature | FeatureSheet) and made.model == request.model:
            return steps * value.pace * _work(facts, request) / _work(facts, made)
    return None


def _work(facts: ModelFacts, request: _Request) -> float:
    """Return the work of a step, in multiply-adds; of a sheet, that for one channel."""
    p, pictures = request.parameters, _pictures(request)
    macs = sum(row.macs for row in _read(facts, request))
    canvas = math.fsum(size**2 for size in _sizes(p)) / len(_sizes(p))
    return pictures * (p.views * macs * _area(facts, request) + _PER_PIXEL * canvas)


def _fast(facts: ModelFacts, request: _Request) -> float:
    """Return the work from which on one asks how long it takes."""
    p = FeatureParams()
    fast = Feature(model=request.model, units=_units(request), parameters=p)
    return _HEAVY * p.steps * _work(facts, fast)


def _bytes(facts: ModelFacts, request: _Request) -> int:
    p, images = request.parameters, _pictures(request) * request.parameters.views
    area = _area(facts, request, largest=True)
    maps = sum(math.prod(row.output_shape) for row in _read(facts, request))
    view = area * (maps + _HELD_OF_VIEW * 3 * facts.input_size**2)
    return round(_FLOAT * (images * view + _pictures(request) * 3 * p.size**2 * _HELD))


def _read(facts: ModelFacts, request: _Request) -> tuple[LayerFacts, ...]:
    """Return the rows without parts that run for a request: up to the last layer it reads."""
    names = {unit.layer for unit in _units(request)}
    places = [place for place, row in enumerate(facts.layers) if row.name in names]
    end = len(facts.layers) if "" in names or not places else max(places) + 1
    inside = facts.layers[end - 1].name if end < len(facts.layers) else ""
    rows = facts.layers[:end] + tuple(
        row for row in facts.layers[end:] if inside and row.name.startswith(f"{inside}.")
    )
    return tuple(row for row in rows if row.leaf)


def _area(facts: ModelFacts, request: _Request, *, largest: bool = False) -> float:
    """Return how much larger than the network's own pictures a view is, in area."""
    rows = [facts.layer(unit.layer) for unit in _units(request)]
    if not all(row is not None and len(row.output_shape) == 3 for row in rows):
        return 1.0
    sizes = _sizes(request.parameters)
    areas = [(size / facts.input_size) ** 2 for size in sizes]
    return max(areas) if largest else math.fsum(areas) / len(areas)


def _sizes(p: FeatureParams) -> list[float]:
    octaves = p.octaves if p.grows else 1
    return [p.size / p.growth**octave for octave in range(octaves)]


def _units(request: _Request) -> tuple[Unit, ...]:
    return request.units if isinstance(request, Feature) else (Unit(layer=request.layer),)


def _pictures(request: _Request) -> int:
    return request.pictures if isinstance(request, Feature) else 1
