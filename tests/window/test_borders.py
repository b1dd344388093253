"""Borders, the smallest epsilon and races in the real window: begun, stopped, gone on with."""

from __future__ import annotations

import pytest

from cnnviz_gui.core.border_requests import BorderParams
from cnnviz_gui.core.race_requests import RaceParams
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels.attack.border_box import BorderBox
from cnnviz_gui.panels.attack.race_box import RaceBox
from cnnviz_gui.panels.attack.smallest_button import SmallestButton
from cnnviz_gui.state.border_plan import LANE
from cnnviz_gui.state.race_plan import LANE as RACE

pytestmark = pytest.mark.window


@pytest.fixture
def attacking(explorer, hand):
    """The program on the page of attacks, with the quickest of them; nothing is computed."""
    hand.press("ctrl+4")
    hand.wait(lambda: explorer.state.selection.stage == "attack")
    explorer.state.choose_method("attack", "fgsm")
    explorer.state.select(border_parameters=BorderParams(classes=4))
    return explorer


def box(explorer, hand, view, kind):
    """Return the widget of a view, which is made when the view is chosen first."""
    explorer.state.show(attack_view=view)
    hand.wait(lambda: explorer.window.findChildren(kind))
    (found,) = explorer.window.findChildren(kind)
    return found


def runs(explorer):
    value = explorer.state.finding(LANE).value
    return sum(row.runs for row in value.rows) if value is not None else 0


def test_borders_are_looked_for_stopped_gone_on_with_and_opened(attacking, hand):
    state, shown = attacking.state, box(attacking, hand, "borders", BorderBox)
    hand.wait(shown.tools.start.isVisible)
    assert state.finding(LANE).value is None
    hand.click(shown.tools.start)
    hand.wait(lambda: runs(attacking) >= 3)
    hand.press("Escape")
    hand.wait(lambda: state.finding(LANE).status == "stopped")
    before = runs(attacking)
    hand.wait(lambda: shown.chart.isVisible() and shown.tools.start.text() == "Continue")
    hand.click(shown.tools.start)
    hand.wait(lambda: state.finding(LANE).status == "done")
    assert runs(attacking) > before and state.finding(LANE).value.finished == 4
    row = max(n for n, bar in enumerate(shown.chart.bars) if bar.high is not None)
    far = shown.chart.bars[row]
    hand.click(shown.chart, shown.chart.row_rect(row).center())
    hand.wait(lambda: state.display.attack_view == "picture")
    assert state.selection.attack_parameters.epsilon == far.high
    hand.wait(lambda: state.finding("attack").status == "done")
    attacked = state.finding("attack").value
    assert attacked.success and attacked.epsilon == far.high


def test_the_slider_goes_where_the_smallest_epsilon_is(attacking, hand):
    state = attacking.state
    hand.click(box(attacking, hand, "picture", SmallestButton))
    hand.wait(lambda: state.shared.notice is not None and "smallest" in state.shared.notice.text)
    smallest = state.selection.attack_parameters.epsilon
    assert 0 < smallest < 4 and f"{smallest:g} / 255" in state.shared.notice.text
    hand.wait(lambda: state.finding("attack").status == "done")
    assert state.finding("attack").value.success


def test_another_network_ends_a_race(attacking, hand):
    state, shown = attacking.state, box(attacking, hand, "race", RaceBox)
    names = ("fgsm", "pgd", "apgd", "bim")
    state.select(race_attacks=names, race_parameters=RaceParams(gradients=300))
    hand.wait(shown.tools.start.isVisible)
    hand.click(shown.tools.start)
    hand.wait(lambda: getattr(state.finding(RACE).value, "finished", 0) >= 1)
    attacking.controller.choose_model(ModelRef(name="lenet5"))
    hand.wait(lambda: state.selection.model.name == "lenet5")
    hand.wait(lambda: state.finding("predict").status == "done")
    assert not state.selection.race_started
    hand.wait(shown.tools.start.isVisible)
    assert state.finding(RACE).value is None
    state.select(race_parameters=RaceParams(epsilon=8.0, gradients=20))
    hand.click(shown.tools.start)
    hand.wait(lambda: state.finding(RACE).status == "done")
    assert state.finding(RACE).value.finished == 4
    assert [row.title for row in shown.table.table.rows]
