"""What the window computed is what ``cnnviz run`` computes from its request, bit for bit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.cli import main
from cnnviz_gui.core import device
from cnnviz_gui.core.request_json import from_json

PATIENCE_MS = 60_000


@pytest.fixture
def one_thread(monkeypatch):
    """Sums are rounded in another order by another number of threads; both sides get one."""
    before, prepare = torch.get_num_threads(), device.prepare_torch
    monkeypatch.setattr(device, "prepare_torch", lambda threads=None: prepare(1))
    yield
    torch.set_num_threads(before)


def test_requests_of_the_window_are_replayed_bit_for_bit(qtbot, tmp_path, one_thread):
    explorer = Explorer(tmp_path / "config" / "settings.json", tmp_path / "cache")
    qtbot.addWidget(explorer.window)
    explorer.show()
    state = explorer.state

    def done(lane):
        qtbot.waitUntil(lambda: state.finding(lane).status == "done", timeout=PATIENCE_MS)
        return state.finding(lane)

    computed = {}
    computed["heatmap", "map"] = done("heatmap")
    state.select(stage="layers", layer="blocks.3.conv_dw")
    computed["layer", "maps"] = done("layer")
    parameters = dataclasses.replace(state.selection.attack_parameters, steps=3, epsilon=1.25)
    state.select(attack_parameters=parameters, target=207)
    explorer.commands.on_start_attack()
    computed["attack", "adversarial_image"] = done("attack")
    explorer.commands.on_cancel_all()
    explorer.window.close()
    for (lane, field), finding in computed.items():
        request, out = tmp_path / f"{lane}.json", tmp_path / lane
        request.write_bytes(finding.request.to_json())
        assert from_json(request.read_bytes()) == finding.request
        assert main(["run", str(request), "--out", str(out)]) == 0
        replayed = np.load(out / f"{field}.npy")
        assert replayed.tobytes() == np.asarray(getattr(finding.value, field)).tobytes()
