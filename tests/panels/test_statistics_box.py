"""Statistics as the hand finds them: the layer in use, the network, the pictures."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.layer_requests import ActivationStatistics
from cnnviz_gui.core.layer_results import LayerActivity, NetworkActivity
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.panels.layers.activity_card import links
from cnnviz_gui.panels.layers.histogram import Histogram
from cnnviz_gui.panels.layers.network_axis import outermost, round_marks
from cnnviz_gui.panels.layers.network_plot import NetworkPlot
from cnnviz_gui.panels.layers.statistics_box import StatisticsBox
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding, Problem

ASKED = ActivationStatistics(model=ModelRef(name="net"), images=(ImageRef(path="a.png"),))
NAMES = ("stem", "body", "head")


def activity(name: str, mean: float = 0.1) -> LayerActivity:
    return LayerActivity(
        layer=name, counts=np.float32([0.25, 0.5, 0.25]), low=-1.5, high=1.5, least=-1.4,
        most=1.2, mean=mean, std=0.5, zeros=0.2, dead=(1, 3), channels=8,
        channel_means=np.zeros(8, np.float32),
    )  # fmt: skip


def result(**changes: object) -> NetworkActivity:
    layers = tuple(activity(name, 0.1 * place) for place, name in enumerate(NAMES))
    made = NetworkActivity(layers=layers, looked_at=3, total=3)
    return dataclasses.replace(made, **changes)


@pytest.fixture
def state(network: ModelFacts) -> AppState:
    rows = tuple(dataclasses.replace(network.layers[0], name=name) for name in NAMES)
    made = AppState()
    facts = dataclasses.replace(network, layers=rows, recommended_layer="head")
    made.use_network(ModelRef(name="net"), facts)
    made.select(image=ImageRef(path="a.png"), stage="layers")
    made.show(layer_view="statistics")
    return made


@pytest.fixture
def box(state: AppState, qtbot: QtBot) -> StatisticsBox:
    box = StatisticsBox(state)
    for part in (box, box.options):
        qtbot.addWidget(part)
    box.resize(900, 560)
    box.show()
    return box


def find(state: AppState, value: NetworkActivity) -> None:
    state.found("statistics", Finding().finished(ASKED, value))


def test_the_layer_in_use_is_told_and_marked(state: AppState, box: StatisticsBox) -> None:
    find(state, result())
    plot = box.findChild(NetworkPlot)
    assert box._card.title.text() == "head"
    assert "head, mean 0.200" in plot.accessibleDescription()
    state.select(layer="stem")
    assert box._card.title.text() == "stem"
    assert "stem, mean 0" in plot.accessibleDescription()


def test_a_click_in_the_plot_chooses_a_layer(
    state: AppState, box: StatisticsBox, qtbot: QtBot
) -> None:
    find(state, result())
    plot = box.findChild(NetworkPlot)
    at = plot.place_of("body").toPoint()
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
    assert state.selection.layer == "body"
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert state.selection.layer == "stem"
    qtbot.keyClick(plot, Qt.Key.Key_Left)  # the first stays
    assert state.selection.layer == "stem"
    qtbot.keyClick(plot, Qt.Key.Key_End)
    assert state.selection.layer == "head"
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(3, at.y()))  # beside the layers
    assert state.selection.layer == "head"


def test_the_number_of_a_dead_channel_chooses_it(state: AppState, box: StatisticsBox) -> None:
    find(state, result())
    assert 'href="3"' in box._card._dead.text()
    box._card._dead.linkActivated.emit("3")
    assert state.selection.channel == 3


def test_thousands_of_dead_channels_are_not_all_written_out() -> None:
    said = links(tuple(range(2048)))
    assert said.count("<a ") == 300 and said.endswith("and 1748 more")


def test_a_kind_of_layers_is_chosen(state: AppState, box: StatisticsBox) -> None:
    find(state, result())
    words = [box.options.itemText(place) for place in range(box.options.count())]
    assert words == ["Every layer", "Blocks (3)", "Conv2d (3)"]
    box.options.setCurrentIndex(2)
    box.options.activated.emit(2)
    assert state.display.statistics_of == "Conv2d"
    state.show(statistics_of="Mish")  # of another network
    assert box.options.currentIndex() == 0
    assert box.findChild(NetworkPlot).place_of("stem") is not None


def test_the_folder_is_asked_for_and_left(
    state: AppState, box: StatisticsBox, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(box.folder_wanted):
        qtbot.mouseClick(box._source, Qt.MouseButton.LeftButton)
    assert not box._back.isVisible()
    state.select(layer_folder="/home/cats")
    assert box._source.text() == "cats"
    qtbot.mouseClick(box._back, Qt.MouseButton.LeftButton)
    assert state.selection.layer_folder == ""


def test_what_was_stopped_goes_on(state: AppState, box: StatisticsBox, qtbot: QtBot) -> None:
    waiting = Finding().waiting(ASKED)
    state.found("statistics", waiting.partial(ASKED, result(looked_at=2)).stopped())
    assert box._stopped.isVisible() and "2 of 3" in box._stopped.accessibleName()
    with qtbot.waitSignal(box.again) as again:
        box._stopped.acted.emit()
    assert again.args == ["statistics"]


def test_why_there_is_nothing_is_said(state: AppState, box: StatisticsBox, qtbot: QtBot) -> None:
    state.found("statistics", Finding().failed(Problem("No.", "Do something else.")))
    assert box._failure.isVisible() and box._failure.message.text() == "No."
    with qtbot.waitSignal(box.again):
        box._failure.remedied.emit()


def test_numbers_of_every_layer_are_given_away(state: AppState, box: StatisticsBox) -> None:
    assert box.export() is None
    find(state, result())
    given = box.export()
    assert given is not None and given.request == ASKED
    assert given.array == pytest.approx(
        np.array([[0.1 * place, 0.5, 0.2, 0.25] for place in range(3)]), abs=1e-6
    )
    assert given.picture.ndim == 3 and given.picture.dtype == np.uint8


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (-0.0888, 0.353), (-12.0, 940.0), (-1e-9, 1e-9), (0, 1e-9)]
)
def test_marks_are_few_and_round(low: float, high: float) -> None:
    marks = round_marks(low, high)
    assert 2 <= len(marks) <= 5 and 0.0 in marks
    assert all(low - 1e-12 <= mark <= high + 1e-12 for mark in marks)


def test_names_along_the_axis_are_those_of_blocks() -> None:
    names = ("blocks.3.conv_dw.0", "layer1.0.relu#2", "conv1", "features.7", "fc")
    assert [outermost(name) for name in names] == [
        "blocks.3", "layer1.0", "conv1", "features.7", "fc",
    ]  # fmt: skip


def test_a_folder_without_pictures_asks_for_another_and_dims_what_is_old(
    state: AppState, box: StatisticsBox, qtbot: QtBot
) -> None:
    find(state, result())
    fresh = box._card._histogram.grab().toImage()
    state.select(layer_folder="/empty")
    problem = Problem("There is no picture in empty.", "Choose another folder.")
    state.found("statistics", state.finding("statistics").waiting().failed(problem))
    assert box._card._histogram.grab().toImage() != fresh
    values = [value for _, value in box._card._rows._pairs]
    assert {value.property("tone") for value in values} == {"text3"}
    assert box._failure.remedy.text() == "Choose a folder…"
    with qtbot.waitSignal(box.folder_wanted), qtbot.assertNotEmitted(box.again):
        box._failure.remedy.click()
    state.select(layer_folder="")
    find(state, result())
    assert box._card._histogram._opacity == 1.0


def test_the_ends_of_the_histogram_are_those_of_the_activations(qtbot: QtBot) -> None:
    histogram = Histogram("activations")
    qtbot.addWidget(histogram)
    histogram.resize(300, 100)
    histogram.set_distribution([0.25, 0.5, 0.25], -0.3, 0.3, (-0.25, 0.21))
    labels = histogram._labels()
    assert [text for _, _, text in labels][:: len(labels) - 1] == ["−0.25", "0.21"]
    assert histogram.accessibleDescription() == "From −0.250 to 0.210"
    assert histogram.said_of(1) == "−0.100 to 0.100: 50.0 % of the activations"
