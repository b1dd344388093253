"""How close an adversarial image is to the clean one, as eyes and files see it."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.result import Closeness

_WINDOW, _SIGMA = 11, 1.5
_K1, _K2 = 0.01, 0.03
_LUMINANCE = (0.299, 0.587, 0.114)
"""Of ITU-R BT.601, as in the code of the paper."""


class Beside:
    """A clean image, to be compared with several adversarial ones.

    Parameters
    ----------
    image
        float32 (1, 3, H, W) in [0, 1].
    """

    def __init__(self, image: Tensor) -> None:
        self.image = image
        self._grey = _luminance(image)
        self._levels = (image * 255).round()
        self._windowed = min(image.shape[2:]) >= _WINDOW
        if self._windowed:
            places = torch.arange(_WINDOW, device=image.device) - (_WINDOW - 1) / 2
            window = torch.exp(-(places**2) / (2 * _SIGMA**2))
            self._window = window / window.sum()
            self._mean, square = self._blurred(self._grey, self._grey * self._grey)
            self._squared = self._mean * self._mean
            self._doubled = 2 * (square - self._squared)

    @property
    def nbytes(self) -> int:
        """Bytes of what is held besides the image, about."""
        return 4 * self._grey.nbytes + self._levels.nbytes

    def closeness(self, moved: Tensor) -> Closeness:
        """Compare one adversarial image (1, 3, H, W) in [0, 1]."""
        change = moved - self.image
        levels = self._levels != (moved * 255).round()
        error = float((change.to("cpu", torch.float64) ** 2).mean())
        return Closeness(
            ssim=self._ssim(_luminance(change)) if self._windowed else None,
            psnr=-10 * math.log10(error) if error > 0 else None,
            changed=_in_any_colour(change != 0),
            changed_8bit=_in_any_colour(levels),
            pixels=moved.shape[2] * moved.shape[3],
        )

    def _ssim(self, change: Tensor) -> float:
        """Return the mean structural similarity to the image plus ``change`` (1, 1, H, W).

        Wang et al. 2004, equation 13, with a peak of 1. Written in the change d = y - x, for in
        float32 a difference of two almost equal variances would be mostly rounding:
        2 cov(x, y) = var(x) + var(y) - var(d), and so with the means.
        """
        mean, square, mixed = self._blurred(change, change * change, self._grey * change)
        shifted = mean * mean
        variance = square - shifted
        both = self._doubled + 2 * (mixed - self._mean * mean) + variance
        means = self._squared + (self._mean + mean) ** 2
        light = shifted / (means + _K1**2)
        structure = variance / (both + _K2**2)
        return 1 - float((light + structure - light * structure).mean())

    def _blurred(self, *maps: Tensor) -> list[Tensor]:
        """Return maps (1, 1, H, W) under the Gaussian window, each (1, 1, H - 10, W - 10)."""
        # As channels, which lie side by side: as a batch they take three times as long.
        stacked = torch.cat(maps, 1).contiguous(memory_format=torch.channels_last)
        each = self._window.expand(len(maps), 1, 1, _WINDOW).contiguous()
        across = functional.conv2d(stacked, each, groups=len(maps))
        both = functional.conv2d(across, each.transpose(2, 3).contiguous(), groups=len(maps))
        return [both[:, index : index + 1].contiguous() for index in range(len(maps))]


def _luminance(image: Tensor) -> Tensor:
    """Return (1, 1, H, W)."""
    weights = torch.tensor(_LUMINANCE, device=image.device).reshape(1, 3, 1, 1)
    return (image.detach() * weights).sum(1, keepdim=True)


def _in_any_colour(differs: Tensor) -> int:
    """Count the pixels of bool (1, 3, H, W); ``any`` over a dimension takes three times as long."""
    return int((differs[:, 0] | differs[:, 1] | differs[:, 2]).count_nonzero())
