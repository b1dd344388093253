"""Which heat map belongs to which picture: pure functions of the findings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.request import Heatmap, ModelRef, Predict
from cnnviz_gui.core.result import ByteArray, FloatArray, Prediction
from cnnviz_gui.state import comparison_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.comparison_plan import SECOND_LANES
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.selection import Display, LockedRange
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True, eq=False)
class ShownMap:
    """A heat map that may be laid over the picture it was made of."""

    result: HeatmapResult
    request: Heatmap
    low: float
    high: float
    """Ends of the colour scale; symmetric about 0 for a signed map."""


def seen(state: AppState, lane: str = "predict") -> ByteArray | None:
    """Return the picture as the network of a lane saw it, uint8 (H, W, 3)."""
    finding = state.finding(lane)
    if isinstance(finding.value, Prediction) and _is_current(state, lane, finding):
        return finding.value.seen
    return None


def enlarged(state: AppState, lane: str = "predict") -> str:
    """Return ``upscaled 224 times`` for a small picture, else nothing."""
    value = state.finding(lane).value
    return value.enlarged if isinstance(value, Prediction) else ""


def shown_map(state: AppState, lane: str = "heatmap") -> ShownMap | None:
    """Return the map of a lane if it was made of the picture and the lane's network in use."""
    finding = state.finding(lane)
    request, value = finding.request, finding.value
    if not isinstance(request, Heatmap) or not isinstance(value, HeatmapResult):
        return None
    if (request.model, request.image) != (_model(state, lane), state.selection.image):
        return None
    return ShownMap(value, request, *ends(state.display, value, natural_range(value)))


def in_colour(display: Display, result: HeatmapResult) -> bool:
    """Tell whether a map is drawn in the three colours it was merged of."""
    return display.heatmap_in_colour and result.colour is not None


def ends(
    display: Display, result: HeatmapResult, usual: tuple[float, float]
) -> tuple[float, float]:
    """Return the ends of the scale of a map: of its three colours, the locked or the usual ones."""
    if in_colour(display, result):
        return natural_range(result, in_colour=True)
    locked = display.locked_range
    if locked is not None and fits(locked, result):
        return locked.low, locked.high
    return usual


def of_class(result: HeatmapResult) -> str:
    """Return the class a map explains: ``tiger cat``, ``tiger cat rather than tabby``.

    Empty where the method looks at no class.
    """
    if result.class_free:
        return ""
    label, against = result.target.label, result.against
    if against is None:
        return label
    return tr("{label} rather than {other}", label=label, other=against.label)


def explained(result: HeatmapResult) -> str:
    """Return the class a map explains, or that it ignores the class."""
    return of_class(result) or tr("ignores the class")


def stopped(state: AppState) -> bool:
    """Tell whether the user stopped the page's own map before it was complete."""
    return state.finding("heatmap").halted


def took(state: AppState) -> str:
    """Return how long the map took: ``0.06 s``; until it is done how far it is.

    ``24 of 2 000`` samples, and where the user stopped it ``stopped at 24 of 2 000``.
    """
    finding, shown, halted = state.finding("heatmap"), shown_map(state), stopped(state)
    if shown is None or (halted and not finding.current):
        return tr("stopped") if halted else ""
    result = shown.result
    if finding.current and finding.status != "done":
        if not result.expected:
            return tr("stopped") if halted else ""
        counts = {"done": fmt.count(result.samples), "total": fmt.count(result.expected)}
        stopped_at = tr("stopped at {done} of {total}", **counts)
        return stopped_at if halted else tr("{done} of {total}", **counts)
    return fmt.duration(result.seconds) if result.seconds else ""


def why_blank(state: AppState) -> str:
    """Return why a map is blank, of the first network before the second; empty where none is."""
    shown = shown_map(state)
    if shown is not None and shown.result.reason:
        return shown.result.reason
    if comparison_view.comparing(state):
        second = shown_map(state, "heatmap-second")
        if second is not None and second.result.reason:
            return f"{comparison_view.names(state)[1]}: {second.result.reason}"
    return ""


def complete_request(state: AppState) -> Heatmap | None:
    """Return what made the page's own map once that is complete, whichever view is in sight."""
    finding = state.finding("heatmap")
    if state.selection.stage != "heatmaps" or finding.status != "done" or not shown_map(state):
        return None
    return finding.request if isinstance(finding.request, Heatmap) else None


def fits(locked: LockedRange, result: HeatmapResult) -> bool:
    """Tell whether a range was locked on a map like this one, in the same units."""
    return (locked.method, locked.signed) == (result.method, result.signed)


def lock(result: HeatmapResult) -> LockedRange:
    """Return the range of a map as one to keep."""
    low, high = natural_range(result)
    return LockedRange(method=result.method, signed=result.signed, low=low, high=high)


def share_of_maximum(result: HeatmapResult, value: float) -> float:
    """Return a value of a map relative to the map's own largest magnitude, whatever is locked."""
    return value / (_largest(result) or 1.0)


@lru_cache(maxsize=4)
def _largest(result: HeatmapResult) -> float:
    from cnnviz_gui.core import render

    return render.signed_range(result.map)


@lru_cache(maxsize=8)
def natural_range(result: HeatmapResult, *, in_colour: bool = False) -> tuple[float, float]:
    """Return the scale a map has by itself: from 0 or symmetric about it."""
    # numpy comes with it, which the first paint does not wait for
    from cnnviz_gui.core import look

    return look.natural_range(result, in_colour=in_colour)


def as_bytes(array: FloatArray) -> ByteArray:
    """Return an image (3, H, W) in [0, 1] as uint8 (H, W, 3)."""
    import numpy as np

    scaled = np.rint(np.clip(array, 0.0, 1.0) * 255.0)
    return np.ascontiguousarray(scaled.transpose(1, 2, 0).astype(np.uint8))


def _is_current(state: AppState, lane: str, finding: Finding) -> bool:
    request = finding.request
    return isinstance(request, Predict) and (request.model, request.image) == (
        _model(state, lane),
        state.selection.image,
    )


def _model(state: AppState, lane: str) -> ModelRef | None:
    selection = state.selection
    return selection.second if lane in SECOND_LANES else selection.model
