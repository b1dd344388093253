"""Parameterisations against the published definitions, written out once more in numpy.

Fourier is that of Lucid (Olah, Mordvintsev and Schubert 2017; ``lucid/optvis/param/spatial.py`` and
``color.py``), MACO that of Fel et al. 2023 (``horama/maco_fv.py``). Lucid's port to PyTorch asks
for packages years out of date, so that it cannot be run beside.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from cnnviz_gui.core.features import canvas as canvases
from cnnviz_gui.core.features import spectrum
from cnnviz_gui.core.features.canvas import FourierCanvas, MacoCanvas

Array = npt.NDArray[np.float64]
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
COVARIANCE_ROOT = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
TOLERANCE = 2e-6
"""The product computes in float32."""


def lucid_frequencies(size: int) -> Array:
    down = np.fft.fftfreq(size)[:, None]
    across = np.fft.fftfreq(size)[: size // 2 + 1]
    return np.sqrt(across**2 + down**2)


def lucid_colours(image: Array) -> Array:
    """``_linear_decorrelate_color`` without the mean, as ``to_valid_rgb`` uses it."""
    normalised = COVARIANCE_ROOT / np.linalg.norm(COVARIANCE_ROOT, axis=0).max()
    last = np.moveaxis(image, 1, -1)
    return np.moveaxis(last @ normalised.T, -1, 1)


def sigmoid(values: Array) -> Array:
    return 1 / (1 + np.exp(-values))


def real_transform(spectrum: Array, size: int) -> Array:
    """What TensorFlow's ``irfft2d`` is: the inverse with 1 / (width · height), sum by sum.

    The upper half of the spectrum follows from the lower one, since the image is real.
    """
    half = size // 2 + 1
    whole = np.zeros((*spectrum.shape[:-1], size), complex)
    whole[..., :half] = spectrum
    rows = (-np.arange(size)) % size
    columns = np.arange(half, size)
    whole[..., columns] = np.conj(spectrum[..., rows, :][..., size - columns])
    for edge in (0, size // 2):  # of these only the even part of the real transform counts
        column = whole[..., edge]
        whole[..., edge] = (column + np.conj(column[..., rows])) / 2
    waves = np.exp(2j * np.pi * np.outer(np.arange(size), np.arange(size)) / size)
    return np.real(np.einsum("yv,...vu,xu->...yx", waves, whole, waves)) / size**2


def lucid_image(real_imaginary: Array, decay: float) -> Array:
    size = real_imaginary.shape[2]
    scale = 1.0 / np.maximum(lucid_frequencies(size), 1.0 / size) ** decay
    scale = scale * np.sqrt(size * size)
    waves = scale * (real_imaginary[..., 0] + 1j * real_imaginary[..., 1])
    return sigmoid(lucid_colours(real_transform(waves, size) / 4.0))


def standardised(values: Array) -> Array:
    return (values - values.mean()) / (values.std(ddof=1) + 1e-4)


def maco_image(phases: Array, magnitude: Array) -> Array:
    phase = standardised(phases)
    image = standardised(
        real_transform(magnitude * (np.cos(phase) + 1j * np.sin(phase)), len(phase[0]))
    )
    return sigmoid(lucid_colours(image[None]))[0]


@pytest.mark.parametrize("decay", [0.0, 1.0, 1.5])
@pytest.mark.parametrize("size", [16, 48])
def test_fourier_is_lucids(size: int, decay: float) -> None:
    drawn = np.random.default_rng(size).normal(size=(2, 3, size, size // 2 + 1, 2))
    found = FourierCanvas(torch.tensor(drawn, dtype=torch.float32), size, decay).picture()
    assert np.abs(found.detach().numpy() - lucid_image(drawn, decay)).max() < TOLERANCE


def test_frequencies_scale_and_colours_are_lucids() -> None:
    for size in (16, 160):
        assert spectrum.frequencies(size).numpy() == pytest.approx(lucid_frequencies(size))
        scale = canvases.fourier_scale(size, 1.0).numpy()
        assert scale[0, 0] == pytest.approx(size), "the mean is held as the longest wave"
        assert scale[1, 0] == pytest.approx(size) and scale[0, 2] == pytest.approx(size / 2)
    flat = np.random.default_rng(0).normal(size=(1, 3, 4, 4))
    mixed = canvases.correlated(torch.tensor(flat))
    assert mixed.numpy() == pytest.approx(lucid_colours(flat))
    assert canvases.decorrelated(mixed).numpy() == pytest.approx(flat)


def test_the_start_is_as_faint_as_lucids() -> None:
    generator = torch.Generator().manual_seed(0)
    start = canvases.fourier_noise((1, 3, 64, 64), 1.0, generator, torch.device("cpu"), grey=False)
    assert float(start.parameter.detach().std()) == pytest.approx(0.01, rel=0.05)
    assert float((start.picture().detach() - 0.5).abs().max()) < 0.2


@pytest.mark.parametrize("size", [16, 48])
def test_maco_is_that_of_its_authors(size: int) -> None:
    magnitude = spectrum.natural_magnitude(size, 3)
    phases = np.random.default_rng(size).uniform(-np.pi, np.pi, (3, size, size // 2 + 1))
    found = MacoCanvas(torch.tensor(phases[None], dtype=torch.float32), magnitude).picture()
    expected = maco_image(phases, magnitude.numpy().astype(float))
    assert np.abs(found.detach().numpy()[0] - expected).max() < 2e-5


def test_the_magnitudes_of_maco_stay_while_its_phases_move() -> None:
    magnitude = spectrum.natural_magnitude(32, 3)
    for seed in (0, 1):
        generator = torch.Generator().manual_seed(seed)
        picture = canvases.maco_noise(
            (1, 3, 32, 32), generator, torch.device("cpu"), magnitude
        ).picture()
        flat = canvases.decorrelated(torch.logit(picture.detach().double()))
        found = torch.fft.rfft2(flat)[0].abs()
        inner = (slice(None), slice(None), slice(1, 16))  # the edges are halves of real waves
        share = found[inner] / magnitude.double()[inner]
        assert torch.allclose(share, share.mean().expand_as(share), rtol=1e-3)


def test_the_colours_of_natural_pictures_are_those_of_the_samples() -> None:
    shares = []
    for name in ("chelsea.png", "coffee.png", "rocket.jpg"):
        with Image.open(SAMPLES / name) as image:
            side = min(image.size)
            left, top = (image.width - side) // 2, (image.height - side) // 2
            square = image.convert("RGB").crop((left, top, left + side, top + side))
            pixels = np.asarray(square.resize((320, 320), Image.Resampling.LANCZOS)) / 255
        colours = torch.tensor(pixels).permute(2, 0, 1)[None].clamp(0.02, 0.98)
        spread = canvases.decorrelated(torch.logit(colours)).std((2, 3))[0]
        shares.append((spread / spread[0]).numpy())
    magnitude = spectrum.natural_magnitude(16, 3)
    assert (magnitude[:, 1, 1] / magnitude[0, 1, 1]).numpy() == pytest.approx(
        np.median(shares, axis=0), abs=0.04
    )


def test_magnitudes_follow_the_law_of_natural_images() -> None:
    law = spectrum.natural_magnitude(64, 3)
    assert not law[:, 0, 0].any(), "the mean is no wave"
    assert law[0, 1, 0] / law[0, 4, 0] == pytest.approx(4)
    assert law[0, 3, 4] == pytest.approx(law[0, 5, 0])
