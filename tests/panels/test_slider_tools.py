"""What stands beside the slider of an attack."""

from dataclasses import dataclass

import pytest

from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.panels.attack.slider_tools import SliderTools


@dataclass(frozen=True, slots=True)
class Three(Params):
    epsilon: float = number(2.0, 0.0, 64.0, help="Budget.")
    norm: str = choice("linf", {"linf": "L∞", "l2": "L2", "l1": "L1"}, help="Norm.")


@dataclass(frozen=True, slots=True)
class Two(Params):
    epsilon: float = number(2.0, 0.0, 64.0, help="Budget.")
    norm: str = choice("linf", {"linf": "L∞", "l2": "L2"}, help="Norm.")


@pytest.fixture
def tools(qtbot, state):
    made = SliderTools(state)
    qtbot.addWidget(made)
    state.select(stage="attack", attack_parameters=Three())
    return made


def test_the_norm_that_is_clicked_is_chosen(tools, state):
    tools._norm.buttons()[2].click()
    assert state.selection.attack_parameters.norm == "l1"


def test_a_norm_that_the_method_has_no_more_is_not_taken(tools, state):
    """A click between the change of the method and the turn in which the tools follow it."""
    last = tools._norm.buttons()[2]
    state.select(attack_parameters=Two())
    last.setEnabled(True)  # as it still is
    last.click()
    assert state.selection.attack_parameters == Two()
    assert not last.isEnabled() and tools._norm.buttons()[0].isChecked()
