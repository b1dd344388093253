"""What the palette leads to that is no action does what it says."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui import resources
from cnnviz_gui.app import palette_places
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels.heatmaps.display_section import DisplaySection
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.state.app_state import AppState


@pytest.fixture
def page(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    row = QHBoxLayout(made)
    for _ in range(3):
        row.addWidget(ImagePane("Picture"))
    made.resize(900, 400)
    made.show()
    qtbot.waitUntil(made.isVisible)
    return made


def offered(state, page, **calls):
    window = SimpleNamespace(stage=SimpleNamespace(page=page))
    made = palette_places.all_of(
        state, window, calls.get("open", print), print, calls.get("chapter", print)
    )
    return {command.title: command for command in made}


def test_all_pictures_in_view_are_enlarged_linked_ones_as_much_as_others(page):
    state = AppState()
    assert offered(state, page)["Zoom in"].why
    panes = page.findChildren(ImagePane)
    for pane in panes:
        pane.set_image(np.zeros((64, 64, 3), np.uint8))
    panes[0].link(panes[1])
    command = offered(state, page)["Zoom in"]
    assert not command.why
    command.run()
    assert not panes[0].surface.zoom.at_fit
    assert len({pane.surface.zoom.factor for pane in panes}) == 1
    offered(state, page)["Zoom out"].run()
    assert all(pane.surface.zoom.at_fit for pane in panes)


def test_samples_and_chapters_open(page):
    opened, chapters = [], []
    found = offered(AppState(), page, open=opened.append, chapter=chapters.append)
    found["Sample picture: chelsea.png"].run()
    assert opened == [ImageRef(path=str(resources.samples()[0]))]
    found["Manual: Heat maps"].run()
    assert chapters == ["heatmaps"]


def test_controls_of_a_heat_map_are_led_to(qtbot, page):
    state = AppState()
    state.share(methods=("any",))
    state.select(stage="layers")
    state.show(heatmap_view="trust")
    window = QWidget()
    qtbot.addWidget(window)
    QHBoxLayout(window).addWidget(DisplaySection(state))
    window.stage = SimpleNamespace(page=page)
    window.show()
    qtbot.waitUntil(window.isVisible)
    made = palette_places.all_of(state, window, print, print, print)
    for command in made[2:4]:
        command.run()
        assert (state.selection.stage, state.display.heatmap_view) == ("heatmaps", "map")
        assert window.focusWidget().accessibleName() in (command.title, "Colour map")
