"""Augmented Grad-CAM against an independent one: scipy's interpolation, captum's Grad-CAM.

The authors' own code needs TensorFlow 1.14.
"""

from __future__ import annotations

import captum.attr
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import ndimage, optimize, sparse
from torch import Tensor

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.heatmaps.augmented_grad_cam import AugmentedGradCamParams, augmented_grad_cam
from cnnviz_gui.core.heatmaps.motions import Motions
from cnnviz_gui.core.heatmaps.super_resolution import SuperResolution
from cnnviz_gui.core.models.classifier import Classifier

QUIET = NullContext()
Array = NDArray[np.float64]
SIDE = 33
LAYER = "2"
MODES = {"black": "grid-constant", "mirrored": "reflect"}
GIVEN = {"views": 9, "turn": 28.6, "shift": 13.4, "seed": 2}


def drawn() -> list[tuple[float, complex]]:
    """The angle and the shift in pixels of each view, drawn as ours are."""
    numbers = torch.rand(9, 3, generator=torch.Generator().manual_seed(2)).double() * 2 - 1
    numbers[0] = 0
    reach = 0.134 * SIDE
    return [
        (float(turn) * np.deg2rad(28.6), complex(float(across), float(down)) * reach)
        for turn, across, down in numbers
    ]


def seen_at(view: complex | NDArray, angle: float, shift: complex) -> tuple[Array, Array]:
    """Rows and columns of the picture that a view shows at places from its centre."""
    middle = (SIDE - 1) / 2
    place = (view - shift) * np.exp(-1j * angle)
    return place.imag + middle, place.real + middle


def pixels(count: int = SIDE) -> NDArray:
    """Places of the centres of so many cells a side, from the centre of the picture."""
    steps = ((np.arange(count) + 0.5) / count - 0.5) * SIDE
    return steps[None] + 1j * steps[:, None]


def coarse_maps(plain: Classifier, picture: Tensor, border: str) -> Array:
    layer = captum.attr.LayerGradCam(plain.stock, plain.module(LAYER))
    maps = []
    for angle, shift in drawn():
        places = seen_at(pixels(), angle, shift)
        view = [
            ndimage.map_coordinates(channel, places, order=1, mode=MODES[border])
            for channel in picture[0].double().numpy()
        ]
        image = torch.tensor(np.array(view))[None].float()
        found = layer.attribute(image, 7, relu_attributions=True)
        maps.append(found[0, 0].detach().double().numpy())
    return np.array(maps)


def moved_back(maps: Array) -> Array:
    """Each map on the picture, enlarged and moved in one step; zero where the view has none."""
    cells = maps.shape[1]
    found = []
    for grid, (angle, shift) in zip(maps, drawn(), strict=True):
        view = pixels() * np.exp(1j * angle) + shift
        at = [(part / SIDE + 0.5) * cells - 0.5 for part in (view.imag, view.real)]
        inside = (np.abs(view.imag) <= SIDE / 2) & (np.abs(view.real) <= SIDE / 2)
        found.append(ndimage.map_coordinates(grid, at, order=1, mode="nearest") * inside)
    return np.array(found)


def reading(cells: int) -> sparse.csr_matrix:
    """What reads a map off at the cells of all views, found by showing it each pixel alone."""
    columns = []
    for pixel in range(SIDE * SIDE):
        alone = np.zeros(SIDE * SIDE)
        alone[pixel] = 1
        alone = alone.reshape(SIDE, SIDE)
        places = [seen_at(pixels(cells), angle, shift) for angle, shift in drawn()]
        read = [ndimage.map_coordinates(alone, at, order=1, mode="grid-constant") for at in places]
        columns.append(sparse.csr_matrix(np.array(read).reshape(-1, 1)))
    return sparse.hstack(columns).tocsr()


def run(plain: Classifier, picture: Tensor, **given) -> Array:
    params = AugmentedGradCamParams(**GIVEN, **given)
    return augmented_grad_cam(plain, picture, 7, LAYER, params, QUIET).map.double().numpy()


