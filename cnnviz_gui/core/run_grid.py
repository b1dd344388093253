"""Several methods for several classes at several layers, of one picture."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core import run_heatmap, scores, subject
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import LayerError, MethodError, RequestError
from cnnviz_gui.core.grid_requests import HeatmapGrid
from cnnviz_gui.core.grid_results import GridCell, GridColumn, HeatmapGridResult
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.registry import Method, method
from cnnviz_gui.core.request import Heatmap
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr

_FINE = 10_000
"""Steps of the whole: cells take milliseconds or minutes, so their number would mislead."""
_SLOW = 40
"""A method that gathers samples counts as so many that do not."""


def run(request: HeatmapGrid, session: Session, ctx: Context) -> HeatmapGridResult:
    """Return every map; a cell whose method refuses has the sentence in its place.

    What is remembered is there at once. Methods of layers come first, then those of pixels, then
    those that gather samples. The maps of a layer follow one another, so that all its classes come
    from one pass.

    Raises
    ------
    CnnvizError
        Nothing is asked for, there is no such method or class, or the picture or the network fails.
    """
    grid = _Grid(request, session, ctx)
    places = grid.places()
    left = [place for place in places if not grid.known(place)]
    if len(left) < len(places):
        ctx.partial(grid.result())
    done, total = 0, sum(place.weight for place in left)
    for place in left:
        grid.compute(place, _Cell(ctx, grid, place, done, total))
        done += place.weight
        ctx.partial(grid.result())
    return grid.result()


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell to be."""

    row: int
    column: int
    depth: int
    """The place of its layer among those that are asked for."""
    asked: Heatmap
    chosen: Method

    @property
    def weight(self) -> int:
        return _SLOW if self.chosen.gathers else 1


class _Grid:
    """The cells begun so far."""

    def __init__(self, request: HeatmapGrid, session: Session, ctx: Context) -> None:
        self._request = request
        self._session = session
        self._ctx = ctx
        facts = session.classifier(request.model, ctx).facts
        if not request.methods or not request.layers or request.top < 1:
            raise RequestError(
                tr("The grid has no heat map."),
                tr("Name at least one method, one class and one layer."),
            )
        self._methods = tuple(method("heatmap", use.method) for use in request.methods)
        for target in (*request.targets, request.against):
            subject.require_class(facts, target)
        # With its checksum: the file may change before the last map is made.
        self._image = subject.exactly(session, request.image, ctx)
        self._seen = subject.of_picture(session, request.model, self._image, ctx, request.edits)
        targets = request.targets or tuple(scores.best(self._seen.logits, request.top))
        self._columns = tuple(
            GridColumn(self._seen.score(target), layer)
            for target in targets
            for layer in request.layers
        )
        self._cells: dict[tuple[int, int], GridCell] = {}

    def places(self) -> list[_Place]:
        """Return all cells in the order in which they are computed."""
        depths = {layer: depth for depth, layer in enumerate(self._request.layers)}
        found = [
            _Place(row, place, depths[column.layer], self._heatmap(row, column), chosen)
            for row, chosen in enumerate(self._methods)
            for place, column in enumerate(self._columns)
        ]
        return sorted(
            found, key=lambda one: (one.chosen.gathers, not one.chosen.uses_layer, one.depth)
        )

    def _heatmap(self, row: int, column: GridColumn) -> Heatmap:
        request, use = self._request, self._request.methods[row]
        return Heatmap(
            model=request.model,
            image=self._image,
            method=use.method,
            parameters=use.parameters,
            target=column.target.index,
            against=None if request.against == column.target.index else request.against,
            layer=column.layer if self._methods[row].uses_layer else "",
            edits=request.edits,
        )

    def known(self, place: _Place) -> bool:
        """Take the map that is remembered, or why there is none; tell whether that is all."""
        if len(self._request.layers) > 1 and not place.chosen.uses_layer:
            said = tr(
                "{title} works at the pixels: it has one map for all layers.",
                title=place.chosen.title,
            )
            self._refuse(place, said)
            return True
        kept = run_heatmap.remembered(place.asked, self._session, self._ctx)
        if kept is not None:
            self.put(place, kept)
        return kept is not None

    def compute(self, place: _Place, ctx: Context) -> None:
        """Make a map, or note why there is none."""
        ctx.step(0, 1)
        try:
            self.put(place, run_heatmap.run(place.asked, self._session, ctx, self._seen))
        except (MethodError, LayerError) as error:
            self._refuse(place, error.message)

    def _refuse(self, place: _Place, said: str) -> None:
        self._cells[place.row, place.column] = GridCell(place.row, place.column, None, said)

    def put(self, place: _Place, result: HeatmapResult) -> None:
        """Take a map, or what there is of it."""
        self._cells[place.row, place.column] = GridCell(place.row, place.column, result)

    def result(self) -> HeatmapGridResult:
        """Return what there is."""
        return HeatmapGridResult(
            rows=tuple(chosen.title for chosen in self._methods),
            columns=self._columns,
            cells=tuple(self._cells[place] for place in sorted(self._cells)),
        )


class _Cell:
    """The context of one cell, which shows its samples among the others."""

    def __init__(self, outer: Context, grid: _Grid, place: _Place, done: int, total: int) -> None:
        self._outer = outer
        self._grid = grid
        self._place = place
        self._done = done
        self._total = total

    def check(self) -> None:
        self._outer.check()

    def step(self, done: int, total: int) -> None:
        part = self._done + self._place.weight * done / max(total, 1)
        self._outer.step(int(_FINE * part / self._total), _FINE)

    def partial(self, value: object) -> None:
        if isinstance(value, HeatmapResult):
            self._grid.put(self._place, value)
            self._outer.partial(self._grid.result())
