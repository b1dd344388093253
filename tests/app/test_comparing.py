"""Two networks side by side, as the controller brings them about."""

import pytest

from cnnviz_gui.core.request import Attack, Heatmap, ImageRef, ModelRef, OpenModel, Predict
from cnnviz_gui.state import comparison_view, prediction_view

NET, OTHER, DIGITS = (ModelRef(name=name) for name in ("net", "other", "digits"))


@pytest.fixture
def two(bench, qtbot):
    bench.begin(qtbot)
    bench.state.choose_method("attack", "fgsm")
    bench.controller.choose_second(OTHER)
    qtbot.waitUntil(lambda: bench.state.finding("heatmap-second").status == "done")
    return bench


def settled(bench, lane):
    return lambda: bench.state.finding(lane).status == "done"


def asked(bench, kind, model):
    return [one for one in bench.computer.asked if isinstance(one, kind) and one.model == model]


def test_a_second_network_is_asked_about_the_same_picture_and_class(two):
    state = two.state
    assert state.selection.second == OTHER and state.shared.second_facts.name == "other"
    assert state.shared.pending_second is None
    assert state.selection.model == NET
    prediction = state.finding("predict-second")
    assert prediction.request.image == state.selection.image
    assert state.finding("heatmap-second").request.target == prediction_view.winner(state).index


def test_the_two_are_opened_to_be_kept_together(two, qtbot):
    assert two.computer.asked.count(OpenModel(model=OTHER, beside=NET)) == 1
    two.controller.choose_model(DIGITS)
    qtbot.waitUntil(lambda: two.state.selection.model == DIGITS)
    assert OpenModel(model=DIGITS, beside=OTHER) in two.computer.asked


def test_the_first_network_answers_while_the_second_is_being_opened(bench, qtbot):
    bench.begin(qtbot)
    bench.computer.go_on.clear()
    bench.computer.held.clear()
    bench.controller.choose_second(OTHER)
    qtbot.waitUntil(bench.computer.held.is_set)
    assert bench.state.shared.pending_second == OTHER
    assert bench.state.selection.second is None
    assert bench.state.shared.facts.name == "net"
    bench.computer.go_on.set()
    qtbot.waitUntil(lambda: bench.state.selection.second == OTHER)


def test_a_second_network_that_cannot_be_opened_changes_nothing(two, qtbot):
    before = two.state.selection
    two.controller.choose_second(ModelRef(name="bad"))
    qtbot.waitUntil(lambda: two.state.shared.notice is not None)
    assert "no network 'bad'" in two.state.shared.notice.text
    assert two.state.selection == before
    assert two.state.shared.pending_second is None
    assert two.state.finding("predict-second").status == "done"


def test_a_network_is_not_compared_with_itself(two, qtbot):
    two.controller.choose_second(NET)
    assert "in use already" in two.state.shared.notice.text
    assert two.state.selection.second == OTHER


def test_the_end_of_a_comparison_leaves_the_first_network_as_it_is(two, qtbot):
    prediction = two.state.finding("predict")
    two.controller.stop_comparing()
    assert two.state.selection.second is None and two.state.shared.second_facts is None
    qtbot.waitUntil(lambda: two.computer.asked[-1] == OpenModel(model=NET))
    qtbot.waitUntil(lambda: not two.engine.busy)
    assert two.state.finding("predict") == prediction
    assert two.state.finding("predict-second").value is None
    assert two.state.selection.model == NET and two.state.shared.facts.name == "net"
    assert "heatmap-second" not in two.controller._asked


def test_a_second_network_still_being_opened_can_be_given_up(bench, qtbot):
    bench.begin(qtbot)
    bench.computer.go_on.clear()
    bench.computer.held.clear()
    bench.controller.choose_second(OTHER)
    qtbot.waitUntil(bench.computer.held.is_set)
    bench.controller.stop_comparing()
    bench.computer.go_on.set()
    qtbot.waitUntil(lambda: not bench.engine.busy)
    qtbot.waitUntil(lambda: bench.state.shared.pending_second is None)
    assert bench.state.selection.second is None


def test_swapping_computes_no_prediction_anew(two, qtbot):
    before = len([one for one in two.computer.asked if isinstance(one, Predict)])
    opened = len([one for one in two.computer.asked if isinstance(one, OpenModel)])
    two.controller.swap_networks()
    qtbot.waitUntil(settled(two, "heatmap-second"))
    state = two.state
    assert (state.selection.model, state.selection.second) == (OTHER, NET)
    assert (state.shared.facts.name, state.shared.second_facts.name) == ("other", "net")
    assert state.finding("predict").request.model == OTHER
    assert state.finding("predict-second").request.model == NET
    assert len([one for one in two.computer.asked if isinstance(one, Predict)]) == before
    assert len([one for one in two.computer.asked if isinstance(one, OpenModel)]) == opened


