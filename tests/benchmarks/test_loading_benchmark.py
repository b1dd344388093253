"""What opening a network costs beside reading its weights: ratios, in turns in one process.

Nothing is asserted of times. Run with ``pytest -m benchmark -s tests/benchmarks``.
"""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torchvision import models

from cnnviz_gui.core import device
from cnnviz_gui.core.models import catalogue, checksum, zoo
from cnnviz_gui.core.request import ModelRef

ROUNDS = 11
NAMES = ("resnet50", "efficientnet_b0", "vgg16")


@pytest.fixture(autouse=True)
def _own_hub(tmp_path: Path) -> Iterator[None]:
    before = torch.hub.get_dir()
    torch.hub.set_dir(str(tmp_path))
    yield
    torch.hub.set_dir(before)


def saved(name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put random weights where the trained ones would be, under the hash that they have."""
    member = models.get_model_weights(name).DEFAULT
    folder = catalogue.weights_file(member).parent
    folder.mkdir()
    torch.save(models.get_model(name, weights=None).state_dict(), folder / "new")
    digest = hashlib.sha256((folder / "new").read_bytes()).hexdigest()
    path = (folder / "new").rename(folder / f"{name}-{digest[:8]}.pth")
    monkeypatch.setattr(catalogue, "weights_file", lambda _member: path)
    return path


def in_turns(jobs: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {title: [] for title in jobs}
    for turn in range(ROUNDS + 2):
        for title, job in jobs.items():
            start = time.perf_counter()
            job()
            if turn >= 2:
                seconds[title].append(time.perf_counter() - start)
    return seconds


@pytest.mark.benchmark
@pytest.mark.parametrize("name", NAMES)
def test_opening_from_the_cache(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    device.prepare_torch()
    path = saved(name, monkeypatch)
    network = models.get_model(name, weights=None)

    def plain() -> None:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))

    def from_nothing() -> None:
        made = models.get_model(name, weights=None)
        made.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))

    def first() -> None:
        checksum._kept.clear()
        zoo._blueprints.clear()
        zoo.build(ModelRef(name=name))

    seconds = in_turns(
        {
            "torch.load, load_state_dict": plain,
            "the same into a new network": from_nothing,
            "opened for the first time": first,
            "opened again": lambda: zoo.build(ModelRef(name=name)),
        }
    )
    base = statistics.median(seconds["torch.load, load_state_dict"])
    print(f"\n{name}, {path.stat().st_size / 1e6:.0f} MB: {base * 1e3:.0f} ms")
    for title, values in seconds.items():
        low, middle, high = (value / base for value in statistics.quantiles(values, n=4))
        print(f"  {title:28s} {middle:5.2f} x  (quartiles {low:.2f} to {high:.2f})")
