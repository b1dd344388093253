import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.request import ModelRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.panels.class_picker import ClassPicker
from cnnviz_gui.panels.prediction_panel import PredictionPanel
from cnnviz_gui.state.finding import Finding


@pytest.fixture
def picker(qtbot, state) -> Iterator[ClassPicker]:
    panel = PredictionPanel(state)
    qtbot.addWidget(panel)
    panel.show()
    yield panel.findChild(ClassPicker)


def predicted(state):
    request = Predict(model=state.selection.model, image=state.selection.image)
    scores = (Score(1, "dog", 0.7, 2.0), Score(0, "cat", 0.3, 1.0))
    seen = np.zeros((4, 4, 3), np.uint8)
    return Finding().finished(request, Prediction(scores=scores, seen=seen))


def test_the_open_list_of_classes_outlasts_results(picker, state):
    picker.open()
    view = picker.popup.view
    view.setCurrentIndex(picker.popup.model.index(2))
    state.found("predict", predicted(state))
    state.select(stage="attack")
    assert picker.popup.isVisible()
    assert view.currentIndex().data() == "dog"
    assert picker.text_shown() == "Winner: dog"


def test_another_network_brings_its_classes(picker, state, network):
    state.use_network(ModelRef(name="b"), dataclasses.replace(network, labels=("ape", "bee", "ox")))
    model = picker.popup.model
    listed = [model.index(row).data() for row in range(model.rowCount())]
    assert listed == ["Winner", "ape", "bee", "ox"]
