"""What a change begins, goes on with or lets wait, as a table."""

import dataclasses

import pytest

from cnnviz_gui.core.feature_requests import SpectrumRef, Unit
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state import feature_plan, feature_view, making
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding, Problem
from cnnviz_gui.state.plan import plan
from cnnviz_gui.state.selection import Selection
from tests.state.test_feature_plan import FACTS, IMAGE, NET, OTHER, pictures

DOG = ImageRef(path="dog.png", sha256="2")
SPECTRUM = SpectrumRef(path="a.npy", sha256="3")


def control(**values):
    """Let the hand change parameters in the form."""
    parameters = dataclasses.replace(FeatureParams(), **values)
    return lambda state: feature_view.with_parameters(state, parameters)


def choice(**changes):
    return lambda state: changes


GOES_ON = {
    "rate": control(rate=0.2),
    "jitter": control(jitter=2.0),
    "more steps": control(steps=200),
}
"""Changes after which the picture stays, and is gone on from."""
ANEW = {
    "size": control(size=320),
    "seed": control(seed=3),
    "preset": lambda state: feature_view.with_preset("sharp"),
    "channel": choice(channel=3),
    "layer": choice(layer="head"),
    "target": choice(feature_target="layer"),
    "aim": choice(feature_aim="joint"),
    "dislikes": choice(feature_negative=True),
    "spectrum": choice(
        feature_spectrum=SPECTRUM, feature_parameters=FeatureParams(parameterisation="maco")
    ),
}
"""Changes that ask for another picture."""
CHANGES = GOES_ON | ANEW


def begun(phase):
    """Return a state in which a picture of two channels' network is as far as ``phase`` says."""
    state = AppState()
    state.use_network(NET, FACTS)
    state.select(image=IMAGE, stage="features", layer="stem", channel=2)
    if phase == "not begun":
        return state
    state.select(feature_started=True)
    request = feature_view.wanted(state)
    finding = Finding().waiting(request)
    if phase != "just begun":
        finding = finding.partial(request, pictures(40))
    state.found("feature", finding)
    if phase == "paused":
        state.select(feature_started=False)
        state.found("feature", finding.waiting())
    elif phase == "stopped by Escape":
        state.found("feature", finding.stopped())
    elif phase == "failed":
        state.found("feature", finding.failed(Problem("It does not react.")))
    elif phase == "finished":
        state.found("feature", finding.finished(request, pictures(96)))
    return state


def asked(state):
    wanted = plan(state.selection, FACTS, state.display, channel=state.selection.channel, winner=0)
    return wanted.get("feature")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "phase", ["not begun", "paused", "stopped by Escape", "failed", "finished"]
)
def test_what_is_not_being_made_waits(phase, change):
    state = begun(phase)
    state.select(**CHANGES[change](state))
    assert asked(state) is None, "nothing begins by itself"
    there = phase in ("paused", "stopped by Escape", "finished") and change in GOES_ON
    assert feature_view.phase(state) == ("paused" if there else "idle") or phase == "failed"


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("phase", ["just begun", "running"])
def test_what_is_being_made_stays_being_made(phase, change):
    state = begun(phase)
    before = feature_view.wanted(state)
    state.select(**CHANGES[change](state))
    request = asked(state)
    assert request is not None and request != before
    goes_on = phase == "running" and change in ("rate", "jitter")
    assert (request.begin is not None) is goes_on
    if goes_on:
        assert request.begin.parameters.steps == 40, "from the picture on screen"


@pytest.mark.parametrize("phase", ["paused", "finished"])
@pytest.mark.parametrize("change", ["rate", "jitter"])
def test_continue_goes_on_from_the_picture_that_is_there(phase, change):
    state = begun(phase)
    done = feature_view.shown(state).result.done
    state.select(**CHANGES[change](state))
    state.select(**feature_view.switched(state, True))
    assert asked(state).begin.parameters.steps == done


@pytest.mark.parametrize("change", ["channel", "layer"])
def test_what_is_chosen_on_another_page_begins_nothing_here(change):
    state = begun("running")
    state.select(stage="layers")
    state.found("feature", state.finding("feature").waiting())
    state.select(**CHANGES[change](state))
    state.select(stage="features")
    assert asked(state) is None


def test_it_runs_on_where_one_only_looked_at_another_page():
    state = begun("running")
    before = asked(state)
    state.select(stage="layers")
    state.found("feature", state.finding("feature").waiting())
    assert asked(state) is None
    state.select(stage="features")
    assert asked(state) == before


def test_another_photograph_and_a_second_network_begin_nothing():
    for change in (
        lambda state: state.select(image=DOG),
        lambda state: state.select(target=1),
        lambda state: state.use_second(OTHER, FACTS),
    ):
        state = begun("finished")
        change(state)
        assert not state.selection.feature_started
        assert feature_view.shown(state) is not None, "what is there stays"
    state = begun("running")
    state.use_second(OTHER, FACTS)
    assert state.selection.feature_started, "both are made"


@pytest.mark.parametrize("there", [False, True])
def test_what_the_second_network_was_left_with_is_not_being_made(there):
    state = begun("running")
    state.use_second(OTHER, dataclasses.replace(FACTS, labels=("a", "b", "c")))
    request = feature_view.wanted(state, "feature-second")
    finding = Finding().waiting(request)
    state.found("feature-second", finding.partial(request, pictures(30)) if there else finding)
    state.select(feature_target="class", target=1)
    assert state.selection.feature_started, "the first goes on"
    assert feature_view.wanted(state, "feature-second") is None, "no such class"
    state.found("feature-second", state.finding("feature-second").waiting())
    request = feature_view.wanted(state)
    state.found("feature", state.finding("feature").finished(request, pictures(96)))
    state.select(target=2)
    assert not state.selection.feature_started and asked(state) is None


@pytest.mark.parametrize("status", ["partial", "done", "stopped", "failed"])
def test_a_sheet_of_another_layer_is_begun_only_while_one_is_being_made(status):
    state = begun("not begun")
    state.show(feature_view="sheet")
    state.select(sheet_started=True)
    request = feature_view.wanted_sheet(state)
    state.found("feature-sheet", Finding(status, request, asked=request))
    state.select(channel=3)
    assert state.selection.sheet_started, "it is of all channels"
    state.select(layer="head")
    assert state.selection.sheet_started is (status == "partial")


def test_while_a_sheet_is_made_nothing_else_is():
    state = begun("paused")
    state.show(feature_view="sheet")
    state.select(sheet_started=True)
    request = feature_view.wanted_sheet(state)
    state.found("feature-sheet", Finding().waiting(request))
    state.select(feature_parameters=FeatureParams(rate=0.2))
    assert not state.selection.feature_started and state.selection.sheet_started


def test_whoever_says_that_it_starts_is_obeyed():
    state = begun("finished")
    for changes in (
        feature_view.anew(state),
        feature_view.longer(state),
        feature_view.opened(5),
        {"feature_aim": "joint", "feature_started": True},
    ):
        state.select(**changes)
        assert state.selection.feature_started
    state.use_network(ModelRef(name="third"), FACTS)
    assert not state.selection.feature_started


def test_all_that_a_picture_depends_on_is_named():
    names = {field.name for field in dataclasses.fields(Selection)}
    assert names >= making.PICTURE >= making.SHEET
    chosen = {name for name in names & feature_plan.CHOICES if name.startswith("feature_")}
    other = {"feature_begin", "feature_second_begin", "feature_started"}
    assert chosen - making.PICTURE == other, "which follow"
    assert Unit(layer="stem", channel=2) == feature_view.wanted(begun("paused")).units[0]
