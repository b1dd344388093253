"""Which actions would do nothing, and what is said of it."""

import dataclasses

import pytest

from cnnviz_gui.core.request import Attack, ChannelEdit, ImageRef, ModelRef
from cnnviz_gui.state.app_state import Activity, AppState, StripEntry
from cnnviz_gui.state.applying import why_not
from cnnviz_gui.state.finding import Finding
from tests.state.test_plan import FACTS, BallParams

CAT = ImageRef(path="cat.png")
ATTACK = Attack(model=ModelRef(name="net"), image=CAT, method="pgd", parameters=BallParams())


@pytest.fixture
def state():
    made = AppState()
    made.use_network(ModelRef(name="net"), FACTS)
    made.share(strip=(StripEntry(CAT, "cat.png"),))
    made.select(image=CAT, attack_method="pgd", attack_parameters=BallParams(), sweep_maximum=4.0)
    return made


def grey(state):
    return {name for name, reason in why_not(state).items() if reason}


def test_before_anything_is_open_hardly_anything_can_be_done():
    said = why_not(AppState())
    assert all(said.values()), [name for name, reason in said.items() if not reason]
    assert "network" in said["start_attack"] and "network" in said["next_layer"]
    made = AppState()
    made.use_network(ModelRef(name="net"), FACTS)
    assert "picture" in why_not(made)["start_attack"]
    assert {"search_layers", "save_layers", "choose_target", "compare"}.isdisjoint(grey(made))


def test_the_strip_leads_to_other_pictures_only(state):
    assert {"next_picture", "previous_picture"} <= grey(state)
    state.share(strip=(*state.shared.strip, StripEntry(ImageRef(path="cup.png"), "cup.png")))
    assert {"next_picture", "previous_picture"}.isdisjoint(grey(state))


def test_what_is_chosen_already_is_no_choice(state):
    assert {"clear_target", "recommended_layer", "restore_channels"} <= grey(state)
    state.select(target=1, edits=(ChannelEdit(layer="head", channel=0),))
    assert {"clear_target", "restore_channels"}.isdisjoint(grey(state))


def test_layers_end(state):
    assert {"next_layer", "previous_layer"} <= grey(state), "there is one"
    other = dataclasses.replace(FACTS.layers[0], name="neck")
    facts = dataclasses.replace(FACTS, layers=(other, *FACTS.layers))
    state.use_network(ModelRef(name="other"), facts)
    assert "next_layer" in grey(state) and "previous_layer" not in grey(state)
    state.select(layer="neck")
    assert "next_layer" not in grey(state) and "previous_layer" in grey(state)
    assert "recommended_layer" not in grey(state)


def test_an_attack_is_begun_once_and_gone_on_with(state):
    assert "start_attack" not in grey(state), "it leads to the page"
    state.select(stage="attack")
    assert "start_attack" not in grey(state)
    state.select(attack_started=True)
    assert "F5" in why_not(state)["start_attack"]
    state.found("attack", Finding().waiting(ATTACK).stopped())
    assert "start_attack" not in grey(state)
    state.show(attack_view="folder")
    assert "folder" in why_not(state)["start_attack"]


def test_the_slider_ends(state):
    assert "epsilon_up" in grey(state) and "epsilon_down" not in grey(state)
    assert why_not(state)["epsilon_up"].endswith("typed in, makes it longer.")
    state.select(attack_parameters=BallParams(epsilon=0.0))
    assert "epsilon_up" not in grey(state) and "epsilon_down" in grey(state)
    assert why_not(state)["epsilon_down"].endswith("at the start of its axis.")


def test_the_layout_is_that_of_the_map(state):
    state.select(stage="heatmaps")
    assert "toggle_layout" not in grey(state)
    state.show(heatmap_view="grid")
    assert "toggle_layout" in grey(state)
    state.show(heatmap_view="map")
    state.select(stage="attack")
    assert "toggle_layout" in grey(state)


def test_there_is_something_to_cancel_while_something_runs_or_waits(state):
    assert {"cancel", "cancel_all"} <= grey(state)
    state.share(waiting=1)
    assert "cancel" in grey(state) and "cancel_all" not in grey(state)
    state.share(activity=Activity("PGD", "attack"))
    assert {"cancel", "cancel_all"}.isdisjoint(grey(state))
