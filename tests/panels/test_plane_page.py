"""The decision plane through the hand: colours, clicks, what is saved."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from cnnviz_gui.core.plane_drawing import FINE
from cnnviz_gui.core.plane_picture import class_picture
from cnnviz_gui.core.plane_requests import PlaneParams, PlanePicture
from cnnviz_gui.core.plane_results import OTHERS, UNKNOWN, PlanePictureResult
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.convert import from_qimage
from cnnviz_gui.panels.form_section import plane_section
from cnnviz_gui.panels.plane_across import AcrossRows
from cnnviz_gui.panels.plane_legend import PlaneLegend
from cnnviz_gui.panels.plane_page import PlanePage
from cnnviz_gui.panels.plane_paint import Marks, lines
from cnnviz_gui.state import plane_view
from cnnviz_gui.state.app_state import StripEntry
from cnnviz_gui.state.finding import Finding, Problem
from tests.state.test_plane_view import plane_result, ready_state

RED, BLUE, GREY, GROUND = (200, 0, 0), (0, 0, 200), (60, 60, 60), (100, 100, 100)


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
    classes = np.zeros((17, 17), np.int32)
    classes[:, 9:] = 1
    confidence = np.full((17, 17), 1.0, np.float32)
    confidence[0] = 0.6
    result = plane_result(classes=classes, confidence=confidence)
    picture = class_picture(result, {0: RED, 1: BLUE, OTHERS: GREY}, GROUND)
    assert picture.shape == (FINE, FINE, 3)
    assert picture[0, 0].tolist() == list(RED) and picture[0, -1].tolist() == list(BLUE)
    weak = picture[-1].astype(int)  # the bottom row is at the least b
    assert weak[0, 0] > weak[0, 2] and weak[-1, 2] > weak[-1, 0]
    assert abs(weak[0] - GROUND).sum() < abs(np.array(RED) - GROUND).sum()


def test_what_is_not_known_yet_lies_between_what_is():
    classes = np.full((17, 17), UNKNOWN, np.int32)
    confidence = np.full((17, 17), np.nan, np.float32)
    classes[::4, ::4], confidence[::4, ::4] = 0, 0.9
    classes[8, 8] = 1
    result = plane_result(classes=classes, confidence=confidence)
    picture = class_picture(result, {0: RED, 1: BLUE, 9: GREY, OTHERS: GREY}, GROUND)
    assert picture[128, 128, 2] > picture[128, 128, 0]
    assert picture[0, 0, 0] > picture[0, 0, 2]
    assert not lines(result, result.drawing.borders).isEmpty()


@pytest.mark.parametrize("count", [0, 1, 500])
def test_borders_begin_anew_after_each_gap(count):
    line = np.random.default_rng(3).uniform(-2, 2, (count, 2)).astype(np.float32)
    line[5::7] = np.nan
    path = lines(plane_result(), line)
    expected, kinds = [], []
    for place, (a, b) in enumerate(line.tolist()):
        if a == a:
            expected.append(
                ((1 + a / 2) / 2 * (FINE - 1) + 0.5, (1 - b / 2) / 2 * (FINE - 1) + 0.5)
            )
            kinds.append(place > 0 and not np.isnan(line[place - 1, 0]))
    found = [path.elementAt(number) for number in range(path.elementCount())]
    assert np.allclose([(at.x, at.y) for at in found], expected, atol=1e-3)
    assert [at.isLineTo() for at in found] == kinds


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
    page._classes.pane.clicked.emit((190, 130))  # nearest to the point at 192, 128
    assert ready.selection.plane_point == (1.0, 0.0)
    scores = plane_result().label
    result = PlanePictureResult(
        picture=np.full((8, 8, 3), 90, np.uint8), scores=(scores,), clipped=0.25
    )
    point = PlanePicture(plane=asked, along=1.0, across=0.0)
    ready.found(plane_view.POINT_LANE, Finding().finished(point, result))
    assert page._point.pane.image() is not None
    assert page._scores.isVisible()


def test_an_old_plane_gives_no_coordinates_and_takes_no_clicks(page, ready):
    asked = found(ready)
    page._classes.pane.clicked.emit((190, 130))
    result = PlanePictureResult(
        picture=np.full((8, 8, 3), 90, np.uint8), scores=(plane_result().label,), clipped=0.0
    )

    def told(plane):
        point = PlanePicture(plane=plane, along=1.0, across=0.0)
        ready.found(plane_view.POINT_LANE, Finding().finished(point, result))
        labels = page._scores.findChildren(QLabel)
        return [label.text() for label in labels if not label.isHidden()]

    assert "1.00 ε" in told(asked)
    ready.select(plane_parameters=PlaneParams(seed=3))
    wanted = plane_view.plane_request(ready)
    assert "class 0" in told(wanted) and "1.00 ε" not in told(wanted)
    page._classes.pane.clicked.emit((3, 3))
    QTest.keyClick(page._classes.pane, Qt.Key.Key_Right)
    assert ready.selection.plane_point == (1.0, 0.0)
    ready.found(plane_view.LANE, Finding().finished(wanted, plane_result(epsilon=None)))
    assert "1.00 ×" in told(wanted)
    page._classes.pane.clicked.emit((0, 0))
    assert ready.selection.plane_point == (-2.0, 2.0)


def test_what_is_said_of_an_old_plane_recedes_with_it(page, ready, qtbot):
    found(ready)
    qtbot.waitUntil(lambda: page._legend.height() > 0, timeout=20_000)
    whole = from_qimage(page._legend.grab().toImage())
    ready.select(plane_parameters=PlaneParams(seed=3))
    qtbot.waitUntil(lambda: page._notes.property("tone") == "text3", timeout=20_000)
    assert not np.array_equal(from_qimage(page._legend.grab().toImage()), whole)
    found(ready)
    assert page._notes.property("tone") == "text2"
    assert np.array_equal(from_qimage(page._legend.grab().toImage()), whole)


def test_the_arrows_choose_a_point_too(page, ready):
    found(ready)
    QTest.keyClick(page._classes.pane, Qt.Key.Key_Right)
    assert ready.selection.plane_point == (0.25, 0.0)
    QTest.keyClick(page._classes.pane, Qt.Key.Key_Up)
    assert ready.selection.plane_point == (0.25, 0.25)
    for _ in range(20):
        QTest.keyClick(page._classes.pane, Qt.Key.Key_Left)
    assert ready.selection.plane_point == (-2.0, 0.25)


@pytest.mark.parametrize("size", [(660, 484), (980, 760)])
def test_no_class_of_the_legend_is_cut_off(page, ready, size):
    found(ready)
    page._legend.set_rows([("clean", f"class {n}", "10.0 %") for n in range(7)], [])
    page.resize(*size)
    QApplication.processEvents()
    last = page._legend.row(6)
    assert last.height() >= 16 and page._legend.rect().contains(last)
    foot = page._legend.mapTo(page, last.bottomLeft()).y()
    assert page._legend.isVisible() and foot < page.height()


def test_the_price_is_named_before_it_is_begun(page, ready):
    assert page.empty.isVisible() and not page._plots.isVisible()
    assert "passes" in page.empty.sentence.text()
    page.empty.action.click()
    assert ready.selection.plane_started and page._plots.isVisible()
    assert not page.empty.isVisible()


def test_the_legend_names_classes_and_shares(page, ready):
    found(ready)
    said = page.findChild(PlaneLegend).accessibleDescription()
    assert "class 0" in said and "%" in said
    page.grab()  # with axes, ball and path over the pictures


def test_the_legend_names_the_marks_where_there_is_room(page, ready):
    found(ready)
    page.resize(1200, 900)
    QApplication.processEvents()
    words = ["photograph", "end of the attack", "way of the attack", "ε ball", "equal loss"]
    assert [word for _, word, _ in page._legend.marks()] == words
    ready.select(plane_point=(0.5, 0.5))
    assert "point in view" in [word for _, word, _ in page._legend.marks()]
    boxes = [page._legend.row(0), *(box for _, _, box in page._legend.marks())]
    assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])
    page._legend.resize(page._legend.width(), 40)
    assert not list(page._legend.marks())


def test_the_plane_is_saved_enlarged_with_its_numbers(page, ready):
    asked = found(ready)
    export = page.export()
    assert export.picture.shape == (4 * FINE, 4 * FINE, 3)
    assert export.request == asked and export.figure.plane == asked
    assert export.array["classes"].shape == export.array["loss"].shape == (17, 17)
    assert export.array["a"][12] == 1.0 and export.array["names"][0] == "class 0"
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


def test_any_class_can_be_chosen_to_lie_across(qtbot, ready):
    section = plane_section(ready)
    qtbot.addWidget(section)
    section.show()
    rows = section.findChild(AcrossRows)
    assert not rows.isVisible()
    ready.select(plane_parameters=PlaneParams(across="class"))
    assert rows.picker.isVisible() and not rows.pictures.isVisible()
    rows.picker.chosen.emit(3)
    assert plane_view.plane_request(ready).other == 3
    rows.picker.chosen.emit(None)
    assert plane_view.plane_request(ready).other is None


def test_any_picture_of_the_strip_can_be_chosen_to_lie_across(qtbot, ready):
    section = plane_section(ready)
    qtbot.addWidget(section)
    section.show()
    rows = section.findChild(AcrossRows)
    ready.select(plane_parameters=PlaneParams(across="image"))
    assert rows.pictures.isVisible() and not rows.pictures.isEnabled()
    thumbnail = np.full((12, 12, 3), 90, np.uint8)
    refs = [ready.selection.image, *(ImageRef(path=f"{name}.png", sha256=name) for name in "ab")]
    ready.share(strip=tuple(StripEntry(ref, ref.path, thumbnail=thumbnail) for ref in refs))
    assert [rows.pictures.itemText(row) for row in range(2)] == ["a.png", "b.png"]
    assert rows.pictures.currentText() == "a.png" and not rows.pictures.itemIcon(0).isNull()
    rows.pictures.setCurrentIndex(1)
    rows.pictures.activated.emit(1)
    assert plane_view.plane_request(ready).other_image == refs[2]
    assert rows.pictures.currentText() == "b.png"


def test_the_axes_have_ticks_and_follow_the_zoom(page, ready):
    found(ready)
    page._plots.grab()
    assert page._plots.bar.isVisible() and "0" in page._plots.bar.accessibleName()
    page._classes.pane.surface.zoom_by(4.0)
    assert page._loss.pane.surface.zoom == page._classes.pane.surface.zoom
    page._plots.grab()
    ready.select(image=ImageRef(path="dog.png", sha256="2"))
    assert not page._plots.bar.isVisible()


@pytest.mark.parametrize("size", [(640, 420), (1000, 700), (1900, 500), (700, 1200)])
def test_the_pictures_are_square_and_lie_in_the_page_at_any_size(page, ready, size):
    found(ready)
    page.resize(*size)
    page.grab()
    first, second = page._planes
    side = page._plots.side()
    assert first.width() == second.width() == side and side >= 100
    assert first.surface.height() == side
    bar = page._plots.bar.geometry()
    assert bar.right() <= page._plots.width() and second.geometry().bottom() < page._plots.height()
    legend = page._legend.mapTo(page, QPoint(0, 0)).y()
    assert page._plots.geometry().bottom() < legend < page.height()


@pytest.mark.parametrize("size", [(640, 420), (1000, 700)])
def test_the_nearest_point_is_told_below_and_covers_nothing(page, ready, size, monkeypatch):
    chips = []
    monkeypatch.setattr(picture_paint, "chip", lambda *given: chips.append(given))
    found(ready)
    page.resize(*size)
    page.grab()
    places = [part.geometry() for part in (page._plots, page._under)]
    for pane in page._planes:
        pane.surface._hover((190, 130))
        page.grab()
        assert page._told.isVisible() and not page._notes.isVisible() and not chips
        said = page._told.text()
        assert "class 1" in said and "60.0 %" in said and "loss 3.00" in said and "1.00 ε" in said
        assert page._told.heightForWidth(page._told.width()) <= page._told.height()
        assert [part.geometry() for part in (page._plots, page._under)] == places
        pane.surface._hover(None)
        assert page._notes.isVisible()


def test_what_is_told_under_a_resting_hand_is_of_the_plane_in_sight(page, ready):
    found(ready)
    page._planes[0].surface._hover((190, 130))
    found(ready, plane_result(loss=np.full((17, 17), 7.0, np.float32)))
    assert "loss 7.00" in page._told.text()
    ready.select(image=ImageRef(path="dog.png", sha256="2"))
    assert not page._told.isVisible() and page._told.text() == ""


def test_no_heading_stands_over_nothing(page, ready):
    def headings():
        return [pane._title for pane in (page._loss.pane, page._point.pane)]

    assert headings() == ["", ""]
    assert page._point.pane._message.sentence.text() == ""
    ready.select(plane_started=True)
    asked = plane_view.plane_request(ready)
    ready.found(plane_view.LANE, Finding().waiting(asked))
    assert headings() == ["Loss", ""]
    ready.found(plane_view.LANE, Finding().waiting(asked).stopped())
    assert headings() == ["", ""]
    ready.found(plane_view.LANE, Finding().failed(Problem("Nothing lies across.")))
    assert headings() == ["", ""]
    found(ready)
    assert headings() == ["Loss of class 0, in nats", "Picture"]


def test_the_marks_recede_with_an_old_plane(page, ready, qtbot, monkeypatch):
    opacities = {}

    def noted(self, painter, rect, screen):
        opacities[bool(self.names)] = painter.opacity()

    monkeypatch.setattr(Marks, "paint", noted)
    found(ready)
    page.grab()
    assert opacities == {True: 1.0, False: 1.0}
    axes = from_qimage(page._plots.grab(QRect(0, 0, 60, 300)).toImage())
    ready.select(plane_parameters=PlaneParams(seed=3))
    whole = [theme.STALE_OPACITY] * 2
    qtbot.waitUntil(
        lambda: page.grab() and list(opacities.values()) == pytest.approx(whole), timeout=20_000
    )
    pale = from_qimage(page._plots.grab(QRect(0, 0, 60, 300)).toImage())
    assert not np.array_equal(axes, pale)
    found(ready)
    page.grab()
    assert opacities == {True: 1.0, False: 1.0}


def test_what_is_worth_knowing_is_said_below(page, ready):
    found(ready)
    assert "First border" in page._notes.text() and "cut off" in page._notes.text()
    ready.select(image=ImageRef(path="dog.png", sha256="2"))
    assert page._notes.text() == ""


def test_of_an_untrained_network_it_is_said(page, ready):
    found(ready)
    assert "Untrained" not in page._notes.text()
    facts = dataclasses.replace(ready.shared.facts, trained=False)
    ready.share(facts=facts)
    assert page._notes.text().startswith("Untrained: random weights.")


def test_the_loss_can_be_looked_at_as_a_surface(page, ready):
    assert not page._look.isVisible()
    found(ready)
    assert page._look.isVisible() and not page._surface.isVisible()
    page._look.chosen.emit("surface")
    assert page._surface.isVisible() and not page._loss.pane.surface.isVisible()
    page.grab()
    bar, surface = page._plots.bar.geometry(), page._surface.geometry()
    assert surface.right() <= bar.left() and surface.left() > page._planes[0].geometry().right()
    assert bar.right() == page._plots.rect().right()  # beside them the surface has all the room
    assert surface.width() >= page._plots.width() - page._planes[0].geometry().right() - 150
    page._look.chosen.emit("map")
    assert not page._surface.isVisible() and page._loss.pane.surface.isVisible()
    page._look.chosen.emit("surface")
    ready.select(image=ImageRef(path="dog.png", sha256="2"))
    assert not page._surface.isVisible() and not page._loss.pane.surface.isHidden()


def test_one_that_was_stopped_goes_on_with_a_word(page, ready):
    asked = found(ready)
    classes = np.full((17, 17), UNKNOWN, np.int32)
    classes[::4, ::4] = 0
    begun = Finding().waiting(asked).partial(asked, plane_result(classes=classes))
    ready.found(plane_view.LANE, begun.stopped())
    assert page._start.isVisible() and page._start.text() == "Continue"
    assert "5 × 5 points so far" in page._notes.text() and page._count.text() == "25 of 289 points"
    again = []
    page.again.connect(again.append)
    QTest.mouseClick(page._start, Qt.MouseButton.LeftButton)
    assert again == [plane_view.LANE]
    ready.found(plane_view.LANE, Finding().finished(asked, plane_result()))
    assert not page._start.isVisible() and page._count.text() == ""


def test_one_that_was_stopped_before_the_first_points_can_go_on_too(page, ready):
    asked = found(ready)
    ready.found(plane_view.LANE, Finding().waiting(asked).stopped())
    assert page._start.isVisible() and page._start.text() == "Continue"


def test_another_picture_in_the_middle_empties_the_page(page, ready):
    asked = found(ready)
    classes = np.full((17, 17), UNKNOWN, np.int32)
    classes[::4, ::4] = 0
    ready.found(
        plane_view.LANE, Finding().waiting(asked).partial(asked, plane_result(classes=classes))
    )
    ready.select(plane_point=(1.0, 0.0), image=ImageRef(path="dog.png", sha256="2"))
    assert page._classes.pane.image() is None and page._loss.pane.image() is None
    assert page._drawn is None and page._readout(3, 3) == ""
    page._classes.pane.clicked.emit((3, 3))  # nothing to be chosen on
    assert page._start.isVisible() and page._start.text() == "Classify"


def test_the_head_names_the_class_that_the_attack_leaves(page, ready):
    assert page._aim.leaves.text() == "cat"
    ready.show(attack_view="folder")  # a view of another page
    page._draw()
    assert page._aim.leaves.text() == "cat"


def test_before_it_is_begun_one_sentence_has_the_whole_page(page, ready):
    page.resize(900, 700)
    QApplication.processEvents()
    panes = (*page._planes, page._point.pane)
    assert page.empty.height() > page.height() / 2 and not any(pane.isVisible() for pane in panes)
    ready.select(plane_started=True)
    assert all(pane.isVisible() for pane in panes) and not page.empty.isVisible()
