"""A session as a file: all that is set comes back, and what is not valid is named and left out."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.feature_requests import Unit
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ChannelEdit, CheckpointRef, ImageRef, ModelRef
from cnnviz_gui.state import session_file, settings_fields
from cnnviz_gui.state.app_state import AppState, StripEntry
from cnnviz_gui.state.selection import LockedRange


@dataclasses.dataclass(frozen=True, slots=True)
class MapParams(Params):
    sharpness: float = number(1.0, 0.0, 2.0, help="How sharp.")


@dataclasses.dataclass(frozen=True, slots=True)
class BallParams(Params):
    epsilon: float = number(4.0, 0.0, 64.0, help="Budget.")


def method(kind, name, params):
    return Method(kind, name, name, "", "", "", params, lambda facts: "", False, print)


METHODS = (
    method("heatmap", "grad-cam", MapParams),
    method("attack", "pgd", BallParams),
    method("defence", "blur", MapParams),
)
CAT, DOG = ImageRef(path="/p/cat.png", sha256="1"), ImageRef(path="/p/dog.png", reduced=True)
LAYER = LayerFacts(
    "stem", "Conv2d", 0, "", (8, 4, 4), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
    (3, 3), (1, 1), (1, 1), 1, True, "conv",
)  # fmt: skip
FACTS = ModelFacts(
    "net", "net", "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
    tuple(map(str, range(10))), 10, 10, (LAYER,), "stem", True,
)  # fmt: skip


def fresh():
    made = AppState()
    made.share(methods=METHODS, facts=FACTS)
    made.choose_method("heatmap", "grad-cam")
    made.choose_method("attack", "pgd")
    return made


@pytest.fixture
def worked():
    state = fresh()
    own = CheckpointRef(path="/w/own.pt", sha256="2", labels=("a", "b"), mean=(0.1, 0.2, 0.3))
    state.share(strip=(StripEntry(CAT, "cat"), StripEntry(DOG, "dog")))
    state.use_network(ModelRef(name="resnet18", checkpoint=own), FACTS)
    state.use_second(ModelRef(name="lenet5", untrained=True, seed=3), FACTS)
    state.select(image=CAT)
    state.select(
        layer="stem", channel=2, target=4, against=1, truth=(1, 2, 3, 4), stage="attack",
        edits=(ChannelEdit(layer="stem", channel=1, factor=0.5),),
        heatmap_parameters=MapParams(sharpness=0.5), defences_off=("blur",),
    )  # fmt: skip
    state.select(attack_parameters=BallParams(epsilon=2.5), attack_started=True)
    state.show(
        opacity=0.3, attack_view="race", epsilon_unit="one",
        locked_range=LockedRange(method="grad-cam", signed=False, low=0.0, high=2.0),
    )  # fmt: skip
    return state


def opened(data, state=None):
    state = state or fresh()
    return session_file.read(session_file.decode(data), state.shared.method, state)


def test_all_that_is_set_comes_back(worked):
    read = opened(session_file.write(worked))
    assert read.reset == () and read.pictures == (CAT, DOG)
    before = settings_fields.values(worked.selection, worked.display)
    told = {"attack_told"}
    assert {n for n in before if before[n] != read.values[n]} <= told
    assert read.remembered["attack", "pgd"] == BallParams(epsilon=2.5)


def test_what_was_begun_by_hand_is_not_in_it(worked):
    worked.select(race_started=True, plane_started=True, borders_started=True)
    worked.select(feature_started=True, sheet_started=True, plane_point=(0.5, 0.5))
    values = opened(session_file.write(worked)).values
    assert not any(value for name, value in values.items() if name.endswith("_started")) or {
        name for name, value in values.items() if name.endswith("_started") and value
    } == {"attack_started"}
    assert values["attack_told"] is None and values["plane_point"] is None


def test_reading_and_writing_again_gives_the_same_file(worked):
    data = session_file.write(worked)
    read, state = opened(data), fresh()
    state.share(strip=tuple(StripEntry(ref, "") for ref in read.pictures))
    state.remembered.update(read.remembered)
    state.bring_back(read.values)
    assert session_file.write(state) == data


def changed(worked, path, value):
    raw = json.loads(session_file.write(worked))
    part = raw
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return json.dumps(raw).encode()


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("settings", "opacity"), 7.0, "opacity"),
        (("settings", "opacity"), "much", "opacity"),
        (("settings", "attack_view"), "elsewhere", "attack_view"),
        (("settings", "place_share"), 0, "place_share"),
        (("settings", "channel"), -1, "channel"),
        (("settings", "channel"), True, "channel"),
        (("settings", "edits"), [{"layer": "stem", "channel": 1, "run": "x"}], "edits"),
        (("settings", "attack_parameters"), {"epsilon": 1e9}, "attack_parameters"),
        (("settings", "attack_parameters"), {"epsilon": [1]}, "attack_parameters"),
        (("settings", "attack_method"), "magic", "attack_method"),
        (("settings", "race_attacks"), ["magic"], "race_attacks"),
        (("settings", "plane_parameters"), {"reach": -3}, "plane_parameters"),
        (("settings", "similar_folder"), "../here", "similar_folder"),
        (("settings", "novelty"), 1, "'novelty'"),
        (("novelty",), 1, "'novelty'"),
        (("image",), {"path": "cat.png"}, "image"),
        (("image",), {"path": "/p/a\u0000b.png"}, "image"),
        (("model",), {"name": "given:mine"}, "model"),
        (("model",), 5, "model"),
        (("pictures",), {"a": 1}, "pictures"),
        (("pictures",), [CAT.path], "a picture"),
        (("parameters",), {"attack:pgd": 3}, "parameters of 'pgd'"),
        (("settings",), [], "settings"),
    ],
)
def test_what_is_not_valid_is_as_usual_and_told(worked, path, value, named):
    read = opened(changed(worked, path, value))
    assert read.reset == (named,)
    usual = settings_fields.values(*(lambda s: (s.selection, s.display))(fresh()))
    if path[0] == "settings" and path[-1] in usual and path[-1] != "attack_method":
        assert read.values[path[-1]] == usual[path[-1]]
    if path != ("settings",):
        assert read.values["truth"] == (1, 2, 3, 4)  # the rest is as it was


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "damaged"),
        (b"{}", "no session"),
        (b"[]", "no session"),
        (b'{"format": true}', "no session"),
        (b'{"format": 2}', "newer"),
        (b'{"format": 1, "settings"', "damaged"),
        (b"\xff\xfe", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b" " * 1_000_001, "1 MB"),
    ],
)
def test_what_is_no_session_is_refused_in_one_sentence(data, said):
    with pytest.raises(RequestError, match=said):
        session_file.decode(data)


_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
_FIELDS = st.sampled_from(
    [("settings", name) for name in session_file.KEPT]
    + [(name,) for name in ("model", "second", "image", "pictures", "settings", "parameters")]
)


@settings(max_examples=80, deadline=None)
@given(_FIELDS, _JSON)
def test_nothing_that_stands_in_a_file_is_raised(path, value):
    state = fresh()
    state.select(image=CAT)
    read = opened(changed(state, path, value), state)
    session_file.fitting(read.values, FACTS)
    state.bring_back(read.values)
    session_file.write(state)


def test_what_the_network_has_not_is_reset(worked):
    read = opened(session_file.write(worked))
    values, reset = session_file.fitting(read.values, FACTS)
    assert reset == () and values == read.values
    wrong = read.values | {"layer": "gone", "target": 10, "channel": 8}
    values, reset = session_file.fitting(wrong, FACTS)
    assert set(reset) == {"layer", "target", "channel"}
    assert values["layer"] == "" and values["target"] is None and values["channel"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grid_classes", (3, 10)),
        ("plane_class", -1),
        ("cell", (0, -1)),
        ("input_channel", -1),
        ("sweep_maximum", 1e9),
        ("feature_second", Unit(layer="gone", channel=1)),
        ("feature_second", Unit(layer="stem", channel=8)),
        ("feature_second", Unit(layer="", channel=10)),
    ],
)
def test_what_no_session_could_hold_is_reset_as_well(worked, name, value):
    usual = settings_fields.values(AppState().selection, AppState().display)
    values = settings_fields.values(worked.selection, worked.display)
    fit, reset = session_file.fitting(values | {name: value}, FACTS)
    assert reset == (name,) and fit[name] == usual[name]
    kept = {"feature_second": Unit(layer="stem", channel=7), "cell": (0, 1)}
    assert session_file.fitting(values | kept, FACTS) == (values | kept, ())


def test_of_very_many_pictures_the_file_keeps_as_many_as_can_be_read(worked):
    refs = [ImageRef(path=f"/p/{'x' * 200}{number}.png", sha256="0" * 64) for number in range(5000)]
    worked.share(strip=tuple(StripEntry(ref, "") for ref in refs))
    read = opened(session_file.write(worked))
    assert len(read.pictures) > 500 and read.pictures == tuple(refs[: len(read.pictures)])
    assert read.reset == () and read.values["image"] == CAT


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("settings", "grid_methods"), ["grad-cam"] * 60_000),
        (("settings", "grid_layers"), ["stem"] * 100_000),
        (("settings", "edits"), [{"layer": "stem", "channel": 1}] * 25_000),
        (("parameters",), {f"heatmap:x{n}": 0 for n in range(40_000)}),
        (("settings",), {f"k{n}": 0 for n in range(60_000)}),
        (("pictures",), [0] * 400_000),
    ],
    ids=lambda one: "/".join(one) if isinstance(one, tuple) else "",
)
def test_a_file_of_very_many_entries_costs_and_names_little(worked, path, value):
    data = changed(worked, path, value).replace(b", ", b",").replace(b": ", b":")
    asked, state = [], fresh()

    def known(kind, name):
        asked.append(name)
        return state.shared.method(kind, name)

    read = session_file.read(session_file.decode(data), known, state)
    assert 0 < len(read.reset) <= 100
    assert len(asked) < 2100
    assert not read.values["grid_layers"] and len(read.values["edits"]) < 2
