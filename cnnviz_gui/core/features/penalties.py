"""What keeps a picture calm: terms that are taken from the objective."""

from __future__ import annotations

from torch import Tensor

from cnnviz_gui.core.features.canvas import GREY


def l1(picture: Tensor) -> Tensor:
    """Return (N,): the mean absolute distance from grey of pictures (N, 3, H, W)."""
    return (picture - GREY).abs().mean((1, 2, 3))


def l2(picture: Tensor) -> Tensor:
    """Return (N,): the sum of squared distances from grey of pictures (N, 3, H, W).

    A sum as in Simonyan, Vedaldi and Zisserman 2014: beside the gradient of a class score that of
    the mean would be nothing.
    """
    return (picture - GREY).square().sum((1, 2, 3))


def variation(picture: Tensor) -> Tensor:
    """Return (N,): the mean absolute difference between neighbours of pictures (N, 3, H, W)."""
    across = (picture[..., 1:] - picture[..., :-1]).abs().mean((1, 2, 3))
    down = (picture[..., 1:, :] - picture[..., :-1, :]).abs().mean((1, 2, 3))
    return across + down
