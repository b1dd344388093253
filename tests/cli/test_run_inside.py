"""What is asked of the inside of a network, replayed from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from cnnviz_gui.core.layer_requests import (
    ActivationStatistics,
    ChannelClasses,
    Contributions,
    ExamineCell,
    FlippingSet,
    InspectFilters,
    TopPatches,
)
from cnnviz_gui.core.request import ImageRef, InspectLayer, ModelRef, Request

Cnnviz = Callable[..., Any]
LENET = ModelRef(name="lenet5")


@pytest.fixture
def run(cnnviz: Cnnviz, tmp_path: Path) -> Callable[[Request], tuple[dict[str, Any], Path]]:
    """Run a request as a file and return its result as written, with the folder of its arrays."""

    def run(request: Request) -> tuple[dict[str, Any], Path]:
        file, out = tmp_path / f"{request.task}.json", tmp_path / request.task
        file.write_bytes(request.to_json())
        ran = cnnviz("run", file, "--out", out)
        assert (ran.status, ran.err) == (0, "")
        told = msgspec.json.decode((out / "result.json").read_bytes())
        assert told["fingerprint"] == request.fingerprint()
        return told["result"], out

    return run


def test_a_cell_is_examined(run: Any, cat: str) -> None:
    image = ImageRef(path=cat)
    run(InspectLayer(model=LENET, image=image, layer="c3"))
    cell, out = run(ExamineCell(model=LENET, image=image, layer="c3", channel=7, row=2, column=5))
    maps = np.load(out.parent / "inspect-layer" / "maps.npy")
    assert cell["shown"] == pytest.approx(float(maps[7, 2, 5]), rel=1e-6)
    patch, kernel = np.load(out / "patch.npy"), np.load(out / "kernel.npy")
    assert float((patch.astype(float) * kernel).sum()) == pytest.approx(cell["sum"])
    assert cell["sum"] + cell["bias"] == pytest.approx(cell["shown"], rel=1e-4)


def test_whatever_is_asked_of_layers_and_channels_is_written(run: Any, cat: str) -> None:
    image, folder = ImageRef(path=cat), str(Path(cat).parent)
    at = {"model": LENET, "layer": "c3"}
    contributions, out = run(Contributions(image=image, **at))
    assert np.load(out / "values.npy").shape == (16,)
    assert contributions["target"]["label"]
    filters, out = run(InspectFilters(**at, view="filter", index=3))
    assert np.load(out / "kernels.npy").shape == (6, 5, 5)
    assert filters["shape"] == [16, 6, 5, 5]
    pushed, _ = run(ChannelClasses(image=image, channel=2, count=3, **at))
    assert [len(pushed[side]) for side in ("up", "down")] == [3, 3]
    found, _ = run(FlippingSet(image=image, **at))
    assert found["found"] is bool(found["channels"])
    patches, out = run(TopPatches(channel=2, folder=folder, count=2, **at))
    values = [patch["value"] for patch in patches["patches"]]
    assert len(values) == 2
    assert values == sorted(values, reverse=True)
    assert (out / "patches-00-pixels.npy").is_file()
    activity, _ = run(ActivationStatistics(model=LENET, folder=folder))
    assert activity["looked_at"] == activity["total"] > 1
    assert "c3" in [layer["layer"] for layer in activity["layers"]]
