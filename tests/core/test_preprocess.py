"""The network sees exactly what torchvision's transform would show it."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz_gui.core import preprocess
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.images import Picture

SIZES = [
    (1, 1), (1, 2), (3, 7), (37, 53), (255, 257), (256, 256), (224, 224), (300, 451),
    (451, 300), (640, 480), (500, 31), (31, 500), (1, 120), (120, 1), (233, 999),
]  # fmt: skip
SCALES = [(256, 224), (299, 299), (32, 32), (200, 224)]


def facts(resize_size: int, input_size: int, interpolation: Any) -> ModelFacts:
    return ModelFacts(
        name="n", title="N", family="f", trained=False, weights="", input_size=input_size,
        resize_size=resize_size, interpolation=interpolation, mean=(0, 0, 0), std=(1, 1, 1),
        labels=(), parameters=0, macs=0, layers=(), recommended_layer="", folded=False,
    )  # fmt: skip


def picture(height: int, width: int) -> Picture:
    pixels = np.random.default_rng(height * 7919 + width).integers(
        0, 256, (height, width, 3), np.uint8
    )
    pixels.setflags(write=False)
    return Picture(pixels, "x.png", "", "PNG", 1, ())


def torchvision_view(pixels: Any, resize: int, crop: int, interpolation: str) -> Any:
    from torchvision.transforms import InterpolationMode
    from torchvision.transforms import functional as F

    mode = InterpolationMode(interpolation)
    image = F.resize(Image.fromarray(pixels), [resize], interpolation=mode, antialias=True)
    return np.asarray(F.center_crop(image, [crop]))


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("resize", "crop"), SCALES)
def test_network_view_equals_torchvision(resize: int, crop: int, interpolation: str) -> None:
    for height, width in SIZES:
        given = picture(height, width)
        seen = preprocess.network_view(given, facts(resize, crop, interpolation))
        expected = torchvision_view(given.pixels, resize, crop, interpolation)
        assert seen.shape == (crop, crop, 3)
        assert not seen.flags.writeable
        np.testing.assert_array_equal(seen, expected, err_msg=f"{height} x {width}")


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("resize", "crop"), SCALES)
def test_the_path_for_long_pictures_equals_torchvision(
    resize: int, crop: int, interpolation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preprocess, "_MAX_RESIZED_PIXELS", 0)
    for height, width in SIZES:
        given = picture(height, width)
        seen = preprocess.network_view(given, facts(resize, crop, interpolation))
        expected = torchvision_view(given.pixels, resize, crop, interpolation)
        np.testing.assert_array_equal(seen, expected, err_msg=f"{height} x {width}")


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("shape", [(1, 5000), (5000, 1)])
def test_a_picture_5000_times_as_long_as_wide_equals_torchvision(
    shape: tuple[int, int], interpolation: str
) -> None:
    given = picture(*shape)
    seen = preprocess.network_view(given, facts(60, 56, interpolation))  # 60 x 300 000 there
    expected = torchvision_view(given.pixels, 60, 56, interpolation)
    np.testing.assert_array_equal(seen, expected)


@pytest.mark.parametrize("shape", [(1, 3_000_000), (3_000_000, 1)])
def test_memory_stays_bounded_for_absurdly_long_pictures(shape: tuple[int, int]) -> None:
    given = picture(*shape)
    tracemalloc.start()
    seen = preprocess.network_view(given, facts(256, 224, "bicubic"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seen.shape == (224, 224, 3)
    assert peak < 20_000_000  # the whole would be 590 GB


def test_enlargement_is_said_only_of_small_pictures() -> None:
    network = facts(256, 224, "bilinear")
    assert preprocess.enlargement(picture(1, 1), network) == "upscaled 256 times"
    assert preprocess.enlargement(picture(100, 5000), network) == "upscaled 2.56 times"
    assert preprocess.enlargement(picture(256, 300), network) == ""


def test_no_torch_is_imported() -> None:
    import subprocess
    import sys

    code = "import sys, cnnviz_gui.core.preprocess; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
