"""The slider of an attack under a fast hand, and another network in the middle of an attack."""

from __future__ import annotations

import dataclasses
import time

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer

from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels.curve_plot import EpsilonPlot
from cnnviz_gui.panels.image_surface import ImageSurface
from cnnviz_gui.state import prediction_view
from cnnviz_gui.state.attack_plan import place

pytestmark = pytest.mark.window

MOVES_A_SECOND, SECONDS = 200, 10


class Painted(QObject):
    """Counts how often pictures were painted."""

    def __init__(self, surfaces):
        super().__init__()
        self.times = 0
        for surface in surfaces:
            surface.viewport().installEventFilter(self)

    def eventFilter(self, watched, event):
        self.times += event.type() == QEvent.Type.Paint
        return False


class FastHand(QObject):
    """Moves the slider back and forth, and looks at what is shown each time.

    One move an event, as from a mouse: where the window cannot follow there are fewer.
    """

    def __init__(self, explorer, plot):
        super().__init__()
        self.moves, self.wrong = 0, []
        self._state, self._plot = explorer.state, plot
        self._end = time.perf_counter() + SECONDS
        self._timer = QTimer(self, interval=1000 // MOVES_A_SECOND)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    @property
    def done(self):
        return not self._timer.isActive()

    def _tick(self):
        self.moves += 1
        there, back = self.moves % 157, self.moves // 157 % 2
        self._plot._move((157 - there if back else there) / 157 * self._plot._maximum)
        self._look()
        if time.perf_counter() >= self._end:
            self._timer.stop()

    def _look(self):
        shown = prediction_view.attack_on_screen(self._state)
        wanted = place(self._state.selection)
        if shown is not None and shown.exact and shown.result.epsilon != wanted:
            self.wrong.append((shown.result.epsilon, wanted))


@pytest.fixture
def attacking(explorer, hand):
    """The program on the page of attacks, one attack of two steps and its sweep done."""
    hand.press("ctrl+4")
    hand.wait(lambda: explorer.state.selection.stage == "attack")
    quick = dataclasses.replace(explorer.state.selection.attack_parameters, steps=2)
    explorer.state.select(attack_parameters=quick)
    hand.press("ctrl+Return")
    for lane in ("attack", "sweep"):
        hand.wait(lambda lane=lane: explorer.state.finding(lane).status == "done")
    return explorer


def test_two_hundred_moves_a_second_leave_the_window_alive_and_the_last_value_shown(
    attacking, hand
):
    state, window = attacking.state, attacking.window
    plot = window.findChild(EpsilonPlot)
    surfaces = [one for one in window.findChildren(ImageSurface) if one.isVisible()]
    painted, fast = Painted(surfaces), FastHand(attacking, plot)
    hand.wait(lambda: fast.done)
    assert fast.moves > 10 * SECONDS, "the window took the moves"
    assert fast.wrong == [], "what is shown as exact is what the slider stands at"
    assert painted.times > SECONDS * len(surfaces), "pictures followed the hand"
    last = place(state.selection)
    assert plot.epsilon() == pytest.approx(last)
    hand.wait(
        lambda: (
            state.finding("attack").status == "done"
            and state.finding("attack").request.parameters == state.selection.attack_parameters
        )
    )
    shown = prediction_view.attack_on_screen(state)
    assert shown.exact and shown.result.epsilon == last
    hand.wait(lambda: not attacking.engine.busy)
    assert state.finding("sweep").status == "done", "it was not computed again"


def test_another_network_in_the_middle_of_an_attack_ends_it(explorer, hand):
    state = explorer.state
    hand.press("ctrl+4")
    hand.wait(lambda: state.selection.stage == "attack")
    hand.press("ctrl+Return")
    hand.wait(lambda: state.finding("sweep").value is not None)
    former, other = state.selection.model, ModelRef(name="squeezenet1_1", untrained=True)
    explorer.commands.choose_network(other)
    hand.wait(lambda: state.selection.model == other and state.shared.pending_model is None)
    assert not state.selection.attack_started, "nothing of an attack is computed unasked"
    assert prediction_view.attack_on_screen(state) is None
    hand.wait(lambda: state.finding("predict").status == "done")
    hand.wait(lambda: not explorer.engine.busy)
    assert prediction_view.attack_on_screen(state) is None, "and nothing late comes of the former"
    hand.press("ctrl+Return")
    hand.wait(lambda: state.finding("attack").status == "done")
    assert state.finding("attack").request.model == other != former
    shown = prediction_view.attack_on_screen(state)
    assert shown.exact and shown.result.adversarial_image.shape == (3, 224, 224)