@pytest.mark.parametrize("border", list(MODES))
@pytest.mark.parametrize("together", ["maximum", "average"])
def test_maximum_and_average_of_the_views(
    plain: Classifier, picture: Tensor, together: str, border: str
) -> None:
    back = moved_back(coarse_maps(plain, picture, border))
    expected = back.max(0) if together == "maximum" else back.mean(0)
    found = run(plain, picture, reconstruction=together, border=border)
    # where a pixel lies at the very edge of a view, one rounding shows it and the other does not
    near = np.abs(found - expected) <= 1e-4 * expected.max()
    assert near.mean() >= 0.998


def test_the_paper_s_solver(plain: Classifier, picture: Tensor) -> None:
    """Its 200 steps of Adam in float64, on a matrix that reads the cells off."""
    maps = coarse_maps(plain, picture, "black")
    kept = maps.max((1, 2)) > 0
    assert 5 <= kept.sum() < 9  # one that is zero everywhere is left out
    maps, matrix = maps[kept], reading(maps.shape[1])[np.repeat(kept, maps[0].size)]
    given = (maps / maps.max((1, 2), keepdims=True)).ravel()
    weight, energy = 0.002 * len(maps), 0.0001 * len(maps)
    h, first, second = (np.zeros(SIDE * SIDE) for _ in range(3))
    for step in range(1, 201):
        gradient = 2 * (matrix.T @ (matrix @ h - given)) + 2 * energy * h
        sheet, slopes = h.reshape(SIDE, SIDE), np.zeros((SIDE, SIDE))
        for axis in (0, 1):
            signs = np.sign(np.diff(sheet, axis=axis))
            slopes += np.diff(signs, axis=axis, prepend=0, append=0) * -1
        gradient += weight * slopes.ravel()
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        h = h - 0.001 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    expected = h.reshape(SIDE, SIDE).clip(0)
    found = run(plain, picture, solver="paper")
    # the sign of a difference that is nearly zero is a matter of rounding
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] >= 0.999
    assert np.abs(found - expected).mean() <= 0.01 * expected.max()


def test_the_map_found_is_the_best_one() -> None:
    """Less than what L-BFGS reaches with the kinks of the variation rounded off."""
    numbers = drawn()
    motions = Motions(
        torch.tensor([angle for angle, _ in numbers]).float(),
        torch.tensor([[shift.real, shift.imag] for _, shift in numbers]).float(),
    )
    y, x = np.mgrid[:SIDE, :SIDE]
    truth = ((x - 12) ** 2 + (y - 15) ** 2 < 49).astype(float)
    matrix = reading(11)
    given = matrix @ truth.ravel()
    weight, energy, edge = 0.018, 0.0009, 1e-3

    def rounded(h: Array) -> tuple[float, Array]:
        rest, sheet, slopes = matrix @ h - given, h.reshape(SIDE, SIDE), np.zeros((SIDE, SIDE))
        total = rest @ rest + energy * h @ h
        for axis in (0, 1):
            difference = np.diff(sheet, axis=axis)
            size = np.sqrt(difference**2 + edge**2)
            total += weight * size.sum()
            slopes -= np.diff(difference / size, axis=axis, prepend=0, append=0)
        return total, 2 * (matrix.T @ rest + energy * h) + weight * slopes.ravel()

    best = optimize.minimize(
        rounded, np.zeros(SIDE * SIDE), jac=True, method="L-BFGS-B", options={"maxiter": 3000}
    ).x
    solver = SuperResolution(
        torch.tensor(given).float().reshape(9, 11, 11), motions, (SIDE, SIDE), 0.002, 0.0001
    )
    for _ in solver.converge():
        pass
    theirs = solver.loss(torch.tensor(best).float().reshape(SIDE, SIDE))
    assert solver.loss(solver.map) <= 1.02 * theirs
    assert np.corrcoef(solver.map.numpy().ravel(), best)[0, 1] >= 0.99
