"""The decision plane through the hand: colours, clicks, what is saved."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cnnviz_gui.core.plane_requests import PlanePicture
from cnnviz_gui.core.plane_results import UNKNOWN, PlanePictureResult
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.form_section import plane_section
from cnnviz_gui.panels.plane_legend import PlaneLegend
from cnnviz_gui.panels.plane_page import PlanePage
from cnnviz_gui.panels.plane_paint import class_picture
from cnnviz_gui.state import plane_view
from cnnviz_gui.state.finding import Finding, Problem
from tests.state.test_plane_view import plane_result, ready_state

RED, BLUE, GROUND = (200, 0, 0), (0, 0, 200), (100, 100, 100)


@pytest.fixture
def ready():
    return ready_state()


@pytest.fixture
def page(qtbot, ready):
    made = PlanePage(ready)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


def found(state, result=None):
    state.select(plane_started=True)
    asked = plane_view.plane_request(state)
    state.found(plane_view.LANE, Finding().finished(asked, result or plane_result()))
    return asked


def test_classes_are_colours_and_confidence_is_their_depth():
    classes = np.array([[0, 1], [1, 0]], np.int32)
    confidence = np.array([[1.0, 0.0], [0.5, 1.0]], np.float32)
    result = plane_result(side=2, classes=classes, confidence=confidence)
    picture = class_picture(result, {0: RED, 1: BLUE}, GROUND)
    assert picture.shape == (2, 2, 3)
    assert picture[1, 0].tolist() == list(RED)  # the bottom row is at the least b
    assert picture[0, 1].tolist() == list(RED)
    weak, half = picture[1, 1].astype(int), picture[0, 0].astype(int)
    assert abs(weak - np.array(GROUND)).sum() < abs(half - np.array(GROUND)).sum()
    assert weak[2] > weak[0]


def test_what_is_not_known_yet_shows_the_next_coarser_point():
    classes = np.full((17, 17), UNKNOWN, np.int32)
    confidence = np.full((17, 17), np.nan, np.float32)
    classes[::4, ::4], confidence[::4, ::4] = 0, 1.0
    classes[8, 8] = 1
    result = plane_result(classes=classes, confidence=confidence)
    picture = class_picture(result, {0: RED, 1: BLUE}, GROUND)[::-1]
    assert (picture[8:12, 8:12] == BLUE).all()
    assert (picture[:8, :] == RED).all()


def test_it_waits_to_be_asked(page, ready):
    assert page._start.isVisible()
    QTest.mouseClick(page._start, Qt.MouseButton.LeftButton)
    assert ready.selection.plane_started
    assert page.export() is None


def test_what_failed_is_said_until_there_is_another_picture(page, ready):
    ready.select(plane_started=True)
    ready.found(plane_view.LANE, Finding().failed(Problem("Nothing lies across.")))
    assert page._failure.isVisible()
    assert page._classes.pane.state() == "failed" and page._loss.pane.state() == "failed"
    ready.select(image=ImageRef(path="dog.png", sha256="2"))
    assert not page._failure.isVisible()


def test_a_click_chooses_a_point_and_its_picture_is_shown(page, ready):
    asked = found(ready)
    assert not page._start.isVisible()
    page._classes.pane.clicked.emit((12, 8))
    assert ready.selection.plane_point == (1.0, 0.0)
    scores = plane_result().label
    result = PlanePictureResult(
        picture=np.full((8, 8, 3), 90, np.uint8), scores=(scores,), clipped=0.25
    )
    point = PlanePicture(plane=asked, along=1.0, across=0.0)
    ready.found(plane_view.POINT_LANE, Finding().finished(point, result))
    assert page._point.pane.image() is not None
    assert page._scores.isVisible()


def test_the_arrows_choose_a_point_too(page, ready):
    found(ready)
    QTest.keyClick(page._classes.pane, Qt.Key.Key_Right)
    assert ready.selection.plane_point == (0.25, 0.0)
    QTest.keyClick(page._classes.pane, Qt.Key.Key_Up)
    assert ready.selection.plane_point == (0.25, 0.25)
    for _ in range(20):
        QTest.keyClick(page._classes.pane, Qt.Key.Key_Left)
    assert ready.selection.plane_point == (-2.0, 0.25)


def test_the_legend_names_classes_and_shares(page, ready):
    found(ready)
    said = page.findChild(PlaneLegend).accessibleDescription()
    assert "class 0" in said and "%" in said
    page.grab()  # with axes, ball and path over the pictures


def test_the_plane_is_saved_enlarged_with_its_numbers(page, ready):
    asked = found(ready)
    export = page.export()
    assert export.picture.shape == (17 * 8, 17 * 8, 3)
    assert export.request == asked and export.array.shape == (17, 17)
    ready.select(plane_point=(0.0, 0.0))
    assert "plane" in export.stem


def test_it_is_painted_anew_in_the_other_theme(page, ready, qapp):
    found(ready)
    before = page._classes.pane.image().copy()
    former = theme.current().name
    theme.apply(qapp, "light" if former == "dark" else "dark")
    try:
        assert not np.array_equal(before, page._classes.pane.image())
    finally:
        theme.apply(qapp, former)


def test_the_form_changes_the_plane(qtbot, ready):
    section = plane_section(ready)
    qtbot.addWidget(section)
    values = ready.selection.plane_parameters.values() | {"reach": 4.0, "across": "class"}
    section.form.edited.emit(values)
    assert ready.selection.plane_parameters.reach == 4.0
    assert ready.selection.plane_parameters.across == "class"
