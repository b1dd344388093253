"""The microscope's card and window, and the pictures of numbers they are made of."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTableView

from cnnviz_gui.core.layer_requests import ExamineCell
from cnnviz_gui.core.layer_results import CellArithmetic
from cnnviz_gui.core.request import ChannelEdit, InspectLayer
from cnnviz_gui.core.result import LayerMaps
from cnnviz_gui.panels.controls import BusyArc, Button, ElidedLabel, FailureCard, IconButton, Label
from cnnviz_gui.panels.layers.cell_card import CellCard
from cnnviz_gui.panels.layers.cell_window import CellWindow
from cnnviz_gui.panels.layers.formula import Formula
from cnnviz_gui.panels.layers.number_picture import NumberPicture
from cnnviz_gui.panels.layers.step_line import StepLine, _width
from cnnviz_gui.state import cell_view
from cnnviz_gui.state.finding import Finding, Problem

PATCH = np.array([[[1.0, 2.0], [0, 0]], [[3.0, 0.0], [1, 1]]], np.float32)
KERNEL = np.array([[[0.5, 0.25], [1, 1]], [[-2.0, 9.0], [-1, 0]]], np.float32)


def find(state, shown=-6.0):
    """Let the cell at row 1, column 0 of channel 2 be examined."""
    state.select(channel=2, cell=(1, 0))
    request = ExamineCell(
        model=state.selection.model, image=state.selection.image, layer="stem", channel=2,
        row=1, column=0,
    )  # fmt: skip
    result = CellArithmetic(
        layer="stem", channel=2, row=1, column=0, source="act", patch=PATCH, kernel=KERNEL,
        first_channel=0, corner=(0, 0), dilation=(1, 1), sum=-6.0, bias=None, norm=None,
        activation="", value=-6.0, factor=1.0, shown=shown,
    )  # fmt: skip
    state.found("cell", Finding().finished(request, result))


@pytest.fixture
def card(qtbot, state):
    state.select(stage="layers")
    made = CellCard(state)
    qtbot.addWidget(made)
    made.resize(330, 320)
    made.show()
    return made


def texts(card):
    labels = [*card.findChildren(Label), *card.findChildren(ElidedLabel)]
    return {label.text() for label in labels if label.isVisible()}


def button(card, name):
    return next(one for one in card.findChildren(IconButton) if name in one.accessibleName())


def test_without_a_cell_it_says_what_to_do(card):
    assert "Click a cell of a map to see what it is made of." in texts(card)
    assert not card.findChild(Formula).isVisible()


def test_the_arithmetic_of_a_cell(card, state):
    find(state)
    assert card.findChild(Formula).isVisible()
    assert {"row 1, column 0", "input 1, 1 of 2 by size"} <= texts(card)
    assert any(text.endswith("= −7.00") for text in texts(card))
    said = card.findChild(StepLine).accessibleDescription()
    assert said == "sum −6.00, map −6.00"


def test_arrows_go_through_the_input_channels(qtbot, card, state):
    find(state)
    assert not button(card, "before").isEnabled()
    qtbot.keyClick(card, Qt.Key.Key_Right)
    assert "input 0, 2 of 2 by size" in texts(card)
    assert not button(card, "next").isEnabled()
    qtbot.keyClick(card, Qt.Key.Key_Right)
    assert "input 0, 2 of 2 by size" in texts(card)
    qtbot.mouseClick(button(card, "before"), Qt.MouseButton.LeftButton)
    assert "input 1, 1 of 2 by size" in texts(card)


def test_a_product_is_told_and_marked_in_every_picture(card, state):
    find(state)
    pictures = card.findChild(Formula).pictures
    pictures[1].hovered.emit((0, 0))
    assert "3.00 × −2.00 = −6.00" in texts(card)
    assert [picture.marked for picture in pictures] == [(0, 0)] * 3
    pictures[1].hovered.emit(None)
    assert "3.00 × −2.00 = −6.00" not in texts(card)
    assert [picture.marked for picture in pictures] == [None] * 3


def test_the_strongest_cell_can_be_asked_for(qtbot, card, state):
    maps = np.zeros((3, 2, 2), np.float32)
    maps[1, 1, 0] = 7.0
    request = InspectLayer(model=state.selection.model, image=state.selection.image, layer="stem")
    result = LayerMaps(layer="stem", maps=maps, filters=None, bias=None)
    state.found("layer", Finding().finished(request, result))
    qtbot.mouseClick(card.findChild(Button), Qt.MouseButton.LeftButton)
    assert (state.selection.channel, state.selection.cell) == (1, (1, 0))


def test_a_layer_that_is_no_convolution(card, state):
    facts = state.shared.facts
    pool = dataclasses.replace(facts.layers[0], name="pool", groups=None, role="pool")
    state.share(facts=dataclasses.replace(facts, layers=(*facts.layers, pool)))
    state.select(layer="pool")
    assert any("pool is no convolution" in text for text in texts(card))
    assert not card.findChild(Button).isVisible()


def test_a_failure_is_said(card, state):
    state.select(channel=0, cell=(0, 0))
    state.found("cell", Finding().failed(Problem("No.", "Try another.")))
    assert card.findChild(FailureCard).isVisible()
    state.select(cell=None)
    assert not card.findChild(FailureCard).isVisible()


def test_nothing_is_drawn_on_another_stage(card, state):
    state.select(stage="attack")
    find(state)
    assert not card.findChild(Formula).isVisible()
    state.select(stage="layers")
    assert card.findChild(Formula).isVisible()


def test_all_numbers_in_a_window_to_copy(qtbot, card, state):
    find(state)
    qtbot.keyClick(card, Qt.Key.Key_Return)
    window = card.findChild(CellWindow)
    assert window.isVisible()
    assert window.height() < 600
    table = window.findChild(QTableView)
    model = table.model()
    cells = [[model.index(row, c).data() for c in range(2)] for row in range(model.rowCount())]
    assert cells == [["channel 1", "−7.00"], ["channel 0", "1.00"]]
    table.selectRow(1)
    said = window.findChild(Formula).pictures[0].accessibleDescription()
    assert said == "1.0  2.0; 0  0"
    qtbot.mouseClick(window.findChild(Button), Qt.MouseButton.LeftButton)
    assert "1\t0\t0\t3\t-2\t-6" in QGuiApplication.clipboard().text()
    window.close()


def test_the_window_dims_what_is_no_longer_in_use(qtbot, card, state):
    find(state)
    qtbot.keyClick(card, Qt.Key.Key_Return)
    window = card.findChild(CellWindow)
    pictures = window.findChild(Formula).pictures

    def left():
        said = any("no longer in use" in text for text in texts(window))
        assert window.findChild(StepLine).stale == said
        qtbot.waitUntil(lambda: {one._dimming.opacity < 1 for one in pictures} == {said})
        return said

    assert not left()
    window.findChild(QTableView).selectRow(1)
    state.select(flip_wanted=True)
    state.select(stage="attack")
    state.select(stage="layers")
    assert not left() and window.findChild(QTableView).currentIndex().row() == 1
    state.select(cell=None)
    assert left()
    find(state)
    assert not left()
    state.select(stage="attack")
    state.select(image=dataclasses.replace(state.selection.image, path="other.png"))
    assert left()
    window.close()


def test_no_step_is_cut_in_a_narrow_card(qtbot):
    line = StepLine()
    qtbot.addWidget(line)
    numbers = {"sum": 10.8, "norm": 7.31, "ReLU6": 6.0, "map": 6.0, "× 0": 0.0}
    made = [cell_view.CellStep(name, number, "", name == "map") for name, number in numbers.items()]
    line.set_steps(made, agrees=True)
    line.resize(224, 36)
    for step, place in zip(made, line._places(), strict=True):
        assert place.width() >= _width(step), step.title
    assert line._places()[-1].right() < line.width()


def test_silencing_the_channel_ends_in_nothing(card, state):
    find(state)
    state.select(edits=(ChannelEdit(layer="stem", channel=2),))
    line = card.findChild(StepLine)
    assert line.accessibleDescription() == "sum −6.00, map −6.00, × 0 0"
    state.select(edits=())
    assert line.accessibleDescription() == "sum −6.00, map −6.00"


def test_a_difference_is_marked(qtbot, card, state):
    find(state)
    assert card.findChild(StepLine).agrees
    find(state, shown=-5.0)
    assert not card.findChild(StepLine).agrees


@pytest.mark.parametrize("shape", [(3, 3), (1, 7), (7, 1), (1, 1), (11, 11)])
def test_every_cell_of_a_picture_can_be_pointed_at(qtbot, shape):
    picture = NumberPicture("Patch")
    qtbot.addWidget(picture)
    picture.resize(120, 120)
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    picture.set_values(values, "viridis", 0.0, float(values.max()))
    place = picture.place()
    assert picture.rect().contains(place)
    found = {
        picture.cell_at(QPoint(x, y))
        for x in range(place.left(), place.right() + 1)
        for y in range(place.top(), place.bottom() + 1)
    }
    assert found == {(r, c) for r in range(shape[0]) for c in range(shape[1])}
    assert picture.cell_at(place.bottomRight() + QPoint(1, 1)) is None


def test_numbers_are_written_where_all_of_them_fit(card, state):
    find(state)
    formula = card.findChild(Formula)
    formula.resize(400, 140)
    assert all(picture.numbers_fit() and picture.written for picture in formula.pictures)
    shown = cell_view.shown_cell(state)
    patch, kernel = np.ones((1, 3, 3), np.float32), np.full((1, 3, 3), -0.125, np.float32)
    result = dataclasses.replace(shown.result, patch=patch, kernel=kernel)
    formula.show_channel(dataclasses.replace(shown, result=result, products=patch * kernel), 0)
    formula.resize(290, 110)  # room for 1.0, but not for −0.12
    assert [picture.numbers_fit() for picture in formula.pictures] == [True, False, False]
    assert not any(picture.written for picture in formula.pictures)


def test_an_arc_turns_while_a_cell_is_being_examined(card, state):
    busy = card.findChild(BusyArc)
    assert not busy.isVisible()
    state.select(channel=0, cell=(0, 0))
    state.found("cell", Finding().waiting(None))
    assert busy.isVisible()
    find(state)
    assert not busy.isVisible()


def test_the_window_follows_the_chosen_cell(card, state):
    find(state)
    card.enlarge()
    window = card.findChild(CellWindow)
    find(state, shown=-5.0)
    assert not window.findChild(StepLine).agrees
    window.close()
