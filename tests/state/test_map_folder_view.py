"""What is asked of a folder, and what of it is shown, sorted, searched and said."""

from __future__ import annotations

import dataclasses

import pytest

from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.map_folder_results import HeatmapFolderResult, MapRow
from cnnviz_gui.core.params import build
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state import map_folder_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Advance, Finding
from cnnviz_gui.state.map_folder_view import LANE

NET = ModelRef(name="net")
CHOSEN = method("heatmap", "saliency")
ASKED = HeatmapFolder(
    model=NET,
    folder=FolderRef(path="/p"),
    method="saliency",
    parameters=build(CHOSEN.params, {}),
)


def row(name: str, label: str = "cat", probability: float = 0.5, **more: object) -> MapRow:
    score = Score({"cat": 0, "dog": 1}[label], label, probability, 1.0)
    values = {"predicted": score, "target": score, "marked": 0.3, "thumbnail": b"x"}
    return MapRow(path=f"/p/{name}", **(values | more))


ROWS = (
    row("view 9.png", "dog", 0.9, marked=0.1),
    row("view 10.png", "cat", 0.2, marked=None, note="This map is zero everywhere."),
    row("below/a.png", "cat", 0.6, marked=0.7),
    MapRow(path="/p/cut.png", problem="cut.png is cut off."),
)


def result(rows: tuple[MapRow, ...] = ROWS, total: int = 4, **more: object) -> HeatmapFolderResult:
    values = {"folder": ASKED.folder, "rows": rows, "total": total, "method": "saliency"}
    return HeatmapFolderResult(**(values | {"layer": ""} | more))


@pytest.fixture
def state() -> AppState:
    made = AppState()
    facts = ModelFacts(
        "net", "net", "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (), "", True,
    )  # fmt: skip
    made.use_network(NET, facts)
    made.share(methods=(CHOSEN,))
    made.choose_method("heatmap", "saliency")
    made.select(image=ImageRef(path="/q/a.png"), stage="heatmaps", folder="/p")
    made.show(heatmap_view="folder")
    return made


def shown(state: AppState, found: HeatmapFolderResult | None = None, **asked: object):
    request = dataclasses.replace(ASKED, **asked)
    state.found(LANE, Finding().finished(request, found or result()))
    return map_folder_view.shown_folder(state)


def names(state: AppState) -> list[str]:
    at = map_folder_view.shown_folder(state)
    return [one.path.removeprefix("/p/") for one in map_folder_view.rows_in_sight(state, at)]


def test_a_folder_is_asked_about_only_while_it_is_in_sight(state: AppState) -> None:
    asked = map_folder_view.folder_requests(state)[LANE]
    assert asked == dataclasses.replace(ASKED, share=state.selection.place_share)
    state.select(target=1, against=1, folder_nested=True, folder_curves=True)
    asked = map_folder_view.folder_requests(state)[LANE]
    assert (asked.target, asked.against, asked.folder.nested, asked.curves) == (1, None, True, True)
    state.show(heatmap_view="map")
    assert not map_folder_view.folder_requests(state)
    state.show(heatmap_view="folder")
    state.select(stage="attack")
    assert not map_folder_view.folder_requests(state)
    state.select(stage="heatmaps", folder="")
    assert not map_folder_view.folder_requests(state)


def test_rows_of_another_folder_are_not_shown_and_old_ones_are_marked_so(state: AppState) -> None:
    assert map_folder_view.shown_folder(state) is None
    found = shown(state)
    assert found.current and found.complete
    state.found(LANE, state.finding(LANE).waiting(dataclasses.replace(ASKED, target=1)))
    assert not map_folder_view.shown_folder(state).current
    state.select(folder="/elsewhere")
    assert map_folder_view.shown_folder(state) is None


