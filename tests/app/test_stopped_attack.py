"""An attack that the user stops is not computed for what else is asked of it."""

import pytest

from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.masking_requests import Masking
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Attack, Heatmap, InspectLayer, Sweep, UseDevice
from cnnviz_gui.core.result import Result
from cnnviz_gui.state import defence_plan, resting
from tests.app.conftest import MapParams

_DEFENCE = Method(
    "defence", "blur", "Blur", "", "", "", MapParams, lambda facts: "", False, print
)  # fmt: skip
_OTHERS = (AdaptiveAttacks, AttackSteps, Defences, InspectLayer, Masking)


def attacking(bench, qtbot, view, *, scaled=False, known=False):
    """Begin an attack that does not end, in a view, and return how much was asked before."""
    computer, state = bench.computer, bench.state
    of_bench = computer.execute

    def execute(request, session, ctx):
        if not isinstance(request, _OTHERS):
            return of_bench(request, session, ctx)
        computer.asked.append(request)
        computer.attacking.wait(5)
        ctx.check()
        raise ModelError("It is no part of the test.")

    computer.execute = execute
    bench.begin(qtbot)
    state.share(methods=(*state.shared.methods, _DEFENCE))
    state.choose_method("attack", "fgsm")
    state.show(attack_view=view)
    computer.attacking.clear()
    before = len(computer.asked)
    state.select(stage="attack", attack_started=True, attack_scaled=scaled)
    if known:
        state.select(**defence_plan.with_known(state, ("blur",)))
    first = "attack-steps" if view == "steps" else "attack"
    qtbot.waitUntil(lambda: state.shared.activity is not None)
    qtbot.waitUntil(lambda: state.shared.activity.lane == first)
    return before


def kinds(bench, before):
    """Return what was asked since, but for a heat map of the picture as it is."""
    asked = bench.computer.asked[before:]
    return [type(one) for one in asked if getattr(one, "attack", True) is not None]


def stopped(bench, qtbot):
    """Stop as Escape does, and wait until the worker has nothing to do."""
    bench.controller.cancel()
    bench.computer.attacking.set()
    qtbot.waitUntil(lambda: bench.state.finding("attack").halted)
    qtbot.waitUntil(lambda: not bench.engine.busy)


@pytest.mark.parametrize(
    ("view", "more", "rest"),
    [
        ("picture", {}, []),
        ("picture", {"scaled": True}, []),
        ("picture", {"known": True}, []),
        ("steps", {}, []),
        ("defences", {}, []),
        ("defences", {"known": True}, []),
    ],
)
def test_nothing_computes_an_attack_that_was_stopped(bench, qtbot, view, more, rest):
    before = attacking(bench, qtbot, view, **more)
    stopped(bench, qtbot)
    first = AttackSteps if view == "steps" else Attack
    assert kinds(bench, before) == [first, *rest]


@pytest.mark.parametrize(
    ("view", "more", "goes_on"),
    [
        ("picture", {}, {Attack, Heatmap, Sweep}),
        ("picture", {"scaled": True}, {Attack, Heatmap, Sweep}),
        ("steps", {}, {AttackSteps, Attack}),
        ("defences", {"known": True}, {Attack, Defences, Masking, AdaptiveAttacks}),
    ],
)
def test_what_was_stopped_with_an_attack_goes_on_with_it(bench, qtbot, view, more, goes_on):
    attacking(bench, qtbot, view, **more)
    stopped(bench, qtbot)
    after = len(bench.computer.asked)
    for lane in resting.in_sight(bench.state):
        bench.controller.resume(lane)
    qtbot.waitUntil(lambda: goes_on <= set(kinds(bench, after)))
    qtbot.waitUntil(lambda: not bench.engine.busy)
    assert not resting.in_sight(bench.state)


