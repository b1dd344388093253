"""Filters as the hand finds them: kernels, slices, matrices, and what is said of each."""

from __future__ import annotations

import collections
import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnviz_gui.core import filter_picture
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.layer_requests import InspectFilters
from cnnviz_gui.core.layer_results import Distribution, LayerFilters
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels.layers.filter_words import caption, readout
from cnnviz_gui.panels.layers.filters_box import FiltersBox
from cnnviz_gui.panels.layers.histogram import Histogram
from cnnviz_gui.panels.layers.matrix_view import MatrixView
from cnnviz_gui.panels.tile_grid import TileGrid
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding, Problem

SPREAD = Distribution(np.float32([0.25, 0.5, 0.25]), -0.3, 0.3, 0.01, 0.1)


def made(form: str, shape: tuple[int, ...], **more: object) -> LayerFilters:
    weight = np.random.default_rng(0).normal(0, 0.1, shape).astype(np.float32)
    known: dict[str, object] = {"norms": np.linalg.norm(weight.reshape(len(weight), -1), axis=1)}
    if form == "matrix":
        table = weight.reshape(shape[:2])
        known |= {"matrix": table, "window": (0, 0, *shape[:2]), "rows": np.arange(shape[0])}
    else:
        view = more.get("view", "whole")
        kernels = {"whole": weight, "filter": weight[0], "input": weight[:, 0]}[view]
        if form == "single":
            kernels = weight[:, 0]
        known["kernels"] = kernels
        known["kernel_norms"] = np.linalg.norm(kernels.reshape(len(kernels), -1), axis=1)
    return LayerFilters(
        layer="stem", form=form, shape=shape, weights=SPREAD, bound=0.4, reach=0.3, **known | more
    )


@pytest.fixture
def box(state: AppState, qtbot: QtBot) -> FiltersBox:
    state.select(stage="layers")
    state.show(layer_view="filters")
    box = FiltersBox(state)
    for part in (box, box.options):
        qtbot.addWidget(part)
    box.resize(620, 640)
    box.show()
    return box


def find(state: AppState, result: LayerFilters) -> None:
    request = InspectFilters(model=ModelRef(name="net"), layer="stem", view=result.view)
    state.found("filters", Finding().finished(request, result))


def words(box: FiltersBox) -> list[str]:
    return [button.text() for button in box._views.buttons()]


def test_kernels_that_read_colours_are_shown_in_colour(state: AppState, box: FiltersBox) -> None:
    find(state, made("colour", (6, 3, 3, 3)))
    grid = box.findChild(TileGrid)
    assert grid.isVisible() and grid.tile_rect(5) is not None
    assert words(box) == ["Colour", "Per filter", "Per input channel"]
    assert not box._which.isVisible()
    assert box.options._scale.isHidden()  # each is stretched by itself


def test_a_click_on_a_kernel_selects_its_channel(
    state: AppState, box: FiltersBox, qtbot: QtBot
) -> None:
    find(state, made("slices", (6, 4, 3, 3), view="input"))
    grid = box.findChild(TileGrid)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.tile_rect(4).center())
    assert state.selection.channel == 4
    state.select(channel=2)
    assert grid.current() == 2


def test_among_the_slices_of_a_filter_a_click_chooses_the_input(
    state: AppState, box: FiltersBox, qtbot: QtBot
) -> None:
    state.select(channel=1, filter_view="filter")
    find(state, made("slices", (6, 4, 3, 3), view="filter", index=1))
    grid = box.findChild(TileGrid)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.tile_rect(3).center())
    assert (state.selection.channel, state.selection.input_channel) == (1, 3)
    assert grid.current() == 3


def test_the_number_steps_through_filters_or_inputs(
    state: AppState, box: FiltersBox, qtbot: QtBot
) -> None:
    find(state, made("slices", (6, 4, 3, 3), view="input"))
    assert box._which.accessibleName() == "Input channel"
    qtbot.keyClick(box._which, Qt.Key.Key_Up)
    assert state.selection.input_channel == 1
    find(state, made("slices", (6, 4, 3, 3), view="filter"))
    qtbot.keyClick(box._which, Qt.Key.Key_Up)
    assert (state.selection.channel, state.selection.input_channel) == (1, 1)


