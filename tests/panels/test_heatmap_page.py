"""The page of heat maps: what stands in its row of tools."""

import numpy as np

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.params import Params
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
