"""What is known of the classes of the picture in use."""

import numpy as np
import pytest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.map_folder_results import HeatmapFolderResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.prediction_view import rival_outlived

MODEL, CAT, CUP = ModelRef(name="net"), ImageRef(path="cat.png"), ImageRef(path="cup.png")


@pytest.fixture
def state():
    made = AppState()
    made.select(model=MODEL, image=CAT)
    predicted(made, CAT, range(10))
    made.select(against=3)
    return made


def predicted(state, image, classes):
    scores = tuple(Score(index, str(index), 0.1, 1.0) for index in classes)
    value = Prediction(scores=scores, seen=np.zeros((4, 4, 3), np.uint8))
    state.found("predict", Finding().finished(Predict(model=MODEL, image=image), value))


def test_a_class_chosen_for_the_picture_in_use_stays_however_unlikely(state):
    state.select(against=500)
    assert not rival_outlived(state)


def test_on_another_picture_it_stays_only_if_both_classes_are_likely(state):
    state.select(image=CUP)
    assert not rival_outlived(state), "nothing is known yet"
    predicted(state, CUP, [*range(20, 29), 3])
    assert not rival_outlived(state)
    state.select(target=7)
    assert rival_outlived(state), "the target is no longer likely"
    state.select(target=None)
    predicted(state, CUP, [*range(20, 30), 3])
    assert rival_outlived(state), "the eleventh"
    state.select(against=5)
    assert not rival_outlived(state), "chosen for this one"


def test_it_stays_for_a_folder_and_for_its_pictures(state):
    folder = FolderRef(path="/p")
    asked = HeatmapFolder(
        model=MODEL, folder=folder, method="saliency", parameters=Params(), against=3
    )
    state.select(stage="heatmaps", folder="/p", image=ImageRef(path="/p/below/a.png"))
    predicted(state, state.selection.image, range(20, 30))
    state.show(heatmap_view="folder")
    assert not rival_outlived(state), "no answer yet"
    found = HeatmapFolderResult(folder=folder, rows=(), total=1, method="saliency", layer="")
    state.found("heatmap-folder", Finding().finished(asked, found))
    state.show(heatmap_view="map")
    assert not rival_outlived(state), "opened from the folder"
    state.select(image=ImageRef(path="/q/a.png"))
    predicted(state, state.selection.image, range(20, 30))
    assert rival_outlived(state)
    state.show(heatmap_view="folder")
    assert not rival_outlived(state), "back in the folder"
