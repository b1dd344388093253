"""What gradient ascent moves, and the picture that it stands for."""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.features import spectrum

GREY = 0.5
"""Half way from black to white, in every colour: what is begun with, what penalties draw a picture
to, and what lies around it, for every network. Simonyan, Vedaldi and Zisserman (2014) begin with
the mean of their photographs, which is close to it; of a network that is not normalised, and of one
that reads digits, the mean is black or nearly so, and no sigmoid can begin there.
"""
_COLOUR_SD = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
"""Root of the colour covariance of natural images, as Lucid publishes it (Olah et al. 2017)."""
_LEAST = 1e-3
"""Room to black and white of a photograph, which a sigmoid cannot reach."""
_START_SD = 0.01
_NOISE_SD = math.pi / math.sqrt(3)
"""Of random phases: what is begun with is as wide, so that a rate means the same."""
_NO_SPREAD = 1e-3
"""Standard deviation of phases, in radians, that are taken to be one."""
_FOURIER_GAIN = 0.25


class Canvas(Protocol):
    """N pictures and the tensor that is optimised in their place."""

    parameter: Tensor
    """Requires a gradient."""

    def picture(self) -> Tensor:
        """Return float32 (N, 3, H, W); around [0, 1], a differentiable function of the tensor."""


class PixelCanvas:
    """The pixels themselves, in units of the network's normalisation.

    Parameters
    ----------
    values
        float32 (N, C, H, W), normalised; C is 3, or 1 for a network that reads grey.
    mean, std
        Of the network, (1, C, 1, 1).
    """

    def __init__(self, values: Tensor, mean: Tensor, std: Tensor) -> None:
        self.parameter = values.detach().clone().requires_grad_()
        self._mean, self._std = mean, std

    def picture(self) -> Tensor:
        """Return the pixels, without normalisation."""
        return _in_colours(self._mean + self._std * self.parameter)

    def bound(self, largest: float = 0.0) -> None:
        """Clip the normalised values to ± ``largest``, or with 0 to black and white."""
        with torch.no_grad():
            if largest:
                self.parameter.clamp_(-largest, largest)
            else:
                self.parameter.clamp_(-self._mean / self._std, (1 - self._mean) / self._std)

    def blur(self, sigma: float) -> None:
        """Blur the pixels by a Gaussian of ``sigma`` pixels."""
        with torch.no_grad():
            self.parameter.copy_(blurred(self.parameter, sigma))

    def replace(self, values: Tensor) -> PixelCanvas:
        """Return one of other values, perhaps of another size."""
        return PixelCanvas(values, self._mean, self._std)


class FourierCanvas:
    """Fourier coefficients of decorrelated colours, scaled by the frequency (Olah et al. 2017).

    Parameters
    ----------
    coefficients
        float32 (N, C, H, W // 2 + 1, 2), real and imaginary.
    size
        H = W.
    decay
        Coefficients are divided by the frequency to this power.
    """

    def __init__(self, coefficients: Tensor, size: int, decay: float) -> None:
        self.parameter = coefficients.detach().clone().requires_grad_()
        self._size = size
        self._scale = fourier_scale(size, decay).to(coefficients.device)

    def picture(self) -> Tensor:
        """Return the transform of the coefficients, in colours, through a sigmoid."""
        waves = torch.view_as_complex(self.parameter) * self._scale
        flat = torch.fft.irfft2(waves, s=(self._size, self._size), norm="ortho")
        return _in_colours(torch.sigmoid(correlated(flat * _FOURIER_GAIN)))

    @classmethod
    def of(cls, picture: Tensor, decay: float) -> FourierCanvas:
        """Return the canvas of a picture (N, C, H, H) in [0, 1]."""
        flat = flattened(picture) / _FOURIER_GAIN
        size = picture.shape[-1]
        waves = torch.fft.rfft2(flat, norm="ortho") / fourier_scale(size, decay).to(flat.device)
        return cls(torch.view_as_real(waves), size, decay)


