"""Panels are redrawn in turns of the event loop."""

from PySide6.QtCore import QTimer

from cnnviz_gui.app.turns import Turns
from cnnviz_gui.state.app_state import AppState


class Panel:
    def __init__(self, order):
        self.order = order

    def on_change(self, changes):
        self.order.append((self, changes))


def test_every_panel_is_told_once_and_the_loop_runs_between(qtbot, monkeypatch):
    monkeypatch.setattr("cnnviz_gui.app.turns._TURN_SECONDS", 0.0)
    state, order = AppState(), []
    turns = Turns(state.bulletin)
    panels = [Panel(order) for _ in range(4)]
    for panel in panels:
        state.observe(panel.on_change)
    state.select(layer="head")
    state.select(channel=3)
    assert order == []
    QTimer.singleShot(0, lambda: order.append("the loop"))
    qtbot.waitUntil(lambda: len(order) == 5)
    assert order.index("the loop") < 4
    order.remove("the loop")
    assert order == [(panel, {"layer", "channel"}) for panel in panels]
    turns.stop()


def test_after_the_end_nobody_is_told(qtbot):
    state, order = AppState(), []
    turns = Turns(state.bulletin)
    panel = Panel(order)
    state.observe(panel.on_change)
    state.select(layer="head")
    turns.stop()
    state.select(layer="stem")
    later = []
    QTimer.singleShot(0, lambda: later.append(1))
    qtbot.waitUntil(lambda: bool(later))
    assert order == []
