"""Pictures made by gradient ascent, with the real mouse and the real keyboard."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog, QScrollArea

from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.panels.controls import NumberBox
from cnnviz_gui.panels.features.form import FeatureForm
from cnnviz_gui.panels.features.page import FeaturePage
from cnnviz_gui.panels.features.spectrum_row import SpectrumRow
from cnnviz_gui.state import feature_view

pytestmark = pytest.mark.window

SMALL = FeatureParams(size=64, steps=4000)
"""Many quick steps: the hand must have the time to stop them."""


@pytest.fixture
def studio(explorer, hand):
    """The program once the page of features shows a channel of an early layer."""
    state = explorer.state
    hand.wait(lambda: explorer.complete)
    hand.press("ctrl+2")
    hand.wait(lambda: state.selection.stage == "features")
    state.select(layer="blocks.0", channel=3, feature_parameters=SMALL)
    page = explorer.window.findChild(FeaturePage)
    hand.wait(page.start.isVisible)
    return explorer


def page_of(explorer):
    return explorer.window.findChild(FeaturePage)


def done(explorer):
    found = feature_view.shown(explorer.state)
    return 0 if found is None else found.result.done


def phase(explorer):
    return feature_view.phase(explorer.state)


def test_a_picture_sharpens_pauses_goes_on_and_follows_a_control(studio, hand):
    page, state = page_of(studio), studio.state
    assert "feature" not in state.findings, "nothing is computed before it is asked for"
    hand.click(page.start)
    hand.wait(lambda: done(studio) >= 2)
    hand.wait(lambda: page.picture.grid.panes()[0].image() is not None)
    first = page.picture.grid.panes()[0].image().copy()
    hand.wait(lambda: done(studio) >= 20)
    assert not np.array_equal(first, page.picture.grid.panes()[0].image())
    hand.click(page.pause)
    hand.wait(lambda: phase(studio) == "paused")
    hand.wait(lambda: not studio.engine.busy)
    hand.wait(lambda: f"{done(studio)} of 4000" in page._said.text())
    stopped, curve = done(studio), feature_view.shown(state).result.curve
    hand.press("ctrl+g")
    hand.wait(lambda: done(studio) > stopped + 10)
    assert np.array_equal(feature_view.shown(state).result.curve[:stopped], curve), "not anew"
    box = next(
        b
        for b in studio.window.findChild(FeatureForm).findChildren(NumberBox)
        if b.accessibleName() == "Rate"
    )
    studio.window.docks["parameters"].findChild(QScrollArea).ensureWidgetVisible(box)
    hand.click(box)
    hand.wait(box.lineEdit().hasFocus)
    hand.press("ctrl+a")
    hand.type("0.02")
    hand.press("Return")
    hand.wait(lambda: state.selection.feature_parameters.rate == 0.02)
    begin = state.selection.feature_begin
    assert begin is not None
    assert begin.parameters.steps > stopped, "from the picture that was on screen"
    running = lambda: state.finding("feature").request  # noqa: E731
    hand.wait(lambda: running() is not None and running().begin == begin and done(studio) >= 3)
    hand.press("Escape")
    hand.wait(lambda: phase(studio) == "paused")
    hand.click(page.start)
    hand.wait(lambda: phase(studio) == "running")
    hand.press("ctrl+g")
    hand.wait(lambda: phase(studio) == "paused")


def test_what_was_made_is_saved_with_how_it_came_about(studio, hand, tmp_path, monkeypatch):
    state, page = studio.state, page_of(studio)
    state.select(feature_parameters=dataclasses.replace(SMALL, steps=6))
    hand.press("ctrl+g")
    hand.wait(lambda: phase(studio) == "done")
    for key, name in (("ctrl+s", "a.png"), ("ctrl+shift+s", "a.npy"), ("ctrl+e", "a.json")):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        hand.press(key)
        hand.wait(path.exists)
    path = tmp_path / "a.gif"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    studio.commands.actions["save_film"].trigger()
    hand.wait(path.exists)
    with Image.open(path) as film:
        assert film.n_frames == 7
    assert np.load(tmp_path / "a.npy").shape == (1, 64, 64, 3)
    hand.click(page.more)
    hand.wait(lambda: state.selection.feature_parameters.steps == 102)
    hand.wait(lambda: done(studio) > 6)


def test_the_magnitudes_of_a_file_are_taken_up_and_given_back(studio, hand, tmp_path, monkeypatch):
    state, row = studio.state, studio.window.findChild(SpectrumRow)
    np.save(tmp_path / "wrong.npy", np.ones((3, 32, 32)))
    np.save(tmp_path / "right.npy", np.ones((3, 32, 17)))

    def choose(name):
        path = str(tmp_path / name)
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (path, ""))
        studio.window.docks["parameters"].findChild(QScrollArea).ensureWidgetVisible(row)
        hand.click(row.choose)

    assert not row.isVisible()
    state.select(feature_parameters=dataclasses.replace(SMALL, parameterisation="maco", steps=6))
    hand.wait(row.isVisible)
    choose("wrong.npy")
    hand.wait(lambda: state.shared.notice is not None)
    assert "3 × 32 × 32" in state.shared.notice.text
    assert state.selection.feature_spectrum is None
    choose("right.npy")
    hand.wait(lambda: state.selection.feature_spectrum is not None)
    hand.press("ctrl+g")
    hand.wait(lambda: phase(studio) == "done")
    assert state.finding("feature").request.spectrum.path == str(tmp_path / "right.npy")
    studio.window.docks["parameters"].findChild(QScrollArea).ensureWidgetVisible(row)
    hand.click(row.back)
    hand.wait(lambda: state.selection.feature_spectrum is None)
    assert phase(studio) == "idle", "it waits to be made anew"
    hand.press("ctrl+g")
    hand.wait(lambda: state.finding("feature").request.spectrum is None)


def test_a_sheet_fills_in_and_leads_to_a_channel(studio, hand):
    state, page = studio.state, page_of(studio)
    hand.press("ctrl+alt+g")
    hand.wait(lambda: state.display.feature_view == "sheet")
    hand.click(page.start)
    hand.wait(lambda: feature_view.shown_sheet(state) is not None)
    hand.wait(lambda: len(feature_view.shown_sheet(state).result.channels) >= 4)
    hand.click(page.pause) if page.pause.isVisible() else None
    grid = page.sheet.grid
    channel = feature_view.shown_sheet(state).result.channels[1]
    hand.click(grid.viewport(), grid.tile_rect(channel).center())
    hand.wait(lambda: state.selection.channel == channel)
    hand.press("Return")
    hand.wait(lambda: state.selection.stage == "layers")
    assert state.selection.channel == channel


def test_a_kept_picture_stands_beside_what_is_made_otherwise(studio, hand):
    state, page = studio.state, page_of(studio)
    state.select(feature_parameters=dataclasses.replace(SMALL, steps=6))
    hand.press("ctrl+g")
    hand.wait(lambda: phase(studio) == "done")
    hand.click(page.keep)
    hand.wait(lambda: len(page.picture.grid.panes()) == 2)
    kept = page.picture.grid.panes()[0].image().copy()
    request = feature_view.wanted(state)
    hand.press("alt+Right")
    hand.wait(lambda: state.selection.channel != 3)
    assert phase(studio) == "idle", "nothing begins by itself"
    hand.press("ctrl+g")
    hand.wait(lambda: phase(studio) == "done")
    left, right = page.picture.grid.panes()
    assert np.array_equal(left.image(), kept)
    hand.wait(lambda: not np.array_equal(right.image(), kept))
    assert left._details == "channel 3 of blocks.0"
    hand.press("ctrl+1")
    hand.wait(lambda: state.selection.stage == "layers")
    hand.press("ctrl+shift+b")
    hand.wait(lambda: state.selection.stage == "features" and state.selection.channel == 3)
    hand.wait(lambda: phase(studio) == "done")
    assert feature_view.wanted(state) == request
    hand.wait(lambda: np.array_equal(right.image(), kept))
    hand.press("ctrl+b")
    hand.wait(lambda: len(page.picture.grid.panes()) == 1)
