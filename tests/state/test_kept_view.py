"""What is kept beside the pictures in use, and in which words the two differ."""

import dataclasses

import numpy as np
import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.feature_requests import SpectrumRef, Unit
from cnnviz_gui.core.feature_results import FeaturePictures
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import preset
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state import feature_view, kept_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding

NET, OTHER = ModelRef(name="net"), ModelRef(name="other")
IMAGE = ImageRef(path="/pictures/cat.png", sha256="1")
PLAIN = FeatureParams(size=160, steps=96, rate=0.1, jitter=8.0, turn=8.0)


def layer(name, shape):
    return LayerFacts(
        name, "Conv2d", 0, "", shape, 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip


def network(title, *layers, trained=True):
    return ModelFacts(
        title.lower(), title, "Nets", trained, "here", 32, 32, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, layers, layers[0].name, True,
    )  # fmt: skip


FACTS = network("Net", layer("stem", (8, 4, 4)), layer("head", (8, 2, 2)))
SECOND = network("Other", layer("trunk", (8, 4, 4)), trained=False)


@pytest.fixture
def state():
    made = AppState()
    made.use_network(NET, FACTS)
    made.select(image=IMAGE, stage="features", layer="stem", channel=2, feature_started=True)
    made.select(feature_parameters=PLAIN)
    return made


def made_so_far(state, done=96, lane="feature"):
    request = feature_view.wanted(state, lane)
    result = FeaturePictures(
        pictures=np.zeros((request.pictures, 4, 4, 3), np.float32),
        shown=np.zeros((request.pictures, 4, 4, 3), np.uint8),
        opacity=None,
        curve=np.arange(done, dtype=np.float32),
        steps=request.parameters.steps,
        of="channel 2 of stem",
        film=np.zeros((0, 1, 1, 3), np.uint8),
    )
    state.found(lane, Finding("partial", request, result, asked=request))
    return request


def keep(state, *lanes):
    for lane in lanes or ("feature",):
        made_so_far(state, lane=lane)
    state.share(**kept_view.toggled(state))
    return state.shared.kept_features.parts[0]


def told(state, place=0):
    return kept_view.told_of_kept(state, state.shared.kept_features.parts[place])


def make_with(state, **changes):
    before = state.selection.feature_parameters
    parameters = dataclasses.replace(before, **changes)
    state.select(**feature_view.with_parameters(state, parameters))


def test_only_what_is_there_is_kept_and_the_second_time_no_longer(state):
    assert kept_view.toggled(state) == {"kept_features": None}
    request = made_so_far(state, 40)
    state.share(**kept_view.toggled(state))
    part = state.shared.kept_features.parts[0]
    assert (part.request, part.result.done, part.whole) == (request, 40, False)
    state.share(**kept_view.toggled(state))
    assert state.shared.kept_features is None


def test_what_is_kept_stays_whatever_becomes_of_the_pictures_in_use(state):
    part = keep(state)
    state.select(stage="attack")
    state.select(stage="features", layer="head", feature_target="class", target=1)
    state.found("feature", Finding())
    state.use_network(OTHER, SECOND)
    assert state.shared.kept_features.parts == (part,)


def test_only_the_settings_that_differ_are_told(state):
    keep(state)
    assert told(state) == "The same settings"
    assert kept_view.told_of_used(state) == ""
    make_with(state, rate=0.05, steps=256)
    assert told(state) == "96 steps · rate 0.1"
    assert kept_view.told_of_used(state) == "256 steps · rate 0.05 · from step 96"
    make_with(state, parameterisation="pixel", rate=0.1, steps=96, l2=0.5, blur=0.9)
    assert told(state) == "Fourier · L2 0"
    assert kept_view.told_of_used(state) == "Pixel · L2 0.5 · blur 0.9 px"


def test_settings_are_told_in_words(state):
    keep(state)
    one = dataclasses.replace
    for change, words in (
        ({"size": 320, "steps": 1}, "320 px · 1 step"),
        ({"start": "grey"}, "start grey"),
        ({"seed": 3}, "seed 3"),
        ({"turn": 12.0, "jitter": 4.0}, "jitter 4 px · turn 12°"),
        ({"variation": 1.5}, "total variation 1.5"),
        ({"parameterisation": "pixel", "blur": 0.9}, "Pixel · blur 0.9 px"),
        ({"parameterisation": "maco", "transparent": True}, "MACO · transparent"),
        ({"blur": 0.9}, ""),
    ):
        state.select(feature_parameters=one(PLAIN, **change), feature_begin=None)
        assert kept_view.told_of_used(state) == words


def test_many_settings_are_told_by_the_name_of_their_preset(state):
    state.select(**feature_view.with_preset("fast"))
    keep(state)
    state.select(**feature_view.with_preset("sharp"))
    assert (told(state), kept_view.told_of_used(state)) == ("Fast", "Sharp")
    changed = dataclasses.replace(preset("sharp").parameters, l1=2.0)
    state.select(feature_parameters=changed)
    assert kept_view.told_of_used(state).startswith(f"{changed.size} px · {changed.steps} steps")
    assert kept_view.told_of_used(state).endswith("L1 2")


def test_another_subject_and_another_network_are_told_too(state):
    keep(state)
    state.select(channel=5, feature_negative=True)
    assert told(state) == "channel 2 of stem"
    assert kept_view.told_of_used(state) == "", "its own title says it"
    state.select(feature_target="class", target=1)
    assert told(state) == "channel 2 of stem"
    state.use_network(OTHER, SECOND)
    state.select(feature_target="channel", layer="trunk", channel=2)
    assert told(state) == "Net · channel 2 of stem"
    assert kept_view.told_of_used(state) == "Other, untrained"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"feature_negative": True}, "less of channel 2 of stem"),
        ({"feature_aim": "joint", "feature_weight": 0.5}, "channel 2 of stem and 0.5 of channel 3"),
        ({"feature_aim": "blend"}, "from channel 2 of stem to channel 3 of stem"),
        ({"feature_aim": "differ"}, "several of channel 2 of stem"),
        ({"feature_aim": "imitate"}, "the photograph from stem"),
        (
            {"feature_aim": "direction", "feature_target": "neuron", "cell": (1, 3)},
            "the photograph at stem at cell 1, 3",
        ),
        ({"feature_target": "class", "target": 1}, "dog"),
    ],
)
def test_a_subject_is_told_in_words(state, changes, words):
    state.select(**changes)
    keep(state)
    state.select(**{"feature_aim": "excite", "feature_negative": False, "channel": 6})
    state.select(feature_target="channel")
    assert told(state).startswith(words)


