"""The page of similar pictures: its states, what the hand does, what it gives away."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.request import Embed, ImageRef, ModelRef, Nearest, Predict
from cnnviz_gui.core.result import Embedding, NearestImages, Neighbour, Prediction
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.neighbour_grid import NeighbourGrid, likeness
from cnnviz_gui.panels.similar_page import SimilarPage
from cnnviz_gui.panels.vector_strip import VectorStrip
from cnnviz_gui.state.finding import Finding, Problem

NET, OWN = ModelRef(name="net"), ImageRef(path="/p/03.jpg")
ASKED = Nearest(model=NET, image=OWN, folder="/p")


def neighbours(count):
    shade = np.linspace(0, 255, count).astype(np.uint8)
    return tuple(
        Neighbour(f"/p/{n:02}.jpg", 1 - n / 50, np.full((160, 160, 3), shade[n], np.uint8))
        for n in range(count)
    )


def result(count=8, **changes):
    values = {"layer": "fc", "neighbours": neighbours(count), "looked_at": 20, "total": 20}
    return NearestImages(**(values | changes))


@pytest.fixture
def page(qtbot, state):
    state.select(model=NET, image=OWN, stage="similar")
    made = SimilarPage(state)
    qtbot.addWidget(made)
    made.resize(900, 620)
    made.show()
    predict = Predict(model=NET, image=OWN)
    seen = np.full((4, 4, 3), 90, np.uint8)
    prediction = Prediction(scores=(Score(0, "cat", 0.9, 1.0),), seen=seen)
    state.found("predict", Finding().finished(predict, prediction))
    vector = np.arange(12, dtype=np.float32)
    value = Embedding(layer="fc", vector=vector)
    state.found("embed", Finding().finished(Embed(model=NET, image=OWN), value))
    return made


def test_without_a_folder_it_says_how_to_begin(page, qtbot):
    assert page._empty.isVisible() and "drop one here" in page._empty.sentence.text()
    assert not page._refresh.isVisible() and not page._table.isEnabled()
    assert page._folder.text() == "Choose a folder…"
    for button in (page._folder, page._empty.action):
        with qtbot.waitSignal(page.folder_wanted):
            button.click()


def test_the_embedding_is_shown_and_can_be_saved_without_a_folder(page, qtbot):
    assert "12 numbers" in page._card.caption.text()
    with qtbot.waitSignal(page.save_embedding_wanted):
        page._card.save.click()
    export = page.export()
    assert export.stem == "03-embedding" and export.array.shape == (12,)
    assert isinstance(export.request, Embed)


def test_while_it_looks_the_best_so_far_and_the_places_still_free_are_shown(page, state):
    state.select(similar_folder="/p")
    finding = Finding().waiting(ASKED)
    state.found("nearest", finding)
    assert page._grid.isVisible() and page._grid.count() == 0
    state.found("nearest", finding.partial(ASKED, result(5, looked_at=7)))
    assert page._grid.count() == 5 and page._grid._places == 20
    assert page._count.text() == "7 of 20" and page._busy._busy
    state.found("nearest", Finding().finished(ASKED, result(8)))
    assert page._grid.count() == page._grid._places == 8
    assert page._count.text() == "20 pictures" and not page._busy._busy


def test_a_finished_search_can_be_saved_and_repeated(page, state, qtbot):
    state.select(similar_folder="/p")
    state.found("nearest", Finding().finished(ASKED, result(8)))
    with qtbot.waitSignal(page.save_table_wanted):
        page._table.click()
    with qtbot.waitSignal(page.again) as told:
        page._refresh.click()
    assert told.args == ["nearest"]
    export = page.export()
    assert export.request == ASKED and export.stem == "03-similar"
    assert export.array_stem == "03-embedding" and export.array.shape == (12,)


def test_what_is_saved_names_the_pictures_that_were_found(page, state, monkeypatch):
    drawn = []
    monkeypatch.setattr("cnnviz_gui.core.neighbour_sheet.sheet", lambda *given: drawn.append(given))
    state.select(similar_folder="/p")
    state.found("nearest", Finding().finished(ASKED, result(5)))
    given = page.export()
    assert not drawn, "it is drawn where it is written"
    given.drawing.make()
    ((asked, found, title, told),) = drawn
    assert asked.name == "03.jpg" and asked.pixels.shape == (4, 4, 3)
    assert [one.number for one in found] == [likeness(1 - n / 50) for n in range(5)]
    names = ["00.jpg", "01.jpg", "02.jpg", "this picture", "04.jpg"]
    assert [one.name for one in found] == names
    assert title == "03.jpg · net · p" and told == "20 pictures · cosine of the embeddings"


def test_the_pictures_of_the_one_before_are_stale(page, state, qtbot):
    state.select(similar_folder="/p")
    state.found("nearest", Finding().finished(ASKED, result(8)))
    state.select(image=ImageRef(path="/p/05.jpg"))
    assert page._grid.count() == 8 and not page._table.isEnabled()
    qtbot.waitUntil(lambda: page._grid._dimming.opacity == theme.STALE_OPACITY)


def test_a_stopped_search_says_so_and_goes_on_when_told(page, state, qtbot):
    state.select(similar_folder="/p")
    partial = Finding().waiting(ASKED).partial(ASKED, result(5, looked_at=7))
    state.found("nearest", partial.stopped())
    assert page._stopped.isVisible() and page._grid.count() == 5
    assert page._stopped.accessibleName() == "Stopped at 7 of 20."
    with qtbot.waitSignal(page.again):
        page._stopped.acted.emit()


def test_one_that_was_stopped_before_the_first_picture_goes_on_too(page, state, qtbot):
    state.select(similar_folder="/p")
    state.found("nearest", Finding().waiting(ASKED))
    assert not page._stopped.isVisible()
    state.found("nearest", state.finding("nearest").stopped())
    assert page._stopped.isVisible()
    assert page._stopped.accessibleName() == "Stopped before the first picture."
    with qtbot.waitSignal(page.again):
        page._stopped.acted.emit()


def test_a_failure_keeps_what_was_found_and_offers_to_try_again(page, state, qtbot):
    state.select(similar_folder="/p")
    done = Finding().finished(ASKED, result(8))
    state.found("nearest", done.failed(Problem("There is not enough memory.", "", "cpu")))
    assert page._failure.isVisible() and page._grid.count() == 8
    assert page._failure.remedy.text() == "Compute on the CPU"
    with qtbot.waitSignal(page.again) as told:
        page._failure.remedy.click()
    assert told.args == ["nearest"]


def test_a_folder_of_nothing_but_damage_is_told(page, state):
    state.select(similar_folder="/p")
    bad = (("/p/a.png", "a.png is cut off."),)
    state.found("nearest", Finding().finished(ASKED, result(0, total=1, looked_at=1, skipped=bad)))
    assert page._empty.isVisible() and "a.png is cut off" in page._empty.sentence.text()


def test_what_was_skipped_stands_below(page, state):
    state.select(similar_folder="/p")
    bad = (("/p/a.png", "a.png is cut off."), ("/p/b.png", "b.png is empty."))
    state.found("nearest", Finding().finished(ASKED, result(8, skipped=bad)))
    assert page._skipped.text() == "2 skipped, such as: a.png is cut off."
    assert page._skipped.toolTip().splitlines()[1] == "/p/b.png: b.png is empty."


def test_a_click_or_return_opens_a_picture(page, state, qtbot):
    state.select(similar_folder="/p")
    state.found("nearest", Finding().finished(ASKED, result(8)))
    at = page._grid.tile_rect(2).center()
    with qtbot.waitSignal(page.opened) as told:
        qtbot.mouseClick(page._grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args == [ImageRef(path="/p/02.jpg")]
    qtbot.keyClick(page._grid, Qt.Key.Key_Right)
    assert page._grid.accessibleDescription() == "03.jpg, 0.940, 4 of 8"
    with qtbot.waitSignal(page.opened) as told:
        qtbot.keyClick(page._grid, Qt.Key.Key_Return)
    assert told.args == [ImageRef(path="/p/03.jpg")]
    qtbot.keyClick(page._grid, Qt.Key.Key_End)
    assert page._grid.accessibleDescription().startswith("07.jpg")


def dropped(page, *paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    common = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton)
    keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), *common, keys)
    page.dragEnterEvent(enter)
    if enter.isAccepted():
        page.dropEvent(QDropEvent(QPointF(9, 9), *common, keys))
    return enter.isAccepted()


def test_a_folder_dropped_on_the_page_is_looked_in(page, state, tmp_path):
    assert dropped(page, tmp_path)
    assert state.selection.similar_folder == str(tmp_path)


def test_a_picture_dropped_on_the_page_is_handed_on(page, state, tmp_path, qtbot):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    with qtbot.waitSignal(page.dropped) as told:
        assert dropped(page, picture)
    assert told.args == [[str(picture)]] and state.selection.similar_folder == ""
    assert not dropped(page, picture, picture), "several files are the window's own business"


def test_a_page_out_of_sight_draws_nothing(page, state):
    state.select(stage="heatmaps", similar_folder="/p")
    state.found("nearest", Finding().finished(ASKED, result(8)))
    assert page._grid.count() == 0
    state.select(stage="similar")
    assert page._grid.count() == 8


@pytest.mark.parametrize("size", [(672, 430), (1300, 900)])
def test_nothing_lies_over_anything_else(page, state, size):
    state.select(similar_folder="/p")
    done = Finding().finished(ASKED, result(8))
    state.found("nearest", done.failed(Problem("There is not enough memory.", "Close others.")))
    page.resize(*size)
    page.grab()
    photo, card = page._photo.pane.geometry(), page._card.geometry()
    pane = photo.translated(page._row.pos())
    assert pane.bottom() < card.top() and card.bottom() <= page._left.height()
    surface = page._photo.pane.surface
    assert abs(surface.width() - surface.height()) <= 1, "the picture is square"


# Its parts


def test_the_grid_scrolls_to_its_end_and_paints(qtbot):
    grid = NeighbourGrid()
    qtbot.addWidget(grid)
    grid.resize(420, 300)
    grid.set_neighbours(neighbours(24), own="/p/03.jpg")
    grid.show()
    bar = grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    last = grid.tile_rect(23)
    assert last.top() >= 0 and last.bottom() < 300
    shot = grid.grab().toImage()
    ratio = shot.devicePixelRatio()
    centre = last.center() * ratio
    assert shot.pixelColor(centre).lightness() > 240, "the lightest picture is the last one"


def test_of_pictures_that_are_gone_none_is_kept(qtbot):
    grid = NeighbourGrid()
    qtbot.addWidget(grid)
    grid.resize(420, 300)
    grid.set_neighbours(neighbours(6))
    grid.show()
    grid.grab()
    assert grid._images
    grid.set_neighbours(())
    assert not grid._images


@pytest.mark.parametrize(
    ("cosine", "written"),
    [(1.0, "1.000"), (0.8734, "0.873"), (-0.02, "−0.020"), (-0.0001, "0.000")],
)
def test_likeness_is_written_as_a_cosine(cosine, written):
    assert likeness(cosine) == written


@pytest.mark.parametrize("size", [1, 84, 512, 1000, 1280, 4096])
def test_every_number_of_a_vector_has_its_cell(qtbot, size):
    strip = VectorStrip()
    qtbot.addWidget(strip)
    strip.resize(240, 72)
    strip.set_vector(np.linspace(-1, 1, size, dtype=np.float32))
    places = (QPoint(x, y) for y in range(72) for x in range(240))
    indices = {strip.index_at(place) for place in places} - {None}
    assert indices == set(range(size))
    assert strip.index_at(QPoint(300, 10)) is None
    assert not strip.grab().isNull()


def test_a_strip_without_a_vector_is_a_plain_field(qtbot):
    strip = VectorStrip()
    qtbot.addWidget(strip)
    strip.resize(200, 72)
    assert strip.index_at(QPoint(5, 5)) is None
    colour = strip.grab().toImage().pixelColor(100, 36)
    assert colour == theme.color("raised")


def test_a_table_of_neighbours_is_written(tmp_path: Path):
    from cnnviz_gui.core.result_files import save_neighbours

    path = save_neighbours(result(2), tmp_path / "table")
    assert path.name == "table.csv"
    lines = path.read_text().splitlines()
    assert lines == ["path,similarity", "/p/00.jpg,1.000000", "/p/01.jpg,0.980000"]


def test_a_table_of_neighbours_is_utf8_and_no_spreadsheet_computes_it(tmp_path: Path):
    from cnnviz_gui.core.result_files import save_neighbours

    names = (os.fsdecode(b"/p/\xff.jpg"), "=1+1.jpg", "two  blanks.jpg")
    found = [
        dataclasses.replace(one, path=name) for one, name in zip(neighbours(3), names, strict=True)
    ]
    found[2] = dataclasses.replace(found[2], similarity=-0.25)
    path = save_neighbours(result(neighbours=tuple(found)), tmp_path / "table")
    assert path.read_bytes().decode("utf-8").split("\n")[1:] == [
        "/p/\\udcff.jpg,1.000000",
        "'=1+1.jpg,0.980000",
        "two  blanks.jpg,-0.250000",
        "",
    ]
