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


def resized(magnitude: Tensor, size: int, colours: int) -> Tensor:
    """Return magnitudes (colours, size, size // 2 + 1) of pictures of another size, the mean at 0.

    They are read off at the frequencies wanted, in cycles per pixel. What falls by the 1 / f law is
    flat once it is multiplied by the frequency: so it is interpolated, linearly down and across,
    and divided again. Only the shares count: all together are as strong as the built-in ones.

    Parameters
    ----------
    magnitude
        float (1 or 3, n, n // 2 + 1), of a real transform of n × n; of light alone, the other
        colours have the shares of natural images.
    """
    given, side = magnitude[:colours].double(), magnitude.shape[1]
    if len(given) < colours:
        given = given * torch.tensor(_SHARES[:colours]).double()[:, None, None]
    flat = given * frequencies(side)
    flat[:, 0, 0] = (flat[:, 1, 0] + flat[:, -1, 0] + 2 * flat[:, 0, 1]) / 4  # as what lies around
    down = torch.cat([flat[:, (side + 1) // 2 :], flat[:, : side // 2 + 1]], 1)  # from -1/2 to 1/2
    read = _between(down, torch.fft.fftfreq(size, dtype=torch.float64) * side + side // 2, 1)
    read = _between(read, torch.fft.rfftfreq(size, dtype=torch.float64) * side, 2)
    law = natural_magnitude(size, colours)
    found = read / frequencies(size).clamp_min(1 / size)
    found[:, 0, 0] = 0
    strength: Tensor = law.norm() / found.norm().clamp_min(1e-30)
    return (found * strength).float()


def _between(values: Tensor, places: Tensor, axis: int) -> Tensor:
    """Return (C, H, W) interpolated at places along an axis; beyond its ends it is as there."""
    places = places.clamp(0, values.shape[axis] - 1)
    before = places.long().clamp_max(values.shape[axis] - 2)
    share = (places - before).reshape((-1, 1) if axis == 1 else (1, -1))
    first, second = (values.index_select(axis, at) for at in (before, before + 1))
    return torch.lerp(first, second, share)
