"""How close an image is to another: against an independent SSIM, and where it must be exact."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import ndimage

from cnnviz_gui.core.closeness import Beside
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, Sweep
from cnnviz_gui.core.session import Session


def wang(clean: np.ndarray, moved: np.ndarray) -> float:
    """The formula as the paper writes it, in float64, with scipy's Gaussian."""
    x, y = (
        np.tensordot([0.299, 0.587, 0.114], image.astype(np.float64), 1) for image in (clean, moved)
    )

    def blur(values: np.ndarray) -> np.ndarray:
        return ndimage.gaussian_filter(values, 1.5, radius=5)[5:-5, 5:-5]

    mx, my = blur(x), blur(y)
    vx, vy, vxy = blur(x * x) - mx**2, blur(y * y) - my**2, blur(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    return float(
        ((2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))).mean()
    )


@pytest.fixture
def photograph() -> torch.Tensor:
    """Smooth in most places, as photographs are."""
    noise = np.random.default_rng(0).random((3, 48, 40))
    smooth = ndimage.gaussian_filter(noise, (0, 3, 3))
    smooth = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    return torch.tensor(smooth, dtype=torch.float32)[None]


@pytest.mark.parametrize("size", [1e-4, 1 / 255, 4 / 255, 0.1, 0.5])
def test_ssim_is_that_of_the_paper(photograph: torch.Tensor, size: float) -> None:
    generator = torch.Generator().manual_seed(1)
    noise = torch.rand(photograph.shape, generator=generator) * 2 - 1
    moved = (photograph + size * noise).clamp(0, 1)
    found = Beside(photograph).closeness(moved).ssim
    expected = wang(photograph[0].numpy(), moved[0].numpy())
    assert found == pytest.approx(expected, abs=1e-5)
    assert 1 - found == pytest.approx(1 - expected, rel=0.05), "also where it is almost 1"


def test_of_equal_images_nothing_differs(photograph: torch.Tensor) -> None:
    found = Beside(photograph).closeness(photograph.clone())
    assert found.ssim == 1 and found.psnr is None
    assert (found.changed, found.changed_8bit, found.pixels) == (0, 0, 48 * 40)


def test_psnr_is_that_of_the_mean_square(photograph: torch.Tensor) -> None:
    moved = (photograph * 0.5 + 0.1).clamp(0, 1)
    error = float(((moved - photograph).double() ** 2).mean())
    found = Beside(photograph).closeness(moved)
    assert found.psnr == pytest.approx(10 * math.log10(1 / error), abs=1e-5)


def test_pixels_are_counted_once_and_those_that_rounding_hides_apart() -> None:
    clean = torch.full((1, 3, 12, 12), 100 / 255)
    moved = clean.clone()
    moved[0, :, 0, 0] += 3 / 255
    moved[0, 1, 0, 1] -= 1 / 255
    moved[0, 2, 5, 5] += 0.2 / 255
    found = Beside(clean).closeness(moved)
    assert (found.changed, found.changed_8bit) == (3, 2)


def test_a_picture_smaller_than_the_window_has_no_ssim() -> None:
    clean = torch.rand(1, 3, 10, 32)
    found = Beside(clean).closeness(1 - clean)
    assert found.ssim is None and found.psnr is not None and found.pixels == 320


@pytest.mark.parametrize("scale", [None, 0.5])
def test_the_result_of_an_attack_tells_it_and_what_is_on_the_way_does_not(
    session: Session,
    network: ModelRef,
    picture: ImageRef,
    make_params: Callable,
    recorder: type,
    scale: float | None,
) -> None:
    parameters = make_params("attack", "pgd", steps=3)
    attack = Attack(model=network, image=picture, method="pgd", parameters=parameters, scale=scale)
    watching = recorder()
    result = execute(attack, session, watching)
    clean, moved = (
        torch.tensor(image)[None] for image in (result.clean_image, result.adversarial_image)
    )
    assert result.closeness == Beside(clean).closeness(moved)
    assert all(shown.closeness is None for shown in watching.partials)


def test_each_point_of_a_sweep_tells_it(
    session: Session, network: ModelRef, picture: ImageRef, make_params: Callable
) -> None:
    parameters = make_params("attack", "fgsm")
    attack = Attack(model=network, image=picture, method="fgsm", parameters=parameters)
    points = execute(Sweep(attack=attack, maximum=8.0, points=5), session, NullContext()).points
    found = [point.result.closeness for point in points]
    assert found[0].ssim == 1 and found[0].changed == 0
    likeness = [one.ssim for one in found]
    assert likeness == sorted(likeness, reverse=True)
    assert dataclasses.asdict(found[-1])["changed_8bit"] > 0
