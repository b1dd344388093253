"""Layers of one number a channel: a list with names and bars instead of flat squares."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from cnnviz_gui.core.request import InspectLayer, ModelRef
from cnnviz_gui.core.result import LayerMaps
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.layers.maps_box import MapsBox
from cnnviz_gui.panels.layers.vector_list import VectorList
from cnnviz_gui.state import layer_view
from cnnviz_gui.state.finding import Finding

VALUES = np.float32([1.5, -2, 0, 6, 3])
NAMES = ("cat", "dog", "cup", "owl", "fox")


@pytest.fixture
def shown(qtbot):
    made = VectorList()
    qtbot.addWidget(made)
    made.resize(400, 200)
    made.show()
    made.set_values(VALUES, np.argsort(-VALUES), [f"{v:.1f}" for v in VALUES], NAMES)
    return made


@pytest.fixture
def outputs(network):
    """A network that ends in a linear layer of five classes."""
    (conv,) = network.layers
    head = dataclasses.replace(
        conv, name="head", role="linear", output_shape=(5,), jump=None, receptive_field=None
    )
    softmax = dataclasses.replace(head, name="softmax", role="activation", parameters=0)
    return dataclasses.replace(network, labels=NAMES, layers=(conv, head, softmax))


@pytest.fixture
def box(qtbot, state, outputs):
    state.use_network(ModelRef(name="five"), outputs)
    state.select(stage="layers", layer="head")
    made = MapsBox(state)
    for part in (made, made.options):
        qtbot.addWidget(part)
    made.resize(500, 400)
    made.show()
    chosen = state.selection
    request = InspectLayer(model=chosen.model, image=chosen.image, layer="head")
    value = LayerMaps(layer="head", maps=VALUES[:, None, None], filters=None, bias=None)
    state.found("layer", Finding().finished(request, value))
    return made


def columns(widget, channel, token):
    """Return the columns in which a row bears a colour."""
    picture, rect = widget.viewport().grab().toImage(), widget.row_rect(channel)
    colour = theme.color(token).rgb()
    y = rect.center().y()
    return [x for x in range(rect.width()) if picture.pixelColor(x, y).rgb() == colour]


def test_bars_grow_from_zero_to_both_sides_on_one_scale(shown):
    up, down, half = (columns(shown, channel, "clean") for channel in (3, 1, 4))
    assert min(up) > max(down)
    assert len(up) == pytest.approx(3 * len(down), abs=4)
    assert len(up) == pytest.approx(2 * len(half), abs=4)


def test_the_arrows_move_in_the_order_of_display(shown):
    heard = []
    shown.selected.connect(heard.append)
    keys = Qt.Key
    for key in (keys.Key_Down, keys.Key_Down, keys.Key_End, keys.Key_Up, keys.Key_Home):
        QTest.keyClick(shown, key)
    assert heard == [3, 4, 1, 2, 3]
    assert shown.accessibleDescription() == "owl, channel 3, value 6.00000, 1 of 5"


def test_a_click_chooses_and_the_tooltip_tells_the_exact_value(shown):
    heard = []
    shown.pressed.connect(heard.append)
    at = shown.row_rect(1).center()
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert shown.current() == 1 and heard == [(1, 0, 0, -2.0)]
    event = QHelpEvent(QEvent.Type.ToolTip, at, shown.viewport().mapToGlobal(at))
    QApplication.sendEvent(shown.viewport(), event)
    assert QToolTip.text() == "dog\nchannel 1\nvalue −2.00000"


def test_only_what_is_in_sight_is_painted(shown):
    many = np.linspace(1, 0, 4096, dtype=np.float32)
    asked = set()

    class Said(tuple):
        def __getitem__(self, channel):
            asked.add(channel)
            return "0"

    shown.set_values(many, np.arange(4096), Said())
    shown.viewport().grab()
    assert 5 < len(asked) < 12
    shown.set_current(4000)
    assert shown.viewport().rect().contains(shown.row_rect(4000))


def test_a_layer_of_single_numbers_is_a_list_with_the_names_of_the_classes(box, state):
    vector = box._vector
    assert vector.isVisible() and not box._clean.isVisible()
    assert vector.told(3)[0] == "owl"
    assert vector.current() == 3
    assert box._head._caption.text() == "5 numbers · −2.00 to 6.00"
    assert not box._options._more.isVisibleTo(box._options)
    QTest.mouseClick(
        vector.viewport(), Qt.MouseButton.LeftButton, pos=vector.row_rect(1).center() + QPoint(3, 0)
    )
    assert (state.selection.channel, state.selection.cell) == (1, (0, 0))


def test_names_are_of_the_output_alone(state, outputs):
    state.use_network(ModelRef(name="five"), outputs)
    conv, head, softmax = outputs.layers
    assert layer_view.names(state, head) == layer_view.names(state, softmax) == NAMES
    assert layer_view.names(state, conv) == ()
    more = dataclasses.replace(outputs, layers=(conv, head, dataclasses.replace(head, name="on")))
    state.use_network(ModelRef(name="six"), more)
    assert layer_view.names(state, head) == ()
