import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.layer_requests import Contributions
from cnnviz_gui.core.layer_results import ChannelContributions, EditedPrediction
from cnnviz_gui.core.request import ChannelEdit, InspectLayer, ModelRef, Predict
from cnnviz_gui.core.result import LayerMaps, Prediction
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.class_picker import ClassPicker
from cnnviz_gui.panels.controls import Label, ProbabilityBar
from cnnviz_gui.panels.edits_line import EditsLine
from cnnviz_gui.panels.prediction_panel import PredictionPanel
from cnnviz_gui.state.finding import Finding, Problem


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


@pytest.fixture
def panel(qtbot, state) -> Iterator[PredictionPanel]:
    made = PredictionPanel(state)
    qtbot.addWidget(made)
    qtbot.addWidget(made.header)  # it goes into the bar of a dock
    made.show()
    yield made


def test_who_has_a_photograph_is_not_asked_for_one_while_it_is_looked_at(panel, state):
    empty = panel._empty
    state.share(starting="")
    state.found("predict", Finding())
    assert state.selection.image is not None and not empty.isVisible()
    state.select(image=None)
    assert empty.isVisible()
    state.found("predict", Finding().failed(Problem("It is cut off.")))
    assert empty.isVisible() and "cut off" in empty.text()


def edited(state):
    edits = state.selection.edits
    request = Predict(model=state.selection.model, image=state.selection.image, edits=edits)
    after = (Score(0, "cat", 0.9, 2.0), Score(1, "dog", 0.1, 0.0))
    before = (Score(1, "dog", 0.7, 2.0), Score(0, "cat", 0.3, 1.0))
    value = EditedPrediction(
        scores=after, before=before, seen=np.zeros((4, 4, 3), np.uint8), seconds=0.02
    )
    return Finding().finished(request, value)


def test_bars_react_to_a_silenced_channel_and_one_click_restores_all(panel, state, qtbot):
    state.found("predict", predicted(state))
    line = panel.findChild(EditsLine)
    assert not line.isVisible()
    state.select(edits=(ChannelEdit(layer="stem", channel=0), ChannelEdit(layer="stem", channel=2)))
    state.found("predict-edited", edited(state))
    bars = [bar for bar in panel.findChildren(ProbabilityBar) if bar.isVisible()]
    assert line.isVisible() and line.chip.text() == "2 channels silenced"
    assert line.chip.toolTip() == "stem, 0: silenced\nstem, 2: silenced"
    said = "cat, 90.0 % with channels edited, 30.0 % without, the target"
    assert bars[0].accessibleName() == said
    qtbot.mouseClick(line.restore, Qt.MouseButton.LeftButton)
    assert state.selection.edits == ()
    assert not line.isVisible()
    assert bars[0].accessibleName() == "dog, 70.0 %, the target"


def test_the_mark_stands_where_the_bar_ended(panel, state, qtbot):
    state.found("predict", predicted(state))
    state.select(edits=(ChannelEdit(layer="stem", channel=0),))
    state.found("predict-edited", edited(state))
    bar = next(bar for bar in panel.findChildren(ProbabilityBar) if bar.isVisible())
    image = bar.grab().toImage()
    ratio = image.width() / bar.width()
    at = QPoint(round(0.3 * (bar.width() - 2)) + 1, 23)
    assert image.pixelColor(at * ratio) == theme.color("text1")


def test_the_target_says_which_winner_it_is_where_edits_change_it(panel, state):
    picker = panel.findChild(ClassPicker)
    state.found("predict", predicted(state))
    state.select(edits=(ChannelEdit(layer="stem", channel=0),), stage="heatmaps")
    assert picker.text_shown() == "Winner: dog"
    state.found("predict-edited", edited(state))
    assert picker.text_shown() == "Winner now: cat"
    aimed = [bar.accessibleName().endswith("the target") for bar in panel._bars.bars[:2]]
    assert aimed == [True, False]
    state.select(stage="attack")
    assert picker.text_shown() == "Winner before: dog"
    state.select(stage="layers")
    chosen = {"model": state.selection.model, "image": state.selection.image, "layer": "stem"}
    maps = LayerMaps(layer="stem", maps=np.zeros((3, 2, 2), np.float32), filters=None, bias=None)
    state.found("layer", Finding().finished(InspectLayer(**chosen), maps))
    value = ChannelContributions(
        layer="stem", target=Score(1, "dog", 0.7, 2.0), values=np.zeros(3, np.float32)
    )
    state.found("contributions", Finding().finished(Contributions(**chosen), value))
    assert picker.text_shown() == "Winner before: dog"
    state.select(edits=())
    assert picker.text_shown() == "Winner: dog"


def test_that_an_edit_is_refused_is_said(panel, state):
    state.found("predict", predicted(state))
    state.select(edits=(ChannelEdit(layer="stem", channel=9),))
    problem = Problem("'stem' has no channel 9.", "Choose one from 0 to 2.")
    state.found("predict-edited", Finding().failed(problem))
    said = [label.text() for label in panel.findChildren(Label) if label.isVisible()]
    assert "'stem' has no channel 9. Choose one from 0 to 2." in said


def test_a_warning_stands_clear_of_the_bars_and_takes_no_room_from_the_target(qtbot, panel, state):
    panel.resize(282, 300)
    state.found("predict", predicted(state))
    first = panel._bars.bars[0]
    qtbot.waitUntil(first.isVisible)
    roomy = first.height()
    state.share(facts=dataclasses.replace(state.shared.facts, trained=False))
    warning = panel._untrained
    assert warning.isVisible() and warning.contentsMargins().bottom() == theme.INSIDE
    qtbot.waitUntil(lambda: 5 * (roomy - first.height()) >= warning.height())


def test_what_the_bars_and_their_changes_are_called_stands_in_one_line(panel):
    words = panel._legend.findChildren(Label)
    assert len(words) == 3
    assert all(word.alignment() & Qt.AlignmentFlag.AlignVCenter for word in words)
