"""The decision plane with the real mouse: stopped, gone on with, clicked on, left in the middle."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint

from cnnviz_gui.panels.plane_page import PlanePage
from cnnviz_gui.state.plane_view import LANE, POINT_LANE, nearest

pytestmark = pytest.mark.window


def test_a_plane_is_stopped_gone_on_with_and_clicked_on(explorer, hand):
    state = explorer.state
    hand.wait(lambda: explorer.complete)
    state.choose_method("attack", "fgsm")
    coarse = dataclasses.replace(state.selection.plane_parameters, points="17")
    state.select(plane_parameters=coarse)
    hand.press("ctrl+5")
    page = explorer.window.findChild(PlanePage)
    hand.wait(page._start.isVisible)
    assert state.finding(LANE).status == "empty", "nothing is computed before the button"
    hand.click(page._start)
    hand.wait(lambda: state.finding(LANE).value is not None)
    explorer.controller.halt(LANE)
    hand.wait(lambda: state.finding(LANE).halted)
    begun = state.finding(LANE).value
    assert (begun.classes < 0).any(), "what is done cannot be stopped"
    hand.wait(page._start.isVisible)
    assert page._start.text() == "Continue" and "so far" in page._notes.text()
    hand.click(page._start)
    hand.wait(lambda: state.finding(LANE).status == "done")
    found = state.finding(LANE).value
    known = begun.classes >= 0
    assert (found.classes[known] == begun.classes[known]).all(), "what was known stays"

    viewport = page._classes.pane.surface.viewport()
    side = page._plots.side()
    hand.click(viewport, QPoint(round(0.8 * side), round(0.3 * side)))
    hand.wait(lambda: state.selection.plane_point is not None)
    hand.wait(lambda: state.finding(POINT_LANE).status == "done")
    point, seen = state.selection.plane_point, state.finding(POINT_LANE).value
    assert point[0] > 0 and point[1] > 0
    assert seen.scores[0].index == found.classes[nearest(found, *point)]
    assert seen.scores[0].probability == pytest.approx(
        float(found.confidence[nearest(found, *point)]), abs=1e-4
    )

    explorer.window.resize(1100, 720)
    hand.rest(page)
    first, second = page._planes
    assert first.width() == second.width() == page._plots.side()
    assert page._plots.bar.geometry().right() <= page._plots.width()


def test_another_picture_in_the_middle_of_a_plane_leaves_nothing_of_it(explorer, hand):
    state = explorer.state
    hand.wait(lambda: explorer.complete)
    state.choose_method("attack", "fgsm")
    hand.press("ctrl+5")
    page = explorer.window.findChild(PlanePage)
    hand.wait(page._start.isVisible)
    hand.click(page._start)
    hand.wait(lambda: page._drawn is not None)
    other = next(e.ref for e in state.shared.strip if e.ref != state.selection.image)
    state.select(image=other)
    hand.wait(lambda: page._drawn is None and page._start.isVisible())
    hand.wait(lambda: state.shared.activity is None or state.shared.activity.lane != LANE)
    hand.wait(lambda: state.finding("predict").current)
    assert page._classes.pane.image() is None and page._notes.text() == ""
    assert Path(state.selection.image.path).name == Path(other.path).name