def test_to_open_the_second_network_is_to_swap(two, qtbot):
    two.controller.choose_model(OTHER)
    assert (two.state.selection.model, two.state.selection.second) == (OTHER, NET)
    assert two.state.shared.pending_model is None


def test_a_target_both_know_survives_the_swap_and_no_other(two, qtbot):
    two.state.select(target=1)
    two.controller.swap_networks()
    assert two.state.selection.target == 1
    two.controller.choose_second(DIGITS)
    qtbot.waitUntil(lambda: two.state.selection.second == DIGITS)
    two.controller.swap_networks()
    assert two.state.selection.target is None


def test_another_first_network_leaves_what_the_second_said(two, qtbot):
    before = two.state.finding("predict-second")
    two.controller.choose_model(DIGITS)
    qtbot.waitUntil(lambda: two.state.selection.model == DIGITS)
    assert two.state.selection.second == OTHER
    assert two.state.finding("predict-second") is before
    qtbot.waitUntil(settled(two, "heatmap-second"))
    assert two.state.finding("heatmap-second").request.target is None
    assert len(asked(two, Predict, OTHER)) == 1


def test_another_picture_concerns_both(two, qtbot):
    two.gallery.open(ImageRef(path="dog.png"))
    qtbot.waitUntil(lambda: comparison_view.second_prediction(two.state) is not None)
    qtbot.waitUntil(lambda: two.state.selection.image.path == "dog.png")
    for lane in ("predict-second", "heatmap-second"):
        qtbot.waitUntil(lambda lane=lane: two.state.finding(lane).request.image.path == "dog.png")


def test_going_back_to_a_picture_computes_nothing(two, qtbot):
    two.gallery.open(ImageRef(path="dog.png"))
    qtbot.waitUntil(lambda: len(asked(two, Heatmap, OTHER)) == 2)
    qtbot.waitUntil(settled(two, "heatmap-second"))
    two.gallery.open(ImageRef(path="cat.png"))
    finding = two.state.finding
    qtbot.waitUntil(lambda: finding("heatmap-second").request.image.path == "cat.png")
    assert finding("heatmap-second").status == "done"
    assert len(asked(two, Heatmap, OTHER)) == 2 == len(asked(two, Predict, OTHER))


def test_the_second_network_is_asked_of_an_attack_once_it_is_there(two, qtbot):
    two.computer.attacking.clear()
    two.state.select(stage="attack", attack_started=True)
    qtbot.waitUntil(lambda: bool(asked(two, Attack, NET)))
    assert "attack-transfer" not in two.controller._asked
    two.computer.attacking.set()
    qtbot.waitUntil(settled(two, "attack-transfer"))
    request = two.state.finding("attack-transfer").request
    assert request.attack == two.state.finding("attack").request
    assert (request.model, request.attack.model) == (OTHER, NET)
    assert comparison_view.shown_transfer(two.state).current


def test_an_attack_that_was_stopped_is_not_computed_for_the_second_network(two, qtbot):
    two.computer.attacking.clear()
    two.state.select(stage="attack", attack_started=True)
    qtbot.waitUntil(lambda: bool(asked(two, Attack, NET)))
    two.controller.cancel_all()
    two.computer.attacking.set()
    qtbot.waitUntil(lambda: not two.engine.busy)
    assert not [one for one in asked(two, Predict, OTHER) if one.attack is not None]


def test_two_chosen_in_haste_are_kept_together_all_the_same(bench, qtbot):
    """Each was sent off before the other had come, and knew nothing of it."""
    bench.begin(qtbot)
    bench.computer.go_on.clear()
    bench.computer.held.clear()
    bench.controller.choose_second(OTHER)
    qtbot.waitUntil(bench.computer.held.is_set)
    bench.controller.choose_model(DIGITS)
    bench.computer.go_on.set()
    qtbot.waitUntil(lambda: bench.state.selection.model == DIGITS)
    qtbot.waitUntil(lambda: bench.state.selection.second == OTHER)
    told = OpenModel(model=OTHER, beside=DIGITS)
    qtbot.waitUntil(lambda: bench.computer.asked.count(told) == 1)
    qtbot.waitUntil(lambda: bench.state.finding("heatmap-second").status == "done")
    last = [one for one in bench.computer.asked if isinstance(one, OpenModel)][-1]
    assert last == told


def test_a_network_chosen_both_as_first_and_second_stands_alone(bench, qtbot):
    bench.begin(qtbot)
    bench.computer.go_on.clear()
    bench.computer.held.clear()
    bench.controller.choose_second(OTHER)
    qtbot.waitUntil(bench.computer.held.is_set)
    bench.controller.choose_model(OTHER)
    bench.computer.go_on.set()
    qtbot.waitUntil(lambda: bench.state.selection.model == OTHER)
    qtbot.waitUntil(lambda: not bench.engine.busy)
    qtbot.waitUntil(lambda: bench.state.shared.pending_second is None)
    assert bench.state.selection.second is None