class MacoCanvas:
    """Phases of a spectrum whose magnitudes stay, those of natural images (Fel et al. 2023).

    Parameters
    ----------
    phases
        float32 (N, C, H, W // 2 + 1), radians.
    magnitude
        float32 (C, H, W // 2 + 1).
    mean, spread
        What the phases are standardised to, (N, 1, 1, 1).
    """

    def __init__(
        self,
        phases: Tensor,
        magnitude: Tensor,
        mean: Tensor | float = 0.0,
        spread: Tensor | float = 1.0,
    ) -> None:
        self.parameter = phases.detach().clone().requires_grad_()
        self.magnitude = magnitude.to(phases.device)
        self._mean, self._spread = mean, spread
        self._size = phases.shape[-2]

    def picture(self) -> Tensor:
        """Return the same of the phases, standardised before the sigmoid."""
        phases = _standardised(self.parameter) * self._spread + self._mean
        waves = torch.polar(self.magnitude.expand_as(self.parameter), phases)
        flat = torch.fft.irfft2(waves, s=(self._size, self._size))
        return _in_colours(torch.sigmoid(correlated(_standardised(flat))))

    @classmethod
    def of(cls, picture: Tensor, magnitude: Tensor) -> MacoCanvas:
        """Return the canvas with the phases of a picture (N, C, H, H) in [0, 1]."""
        phases = torch.fft.rfft2(flattened(picture)).angle()
        axes = tuple(range(1, phases.dim()))
        spread = phases.std(axes, keepdim=True)
        # Those of a plain picture are all alike: a spread of 0 would keep them so.
        spread = torch.where(spread > _NO_SPREAD, spread, 1.0)
        return cls(_NOISE_SD * phases, magnitude, phases.mean(axes, keepdim=True), spread)

    def again(self, pictures: int, magnitude: Tensor) -> MacoCanvas:
        """Return as many of the same phases: of the few there are over and over.

        A step then turns them as far as it did: they move the less the wider they are spread.
        """
        which = [each % len(self.parameter) for each in range(pictures)]
        mean, spread = (
            given[which].to(magnitude.device) if isinstance(given, Tensor) else given
            for given in (self._mean, self._spread)
        )
        phases = self.parameter.detach()[which].to(magnitude.device)
        return MacoCanvas(phases, magnitude, mean, spread)


def pixel_noise(
    shape: tuple[int, ...], mean: Tensor, std: Tensor, generator: torch.Generator, grey: bool
) -> PixelCanvas:
    """Return a canvas of normal noise around the network's mean colour, or of plain grey."""
    values = torch.full(shape, GREY) if grey else torch.randn(shape, generator=generator)
    values = values.to(mean.device)
    return PixelCanvas((values - mean) / std if grey else values, mean, std)


def fourier_noise(
    shape: tuple[int, ...],
    decay: float,
    generator: torch.Generator,
    device: torch.device,
    grey: bool,
) -> FourierCanvas:
    """Return a canvas of faint noise, or of plain grey."""
    size = shape[-1]
    wanted = (*shape[:-1], size // 2 + 1, 2)
    values = torch.zeros(wanted) if grey else torch.randn(wanted, generator=generator) * _START_SD
    return FourierCanvas(values.to(device), size, decay)


def maco_noise(
    shape: tuple[int, ...], generator: torch.Generator, device: torch.device, magnitude: Tensor
) -> MacoCanvas:
    """Return a canvas of random phases."""
    size = shape[-1]
    phases = (torch.rand((*shape[:-1], size // 2 + 1), generator=generator) * 2 - 1) * torch.pi
    return MacoCanvas(phases.to(device), magnitude)


def fourier_scale(size: int, decay: float) -> Tensor:
    """Return (size, size // 2 + 1): what coefficients are multiplied with."""
    return spectrum.frequencies(size).clamp_min(1 / size) ** -decay


def correlated(flat: Tensor) -> Tensor:
    """Turn decorrelated colours (N, C, H, W) into red, green and blue; grey stays."""
    return flat if flat.shape[1] == 1 else _mixed(flat, _colours(flat))


def decorrelated(colours: Tensor) -> Tensor:
    """Undo ``correlated``."""
    return colours if colours.shape[1] == 1 else _mixed(colours, _colours(colours).inverse())


def flattened(picture: Tensor) -> Tensor:
    """Return the decorrelated colours before the sigmoid of a picture (N, C, H, W) in [0, 1]."""
    return decorrelated(torch.logit(picture.clamp(_LEAST, 1 - _LEAST)))


def blurred(images: Tensor, sigma: float) -> Tensor:
    """Return images (N, C, H, W) blurred by a Gaussian, mirrored at the border."""
    reach = min(max(1, round(3 * sigma)), images.shape[-1] - 1, images.shape[-2] - 1)
    places = torch.arange(-reach, reach + 1, device=images.device, dtype=images.dtype)
    weights = torch.exp(-(places**2) / (2 * sigma**2))
    weights = weights / weights.sum()
    channels = images.shape[1]
    padded = functional.pad(images, (reach,) * 4, mode="reflect")
    down = weights.reshape(1, 1, -1, 1).expand(channels, 1, -1, 1)
    across = weights.reshape(1, 1, 1, -1).expand(channels, 1, 1, -1)
    return functional.conv2d(
        functional.conv2d(padded, down, groups=channels), across, groups=channels
    )


def _colours(like: Tensor) -> Tensor:
    root = torch.tensor(_COLOUR_SD, dtype=like.dtype, device=like.device)
    largest: Tensor = root.norm(dim=0).max()
    return root / largest


def _mixed(images: Tensor, matrix: Tensor) -> Tensor:
    return torch.einsum("dc,nchw->ndhw", matrix, images)


def _standardised(values: Tensor) -> Tensor:
    """Return each picture's values with mean 0 and standard deviation 1."""
    axes = tuple(range(1, values.dim()))
    centred = values - values.mean(axes, keepdim=True)
    return centred / (centred.std(axes, keepdim=True) + 1e-4)


def _in_colours(picture: Tensor) -> Tensor:
    return picture.expand(-1, 3, -1, -1) if picture.shape[1] == 1 else picture
