"""What the palette offers."""

import dataclasses

from cnnviz_gui.app import palette_commands
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.panels.heatmaps.page import VIEWS
from cnnviz_gui.state.app_state import AppState


def test_every_view_of_heat_maps_and_every_method_is_found_by_name(monkeypatch):
    monkeypatch.setattr(palette_commands, "SPECS", ())
    state = AppState()
    cam = Method("heatmap", "cam", "CAM", "", "", "", Params, lambda facts: "", True, print)
    rise = dataclasses.replace(cam, name="rise", title="RISE", family="perturbation")
    blur = dataclasses.replace(cam, kind="defence", name="blur", title="Gaussian blur")
    state.share(methods=(cam, rise, blur))
    state.select(stage="layers")
    found = {command.title: command for command in palette_commands.all_of(state, {}, print)}
    assert {f"Heat maps: {word}" for word in VIEWS.values()} <= set(found)
    assert "Gaussian blur" not in found, "a defence is no way to look at a picture"
    assert found["CAM"].icon != found["RISE"].icon
    found["Heat maps: Trust"].run()
    assert (state.selection.stage, state.display.heatmap_view) == ("heatmaps", "trust")