def test_order_by_norm_puts_the_largest_first(state: AppState, box: FiltersBox) -> None:
    result = made("single", (8, 1, 5, 5))
    state.select(filter_order="norm")
    find(state, result)
    grid = box.findChild(TileGrid)
    first = min(range(8), key=lambda c: (grid.tile_rect(c).top(), grid.tile_rect(c).left()))
    assert first == int(np.argmax(result.kernel_norms))
    assert words(box) == [] or not box._choice.isVisible()


def test_one_scale_is_symmetric_about_zero_and_labelled(state: AppState, box: FiltersBox) -> None:
    result = made("single", (8, 1, 5, 5))
    find(state, result)
    bound = float(np.abs(result.kernels).max())
    assert box._bar.toolTip() == f"{-bound:.9g} to {bound:.9g}"
    state.show(map_scale="own")
    assert "max" in box._bar.toolTip()


def test_what_has_no_weights_says_so(state: AppState, box: FiltersBox) -> None:
    find(state, LayerFilters(layer="stem", form="none"))
    assert box._empty.isVisible()
    assert not box._bar.isVisible() and not box._spreads.isVisible()


def test_why_there_is_nothing_is_said(state: AppState, box: FiltersBox) -> None:
    state.found("filters", Finding().failed(Problem("No.", "Do something else.")))
    assert box._failure.isVisible() and box._failure.message.text() == "No."


def test_weights_of_another_layer_go_once_those_of_this_one_cannot_be_had(
    state: AppState, box: FiltersBox
) -> None:
    facts = state.shared.facts
    other = dataclasses.replace(facts.layers[0], name="other")
    state.share(facts=dataclasses.replace(facts, layers=(*facts.layers, other)))
    find(state, made("single", (8, 1, 5, 5)))
    state.select(layer="other")
    asked = InspectFilters(model=ModelRef(name="net"), layer="other")
    state.found("filters", state.finding("filters").waiting(asked))
    assert box.export() is not None
    state.found("filters", state.finding("filters").failed(Problem("No.", "Try again.")))
    assert box.export() is None and not box._spreads.isVisible()


def test_nothing_is_drawn_out_of_sight(state: AppState, box: FiltersBox) -> None:
    state.show(layer_view="maps")
    find(state, made("single", (8, 1, 5, 5)))
    assert box.export() is None
    state.show(layer_view="filters")
    assert box.export() is not None


@pytest.mark.parametrize(
    "result",
    [
        made("colour", (6, 3, 3, 3)),
        made("slices", (6, 4, 3, 3), view="input"),
        made("single", (8, 1, 5, 5)),
        made("matrix", (12, 7)),
    ],
    ids=lambda result: result.form,
)
def test_what_is_given_away_is_what_is_seen(
    state: AppState, box: FiltersBox, result: LayerFilters
) -> None:
    find(state, result)
    given = box.export()
    assert given is not None and given.picture.dtype == np.uint8
    kept = result.matrix if result.form == "matrix" else result.kernels
    assert given.array is kept


