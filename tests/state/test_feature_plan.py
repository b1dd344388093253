"""What is asked of gradient ascent, and how the hand's changes go on from a picture."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Score
from cnnviz_gui.core.feature_requests import (
    MOST_STAGES,
    Feature,
    FeatureSheet,
    SpectrumRef,
    Unit,
)
from cnnviz_gui.core.feature_results import FeaturePictures, SheetOfFeatures
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import preset
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.state import feature_plan, feature_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.comparison_plan import compared, peer, second_feature
from cnnviz_gui.state.finding import Advance, Finding, Problem
from cnnviz_gui.state.plan import plan
from cnnviz_gui.state.selection import Display, Selection

NET, OTHER = ModelRef(name="net"), ModelRef(name="other")
IMAGE = ImageRef(path="cat.png", sha256="1")


def layer(name, shape):
    return LayerFacts(
        name, "Conv2d", 0, "", shape, 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, len(shape) == 3, "conv",
    )  # fmt: skip


def network(*layers, labels=("cat", "dog", "cup")):
    return ModelFacts(
        "net", "Net", "Nets", True, "here", 32, 32, "bilinear", (0.5,) * 3, (0.2,) * 3,
        labels, 10, 10, layers, layers[0].name, True,
    )  # fmt: skip


FACTS = network(layer("stem", (8, 4, 4)), layer("tokens", (5, 6)), layer("head", (3,)))
READY = Selection(model=NET, image=IMAGE, stage="features", layer="stem", feature_started=True)
WHOLE = Unit(layer="stem", channel=2)


def asked(display=None, channel=2, winner=0, facts=FACTS, **changes):
    selection = dataclasses.replace(READY, **changes)
    return plan(selection, facts, display or Display(), channel=channel, winner=winner)


def unit(**changes):
    return asked(**changes)["feature"].units[0]


def pictures(done, steps=96):
    return FeaturePictures(
        pictures=np.zeros((1, 4, 4, 3), np.float32),
        shown=np.zeros((1, 4, 4, 3), np.uint8),
        opacity=None,
        curve=np.arange(done, dtype=np.float32),
        steps=steps,
        of="channel 2 of stem",
        film=np.zeros((0, 1, 1, 3), np.uint8),
    )


@pytest.fixture
def state():
    made = AppState()
    made.use_network(NET, FACTS)
    made.select(image=IMAGE, stage="features", layer="stem", channel=2)
    return made


def made_so_far(state, done, status="partial", lane="feature"):
    """Let so many steps of what is selected be done."""
    request = feature_view.wanted(state, lane)
    result = pictures(done, request.parameters.steps)
    state.found(lane, Finding(status, request, result, asked=request))
    return request


def after(request, done):
    """Return an ascent of just so many steps."""
    return dataclasses.replace(
        request, parameters=dataclasses.replace(request.parameters, steps=done)
    )


def started(state):
    return dataclasses.replace(state.selection, feature_started=True)


def test_nothing_is_made_before_the_user_asks_and_nothing_on_another_stage():
    assert "feature" not in asked(feature_started=False)
    assert "feature" not in asked(stage="attack")
    assert isinstance(asked()["feature"], Feature)
    assert "feature" in asked(image=None), "a channel needs no photograph"


def test_the_target_is_a_channel_its_cell_its_layer_or_a_class():
    assert unit() == WHOLE
    assert unit(feature_target="neuron") == dataclasses.replace(WHOLE, cell="centre")
    assert unit(feature_target="neuron", cell=(1, 3)).cell == (1, 3)
    assert unit(feature_target="neuron", cell=(9, 9)).cell == "centre", "there is no such cell"
    assert unit(feature_target="neuron", layer="head").cell is None, "numbers have no cells"
    assert unit(feature_target="layer") == Unit(layer="stem")
    assert unit(feature_target="class", winner=1) == Unit(channel=1)
    assert unit(feature_target="class", target=2).channel == 2
    assert unit(feature_negative=True).weight == -1.0
    assert unit(channel=70).channel == 7, "the last one"


def test_there_is_no_request_without_class_or_channels():
    assert "feature" not in asked(feature_target="class", winner=None)
    assert "feature" not in asked(layer="tokens")


def test_two_units_are_joined_or_blended_and_the_second_is_the_neighbour_unless_chosen():
    joint = asked(feature_aim="joint", feature_weight=0.5)["feature"]
    assert (joint.aim, joint.pictures) == ("excite", 1)
    assert joint.units[1] == Unit(layer="stem", channel=3, weight=0.5)
    other = Unit(layer="head", channel=1)
    blend = asked(feature_aim="blend", feature_second=other)["feature"]
    assert (blend.aim, blend.units[1], blend.pictures) == ("blend", other, 4)
    assert asked(feature_aim="differ", feature_pictures=3)["feature"].pictures == 3
    assert asked(feature_aim="joint", channel=7)["feature"].units[1].channel == 0


def test_only_what_looks_at_the_photograph_depends_on_it():
    assert asked()["feature"].image is None
    assert asked(feature_aim="imitate")["feature"].image == IMAGE
    dream = preset("deepdream").parameters
    assert asked(feature_parameters=dream)["feature"].image == IMAGE
    seen = asked(feature_aim="direction", feature_target="class")["feature"]
    assert seen.units[0].layer == "stem", "what it sees is seen at a layer"


def test_what_follows_the_photograph_follows_all_channels():
    seen = {"feature_negative": True, "channel": 3}
    for target in ("channel", "layer", "class", "neuron"):
        assert unit(feature_aim="imitate", feature_target=target, **seen) == Unit(layer="stem")
    for target in ("channel", "layer", "class"):
        assert unit(feature_aim="direction", feature_target=target, **seen) == Unit(layer="stem")
    one = {"feature_aim": "direction", "feature_target": "neuron", **seen}
    assert unit(**one) == Unit(layer="stem", cell="centre")
    assert unit(cell=(1, 3), **one) == Unit(layer="stem", cell=(1, 3))
    assert unit(layer="head", **one) == Unit(layer="head"), "numbers have no cells"
    turned = asked(feature_aim="imitate", channel=2), asked(feature_aim="imitate", channel=3)
    assert turned[0] == turned[1]


def test_whatever_is_chosen_on_the_page_is_one_of_its_choices():
    names = {field.name for part in (Selection, Display) for field in dataclasses.fields(part)}
    chosen = {name for name in names if name.startswith("feature_")}
    assert chosen - feature_plan.CHOICES == {"feature_preset", "feature_pixels"}
    assert chosen >= feature_plan.CHOICES


def test_a_sheet_is_of_all_channels_and_waits_to_be_asked_for():
    sheet = Display(feature_view="sheet")
    assert "feature-sheet" not in asked(sheet)
    wanted = asked(sheet, sheet_started=True)
    assert "feature" not in wanted
    assert isinstance(wanted["feature-sheet"], FeatureSheet)
    assert wanted["feature-sheet"].channels == tuple(range(8))


def test_the_dossier_asks_only_when_it_is_wanted():
    assert "feature" not in asked(stage="layers")
    dream = asked(stage="layers", dream_wanted=True)["feature"]
    assert (dream.units, dream.parameters) == ((WHOLE,), feature_plan.DREAM)


def test_a_second_network_makes_the_same_of_its_own_from_a_start_of_its_own():
    small = network(layer("first", (2, 4, 4)))
    request = asked()["feature"].then(FeatureParams(rate=0.2))
    other = second_feature(request, OTHER, FACTS, small)
    assert (other.model, other.begin) == (OTHER, None)
    assert other.units == (Unit(layer="first", channel=1),), "its recommended layer, which has two"
    assert second_feature(request, OTHER, FACTS, FACTS).units == request.units
    of_class = asked(feature_target="class")["feature"]
    strange = network(layer("first", (2, 4, 4)), labels=("a", "b"))
    assert second_feature(of_class, OTHER, FACTS, strange) is None
    wanted = asked()
    both = compared(dataclasses.replace(READY, second=OTHER), FACTS, FACTS, wanted)
    assert both["feature-second"].model == OTHER


def test_a_second_network_needs_no_photograph_where_the_first_needs_none(state):
    state.use_second(OTHER, FACTS)
    state.select(image=None, feature_started=True)
    wanted = plan(state.selection, FACTS, channel=2)
    both = compared(state.selection, FACTS, FACTS, wanted)
    assert both == {"feature-second": feature_view.wanted(state, "feature-second")}


def test_beside_a_layer_stands_one_of_a_second_network_that_is_as_fine():
    first = network(
        layer("head", (8, 2, 2)), layer("stem", (8, 16, 16)), layer("body", (8, 8, 8)),
        layer("vector", (8,)),
    )  # fmt: skip
    other = network(
        layer("trunk", (8, 2, 2)), layer("body", (8, 17, 17)), layer("one", (8, 16, 16)),
        layer("two", (8, 16, 16)), layer("pool", (8, 9, 9)), layer("stem", (8, 9, 9)),
    )  # fmt: skip
    assert peer("stem", first, other) == "two", "the last of those that are as fine"
    kinds = [dataclasses.replace(one, role="pool") for one in other.layers[3:4]]
    mixed = network(*other.layers[:3], *kinds)
    assert peer("stem", first, mixed) == "one", "the last of that kind"
    assert peer("body", first, other) == "stem"
    assert peer("head", first, other) == "trunk", "the recommended beside the recommended"
    assert peer("vector", first, other) == "trunk"
    assert peer("body", first, first) == "body"
    larger = dataclasses.replace(other, input_size=34)
    assert peer("stem", first, larger) == "body", "by their share of the picture"
    named = network(other.layers[0], layer("stem", (8, 16, 16)), *other.layers[2:4])
    assert peer("stem", first, named) == "stem", "the one of that name"


def test_channels_of_two_architectures_are_told_not_to_be_alike(state):
    state.use_second(OTHER, FACTS)
    assert feature_view.why_unlike(state) == ""
    state.use_second(OTHER, network(layer("first", (2, 4, 4))))
    assert "a class has" in feature_view.why_unlike(state)
    state.select(feature_target="class", target=1)
    assert feature_view.why_unlike(state) == ""


def test_it_runs_pauses_and_is_done(state):
    phase = lambda: feature_view.phase(state)  # noqa: E731
    assert phase() == "idle"
    state.select(feature_started=True)
    state.found("feature", Finding().waiting(feature_view.wanted(state)))
    assert phase() == "running"
    assert feature_view.shown(state) is None
    request = made_so_far(state, 40)
    assert phase() == "running"
    state.select(feature_started=False)
    state.found("feature", state.finding("feature").waiting())
    assert phase() == "paused"
    assert feature_view.shown(state).result.done == 40
    state.select(feature_started=True)
    state.found("feature", Finding("stopped", request, pictures(40), asked=request))
    assert phase() == "paused", "stopped by Escape"
    state.found("feature", Finding().finished(request, pictures(96)))
    assert phase() == "done"
    state.select(**feature_view.longer(state))
    assert feature_view.wanted(state).parameters.steps == 192
    assert feature_view.wanted(state).begin is None, "it goes on by itself"
    assert phase() == "paused"


def test_two_networks_run_until_the_second_is_done_too(state):
    phase = lambda: feature_view.whole_phase(state)  # noqa: E731
    state.use_second(OTHER, FACTS)
    state.select(feature_started=True)
    made_so_far(state, 40)
    assert (phase(), feature_view.slowest(state)) == ("running", "feature")
    made_so_far(state, 96, "done")
    assert (phase(), feature_view.slowest(state)) == ("paused", "feature-second"), "not begun"
    made_so_far(state, 40, lane="feature-second")
    assert phase() == "running" and feature_view.going(state)
    state.select(feature_started=False)
    state.found("feature-second", state.finding("feature-second").waiting())
    assert phase() == "paused"
    made_so_far(state, 96, "done", lane="feature-second")
    assert phase() == "done"
    state.use_second(None, None)
    assert phase() == "done"


@pytest.mark.parametrize("became", ["failed", "stopped"])
def test_while_the_second_network_is_at_work_the_page_can_pause_it(state, became):
    state.use_second(OTHER, FACTS)
    state.select(feature_started=True)
    request = made_so_far(state, 20)
    problem = Problem("It does not react.") if became == "failed" else None
    state.found("feature", Finding(became, request, pictures(20), problem, asked=request))
    made_so_far(state, 40, lane="feature-second")
    assert feature_view.phase(state) == ("failed" if problem else "paused")
    assert feature_view.whole_phase(state) == "running" and feature_view.going(state)
    assert feature_view.slowest(state) == "feature-second", "whose time is told"
    made_so_far(state, 96, "done", lane="feature-second")
    assert feature_view.whole_phase(state) == feature_view.phase(state)


def test_a_failure_is_one_of_what_is_asked_now(state):
    state.select(feature_started=True)
    request = feature_view.wanted(state)
    state.found("feature", Finding().waiting(request).failed(Problem("It does not react.")))
    assert feature_view.phase(state) == "failed"
    state.select(channel=3)
    assert feature_view.phase(state) == "idle"


def test_a_change_on_the_way_goes_on_from_the_present_picture(state):
    former = made_so_far(state, 40)
    faster = dataclasses.replace(FeatureParams(), rate=0.2)
    state.select(**feature_view.with_parameters(state, faster))
    request = feature_view.wanted(state)
    assert request.parameters.rate == 0.2
    assert request.begin.parameters == dataclasses.replace(former.parameters, steps=40)
    assert feature_view.shown(state).current
    assert feature_view.phase(state) == "paused", "what is there is not thrown away"
    blurred = dataclasses.replace(faster, jitter=2.0)
    state.select(**feature_view.with_parameters(state, blurred))
    assert feature_view.wanted(state).begin == request.begin, "nothing came in between"
    state.select(**feature_view.with_parameters(state, former.parameters))
    assert feature_view.wanted(state) == former, "what was changed back goes on by itself"


def test_what_was_changed_often_begins_anew_rather_than_growing_for_ever(state):
    for place in range(MOST_STAGES + 1):
        former = made_so_far(state, 1)
        assert len(former.before) == place
        rate = 0.02 + 0.0001 * place
        state.select(**feature_view.with_parameters(state, FeatureParams(rate=rate)))
    assert feature_view.wanted(state).before == ()


def test_the_second_network_goes_on_from_a_picture_of_its_own(state):
    state.use_second(OTHER, FACTS)
    first, second = made_so_far(state, 96, "done"), made_so_far(state, 40, lane="feature-second")
    state.select(**feature_view.with_parameters(state, FeatureParams(rate=0.2)))
    asked = feature_view.wanted(state, "feature-second")
    assert feature_view.wanted(state).begin == first
    assert asked.begin == after(second, 40)
    wanted = plan(started(state), FACTS, channel=2)
    both = compared(started(state), FACTS, FACTS, wanted)
    assert both["feature-second"] == asked
    assert feature_view.shown(state, "feature-second").current
    assert feature_view.phase(state, "feature-second") == "paused"
    state.select(**feature_view.with_parameters(state, FeatureParams(rate=0.2, seed=3)))
    assert feature_view.wanted(state, "feature-second").begin is None


def test_a_second_network_without_a_picture_yet_has_a_start_of_its_own(state):
    state.use_second(OTHER, FACTS)
    made_so_far(state, 40)
    state.select(**feature_view.with_parameters(state, FeatureParams(rate=0.2)))
    assert feature_view.wanted(state).begin is not None
    assert feature_view.wanted(state, "feature-second").begin is None


def test_what_a_second_network_went_on_from_is_not_another_ones(state):
    state.use_second(OTHER, FACTS)
    for change in (
        lambda: state.select(channel=3),
        lambda: state.select(**feature_view.anew(state)),
        lambda: state.use_second(ModelRef(name="third"), FACTS),
    ):
        made_so_far(state, 96, "done")
        made_so_far(state, 40, lane="feature-second")
        rate = state.selection.feature_parameters.rate + 0.1
        faster = dataclasses.replace(state.selection.feature_parameters, rate=rate)
        state.select(**feature_view.with_parameters(state, faster))
        assert feature_view.wanted(state, "feature-second").begin is not None
        change()
        assert feature_view.wanted(state, "feature-second").begin is None


def test_another_size_or_seed_needs_a_start_of_its_own(state):
    made_so_far(state, 40)
    state.select(**feature_view.with_parameters(state, FeatureParams(rate=0.2)))
    for change in ({"size": 320}, {"seed": 3}, {"parameterisation": "pixel"}, {"start": "grey"}):
        parameters = dataclasses.replace(FeatureParams(rate=0.2), **change)
        assert feature_view.with_parameters(state, parameters)["feature_begin"] is None
    state.select(**feature_view.with_parameters(state, FeatureParams(rate=0.2, size=320)))
    assert not feature_view.shown(state).current
    assert feature_view.phase(state) == "idle"


def test_another_channel_begins_anew_and_another_network_waits(state):
    made_so_far(state, 40)
    state.select(feature_started=True, **feature_view.with_parameters(state, FeatureParams(l2=1.0)))
    assert state.selection.feature_begin is not None
    state.select(channel=3)
    assert state.selection.feature_begin is None
    assert feature_view.shown(state) is None
    assert state.selection.feature_started
    state.use_network(OTHER, FACTS)
    assert not state.selection.feature_started


def test_a_rebuilt_photograph_goes_on_whatever_channel_is_chosen(state):
    state.select(feature_aim="imitate")
    made_so_far(state, 40)
    state.select(**feature_view.with_parameters(state, FeatureParams(rate=0.2)))
    before = feature_view.wanted(state)
    assert before.begin is not None
    state.select(channel=3, feature_negative=True)
    assert feature_view.wanted(state) == before
    state.select(feature_aim="excite")
    assert feature_view.wanted(state).begin is None


def test_once_more_takes_the_next_seed(state):
    made_so_far(state, 96, "done")
    state.select(**feature_view.anew(state))
    assert state.selection.feature_parameters.seed == 1
    assert feature_view.wanted(state).begin is None


def test_octaves_are_not_made_longer(state):
    state.select(**feature_view.with_preset("deepdream"))
    assert feature_view.more(state) == 0
    state.select(**feature_view.with_preset("sharp"))
    assert feature_view.more(state) == 256


@pytest.mark.parametrize(("steps", "left"), [(4000, 96), (4001, 95), (4090, 6), (4096, 0)])
def test_no_more_steps_are_offered_than_there_can_be(state, steps, left):
    state.select(feature_parameters=FeatureParams(steps=steps))
    made_so_far(state, steps, "done")
    assert feature_view.more(state) == left
    state.select(**feature_view.longer(state))
    assert state.selection.feature_parameters.steps == steps + left


def test_octaves_that_are_not_in_use_let_the_picture_stay(state):
    left_over = FeatureParams(octaves=4)
    state.select(feature_parameters=left_over)
    former = made_so_far(state, 40)
    assert feature_view.more(state) == 96
    faster = dataclasses.replace(left_over, rate=0.2)
    state.select(**feature_view.with_parameters(state, faster))
    assert feature_view.wanted(state).begin == after(former, 40)
    growing = dataclasses.replace(left_over, parameterisation="pixel")
    state.select(feature_parameters=growing, feature_begin=None)
    made_so_far(state, 40)
    state.select(**feature_view.with_parameters(state, dataclasses.replace(growing, rate=0.2)))
    assert feature_view.wanted(state).begin is None


def test_another_number_of_steps_is_another_picture_where_it_grows(state):
    state.select(**feature_view.with_preset("deepdream"))
    state.select(feature_started=True)
    made_so_far(state, 40, "done")
    assert feature_view.phase(state) == "done"
    assert feature_view.shown(state).current
    twice = dataclasses.replace(state.selection.feature_parameters, steps=80)
    state.select(**feature_view.with_parameters(state, twice))
    assert feature_view.phase(state) == "idle", "it waits to be started"
    state.select(feature_started=True)
    state.found("feature", state.finding("feature").waiting(feature_view.wanted(state)))
    assert not feature_view.shown(state).current, "it grows after other steps"
    assert feature_view.phase(state) == "running"
    state.select(feature_started=False)
    assert feature_view.phase(state) == "idle", "there is nothing of it to continue"


def test_fewer_steps_than_were_made_are_waited_for(state):
    state.select(feature_started=True)
    made_so_far(state, 96, "done")
    fewer = FeatureParams(steps=48)
    state.select(**feature_view.with_parameters(state, fewer))
    assert feature_view.phase(state) == "idle"
    state.select(feature_started=True)
    state.found("feature", state.finding("feature").waiting(feature_view.wanted(state)))
    assert feature_view.phase(state) == "running"
    assert not feature_view.shown(state).current
    made_so_far(state, 20)
    assert feature_view.shown(state).current
    made_so_far(state, 48, "done")
    assert feature_view.phase(state) == "done"


def test_a_sheet_is_shown_in_order_and_its_progress_told(state):
    state.select(sheet_started=True)
    request = feature_view.wanted_sheet(state)
    sheet = SheetOfFeatures(
        layer="stem",
        channels=(2, 0, 1),
        pictures=np.zeros((3, 4, 4, 3), np.uint8),
        activations=np.array([1.0, 5.0, 5.0], np.float32),
        total=8,
    )
    state.found("feature-sheet", Finding("partial", request, sheet, None, Advance(3, 8, 1.0)))
    assert feature_view.sheet_phase(state) == "running"
    assert feature_view.order(sheet, False) == [0, 1, 2]
    assert feature_view.order(sheet, True) == [0, 1, 2]
    sheet = dataclasses.replace(sheet, activations=np.array([9.0, 5.0, 7.0], np.float32))
    assert feature_view.order(sheet, True) == [2, 1, 0]
    state.select(sheet_started=False)
    assert feature_view.sheet_phase(state) == "paused"
    state.select(layer="head")
    assert feature_view.sheet_phase(state) == "idle"


def small_pictures(*channels):
    return SheetOfFeatures(
        layer="stem",
        channels=channels,
        pictures=np.arange(len(channels) * 48, dtype=np.uint8).reshape(-1, 4, 4, 3),
        activations=np.array(channels, np.float32),
        total=8,
    )


def read(state, channels, asked):
    """Let small pictures be found on the disk."""
    request = dataclasses.replace(asked, kept_only=True)
    found = small_pictures(*channels)
    state.found("feature-kept", Finding("done", request, found, asked=request))
    return found


def test_what_is_kept_of_a_sheet_is_read_when_it_comes_into_sight_and_nothing_else():
    sheet = Display(feature_view="sheet")
    assert "feature-kept" not in asked()
    in_sight = asked(sheet)
    assert "feature-sheet" not in in_sight
    assert in_sight["feature-kept"].kept_only
    assert in_sight["feature-kept"].channels == tuple(range(8))
    of_one = asked(stage="layers")["feature-kept"]
    assert of_one == dataclasses.replace(in_sight["feature-kept"], channels=(2,))
    assert "feature-kept" not in asked(stage="layers", layer="tokens")
    given = ModelRef(name="given:1")
    assert "feature-kept" not in asked(sheet, model=given), "of it nothing is kept"


def test_a_sheet_that_is_kept_is_shown_at_once(state):
    wanted = feature_view.wanted_sheet(state)
    read(state, (), wanted)
    assert feature_view.sheet_phase(state) == "idle"
    assert feature_view.shown_sheet(state) is None
    half = read(state, (1, 3), wanted)
    assert feature_view.sheet_phase(state) == "paused", "it goes on with the others"
    assert feature_view.shown_sheet(state).result is half
    assert feature_view.shown_sheet(state).request == wanted, "that makes all of it"
    read(state, range(8), wanted)
    assert feature_view.sheet_phase(state) == "done"
    made = small_pictures(0, 1, 2)
    state.found("feature-sheet", Finding("partial", wanted, made, asked=wanted))
    assert len(feature_view.shown_sheet(state).result.channels) == 8
    read(state, (1,), wanted)
    assert feature_view.shown_sheet(state).result is made
    state.select(layer="head")
    assert feature_view.shown_sheet(state) is None


def test_a_sheet_that_was_stopped_before_its_first_picture_is_continued(state):
    state.select(sheet_started=True)
    state.found("feature-sheet", Finding().waiting(feature_view.wanted_sheet(state)))
    assert feature_view.sheet_phase(state) == "running"
    state.select(sheet_started=False)
    state.found("feature-sheet", state.finding("feature-sheet").waiting())
    assert feature_view.sheet_phase(state) == "paused"


def test_the_dossier_takes_the_picture_of_its_channel_from_a_sheet(state):
    wanted = feature_view.wanted_sheet(state)
    assert feature_view.small_picture(state) is None
    one = dataclasses.replace(wanted, channels=(2,))
    read(state, (), one)
    assert feature_view.small_picture(state) is None
    kept = read(state, (2,), one)
    found = feature_view.small_picture(state)
    assert (found.answer, found.pixels.tolist()) == (2.0, kept.pictures[0].tolist())
    made = small_pictures(0, 3)
    state.found("feature-sheet", Finding("partial", wanted, made, asked=wanted))
    state.select(channel=3)
    assert feature_view.small_picture(state).pixels.tolist() == made.pictures[1].tolist()
    state.select(channel=4)
    assert feature_view.small_picture(state) is None


def test_why_there_is_nothing_is_said(state):
    state.select(feature_target="class")
    assert "prediction" in feature_view.why_none(state)
    score = Score(0, "cat", 0.9, 1.0)
    request = Predict(model=NET, image=IMAGE, top=5)
    seen = np.zeros((4, 4, 3), np.uint8)
    prediction = Prediction(scores=(score,), seen=seen)
    state.found("predict", Finding().finished(request, prediction))
    assert feature_view.why_none(state) == ""
    state.select(feature_target="channel", layer="tokens", channel=None)
    assert "tokens" in feature_view.why_none(state)


def test_a_preset_for_one_thing_chooses_it_too(state):
    state.select(**feature_view.with_preset("rebuild"))
    assert feature_view.wanted(state).aim == "imitate"
    state.select(**feature_view.with_preset("deepdream"))
    wanted = feature_view.wanted(state)
    assert (wanted.aim, wanted.units, wanted.image) == ("excite", (Unit(layer="stem"),), IMAGE)
    assert feature_view.with_preset("gone") == {}
    state.select(**feature_view.with_preset("rebuild"))
    state.select(**feature_view.with_preset("course"))
    wanted = feature_view.wanted(state)
    assert (wanted.aim, wanted.units) == ("excite", (WHOLE,)), "the mean of a map"


def test_another_photograph_is_begun_with_anew_but_leaves_a_channel_alone(state):
    made_so_far(state, 40)
    state.select(**feature_view.with_parameters(state, FeatureParams(rate=0.2)))
    state.select(image=ImageRef(path="dog.png"))
    assert feature_view.wanted(state).begin is not None
    state.select(feature_parameters=FeatureParams(start="photograph"), feature_begin=None)
    made_so_far(state, 40)
    state.select(**feature_view.with_parameters(state, FeatureParams(start="photograph", rate=0.2)))
    assert feature_view.wanted(state).begin is not None
    state.select(image=IMAGE)
    assert feature_view.wanted(state).begin is None


def test_what_a_picture_is_of_instead_is_said(state):
    unlike = lambda: feature_view.shown(state).unlike  # noqa: E731
    state.select(feature_aim="imitate")
    made_so_far(state, 40)
    assert unlike() == ""
    state.select(image=ImageRef(path="dog.png"))
    assert unlike() == "of another photograph" and not feature_view.gives_way(state)
    state.select(feature_started=True)
    state.found("feature", state.finding("feature").waiting(feature_view.wanted(state)))
    assert feature_view.gives_way(state)
    state.select(image=IMAGE, feature_parameters=FeatureParams(size=320))
    assert unlike() == "of other parameters"
    state.select(feature_aim="excite", feature_parameters=FeatureParams(start="photograph"))
    made_so_far(state, 40)
    state.select(feature_parameters=FeatureParams())
    assert unlike() == "of other parameters", "it begins with none"
    state.select(feature_parameters=FeatureParams(parameterisation="maco"))
    made_so_far(state, 40)
    state.select(feature_spectrum=SpectrumRef(path="bark.npy"))
    assert unlike() == "of another spectrum"
    state.select(feature_parameters=FeatureParams())
    assert unlike() == "of other parameters"


def predicted(state, index):
    score = Score(index, FACTS.labels[index], 0.9, 1.0)
    request = Predict(model=NET, image=state.selection.image, top=5)
    prediction = Prediction(scores=(score,), seen=np.zeros((4, 4, 3), np.uint8))
    state.found("predict", Finding().finished(request, prediction))


def test_a_class_begins_with_no_picture_of_the_class_that_won_before(state):
    state.use_second(OTHER, FACTS)
    state.select(feature_target="class")
    predicted(state, 0)
    made_so_far(state, 40)
    made_so_far(state, 40, lane="feature-second")
    state.select(**feature_view.with_parameters(state, FeatureParams(rate=0.2)))
    first = feature_view.wanted(state)
    assert first.begin.units == first.units == (Unit(channel=0),)
    state.select(image=ImageRef(path="dog.png"))
    predicted(state, 1)
    for lane in ("feature", "feature-second"):
        other = feature_view.wanted(state, lane)
        assert (other.units, other.begin) == ((Unit(channel=1),), None)
    predicted(state, 0)
    assert feature_view.wanted(state) == first, "the same class goes on from its own"


def test_a_channel_nobody_chose_begins_with_no_picture_of_another():
    former = asked(channel=2)["feature"]
    faster = {"feature_parameters": FeatureParams(rate=0.2), "feature_begin": former}
    assert asked(channel=2, **faster)["feature"].begin == former
    assert asked(channel=3, **faster)["feature"].begin is None
    second, third = (asked(channel=channel, **faster)["feature"] for channel in (2, 3))
    assert second_feature(third, OTHER, FACTS, FACTS, former).begin is None
    own = dataclasses.replace(former, model=OTHER)
    assert second_feature(second, OTHER, FACTS, FACTS, own).begin == own
    assert second_feature(third, OTHER, FACTS, FACTS, own).begin is None
