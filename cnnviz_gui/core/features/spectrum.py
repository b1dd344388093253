"""Spatial frequencies, and how strong each is in natural images."""

from __future__ import annotations

import torch
from torch import Tensor

_SHARES = (1.0, 1.0, 0.65)
"""Standard deviations of light, blue-yellow and red-green among the decorrelated colours before the
sigmoid, light 1: the medians of the photographs in ``resources/samples``. That each falls by the
1 / f law is Ruderman, Cronin and Chiao 1998."""


def frequencies(size: int) -> Tensor:
    """Return (size, size // 2 + 1): cycles per pixel of each coefficient of a real transform."""
    down, across = torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)[None]
    return torch.sqrt(down**2 + across**2)


def natural_magnitude(size: int, colours: int) -> Tensor:
    """Return (colours, size, size // 2 + 1): magnitudes after the 1 / f law, the mean at 0."""
    law = 1 / frequencies(size).clamp_min(1 / size)
    law[0, 0] = 0
    shares = torch.tensor(_SHARES[:colours])
    return shares[:, None, None] * law
