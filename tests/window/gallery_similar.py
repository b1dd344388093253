"""Stops of the gallery's tour: the page of similar pictures, the menu of devices."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from cnnviz_gui import resources
from cnnviz_gui.core.facts import DeviceFacts
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import DeviceInUse
from cnnviz_gui.state.finding import Problem

PICTURES = 40


def looking(guide: Any) -> None:
    """Show the page empty, at work, done, with the picture itself, stale, stopped and failed."""
    state = guide.state
    folder = guide.home / "holiday"
    _fill(folder)
    state.select(stage="similar", similar_folder="")
    guide.done("predict", "embed")
    guide.picture("similar-empty")
    state.select(similar_folder=str(folder))
    guide.until(lambda: getattr(state.finding("nearest").value, "looked_at", 0) > 6)
    guide.picture("similar-running", rest=0.02)
    guide.done("nearest")
    guide.picture("similar-done")
    before = state.selection.image
    guide.explorer.gallery.open(ImageRef(path=str(folder / "chelsea-000.jpg")))
    guide.until(lambda: state.selection.image != before)
    guide.done("predict", "embed", "nearest")
    guide.picture("similar-itself")
    found = state.finding("nearest")
    state.found("nearest", dataclasses.replace(found, asked=None))
    guide.picture("similar-stale")
    half = dataclasses.replace(found.value, looked_at=12)
    state.found("nearest", dataclasses.replace(found, status="stopped", value=half))
    guide.picture("similar-stopped")
    said = "There is not enough memory on NVIDIA H200: 512 MB more were needed, 11 MB are free."
    advice = "Choose a smaller network, or compute on the CPU."
    state.found("nearest", found.failed(Problem(said, advice, "cpu")))
    guide.picture("similar-failed")
    state.found("nearest", found)
    guide.explorer.gallery.open(before)
    guide.until(lambda: state.selection.image.path == before.path)


def devices(guide: Any) -> None:
    """Show the menu of a machine with two accelerators, of which one cannot be used."""
    state, computing = guide.state, guide.explorer.computing
    real = state.shared.computing, state.shared.device
    old = DeviceFacts("cuda:1", "GeForce GT 710", "it is too old for this build of PyTorch")
    listed = (DeviceFacts("cpu", "CPU"), DeviceFacts("cuda:0", "NVIDIA H200"), old)
    use = DeviceInUse(description="NVIDIA H200", device="cuda:0", devices=listed)
    state.share(computing=use, device="NVIDIA H200")
    guide.window.status.watch_accelerator(lambda: (4_100_000_000, 150_000_000_000))
    guide.rest(0.2)
    guide.window.status._device.click()
    guide.picture("devices")
    computing.menu.close()
    guide.window.status.watch_accelerator(computing.memory)
    state.share(computing=real[0], device=real[1])


def _fill(folder: Path) -> None:
    """Fill a folder with parts of the samples in other lights, and a file that is no picture."""
    folder.mkdir(exist_ok=True)
    generator = np.random.default_rng(0)
    samples = [path for path in resources.samples() if path.stem in ("chelsea", "coffee", "rocket")]
    for number in range(PICTURES):
        path = samples[number % len(samples)]
        with Image.open(path) as image:
            whole = image.convert("RGB")
        share = generator.uniform(0.45, 1.0)
        width, height = (round(share * side) for side in whole.size)
        left = int(generator.integers(0, whole.width - width + 1))
        top = int(generator.integers(0, whole.height - height + 1))
        part = whole.crop((left, top, left + width, top + height))
        part = ImageOps.mirror(part) if generator.random() < 0.5 else part
        part = ImageEnhance.Color(part).enhance(generator.uniform(0.2, 1.5))
        part = ImageEnhance.Brightness(part).enhance(generator.uniform(0.7, 1.3))
        part.save(folder / f"{path.stem}-{number:03}.jpg", quality=88)
    (folder / "cut off.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
