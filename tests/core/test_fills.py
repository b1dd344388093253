"""What hides pixels: the colour that normalises to nothing, black, and the picture blurred."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from cnnviz_gui.core.heatmaps.fills import blurred, filling
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ModelRef


def test_the_mean_colour_is_nothing_to_a_network_in_colour(
    small: Classifier, batch: Tensor
) -> None:
    fill = filling(small, batch[:1], "mean")
    normalised = (fill - small.stock.mean) / small.stock.std
    assert fill.shape == batch[:1].shape and float(normalised.abs().max()) <= 1e-6


def test_the_mean_colour_is_nothing_to_a_network_in_grey() -> None:
    classifier = zoo.build(ModelRef(name="lenet5"))
    side = classifier.facts.input_size
    fill = filling(classifier, torch.rand(1, 3, side, side), "mean")
    pixel = classifier.stock
    grey = (fill * pixel.luma).sum(1, keepdim=True)
    assert float(((grey - pixel.mean) / pixel.std).abs().max()) <= 1e-5
    assert torch.equal(fill[:, :1].expand_as(fill), fill)


def test_black_is_black(small: Classifier, batch: Tensor) -> None:
    assert not bool(filling(small, batch[:1], "black").any())


@pytest.mark.parametrize("deviation", [0.8, 3.0])
def test_a_blur_is_scipys(batch: Tensor, deviation: float) -> None:
    found = blurred(batch[:1], deviation)
    reach = int(3 * deviation + 1)
    expected = [
        ndimage.gaussian_filter(one.double().numpy(), deviation, mode="mirror", radius=reach)
        for one in batch[0]
    ]
    assert np.abs(found[0].numpy() - np.array(expected)).max() <= 1e-6


def test_a_blur_wider_than_the_picture_is_nearly_its_mean(batch: Tensor) -> None:
    found = blurred(batch[:1], 200.0)
    assert float((found - batch[:1].mean((2, 3), keepdim=True)).abs().max()) < 0.05