def test_rows_are_sorted_by_any_figure_and_what_is_missing_comes_last(state: AppState) -> None:
    shown(state)
    assert names(state) == ["below/a.png", "cut.png", "view 9.png", "view 10.png"]
    state.show(folder_falling=True)
    assert names(state)[0] == "view 10.png"
    state.show(folder_order="probability")
    assert names(state) == ["view 9.png", "below/a.png", "view 10.png", "cut.png"]
    state.show(folder_falling=False)
    assert names(state) == ["view 10.png", "below/a.png", "view 9.png", "cut.png"]
    state.show(folder_order="marked", folder_falling=True)
    assert names(state)[:2] == ["below/a.png", "view 9.png"]
    state.show(folder_order="deletion")
    assert names(state)[-1] == "below/a.png", "there is no such figure: by file, turned round"


def test_every_column_writes_and_sorts_every_row(state: AppState) -> None:
    full = row("b.png", peak=1.5, inside=0.5, spread=0.25, centre=-0.5, deletion=0.1, insertion=0.9)
    at = shown(state, result((*ROWS, full)), curves=True)
    columns = map_folder_view.columns(at)
    assert [one.key for one in columns][-2:] == ["deletion", "insertion"]
    for column in columns:
        assert all(isinstance(column.text(one), str) for one in at.result.rows)
        assert column.sort(full) is not None and column.help
    texts = {column.key: column.text(full) for column in columns}
    assert texts["centre"] == "−0.50" and texts["spread"] == "25.0 %"
    assert len(map_folder_view.columns(shown(state))) == len(columns) - 2


def test_pictures_are_found_by_words_and_by_class(state: AppState) -> None:
    at = shown(state)
    assert map_folder_view.classes(state, at) == [(0, "cat", 2), (1, "dog", 1)]
    state.show(folder_words="VIEW dog")
    assert names(state) == ["view 9.png"]
    state.show(folder_words="below/")
    assert names(state) == ["below/a.png"]
    state.show(folder_words="", folder_class=0)
    assert names(state) == ["below/a.png", "view 10.png"]
    state.show(folder_class=7)
    assert len(names(state)) == 4, "it was chosen of another network"


def test_a_class_stays_chosen_while_pictures_with_it_may_still_come(state: AppState) -> None:
    state.show(folder_class=0)
    at = shown(state, result(ROWS[:1], 4))
    assert map_folder_view.classes(state, at) == [(1, "dog", 1), (0, "cat", 0)]
    assert names(state) == []
    at = shown(state, result(ROWS[:2], 4))
    assert map_folder_view.classes(state, at) == [(0, "cat", 1), (1, "dog", 1)]
    assert names(state) == ["view 10.png"]


def test_how_far_it_is_is_said(state: AppState) -> None:
    assert map_folder_view.count(state, shown(state), 4) == "4 pictures"
    assert map_folder_view.count(state, shown(state), 2) == "4 pictures, 2 in sight"
    at = shown(state, result(total=4, truncated=True))
    assert map_folder_view.count(state, at, 4) == "the first 4 pictures"
    partial = Finding().waiting(ASKED).partial(ASKED, result(ROWS[:2], 120))
    state.found(LANE, partial.advanced(Advance(2, 120, 150.0)))
    at = map_folder_view.shown_folder(state)
    assert map_folder_view.count(state, at, 2) == "2 of 120, 3 min left"
    state.found(LANE, state.finding(LANE).stopped())
    assert map_folder_view.count(state, map_folder_view.shown_folder(state), 2) == "2 of 120"


def test_what_stands_under_a_tile_and_beside_the_cursor(state: AppState) -> None:
    at = shown(state)
    first, blank, _, cut = ROWS
    assert map_folder_view.said_under(state, at, first) == "90.0 %"
    assert map_folder_view.label(state, first) == "dog"
    state.show(folder_order="marked")
    assert map_folder_view.said_under(state, at, first) == "10.0 %"
    assert (map_folder_view.said_under(state, at, cut), map_folder_view.label(state, cut)) == (
        "",
        "no map",
    )
    assert map_folder_view.told(at, cut).startswith("/p/cut.png\ncut.png is cut off.")
    told = map_folder_view.told(at, blank)
    assert "zero everywhere" in told and "Marked" not in told and "Click" in told
    assert map_folder_view.skipped(at) == "1 without a map: cut.png is cut off."
    assert map_folder_view.skipped(shown(state, result(ROWS[:3]))) == ""
