"""What is said of the price of borders and of a plane before they are begun."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core import registry
from cnnviz_gui.core.border_requests import BorderParams
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.plane_requests import PlaneParams
from cnnviz_gui.core.request import Heatmap
from cnnviz_gui.state import pass_cost
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding
from tests.state import test_border_view

THIN = "\u2009"


@pytest.fixture
def state():
    made = test_border_view.ready()
    made.share(methods=registry.methods("attack"))
    made.choose_method("attack", "bim")
    made.select(borders_started=False)
    return made


def predicted(state, seconds):
    known = state.finding("predict")
    value = dataclasses.replace(known.value, seconds=seconds)
    state.found("predict", Finding().finished(known.request, value))


def test_nothing_is_said_before_there_is_a_picture():
    assert pass_cost.of_plane(AppState()) == pass_cost.of_borders(AppState()) == ""


def test_the_points_of_a_plane_and_its_attack_are_counted(state):
    steps = state.selection.attack_parameters.steps
    assert pass_cost.of_plane(state) == f"It takes about 4{THIN}{225 + 2 * steps} passes."
    state.select(plane_parameters=PlaneParams(points="17", across="class"))
    assert pass_cost.of_plane(state) == f"It takes about {289 + 3 * steps} passes."


def test_the_rows_of_the_borders_are_counted(state):
    steps = state.selection.attack_parameters.steps
    state.select(border_parameters=BorderParams(classes=2))
    assert pass_cost.of_borders(state) == f"It takes up to {2 * 14 * steps} passes."
    state.select(borders_by="attacks", border_attacks=("bim", "fgsm", "deepfool"))
    assert pass_cost.of_borders(state) == f"It takes up to {14 * steps + 14} passes."


def test_the_time_is_told_by_what_was_computed_before(state):
    state.select(border_parameters=BorderParams(classes=1))
    work = 3 * 14 * state.selection.attack_parameters.steps
    predicted(state, 60 / work)
    assert pass_cost.of_borders(state).endswith(" passes, about 1 min.")
    asked = Heatmap(
        model=state.selection.model, image=state.selection.image, method="m", parameters=Params()
    )
    found = HeatmapResult(
        method="m", layer="", target=test_border_view.CAT, map=np.zeros((2, 2), np.float32),
        coarse=None, signed=False, seconds=1e-6,
    )  # fmt: skip
    state.found("heatmap", Finding().finished(asked, found))
    said = pass_cost.of_borders(state)
    assert said.endswith(" passes, about 1 min."), "its passes are not counted"
    predicted(state, 1e-6)
    assert pass_cost.of_borders(state).endswith(" passes, a few seconds.")


def test_what_was_timed_on_another_device_tells_no_time(state):
    predicted(state, 1e-6)
    former = state.finding("predict").value
    pass_cost.forget_paces(state, ())
    assert pass_cost.of_borders(state).endswith(" passes.")
    predicted(state, 1e-6)
    assert pass_cost.of_borders(state).endswith(" passes, a few seconds.")
    state.found("predict", Finding().finished(state.finding("predict").request, former))
    pass_cost.forget_paces(AppState(), [former])
    assert pass_cost.of_borders(state).endswith(" passes."), "nor when it comes back"
