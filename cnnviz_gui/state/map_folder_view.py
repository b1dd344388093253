"""The heat maps of a folder: what is asked, and what of it is shown. Pure functions."""

from __future__ import annotations

import functools
from collections.abc import Callable

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.map_folder_results import HeatmapFolderResult, MapRow
from cnnviz_gui.core.request import Request
from cnnviz_gui.state import folder_rows, folder_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.folder_rows import Column
from cnnviz_gui.state.folder_view import Class, Shown
from cnnviz_gui.state.plan import effective_layer
from cnnviz_gui.texts import ntr, tr

LANE = "heatmap-folder"


def folder_requests(state: AppState) -> dict[str, Request]:
    """Return the request for the folder that was opened, while its view is in sight."""
    selection, facts = state.selection, state.shared.facts
    asked = selection.stage == "heatmaps" and state.display.heatmap_view == "folder"
    method = state.shared.method("heatmap", selection.heatmap_method)
    parameters = selection.heatmap_parameters
    if not asked or not selection.folder or facts is None or method is None or parameters is None:
        return {}
    against = None if selection.against == selection.target else selection.against
    request = HeatmapFolder(
        model=selection.model,
        folder=FolderRef(path=selection.folder, nested=selection.folder_nested),
        method=selection.heatmap_method,
        parameters=parameters,
        target=selection.target,
        against=against,
        layer=effective_layer(selection, facts) if method.uses_layer else "",
        share=selection.place_share,
        curves=selection.folder_curves,
        edits=selection.edits,
    )
    return {LANE: request}


ShownFolder = Shown[HeatmapFolder, HeatmapFolderResult]


def shown_folder(state: AppState) -> ShownFolder | None:
    """Return what was found of the folder that is open, by whatever method and network."""
    return folder_view.shown(state, LANE, HeatmapFolder, HeatmapFolderResult)


def _figure(
    key: str,
    title: str,
    unit: str,
    value: Callable[[MapRow], float | None],
    written: Callable[[float], str],
    said: str,
    *,
    largest_first: bool = True,
) -> Column[MapRow]:
    def text(row: MapRow) -> str:
        number = value(row)
        return fmt.NONE if number is None else written(number)

    return Column(key, title, unit, text, value, said, True, largest_first)


_FIGURES: tuple[Column[MapRow], ...] = (
    Column(
        "class",
        tr("Class"),
        tr("predicted"),
        lambda row: row.predicted.label if row.predicted else fmt.NONE,
        lambda row: row.predicted.label.casefold() if row.predicted else None,
        tr("The class that the network sees in the picture."),
        number=False,
        largest_first=False,
    ),
    _figure(
        "probability",
        tr("Probability"),
        tr("of that class"),
        lambda row: row.predicted.probability if row.predicted else None,
        fmt.percent,
        tr("How sure the network is of the class it sees."),
    ),
    _figure(
        "target",
        tr("Target"),
        tr("probability"),
        lambda row: row.target.probability if row.target else None,
        fmt.percent,
        tr("Probability of the class that the map explains."),
    ),
    _figure(
        "peak",
        tr("Peak"),
        tr("of the map"),
        lambda row: row.peak,
        fmt.significant,
        tr("The map's largest value, in its own units."),
    ),
    _figure(
        "marked",
        tr("Marked"),
        tr("of the pixels"),
        lambda row: row.marked,
        fmt.percent,
        tr("Share of the pixels that are at least so high as the threshold of the place."),
    ),
    _figure(
        "inside",
        tr("In the box"),
        tr("of the evidence"),
        lambda row: row.inside,
        fmt.percent,
        tr("Share of what speaks for the class that lies in the box around the largest part."),
    ),
    _figure(
        "spread",
        tr("Spread"),
        tr("of the pixels"),
        lambda row: row.spread,
        fmt.percent,
        tr("Share of the pixels that a map with this entropy would fill evenly; small is sharp."),
    ),
    _figure(
        "centre",
        tr("Centre"),
        tr("likeness"),
        lambda row: row.centre,
        lambda number: f"{number:.2f}".replace("-", fmt.MINUS),
        tr(
            "Rank correlation with a blob in the middle: near 1 the map may only say where"
            " photographers put things."
        ),
    ),
)
_CURVES: tuple[Column[MapRow], ...] = (
    _figure(
        "deletion",
        tr("Deletion"),
        tr("area"),
        lambda row: row.deletion,
        lambda area: f"{area:.3f}",
        tr("Area under the probability while what is marked most is taken away; small is good."),
        largest_first=False,
    ),
    _figure(
        "insertion",
        tr("Insertion"),
        tr("area"),
        lambda row: row.insertion,
        lambda area: f"{area:.3f}",
        tr("Area under the probability while what is marked most is put in; large is good."),
    ),
)


