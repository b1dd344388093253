"""What keeps a picture calm, counted pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from cnnviz_gui.core.features import canvas as canvases
from cnnviz_gui.core.features import penalties

PICTURES = np.random.default_rng(3).random((2, 3, 4, 6))
"""Wider than they are high."""


def test_total_variation_by_loops() -> None:
    expected = []
    for picture in PICTURES:
        across, down = [], []
        for plane in picture:
            for row in range(4):
                for column in range(6):
                    if column:
                        across.append(abs(plane[row, column] - plane[row, column - 1]))
                    if row:
                        down.append(abs(plane[row, column] - plane[row - 1, column]))
        assert (len(across), len(down)) == (3 * 4 * 5, 3 * 3 * 6)
        expected.append(sum(across) / len(across) + sum(down) / len(down))
    assert penalties.variation(torch.tensor(PICTURES)).numpy() == pytest.approx(expected)


@pytest.mark.parametrize("sigma", [0.4, 0.9, 2.0])
def test_a_blur_is_a_gaussian_of_so_many_pixels(sigma: float) -> None:
    """Its tails are cut off after three of them."""
    pictures = np.random.default_rng(1).random((2, 3, 20, 24))
    reach = max(1, round(3 * sigma))
    expected = ndimage.gaussian_filter(
        pictures, (0, 0, sigma, sigma), mode="mirror", radius=(0, 0, reach, reach)
    )
    found = canvases.blurred(torch.tensor(pictures), sigma).numpy()
    assert np.abs(found - expected).max() < 1e-12