@pytest.mark.parametrize("anew", ["again", "elsewhere"])
def test_what_rests_is_not_begun_by_what_is_computed_anew_elsewhere(bench, qtbot, anew):
    state, controller = bench.state, bench.controller
    attacking(bench, qtbot, "steps")
    stopped(bench, qtbot)
    after = len(bench.computer.asked)
    state.select(stage="heatmaps")
    qtbot.waitUntil(lambda: state.finding("heatmap").status == "done")
    if anew == "again":
        controller.compute_again()
    else:
        controller.use_device("cpu")
    qtbot.waitUntil(lambda: not bench.engine.busy)
    qtbot.waitUntil(lambda: len(bench.computer.asked) > after)
    state.select(stage="attack")
    qtbot.waitUntil(lambda: state.shared.activity is None and not controller._soon.isActive())
    assert kinds(bench, after).count(Attack) == kinds(bench, after).count(AttackSteps) == 0
    assert set(resting.in_sight(state)) == {"attack", "attack-steps"}
    controller.compute_again()
    qtbot.waitUntil(lambda: {Attack, AttackSteps} <= set(kinds(bench, after)))


@pytest.mark.parametrize(("view", "lane"), [("defences", "defences"), ("steps", "attack-steps")])
def test_another_view_does_not_compute_what_was_stopped(bench, qtbot, view, lane):
    """It says that it rests; going on there goes on with the attack itself."""
    before = attacking(bench, qtbot, "picture", scaled=True)
    stopped(bench, qtbot)
    bench.state.show(attack_view=view)
    qtbot.waitUntil(lambda: bench.state.finding(lane).halted)
    qtbot.waitUntil(lambda: not bench.engine.busy)
    assert kinds(bench, before) == [Attack]
    assert {"attack", lane} <= set(resting.in_sight(bench.state))
    bench.controller.resume(lane)
    more = {"defences": Defences, "steps": AttackSteps}[view]
    qtbot.waitUntil(lambda: {Attack, more} <= set(kinds(bench, before)[1:]))


def test_what_is_known_is_shown_though_the_attack_rests(bench, qtbot):
    attacking(bench, qtbot, "picture", scaled=True)
    stopped(bench, qtbot)
    bench.state.show(attack_view="defences")
    qtbot.waitUntil(lambda: bench.state.finding("defences").halted)
    asked = bench.state.finding("defences").asked
    bench.controller._history.keep(asked, Result())
    bench.state.show(attack_view="picture")
    bench.state.show(attack_view="defences")
    qtbot.waitUntil(lambda: bench.state.finding("defences").status == "done")


def test_another_attack_is_computed_though_one_was_stopped(bench, qtbot):
    attacking(bench, qtbot, "picture", scaled=True)
    stopped(bench, qtbot)
    after = len(bench.computer.asked)
    bench.state.show(attack_view="defences")
    bench.state.select(target=1)
    qtbot.waitUntil(lambda: {Attack, Defences} <= set(kinds(bench, after)))


@pytest.mark.parametrize("elsewhere", ["defences", "steps"])
def test_what_only_waited_for_a_stopped_attack_is_begun_once_that_went_on(bench, qtbot, elsewhere):
    """Nobody stopped it: it said that it rests while the attack did."""
    state = bench.state
    before = attacking(bench, qtbot, "picture", scaled=True)
    stopped(bench, qtbot)
    state.show(attack_view=elsewhere)
    qtbot.waitUntil(lambda: state.finding(elsewhere.replace("steps", "attack-steps")).halted)
    state.show(attack_view="picture")
    for lane in resting.in_sight(state):
        bench.controller.resume(lane)
    qtbot.waitUntil(lambda: state.finding("attack").status == "done")
    more = {"defences": Defences, "steps": AttackSteps}[elsewhere]
    assert more not in kinds(bench, before)
    state.show(attack_view=elsewhere)
    qtbot.waitUntil(lambda: more in kinds(bench, before))


