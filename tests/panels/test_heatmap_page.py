"""The page of heat maps: what stands in its row of tools."""

import dataclasses

import numpy as np

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Heatmap
from cnnviz_gui.panels.controls import Button
from cnnviz_gui.panels.heatmaps.page import HeatmapPage
from cnnviz_gui.state.finding import Finding


def test_a_map_that_was_stopped_can_go_on(qtbot, state):
    state.select(stage="heatmaps")
    page = HeatmapPage(state)
    qtbot.addWidget(page)
    request = Heatmap(
        model=state.selection.model, image=state.selection.image, method="rise",
        parameters=Params(),
    )  # fmt: skip
    part = HeatmapResult(
        method="rise", layer="", target=Score(0, "cat", 0.5, 1.0),
        map=np.ones((4, 4), np.float32), coarse=None, signed=False, samples=24, expected=2000,
    )  # fmt: skip
    running = Finding().waiting(request).partial(request, part)
    state.found("heatmap", running)
    assert page.stopped.isHidden()
    state.found("heatmap", running.stopped())
    assert not page.stopped.isHidden()
    assert page.stopped.accessibleName() == "The map was stopped at 24 of 2\u2009000 samples."
    with qtbot.waitSignal(page.again) as asked:
        page.stopped.findChild(Button).click()
    assert asked.args == ["heatmap"]
    state.show(heatmap_view="grid")
    assert page.stopped.isHidden()


def test_the_target_is_not_shown_beside_a_map_that_ignores_it(qtbot, state):
    one = Method(
        "heatmap", "probe", "Probe", "", "", "", Params, lambda facts: "", True, print,
        class_free=True,
    )  # fmt: skip
    state.share(methods=(dataclasses.replace(one, name="other", class_free=False), one))
    state.select(stage="heatmaps", heatmap_method="other")
    page = HeatmapPage(state)
    qtbot.addWidget(page)
    assert not page._target.isHidden()
    state.choose_method("heatmap", "probe")
    assert page._target.isHidden()
    state.show(heatmap_view="grid")
    assert not page._target.isHidden(), "other methods of the grid look at it"
