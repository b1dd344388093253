"""What rests once the user has stopped it, view by view."""

import pytest

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state import attack_folder_view, resting
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding
from tests.state.test_plan import BallParams

ASKED = HeatmapFolder(
    model=ModelRef(name="net"),
    folder=FolderRef(path="/p"),
    method="saliency",
    parameters=BallParams(),
)


@pytest.fixture
def state() -> AppState:
    made = AppState()
    facts = ModelFacts(
        "net", "net", "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (), "", True,
    )  # fmt: skip
    made.use_network(ModelRef(name="net"), facts)
    return made


def stop(state, *lanes):
    """Stop lanes before anything is found."""
    for lane in lanes:
        state.found(lane, Finding().waiting(ASKED).stopped())


@pytest.fixture
def attacking(state):
    state.select(
        stage="attack", attack_method="pgd", attack_parameters=BallParams(), attack_started=True
    )
    stop(
        state,
        "attack",
        "sweep",
        "attack-steps",
        "defences",
        "defences-known",
        "borders",
        "attack-race",
    )
    return state


@pytest.mark.parametrize(
    ("view", "rests"),
    [
        ("picture", {"attack", "sweep"}),
        ("steps", {"attack", "attack-steps"}),
        ("defences", {"attack", "defences", "defences-known"}),
        ("borders", {"attack", "borders"}),
        ("race", set()),
    ],
)
def test_each_view_goes_on_with_what_it_shows(attacking, view, rests):
    attacking.select(borders_started=True)
    attacking.show(attack_view=view)
    assert set(resting.in_sight(attacking)) == rests, "a race is to be begun"
    attacking.select(stage="layers")
    assert resting.in_sight(attacking) == ()


@pytest.mark.parametrize("how", [{"maps_beside": True}, {"map_order": "moved"}])
def test_the_attacked_maps_of_a_layer_rest_where_they_are_shown(attacking, how):
    attacking.select(stage="layers")
    stop(attacking, "layer-attacked")
    assert resting.in_sight(attacking) == (), "they are not in sight"
    attacking.show(**how)
    assert resting.in_sight(attacking) == ("layer-attacked",)
    attacking.show(layer_view="statistics")
    assert resting.in_sight(attacking) == ()


def test_beside_a_race_that_is_done_the_attack_goes_on(attacking):
    attacking.select(race_started=True)
    attacking.show(attack_view="race")
    assert resting.in_sight(attacking) == ("attack-race", "attack"), "its own comes first"
    attacking.found("attack-race", Finding())
    assert resting.in_sight(attacking) == ("attack",)


def test_of_an_attack_that_was_not_begun_nothing_rests(attacking):
    attacking.select(attack_started=False)
    attacking.show(attack_view="defences")
    assert resting.in_sight(attacking) == ()


def test_a_folder_of_attacks_rests_unless_another_one_can_be_begun(attacking):
    attacking.show(attack_view="folder")
    attacking.select(folder="/p")
    begun = attack_folder_view.wanted(attacking)
    attacking.select(attack_folder=begun)
    assert resting.in_sight(attacking) == ()
    attacking.found("attack-folder", Finding().waiting(begun).stopped())
    assert resting.in_sight(attacking) == ("attack-folder",)
    attacking.select(target=1)
    assert resting.in_sight(attacking) == ()


def test_a_folder_of_heat_maps_rests(state):
    state.select(stage="heatmaps", folder="/p")
    stop(state, "heatmap", "heatmap-folder")
    assert resting.in_sight(state) == (), "it is not in sight"
    state.show(heatmap_view="folder")
    assert resting.in_sight(state) == ("heatmap-folder",)
    state.select(folder="")
    assert resting.in_sight(state) == ()


def test_the_hand_begins_and_goes_on_in_one_way(attacking):
    resumed = []
    attacking.show(attack_view="steps")
    assert resting.go_on(attacking, resumed.append) and set(resumed) == {"attack", "attack-steps"}
    resumed.clear()
    attacking.select(stage="layers", attack_started=False)
    assert not resting.go_on(attacking, resumed.append) and not attacking.selection.attack_started
    resting.begin(attacking, resumed.append, stage="attack")
    assert attacking.selection.attack_started and attacking.selection.stage == "attack"
    assert resumed == [], "it has not been begun"
    resting.begin(attacking, resumed.append)
    assert set(resumed) == {"attack", "attack-steps"}
