"""The place that a map marks: what is asked, drawn, read off, and drawn by the hand."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.localisation import Agreement
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.place_results import MarkedPlace
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Heatmap, ImageRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.core.run_place import outline
from cnnviz_gui.panels.controls import ElidedLabel
from cnnviz_gui.panels.heatmaps.map_box import MapBox
from cnnviz_gui.panels.heatmaps.place_section import PlaceSection
from cnnviz_gui.state import place_view
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.place_view import LANE, place_requests, shown_place

CAT = Score(0, "cat", 0.5, 1.0)
METHOD = Method(
    "heatmap", "grad-cam", "Grad-CAM", "", "", "", Params, lambda facts: "", True, print
)


@pytest.fixture
def mapped(state):
    """The page of heat maps with a map on it."""
    state.share(methods=(METHOD,))
    state.select(stage="heatmaps", heatmap_method="grad-cam")
    image, model = state.selection.image, state.selection.model
    seen = np.full((8, 8, 3), 120, np.uint8)
    prediction = Prediction(scores=(CAT,), seen=seen)
    state.found("predict", Finding("done", Predict(model=model, image=image), prediction))
    request = Heatmap(model=model, image=image, method="grad-cam", parameters=Params())
    result = HeatmapResult(
        method="grad-cam", layer="stem", target=CAT, map=np.ones((8, 8), np.float32), coarse=None,
        signed=False,
    )  # fmt: skip
    state.found("heatmap", Finding(asked=request).finished(request, result))
    return state


def place(agreement=None):
    mask = np.zeros((8, 8), bool)
    mask[2:5, 1:7] = True
    return MarkedPlace(
        size=(8, 8), threshold=0.15, area=0.5, outline=outline(mask), box=(1, 2, 7, 5), mask=mask,
        part=18 / 64, agreement=agreement,
    )  # fmt: skip


def located(state, agreement=None):
    request = place_requests(state)[LANE]
    state.found(LANE, Finding(asked=request).finished(request, place(agreement)))


@pytest.fixture
def section(mapped, qtbot):
    made = PlaceSection(mapped)
    qtbot.addWidget(made)
    made.resize(260, 400)
    made.show()
    return made


@pytest.fixture
def box(mapped, qtbot):
    made = MapBox(mapped)
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    return made


def test_the_place_is_asked_for_once_it_is_wanted_and_the_map_complete(mapped):
    assert place_requests(mapped) == {}
    mapped.show(place_view="box")
    asked = place_requests(mapped)[LANE]
    assert (asked.share, asked.truth) == (0.2, None)
    mapped.select(place_share=0.4, truth=(1, 1, 3, 3))
    assert place_requests(mapped)[LANE] == dataclasses.replace(asked, share=0.4, truth=(1, 1, 3, 3))
    finding = mapped.finding("heatmap")
    mapped.found("heatmap", dataclasses.replace(finding, status="partial"))
    assert place_requests(mapped) == {}, "it would be computed to its end first"


def test_the_controls_choose_what_is_drawn_and_from_where_on(section, mapped):
    section.view.chosen.emit("mask")
    assert mapped.display.place_view == "mask"
    section.threshold.setValue(40)
    assert mapped.selection.place_share == 0.4
    section.draw.click()
    assert mapped.display.drawing_box


def test_numbers_are_those_of_the_place_and_of_the_drawn_box(section, mapped):
    assert not section.numbers.isVisible() and not section.crop.isVisible()
    mapped.show(place_view="box")
    located(mapped)
    assert section.numbers.isVisible() and section.crop.isVisible()
    assert place_view.numbers(shown_place(mapped)) == [
        ("Above it", "50.0 % of the picture"),
        ("Box", "1, 2 to 7, 5"),
        ("Largest part", "28.1 % of the picture"),
    ]
    mapped.select(truth=(1, 1, 3, 3))
    located(mapped, Agreement(iou=0.25, hit=False, near=True, energy=0.6))
    said = dict(place_view.numbers(shown_place(mapped)))
    assert said["IoU with yours"] == "0.25" and said["Highest point"] == "within 15 px"
    assert said["Energy inside"] == "60.0 %"
    shown = {label.text() for label in section.numbers.findChildren(ElidedLabel)}
    assert {"0.25", "within 15 px", "60.0 %"} <= shown
    section.clear.click()
    assert mapped.selection.truth is None


def test_a_map_that_is_not_complete_has_no_place_yet(section, mapped):
    mapped.show(place_view="box")
    mapped.found("heatmap", dataclasses.replace(mapped.finding("heatmap"), status="stopped"))
    assert section._why.isVisible() and "complete" in section._why.text()


@pytest.mark.parametrize("view", ["contour", "box", "mask"])
def test_the_place_is_drawn_over_both_pictures(box, mapped, view):
    panes = box._panes[:2]
    before = [pane.grab().toImage() for pane in panes]
    mapped.show(place_view=view)
    located(mapped)
    assert all(pane.grab().toImage() != old for pane, old in zip(panes, before, strict=True))
    mapped.select(image=ImageRef(path="other.png"))
    assert shown_place(mapped) is None


def test_a_box_is_drawn_by_the_hand_and_leaves_with_the_picture(box, mapped, qtbot):
    mapped.show(drawing_box=True)
    surface = box._panes[0].surface
    start, end = (surface.to_screen(*spot).toPoint() for spot in ((1.2, 2.2), (5.8, 6.8)))
    view = surface.viewport()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, (start + end) / 2)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    assert mapped.selection.truth == (1, 2, 6, 7)
    assert not mapped.display.drawing_box
    mapped.select(image=ImageRef(path="other.png"))
    assert mapped.selection.truth is None


def test_a_click_draws_no_box(box, mapped, qtbot):
    mapped.show(drawing_box=True)
    surface = box._panes[0].surface
    qtbot.mouseClick(surface.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    assert mapped.selection.truth is None and mapped.display.drawing_box


def test_the_crop_is_what_lies_in_the_box(box, mapped):
    assert box.export().crop is None
    mapped.show(place_view="mask")
    located(mapped)
    assert box.export().crop.shape == (3, 6, 3)
    mapped.show(place_view="off")
    assert box.export().crop is None


def test_the_button_of_the_map_marks_the_place_and_the_section_comes_into_sight(mapped, qtbot):
    area = QScrollArea()
    qtbot.addWidget(area)
    inner = QWidget()
    column = QVBoxLayout(inner)
    above = QWidget()
    above.setFixedHeight(900)
    section = PlaceSection(mapped)
    column.addWidget(above)
    column.addWidget(section)
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.resize(300, 400)
    with qtbot.waitExposed(area):
        area.show()
    box = MapBox(mapped)
    qtbot.addWidget(box)
    box.place.click()
    assert mapped.display.place_view == "box"
    qtbot.waitUntil(lambda: not section.view.visibleRegion().isEmpty())
    box.place.click()
    assert mapped.display.place_view == "off"
