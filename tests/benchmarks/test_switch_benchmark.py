"""Memory after switching twenty times through large networks, in a process of its own.

Run with ``pytest -m benchmark -s tests/benchmarks/test_switch_benchmark.py``; about two minutes.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]

SWITCHES = """
import gc, psutil, sys, time, torch
from cnnviz_gui.core import device
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.request import ImageRef, ModelRef, OpenModel, Predict
from cnnviz_gui.core.session import Session

device.prepare_torch()
session = Session(1_000_000_000)
names = ("resnet50", "vgg16", "convnext_small", "densenet121", "resnet101")
image = ImageRef(path=sys.argv[1])

def switch(times):
    for turn in range(times):
        model = ModelRef(name=names[turn % len(names)], untrained=True)
        execute(OpenModel(model=model), session, NullContext())
        execute(Predict(model=model, image=image), session, NullContext())
    gc.collect()
    return psutil.Process().memory_info().rss

warm = switch(5)
many = switch(20)
kept = session.nbytes
began = time.perf_counter()
execute(OpenModel(model=ModelRef(name=names[4], untrained=True)), session, NullContext())
back = time.perf_counter() - began
session.forget()
gc.collect()
device.release_memory()
print(warm, many, kept, psutil.Process().memory_info().rss, back)
"""


def test_memory_returns_after_twenty_switches() -> None:
    root = Path(__file__).parents[2]
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", SWITCHES, str(root / "resources" / "samples" / "chelsea.png")],
        check=True,
        capture_output=True,
        text=True,
        cwd=root,
    )
    *sizes, back = done.stdout.split()
    warm, many, kept, after = map(int, sizes)
    print(
        f"\nafter 5 switches {warm / 1e9:.2f} GB, after 20 more {many / 1e9:.2f} GB"
        f" ({many / warm:.2f} x), kept {kept / 1e9:.2f} GB, all forgotten {after / 1e9:.2f} GB;"
        f" back to one that is kept {1000 * float(back):.2f} ms;"
        f" {time.perf_counter() - began:.0f} s in all"
    )
    assert many < 1.15 * warm
    assert after < warm - 0.5 * kept
    assert float(back) < 0.05
