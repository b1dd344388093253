"""What the grid of heat maps shows: pure functions of what is wanted and of the findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.grid_requests import HeatmapGrid, MethodUse
from cnnviz_gui.core.grid_results import GridCell, HeatmapGridResult
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.numbers import count, percent
from cnnviz_gui.state import comparison_view, grid_plan, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding, stopped
from cnnviz_gui.state.heatmap_view import ends, seen
from cnnviz_gui.state.plan import effective_layer
from cnnviz_gui.state.selection import Display
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

CellState = Literal["done", "running", "waiting", "stale", "refused", "failed", "stopped"]
_PICTURES = {grid_plan.LANES[0]: "predict", grid_plan.LANES[1]: "predict-second"}


@dataclass(frozen=True, slots=True)
class RowHead:
    """A method."""

    method: str
    title: str
    caption: str
    """That its maps ignore the class of their column."""
    chosen: bool


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """A class, a layer or a network."""

    title: str
    caption: str
    target: int | None
    """What a click makes the target; None where it does something else."""
    layer: str
    """What a click chooses where the columns are layers."""
    chosen: bool


@dataclass(frozen=True, slots=True, eq=False)
class ShownCell:
    """A place of the grid."""

    state: CellState
    result: HeatmapResult | None = None
    seen: ByteArray | None = None
    """The picture as the network of the map sees it."""
    said: str = ""
    """Why there is no map, that it is blank, or how far it is."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownGrid:
    """All of it."""

    rows: tuple[RowHead, ...]
    columns: tuple[ColumnHead, ...]
    cells: dict[tuple[int, int], ShownCell]
    requests: tuple[HeatmapGrid, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is still to come."""
        return all(cell.state in ("done", "refused") for cell in self.cells.values())

    def row(self, row: int) -> list[ShownCell]:
        """Return the cells of a row, in order."""
        return [self.cells[row, column] for column in range(len(self.columns))]

    def scales(self, display: Display) -> dict[tuple[int, int], tuple[float, float]]:
        """Return the ends of the colour scale of every map."""
        return {
            (row, column): ends
            for row in range(len(self.rows))
            for column, ends in enumerate(scales_of(self.row(row), display))
        }


def scales_of(cells: Sequence[ShownCell], display: Display) -> list[tuple[float, float]]:
    """Return the ends of the colour scale of each map of a row; those of no map mean nothing."""
    # numpy comes with it, which the first paint does not wait for
    from cnnviz_gui.core.grid_scales import scales

    results = [cell.result for cell in cells]
    usual = scales(results, display.grid_scale)
    return [
        own if result is None else ends(display, result, own)
        for result, own in zip(results, usual, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Place:
    """A column: of which lane, which class, which layer."""

    lane: str
    target: int | None
    """None for the class the network of the lane predicts, while it is not known."""
    layer: str


def shown_grid(state: AppState) -> ShownGrid | None:
    """Return what is known of what is wanted; None where nothing can be asked yet."""
    wanted = {
        lane: request
        for lane, request in grid_plan.grid_requests(state).items()
        if isinstance(request, HeatmapGrid)
    }
    if not wanted:
        return None
    places = [place for lane, request in wanted.items() for place in _places(lane, request, state)]
    found = {lane: _cells(state.finding(lane), request) for lane, request in wanted.items()}
    uses = wanted[grid_plan.LANES[0]].methods
    cells = {
        (row, column): _cell(state, use, place, wanted[place.lane], found[place.lane])
        for row, use in enumerate(uses)
        for column, place in enumerate(places)
    }
    return ShownGrid(
        tuple(_row(state, use.method) for use in uses),
        tuple(_column(state, place) for place in places),
        cells,
        tuple(wanted.values()),
    )


def progress(state: AppState) -> str:
    """Return ``12 of 24`` while maps are still to come, else nothing."""
    shown = shown_grid(state)
    if shown is None or shown.whole:
        return ""
    there = sum(cell.state in ("done", "refused") for cell in shown.cells.values())
    return tr("{done} of {total}", done=there, total=len(shown.cells))


def _places(lane: str, request: HeatmapGrid, state: AppState) -> list[_Place]:
    targets: tuple[int | None, ...] = request.targets
    if not targets:
        value = _value(state.finding(lane), request)
        known = () if value is None else tuple(c.target.index for c in value.columns)
        targets = known[:1] or (None,)
    return [_Place(lane, target, layer) for target in targets for layer in request.layers]


def _value(finding: Finding, wanted: HeatmapGrid) -> HeatmapGridResult | None:
    """Return what was found for this picture and this network."""
    request, value = finding.request, finding.value
    if not isinstance(request, HeatmapGrid) or not isinstance(value, HeatmapGridResult):
        return None
    mine = (request.model, request.image) == (wanted.model, wanted.image)
    return value if mine else None


_Known = dict[tuple[str, int, str], tuple[GridCell, bool]]
"""By method, class and layer: the cell, and whether it answers what is asked now."""


def _cells(finding: Finding, wanted: HeatmapGrid) -> _Known:
    request, value = finding.request, _value(finding, wanted)
    if value is None or not isinstance(request, HeatmapGrid):
        return {}
    same = (request.edits, request.against) == (wanted.edits, wanted.against)
    uses = set(wanted.methods)
    found: _Known = {}
    for cell in value.cells:
        use, column = request.methods[cell.row], value.columns[cell.column]
        fresh = same and use in uses
        found[use.method, column.target.index, column.layer] = cell, fresh
    return found


def _cell(
    state: AppState, use: MethodUse, place: _Place, wanted: HeatmapGrid, known: _Known
) -> ShownCell:
    finding = state.finding(place.lane)
    picture = seen(state, _PICTURES[place.lane])
    found = None if place.target is None else known.get((use.method, place.target, place.layer))
    if found is None:
        return _missing(finding, picture)
    cell, fresh = found
    if not fresh:
        if cell.result is None:
            return _missing(finding, picture)
        return ShownCell("stale", cell.result, picture)
    if cell.result is None:
        return ShownCell("refused", None, picture, cell.refused)
    result = cell.result
    if result.samples >= result.expected:
        return ShownCell("done", result, picture, "blank" if result.reason else "")
    counts = {"done": count(result.samples), "total": count(result.expected)}
    if finding.status in ("stopped", "failed"):
        return ShownCell("stopped", result, picture, tr("stopped at {done} of {total}", **counts))
    return ShownCell("running", result, picture, tr("{done} of {total}", **counts))


def _missing(finding: Finding, picture: ByteArray | None) -> ShownCell:
    if finding.problem is not None:
        return ShownCell("failed", None, picture, finding.problem.message)
    if finding.status in ("stopped", "empty") and finding.asked is not None:
        return ShownCell("stopped", None, picture, stopped())
    return ShownCell("waiting", None, picture)


def _row(state: AppState, name: str) -> RowHead:
    method = state.shared.method("heatmap", name)
    title = name if method is None else method.title
    said = tr("ignores the class") if method is not None and method.class_free else ""
    return RowHead(name, title, said, name == state.selection.heatmap_method)


def _column(state: AppState, place: _Place) -> ColumnHead:
    way, facts = grid_plan.across(state), state.shared.facts
    label, probability = _class(state, place)
    if way == "networks":
        second = place.lane == grid_plan.LANES[1]
        said = ", ".join(filter(None, (label, probability)))
        return ColumnHead(comparison_view.names(state)[second], said, None, "", not second)
    if way == "layers":
        layer = None if facts is None else facts.layer(place.layer)
        side = "" if layer is None else f"{layer.output_shape[-1]}²"
        chosen = facts is not None and place.layer == effective_layer(state.selection, facts)
        return ColumnHead(place.layer, side, None, place.layer, chosen)
    rather = _rather(state, place.target)
    caption = ", ".join(filter(None, (probability, rather)))
    return ColumnHead(label, caption, place.target, "", place.target == grid_plan.aim(state))


def _rather(state: AppState, target: int | None) -> str:
    """Return which class the class of a column is set against."""
    facts, against = state.shared.facts, state.selection.against
    if facts is None or against is None or against == target:
        return ""
    return tr("rather than {label}", label=facts.labels[against])


def _class(state: AppState, place: _Place) -> tuple[str, str]:
    """Return the class that a column is about and what its network gives it, in per cent."""
    second = place.lane == grid_plan.LANES[1]
    facts = state.shared.second_facts if second else state.shared.facts
    if facts is None or place.target is None:
        return "–", ""
    if trust.nameless(facts):
        return tr("class {number}", number=place.target), ""
    scores = _scores(state, place.lane)
    said = next((percent(s.probability) for s in scores if s.index == place.target), "")
    return facts.labels[place.target], said


def _scores(state: AppState, lane: str) -> tuple[Score, ...]:
    """Return what is known of the classes: the best ones, then those the maps are of."""
    selection, second = state.selection, lane == grid_plan.LANES[1]
    if second:
        prediction = comparison_view.second_prediction(state)
        best = () if prediction is None else prediction.scores
    else:
        best = grid_plan.predicted(state)
    model, edits = (selection.second, ()) if second else (selection.model, selection.edits)
    request, value = state.finding(lane).request, state.finding(lane).value
    if not isinstance(request, HeatmapGrid) or not isinstance(value, HeatmapGridResult):
        return best
    same = (request.model, request.image, request.edits) == (model, selection.image, edits)
    return (*best, *(column.target for column in value.columns)) if same else best
