"""The attack page through the hand: what its slider stands for."""

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.request import Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.panels.attack.page import AttackPage
from cnnviz_gui.panels.controls import Segmented
from cnnviz_gui.panels.curve_plot import EpsilonPlot
from cnnviz_gui.state.finding import Finding
from tests.state.test_attack_plan import FreeParams
from tests.state.test_plan import BallParams


@pytest.fixture
def page(qtbot, state):
    import numpy as np

    state.select(stage="attack", attack_method="pgd", attack_parameters=BallParams())
    seen = np.full((32, 32, 3), 200, np.uint8)
    prediction = Prediction(scores=(Score(0, "cat", 0.5, 1.0),), seen=seen, enlarged="")
    request = Predict(model=state.selection.model, image=state.selection.image)
    state.found("predict", Finding().finished(request, prediction))
    made = AttackPage(state)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


def slider(page):
    found = page.findChildren(Segmented)
    return next(one for one in found if one.accessibleName() == "What the slider does")


def choose(page, word):
    (button,) = [b for b in slider(page).buttons() if b.text() == word]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_slider_is_epsilon_or_a_scale_as_chosen(page, state):
    plot = page.findChild(EpsilonPlot)
    assert plot.value_text() == "4 / 255"
    choose(page, "Scaled")
    assert state.selection.attack_scaled and plot.value_text() == "1 ×"
    plot.moved.emit(0.5)
    assert state.selection.attack_scale == 0.5
    assert state.selection.attack_parameters == BallParams()
    choose(page, "Anew")
    plot.moved.emit(2.5)
    assert state.selection.attack_parameters == BallParams(epsilon=2.5)
    assert state.selection.attack_started


def test_what_has_no_epsilon_leaves_no_choice(page, state):
    state.select(attack_method="free", attack_parameters=FreeParams())
    assert not slider(page).isVisible()
    plot = page.findChild(EpsilonPlot)
    assert plot.isEnabled() and plot.value_text() == "1 ×"
    assert "norm" not in page._summary.text()
    state.select(attack_parameters=dataclasses.replace(FreeParams(), steps=3))
    assert "3 steps" in page._summary.text()