def test_what_was_stopped_for_the_sake_of_an_attack_goes_on_with_it_in_any_view(bench, qtbot):
    state = bench.state
    attacking(bench, qtbot, "picture", scaled=True)
    stopped(bench, qtbot)
    assert state.finding("sweep").halted and state.finding("heatmap-attacked").halted
    after = len(bench.computer.asked)
    state.show(attack_view="defences")
    qtbot.waitUntil(lambda: state.finding("defences").halted)
    for lane in resting.in_sight(state):
        bench.controller.resume(lane)
    qtbot.waitUntil(lambda: state.finding("attack").status == "done")
    assert Sweep not in kinds(bench, after), "it is not in sight"
    state.show(attack_view="picture")
    qtbot.waitUntil(lambda: {Heatmap, Sweep} <= set(kinds(bench, after)))


def test_what_the_user_stopped_after_its_first_answer_waits_for_him(bench, qtbot):
    """Although the attack that it is of was stopped and went on meanwhile."""
    state = bench.state
    attacking(bench, qtbot, "picture", scaled=True)
    bench.computer.attacking.set()
    qtbot.waitUntil(lambda: state.finding("sweep").status == "done")
    qtbot.waitUntil(lambda: not bench.engine.busy)
    state.found("sweep", state.finding("sweep").stopped())
    bench.computer.attacking.clear()
    bench.controller._asked.pop("attack")
    bench.controller._history.clear()
    bench.controller._reconcile()
    qtbot.waitUntil(lambda: state.shared.activity is not None)
    stopped(bench, qtbot)
    before = len(bench.computer.asked)
    bench.controller.resume("attack")
    qtbot.waitUntil(lambda: state.finding("attack").status == "done")
    qtbot.waitUntil(lambda: not bench.engine.busy and not bench.controller._soon.isActive())
    assert Sweep not in kinds(bench, before) and state.finding("sweep").halted


@pytest.mark.parametrize("how", [{"maps_beside": True}, {"map_order": "moved"}])
@pytest.mark.parametrize("on", ["resume", "again"])
def test_the_maps_of_a_layer_do_not_compute_an_attack_that_was_stopped(bench, qtbot, how, on):
    state, controller = bench.state, bench.controller
    before = attacking(bench, qtbot, "picture")
    stopped(bench, qtbot)
    state.show(**how)
    state.select(stage="layers")
    qtbot.waitUntil(lambda: state.finding("layer-attacked").halted)
    qtbot.waitUntil(lambda: not bench.engine.busy)
    assert InspectLayer not in kinds(bench, before)
    assert resting.in_sight(state) == ("layer-attacked",)
    if on == "resume":
        controller.resume("layer-attacked")
    else:
        controller.compute_again()
    qtbot.waitUntil(lambda: InspectLayer in kinds(bench, before))


def test_the_maps_of_a_layer_are_computed_for_another_attack_than_the_stopped_one(bench, qtbot):
    before = attacking(bench, qtbot, "picture")
    stopped(bench, qtbot)
    bench.state.show(maps_beside=True)
    bench.state.select(stage="layers", target=1)
    qtbot.waitUntil(lambda: InspectLayer in kinds(bench, before))


@pytest.mark.parametrize("view", ["picture", "steps", "defences"])
def test_another_device_begins_nothing_that_was_stopped(bench, qtbot, view):
    state, controller = bench.state, bench.controller
    before = attacking(bench, qtbot, view, scaled=True)
    stopped(bench, qtbot)
    rest, asked = resting.in_sight(state), kinds(bench, before)
    known = len(bench.computer.asked)
    controller.use_device("cpu")
    qtbot.waitUntil(lambda: len(bench.computer.asked) > known)
    controller._reconcile()
    qtbot.waitUntil(lambda: not bench.engine.busy)
    assert resting.in_sight(state) == rest
    assert [kind for kind in kinds(bench, before) if kind is not UseDevice] == asked
    controller.compute_again()
    qtbot.waitUntil(lambda: set(asked) <= set(kinds(bench, known)))