def columns(shown: ShownFolder) -> tuple[Column[MapRow], ...]:
    """Return the columns that the rows have."""
    return _columns(shown.result)[: None if shown.request.curves else -len(_CURVES)]


@functools.lru_cache(maxsize=2)
def _columns(result: HeatmapFolderResult) -> tuple[Column[MapRow], ...]:
    return (folder_rows.file_column(result), *_FIGURES, *_CURVES)


def column(state: AppState, shown: ShownFolder) -> Column[MapRow]:
    """Return the column by which the rows are sorted; that of the files where it has gone."""
    return folder_view.column(state, columns(shown))


def rows_in_sight(state: AppState, shown: ShownFolder) -> tuple[MapRow, ...]:
    """Return the rows that fit what is searched for, sorted."""
    display, order = state.display, column(state, shown).key
    wanted = display.folder_class, display.folder_words
    return _arranged(shown.result, wanted, order, display.folder_falling)


@functools.lru_cache(maxsize=2)
def _arranged(
    result: HeatmapFolderResult, wanted: tuple[int | None, str], key: str, falling: bool
) -> tuple[MapRow, ...]:
    """Sort thousands once, not whenever the progress moves."""
    order = next(one for one in _columns(result) if one.key == key)
    return folder_view.arranged(
        result,
        result.rows,
        wanted,
        lambda row: row.predicted,
        lambda row: (row.target,),
        (order, falling),
    )


def classes(state: AppState, shown: ShownFolder) -> list[Class]:
    """Return index, name and pictures of each predicted class, the most frequent first.

    One that is chosen stays among them until it is known that no picture has it.
    """
    return folder_view.offered(state, shown.result, _classes(shown.result))


@functools.lru_cache(maxsize=1)
def _classes(result: HeatmapFolderResult) -> list[Class]:
    return folder_view.counted([row.predicted for row in result.rows])


def count(state: AppState, shown: ShownFolder, in_sight: int) -> str:
    """Return how far it is: ``38 of 120, 2 min left``."""
    return folder_view.count(state, LANE, shown.result, in_sight)


def said_under(state: AppState, shown: ShownFolder, row: MapRow) -> str:
    """Return the word under a tile: what it is sorted by, or the probability of the target."""
    if row.target is None:
        return ""
    order = column(state, shown)
    plain = order.key in ("file", "class", "target")
    return fmt.percent(row.target.probability) if plain else order.text(row)


def label(state: AppState, row: MapRow) -> str:
    """Return the class under a tile, or what is wrong with the picture or its map."""
    if row.target is None:
        return tr("no map")
    facts = state.shared.facts
    return "" if trust.nameless(facts) else row.target.label


def told(shown: ShownFolder, row: MapRow) -> str:
    """Return all that is known of a picture, a line each."""
    if row.problem:
        return "\n".join((row.path, row.problem, tr("Click to try to open it.")))
    lines = [
        f"{one.title}, {one.unit}: {one.text(row)}"
        for one in columns(shown)[1:]
        if one.text(row) != fmt.NONE
    ]
    return "\n".join(filter(None, (row.path, *lines, row.note, tr("Click to see it large."))))


def skipped(shown: ShownFolder) -> str:
    """Return how many pictures have no map, and why one has none; empty where all have."""
    bad = [row for row in shown.result.rows if row.problem]
    if not bad:
        return ""
    return ntr(
        "{count} without a map: {why}",
        "{count} without a map, such as: {why}",
        len(bad),
        count=fmt.count(len(bad)),
        why=bad[0].problem,
    )