def test_the_page_that_is_saved_names_each_kernel_and_its_scale(
    state: AppState, box: FiltersBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr("cnnviz_gui.core.tile_page.page", lambda *given: drawn.extend(given))

    def head(result: LayerFilters) -> Any:
        drawn.clear()
        find(state, result)
        given = box.export()
        part = {"whole": "", "input": "-input-0", "filter": "-filter-9"}[result.view]
        assert given is not None and given.stem == f"net-stem-filters{part}"
        given.drawing.make()
        return drawn[3]

    single = made("single", (8, 1, 5, 5))
    state.select(filter_order="norm")
    common = head(single)
    form, said, paint, _ = drawn
    strongest = int(np.asarray(single.kernel_norms).argmax())
    assert form == (5, 5) and len(said) == 8 and said[0][0] == str(strongest)
    assert paint(3).shape == (3, 5, 5, 3)
    assert common.title == "net · layer stem"
    assert common.told == ("8 · 5 × 5, one slice each · norm below",)
    bound = float(np.abs(np.asarray(single.kernels)).max())
    assert (common.key.low, common.key.high, common.key.said) == (-bound, bound, None)
    state.show(map_scale="own")
    own = head(made("slices", (6, 4, 3, 3), view="input"))
    assert own.key.said == ("−max", "max") and own.told[1] == "each to its own maximum"
    head(made("slices", (16, 6, 3, 3), view="filter", index=9, groups=2))
    numbers = sorted(int(number) for number, _ in drawn[1])
    assert numbers == list(range(6, 12)), "the channels that the second group reads"
    colour = head(made("colour", (6, 3, 3, 3)))
    assert colour.key is None and "mid grey is 0" in colour.told[1]


def test_readouts_name_the_weight() -> None:
    colour = made("colour", (6, 3, 3, 3))
    lines = readout(colour, (2, 1, 0, None))
    assert lines[0] == "filter 2" and len([line for line in lines if line.startswith("red")]) == 1
    grouped = made("slices", (16, 6, 3, 3), view="filter", index=9, groups=2)
    assert readout(grouped, (2, 0, 0, 0.5))[0] == "input channel 8"
    blocks = dataclasses.replace(made("matrix", (4, 4)), step=(2, 8))
    assert "strongest of 2 × 8" in caption(blocks)[0]
    assert "in each group" in caption(dataclasses.replace(grouped, view="input"))[0]
    for texts in (caption(blocks), caption(colour), caption(grouped)):
        assert list(texts) == sorted(texts, key=len, reverse=True)


def test_what_the_colours_of_a_matrix_leave_out_is_said(state: AppState, box: FiltersBox) -> None:
    result = made("matrix", (12, 7))
    find(state, dataclasses.replace(result, bound=0.58))
    assert box._bar._note.endswith("clipped; the strongest 0.580")
    find(state, dataclasses.replace(result, reach=0.58, bound=0.58))
    assert box._bar._note == ""


def test_the_axes_of_a_matrix_have_titles(state: AppState, box: FiltersBox) -> None:
    find(state, made("matrix", (12, 7)))
    view = box._matrix
    area, picture = view.area().toRect(), view.grab().toImage()
    end = area.top() + round(view.frame().place(12, 0)[1])
    left = QRect(4, area.top(), 10, end - area.top())
    below = QRect(area.left(), end + 20, 200, 12)
    for place in (left, below):
        colours = collections.Counter(
            picture.pixel(x, y)
            for x in range(place.left(), place.right())
            for y in range(place.top(), place.bottom())
        )
        (_, ground), *ink = colours.most_common()
        assert 20 < sum(count for _, count in ink) < 0.3 * ground


@pytest.mark.parametrize("height", [500, 533, 571, 640])
def test_kernels_end_with_a_whole_row(state: AppState, box: FiltersBox, height: int) -> None:
    find(state, made("single", (96, 1, 5, 5)))
    box.resize(620, height)
    box.layout().activate()
    grid = box._grid
    assert grid.rows_within(grid.height()) * grid._layout.columns < 96
    assert grid.height() == grid.height_of(grid.rows_within(box._rows.height()))
    assert box._rows.height() - grid.height() < 0.6 * grid._layout.pitch
    grid.set_tile_size(100)  # by hand: it stays
    box.resize(620, height + 40)
    box.layout().activate()
    assert grid.tile_size() == 100


def test_a_dead_kernel_is_called_so_and_is_not_painted_alive(
    state: AppState, box: FiltersBox
) -> None:
    result = made("colour", (6, 3, 3, 3))
    result.kernels[2] *= 1e-7
    norms = np.linalg.norm(result.kernels.reshape(6, -1), axis=1)
    find(state, dataclasses.replace(result, kernel_norms=norms))
    assert [box._grid._captions[kernel] == "dead" for kernel in range(6)] == [
        kernel == 2 for kernel in range(6)
    ]
    assert (box._grid._source._tiles[2] == 128).all()
    low, high = filter_picture.ranges(dataclasses.replace(result, form="single"), common=False)[2]
    assert (low, high) == (-np.abs(result.kernels).max(), np.abs(result.kernels).max())


def test_a_scale_that_cannot_be_chosen_is_not_offered(state: AppState, box: FiltersBox) -> None:
    for result, offered in (
        (made("matrix", (12, 7)), False),
        (made("single", (8, 1, 5, 5)), True),
        (made("colour", (6, 3, 3, 3)), False),
    ):
        find(state, result)
        assert box._options._scale.isVisibleTo(box._options) is offered


def wheel(view: MatrixView, notches: int) -> None:
    at = view.area().center()
    QApplication.sendEvent(
        view,
        QWheelEvent(
            at, QPointF(view.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        ),
    )  # fmt: skip


def test_one_goes_near_to_a_matrix_and_reads_its_weights(
    state: AppState, box: FiltersBox, qtbot: QtBot, network: ModelFacts
) -> None:
    result = made("matrix", (300, 200))
    find(state, result)
    view = box.findChild(MatrixView)
    assert view.isVisible() and view.frame().zoom == 1.0
    wheel(view, 30)
    row, column = view.frame().cell_at((view.area().width() / 2, view.area().height() / 2))
    assert view.value_at(row, column) == (pytest.approx(result.matrix[row, column]), (1, 1))
    assert view.readout(row, column)[:2] == [f"filter {row}", f"input {column}"]
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.frame().zoom == 1.0


def test_what_is_too_large_is_asked_for_in_parts(
    state: AppState, box: FiltersBox, qtbot: QtBot
) -> None:
    coarse = made("matrix", (512, 512))
    whole = dataclasses.replace(
        coarse,
        shape=(4096, 4096),
        window=(0, 0, 4096, 4096),
        step=(8, 8),
        rows=np.arange(4096),
    )
    find(state, whole)
    view = box.findChild(MatrixView)
    assert state.selection.matrix_window is None
    with qtbot.waitSignal(view.window_wanted):
        wheel(view, 30)
    top, left, bottom, right = window = state.selection.matrix_window
    seen = view.frame().visible()
    assert top <= seen[0] and left <= seen[1] and bottom >= seen[2] and right >= seen[3]
    part = np.zeros((bottom - top, right - left), np.float32)
    find(state, dataclasses.replace(whole, matrix=part, window=window, step=(1, 1)))
    assert view.value_at(seen[0], seen[1])[1] == (1, 1)
    assert view.value_at(0, 0)[1] == (8, 8)  # the whole is still known
    with qtbot.waitSignal(view.window_wanted):
        qtbot.keyClick(view, Qt.Key.Key_0)
    assert state.selection.matrix_window is None


def test_a_row_is_a_channel(state: AppState, box: FiltersBox, qtbot: QtBot) -> None:
    result = dataclasses.replace(made("matrix", (12, 12)), rows=np.arange(12)[::-1].copy())
    find(state, result)
    view = box.findChild(MatrixView)
    x, y = view.frame().place(2.5, 3.5)
    at = view.area().topLeft() + QPointF(x, y)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert state.selection.channel == 9
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert state.selection.channel == 8


def test_another_layer_is_seen_whole(state: AppState, box: FiltersBox) -> None:
    find(state, made("matrix", (300, 200)))
    view = box.findChild(MatrixView)
    wheel(view, 10)
    find(state, dataclasses.replace(made("matrix", (300, 200)), layer="other"))
    assert view.frame().zoom == 1.0


def test_a_histogram_tells_its_intervals(qtbot: QtBot) -> None:
    histogram = Histogram("weights")
    qtbot.addWidget(histogram)
    histogram.resize(300, 100)
    histogram.set_distribution([0.25, 0.5, 0.25], -0.3, 0.3)
    assert histogram.said_of(1) == "−0.100 to 0.100: 50.0 % of the weights"
    labels = histogram._labels()
    assert [text for _, _, text in labels][:: len(labels) - 1] == ["−0.30", "0.30"]
    for one, other in itertools.pairwise(labels):
        assert one[0] + one[1] < other[0]
    histogram.set_distribution([1.0, 0.0], 2.0, 2.0)  # all alike
    assert [text for _, _, text in histogram._labels()] == ["2.00"]
    assert not histogram.grab().isNull()
