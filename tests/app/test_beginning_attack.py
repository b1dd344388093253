"""An attack that takes long is asked of the worker only where the hand wants it."""

import dataclasses
from dataclasses import dataclass

from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Attack
from cnnviz_gui.state import resting


@dataclass(frozen=True, slots=True)
class QueryParams(Params):
    epsilon: float = number(4.0, 0.0, 64.0, help="Budget.")
    queries: int = number(1000, 1, 20000, help="Queries.")


_SLOW = Method(
    "attack", "square", "Square", "", "", "", QueryParams, lambda facts: "", False, print
)  # fmt: skip


def test_the_slider_of_a_long_attack_asks_nothing_and_the_button_does(bench, qtbot):
    bench.begin(qtbot)
    state, controller = bench.state, bench.controller

    def epsilons():
        return [one.parameters.epsilon for one in bench.computer.asked if isinstance(one, Attack)]

    def slide(epsilon):
        moved = dataclasses.replace(state.selection.attack_parameters, epsilon=epsilon)
        state.select(attack_started=True, attack_parameters=moved)

    def settled():
        qtbot.waitUntil(lambda: not controller._soon.isActive() and not bench.engine.busy)

    state.share(methods=(*state.shared.methods, _SLOW))
    state.choose_method("attack", "square")
    state.select(stage="attack", attack_started=True)
    qtbot.waitUntil(lambda: state.finding("attack").status == "done")
    slide(2.3)
    settled()
    assert epsilons() == [4.0]
    controller.compute_again()
    settled()
    assert epsilons() == [4.0], "what waits is not begun by what is computed again"
    for lane in resting.in_sight(state):
        controller.resume(lane)
    state.select(attack_started=True)
    qtbot.waitUntil(lambda: epsilons() == [4.0, 2.3])
    settled()
    assert state.finding("attack").request.parameters.epsilon == 2.3
    slide(1.7)
    slide(4.0)
    settled()
    assert epsilons() == [4.0, 2.3], "that one is known"
