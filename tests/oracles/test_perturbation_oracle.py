"""RISE against its published algorithm, occlusion against captum."""

from __future__ import annotations

import captum.attr
import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.heatmaps.occlusion import OcclusionParams, occlusion
from cnnviz_gui.core.heatmaps.rise import Masks, RiseParams, rise
from cnnviz_gui.core.models.classifier import Classifier

QUIET = NullContext()
CPU = torch.device("cpu")


def published_masks(given: RiseParams, side: int) -> np.ndarray:
    """As the authors' code makes them: grids enlarged with order 1, mirrored, cut out at random.

    The random numbers are drawn as ours are; scikit-image's ``resize`` with mode "reflect" is
    scipy's zoom on a grid of pixels with mode "mirror".
    """
    cells, p = given.cells, given.keep
    cell = int(np.ceil(side / cells))
    generator = torch.Generator().manual_seed(given.seed)
    masks = np.empty((given.masks, side, side))
    for mask in masks:
        drawn = torch.rand(cells * cells + 2, generator=generator)
        grid = (drawn[:-2] < p).reshape(cells, cells).numpy().astype(np.float64)
        down, across = (int(share * cell) for share in drawn[-2:])
        large = ndimage.zoom(
            grid, (cells + 1) * cell / cells, order=1, mode="mirror", grid_mode=True
        )
        mask[:] = large[down : down + side, across : across + side]
    return masks


@pytest.mark.parametrize(
    ("side", "cells", "keep"), [(33, 7, 0.5), (32, 8, 0.1), (224, 7, 0.5), (28, 16, 0.9)]
)
def test_masks_are_the_published_ones(side: int, cells: int, keep: float) -> None:
    given = RiseParams(masks=20, cells=cells, keep=keep, seed=3)
    found = Masks((side, side), given, CPU).some(range(20)).numpy()
    assert np.abs(found - published_masks(given, side)).max() <= 2e-6


def test_rise_is_the_published_algorithm(plain: Classifier, picture: Tensor) -> None:
    """Masks multiply the normalised picture, and the softmax weighs them."""
    given = RiseParams(masks=150, cells=7, keep=0.5, estimate="paper", seed=1)
    found = rise(plain, picture, 7, "", given, QUIET).map.double().numpy()
    masks = published_masks(given, 33)
    network, mean, std = plain.stock.network, plain.stock.mean, plain.stock.std
    stack = torch.from_numpy(masks)[:, None].float() * ((picture - mean) / std)
    with torch.no_grad():
        probability = network(stack).softmax(1)[:, 7].double().numpy()
    expected = np.tensordot(probability, masks, 1) / len(masks) / given.keep
    assert np.abs(found - expected).max() <= 1e-4 * np.ptp(expected)


@pytest.mark.parametrize(("window", "stride"), [(15, 8), (16, 8), (7, 3), (5, 5), (9, 1)])
def test_occlusion_is_captums(plain: Classifier, picture: Tensor, window: int, stride: int) -> None:
    given = OcclusionParams(window=window, stride=stride)
    found = occlusion(plain, picture, 7, "", given, QUIET).map
    mean = torch.tensor(plain.facts.mean).reshape(1, 3, 1, 1).expand_as(picture)
    expected = captum.attr.Occlusion(plain.stock).attribute(
        picture,
        sliding_window_shapes=(3, window, window),
        strides=(3, stride, stride),
        baselines=mean,
        target=7,
        perturbations_per_eval=16,
    )
    spread = float(expected.max() - expected.min())
    assert float((found - expected[0, 0]).abs().max()) <= 1e-4 * spread


def test_black_occlusion_of_a_probability_is_captums(plain: Classifier, picture: Tensor) -> None:
    target = int(plain.logits(picture).argmax())
    given = OcclusionParams(window=9, stride=4, fill="black", score="probability")
    found = occlusion(plain, picture, target, "", given, QUIET).map
    expected = captum.attr.Occlusion(lambda x: plain.stock(x).softmax(1)).attribute(
        picture, sliding_window_shapes=(3, 9, 9), strides=(3, 4, 4), baselines=0, target=target
    )
    spread = float(expected.max() - expected.min())
    assert spread > 1e-2
    assert float((found - expected[0, 0]).abs().max()) <= 1e-4 * spread