def test_pictures_of_two_photographs_are_told_apart(state):
    state.select(feature_aim="imitate", feature_target="layer")
    keep(state)
    state.select(image=ImageRef(path="/pictures/dog.png"))
    assert told(state) == "with cat.png"
    assert kept_view.told_of_used(state) == "with dog.png"


def test_magnitudes_of_a_file_are_told_and_taken_back(state):
    ref = SpectrumRef(path="/spectra/sea.npy", sha256="1")
    state.select(**feature_view.with_preset("maco"), feature_spectrum=ref)
    keep(state)
    state.select(feature_spectrum=None)
    assert told(state) == "magnitudes of sea.npy"
    assert kept_view.told_of_used(state) == "magnitudes of natural images"
    state.select(**kept_view.taken_back(state.shared.kept_features))
    assert state.selection.feature_spectrum == ref


def test_two_networks_are_kept_together_and_each_is_compared_with_its_own(state):
    state.use_second(OTHER, SECOND)
    keep(state, "feature", "feature-second")
    first, second = state.shared.kept_features.parts
    assert (first.request.model, second.request.model) == (NET, OTHER)
    assert kept_view.title(state, second) == "Kept: Other, untrained"
    make_with(state, l2=1.0)
    assert told(state, 0) == told(state, 1) == "L2 0"
    assert kept_view.told_of_used(state, "feature-second") == "L2 1 · from step 96"
    state.use_second(None, None)
    assert kept_view.title(state, first) == "Kept: Net"
    assert told(state, 1) == "channel 2 of trunk · L2 0"


def test_curves_stand_together_only_where_the_same_units_answer(state):
    part = keep(state)
    make_with(state, parameterisation="pixel")
    assert kept_view.comparable(state) is part
    state.select(channel=3)
    assert kept_view.comparable(state) is None


def test_settings_are_taken_back_whole(state):
    state.select(layer="", channel=None)
    make_with(state, rate=0.2)
    made_so_far(state, 40)
    make_with(state, rate=0.3)
    request = made_so_far(state, 50)
    state.share(**kept_view.toggled(state))
    state.select(**feature_view.with_preset("class-l2"), layer="head", channel=7)
    state.select(stage="layers", feature_aim="differ", feature_negative=True)
    state.select(**kept_view.taken_back(state.shared.kept_features))
    assert feature_view.wanted(state) == request
    assert state.selection.stage == "features"
    assert state.selection.feature_preset == "fast"


def test_a_class_that_was_the_winner_is_that_class_again(state):
    state.select(feature_target="class", target=1)
    keep(state)
    kept = state.shared.kept_features
    by_itself = dataclasses.replace(
        kept, selection=dataclasses.replace(kept.selection, target=None)
    )
    state.select(target=0)
    state.select(**kept_view.taken_back(by_itself))
    assert feature_view.wanted(state).units == (Unit(channel=1),)
