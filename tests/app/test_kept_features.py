"""What was kept is taken back: settings and pictures, without a step made twice."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from cnnviz_gui.app.stage_commands import StageCommands
from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.core.feature_results import FeaturePictures
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state import feature_view
from cnnviz_gui.state.finding import Finding


def pictures(done, steps):
    return FeaturePictures(
        pictures=np.zeros((1, 4, 4, 3), np.float32),
        shown=np.zeros((1, 4, 4, 3), np.uint8),
        opacity=None,
        curve=np.arange(done, dtype=np.float32),
        steps=steps,
        of="channel 1 of head",
        film=np.zeros((0, 1, 1, 3), np.uint8),
    )


@pytest.fixture
def commands(bench, qtbot, monkeypatch):
    execute = bench.computer.execute

    def answer(request, session, ctx):
        if not isinstance(request, Feature):
            return execute(request, session, ctx)
        bench.computer.asked.append(request)
        steps = request.parameters.steps
        return pictures(steps, steps)

    monkeypatch.setattr(bench.computer, "execute", answer)
    bench.begin(qtbot)
    window = QWidget()
    qtbot.addWidget(window)
    made = StageCommands(window, bench.state)
    made._controller, made._gallery = bench.controller, bench.gallery
    bench.state.select(stage="features", layer="head", channel=1, feature_started=True)
    qtbot.waitUntil(lambda: feature_view.phase(bench.state) == "done")
    return made


def asked(bench, request):
    return bench.computer.asked.count(request)


def test_there_must_be_something_to_keep_and_to_take_back(bench, commands):
    bench.state.select(feature_started=False)
    bench.state.found("feature", Finding())
    commands.on_feature_keep()
    assert "no picture to keep" in bench.state.shared.notice.text
    bench.state.share(notice=None)
    commands.on_feature_back()
    assert "is kept" in bench.state.shared.notice.text


def test_a_kept_picture_comes_back_with_its_settings(bench, commands, qtbot):
    request, result = bench.state.finding("feature").request, bench.state.finding("feature").value
    commands.on_feature_keep()
    state = bench.state
    other = FeatureParams(parameterisation="pixel")
    state.select(channel=2, feature_parameters=other, feature_started=True)
    qtbot.waitUntil(lambda: feature_view.phase(state) == "done")
    state.select(stage="heatmaps")
    commands.on_feature_back()
    qtbot.waitUntil(lambda: not bench.engine.busy)
    found = state.finding("feature")
    assert (found.status, found.value) == ("done", result)
    assert feature_view.wanted(state) == request
    assert asked(bench, request) == 1
    commands.on_feature_keep()
    assert state.shared.kept_features is None


def test_what_was_kept_half_made_waits_to_be_gone_on_with(bench, commands, qtbot):
    state = bench.state
    parameters = dataclasses.replace(FeatureParams(), steps=200)
    state.select(feature_parameters=parameters, feature_started=False)
    request = feature_view.wanted(state)
    state.found("feature", Finding("stopped", request, pictures(40, 200), asked=request))
    commands.on_feature_keep()
    state.select(channel=3)
    commands.on_feature_back()
    assert feature_view.phase(state) == "paused"
    assert feature_view.shown(state).result.done == 40
    commands.on_make_feature()
    qtbot.waitUntil(lambda: feature_view.phase(state) == "done")
    assert asked(bench, request) == 1


def test_the_network_is_opened_again_first(bench, commands, qtbot):
    state = bench.state
    request = state.finding("feature").request
    commands.on_feature_keep()
    bench.controller.choose_model(ModelRef(name="other"))
    qtbot.waitUntil(lambda: state.selection.model.name == "other")
    assert state.shared.kept_features is not None
    commands.on_feature_back()
    qtbot.waitUntil(lambda: state.finding("feature").status == "done")
    assert state.selection.model.name == "net"
    assert feature_view.wanted(state) == request
    assert asked(bench, request) == 1


def test_a_network_chosen_meanwhile_is_left_alone(bench, commands, qtbot):
    state = bench.state
    commands.on_feature_keep()
    bench.controller.choose_model(ModelRef(name="other"))
    qtbot.waitUntil(lambda: state.selection.model.name == "other")
    commands.on_feature_back()
    bench.controller.choose_model(ModelRef(name="last"))
    qtbot.waitUntil(lambda: state.selection.model.name == "last")
    bench.controller.choose_model(ModelRef(name="net"))
    qtbot.waitUntil(lambda: state.selection.model.name == "net")
    qtbot.waitUntil(lambda: not bench.engine.busy)
    assert state.selection.channel is None


def test_the_photograph_is_opened_again_too(bench, commands, qtbot):
    state = bench.state
    state.select(feature_aim="imitate", feature_target="layer", feature_started=True)
    qtbot.waitUntil(lambda: feature_view.phase(state) == "done")
    commands.on_feature_keep()
    bench.gallery.open(ImageRef(path="dog.png"))
    qtbot.waitUntil(lambda: state.selection.image.path == "dog.png")
    commands.on_feature_back()
    qtbot.waitUntil(lambda: state.selection.image.path == "cat.png")
    assert feature_view.phase(state) == "done"
