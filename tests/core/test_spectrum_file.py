"""Magnitudes from a file in place of the built-in ones: what they are, and what is refused."""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import CnnvizError, ImageError, RequestError, SpectrumError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.feature_requests import Feature, OpenSpectrum, SpectrumRef, Unit
from cnnviz_gui.core.features import canvas as canvases
from cnnviz_gui.core.features import spectrum, spectrum_file
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SMALL = FeatureParams(
    parameterisation="maco", size=32, steps=3, optimiser="nadam", rate=0.5, jitter=0.0
)
LENET = ModelRef(name="lenet5")


def saved(path: Path, values: object) -> str:
    np.save(path, np.asarray(values))
    return str(path)


def painted(path: Path, pixels: np.ndarray) -> str:
    Image.fromarray(pixels).save(path)
    return str(path)


def read(path: str | Path, session: Session) -> torch.Tensor:
    return spectrum_file.read(SpectrumRef(path=str(path)), session, QUIET).magnitude


def asked(network: ModelRef, path: str | Path, **given: object) -> Feature:
    units = (Unit(layer="conv", channel=3),)
    ref = SpectrumRef(path=str(path))
    return Feature(model=network, units=units, parameters=SMALL, spectrum=ref, **given)


def steep(side: int = 32) -> np.ndarray:
    """Magnitudes that fall faster than those of natural images: smoother pictures."""
    return spectrum.natural_magnitude(side, 3).numpy() ** 2


@pytest.mark.parametrize("side", [8, 33, 64, 512])
@pytest.mark.parametrize("size", [16, 33, 64, 320])
def test_the_law_of_natural_images_is_itself_at_any_size(side: int, size: int) -> None:
    found = spectrum.resized(7.3 * spectrum.natural_magnitude(side, 3), size, 3)
    assert torch.allclose(found, spectrum.natural_magnitude(size, 3), rtol=1e-5)


@pytest.mark.parametrize("side", [32, 33])
def test_magnitudes_of_the_size_wanted_are_taken_as_they_are(side: int) -> None:
    given = torch.rand(3, side, side // 2 + 1) + 0.1
    given[:, 0, 0] = 0
    found = spectrum.resized(given, side, 3)
    strength = spectrum.natural_magnitude(side, 3).norm() / given.norm()
    assert torch.allclose(found, given * strength, rtol=1e-4)


def test_a_wave_stays_where_it_is_in_cycles_per_pixel() -> None:
    """The strongest at 1/4 of a cycle down, upwards, and 1/8 across."""
    given = torch.full((3, 64, 33), 1e-3)
    given[:, -16, 8] = 1
    for size in (32, 128):
        found = spectrum.resized(given, size, 3)[0]
        assert divmod(int(found.argmax()), size // 2 + 1) == (size - size // 4, size // 8)


def test_light_alone_lends_the_colours_their_natural_shares() -> None:
    law = spectrum.natural_magnitude(48, 3)
    assert torch.allclose(spectrum.resized(law[:1], 48, 3), law, rtol=1e-5)
    assert torch.allclose(spectrum.resized(law, 48, 1), law[:1], rtol=1e-5)


@pytest.mark.parametrize("kind", ["float16", "float32", ">f8", "int32"])
def test_an_array_is_read_whatever_numbers_it_holds(
    tmp_path: Path, session: Session, kind: str
) -> None:
    values = np.arange(1, 1 + 3 * 16 * 9).reshape(3, 16, 9).astype(kind)
    found = read(saved(tmp_path / "a.npy", values), session)
    assert found.shape == (3, 16, 9) and found.dtype == torch.float32
    assert found.max() == 1 and not found[:, 0, 0].any()
    share = values.astype(float) / values.max()
    assert found[1, 2, 3] == pytest.approx(share[1, 2, 3])
    assert read(saved(tmp_path / "b.npy", np.asfortranarray(values)), session).equal(found)
    assert read(saved(tmp_path / "c.npy", values[0]), session).shape == (1, 16, 9)


def test_a_picture_lends_the_frequencies_it_has(tmp_path: Path, session: Session) -> None:
    """A grating of 8 pixels: its one wave, of light alone, made smaller with the picture."""
    wave = np.rint(128 + 100 * np.sin(np.arange(1024) * 2 * np.pi / 8)).astype(np.uint8)
    pixels = np.broadcast_to(wave[None, :, None], (600, 1024, 3))
    small = read(painted(tmp_path / "small.png", pixels[:256, :256]), session)
    assert small.shape == (3, 256, 129)
    assert divmod(int(small[0].argmax()), 129) == (0, 32)
    assert small[1:].max() < 0.1 * small[0].max()
    large = read(painted(tmp_path / "large.png", pixels), session)
    assert large.shape == (3, 512, 257)
    assert divmod(int(large[0].argmax()), 257)[1] == round(512 / 8 * 600 / 512)


def test_the_borders_of_a_picture_are_no_edges(tmp_path: Path, session: Session) -> None:
    """A ramp from left to right: without a window its far waves would be those of a jump."""
    ramp = np.linspace(60, 200, 128).astype(np.uint8)
    found = read(painted(tmp_path / "a.png", np.tile(ramp[None, :, None], (128, 1, 3))), session)
    assert found[0, 0, 20:40].max() < 0.005 * found[0, 0, 1]


def bent(kind: str, path: Path) -> str:
    values = steep().astype(np.float32)
    if kind == "nan":
        values[0, 3, 3] = np.nan
    elif kind == "below":
        values[0, 3, 3] = -1
    elif kind == "zero":
        values[:] = 0
        values[0, 0, 0] = 5
    elif kind == "complex":
        values = values.astype(complex)
    elif kind == "words":
        values = np.full((3, 32, 17), "a")
    elif kind == "objects":
        values = np.full((3, 32, 17), {}, dtype=object)
    elif kind == "flat":
        values = np.ones(9)
    elif kind == "whole":
        values = np.ones((3, 32, 32))
    elif kind == "tiny":
        values = np.ones((3, 4, 3))
    elif kind == "number":
        values = np.ones(())
    np.save(path, values, allow_pickle=True)
    data = path.read_bytes()
    if kind == "cut":
        path.write_bytes(data[:-100])
    elif kind == "header":
        path.write_bytes(data[:20] + bytes(60) + data[80:])
    elif kind == "huge":
        stream = io.BytesIO()
        said = {"descr": "<f8", "fortran_order": False, "shape": (3, 10**9, 5 * 10**8 + 1)}
        np.lib.format.write_array_header_1_0(stream, said)
        path.write_bytes(stream.getvalue())
    return str(path)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("nan", "not numbers"),
        ("below", "below zero"),
        ("zero", "zero at every frequency"),
        ("complex", "complex numbers"),
        ("words", "not magnitudes"),
        ("objects", "not magnitudes"),
        ("flat", "a.npy is 9: magnitudes are"),
        ("whole", "3 × 32 × 32"),
        ("tiny", "from 8 to 2048"),
        ("number", "of one number"),
        ("cut", "cut off"),
        ("header", "header cannot be read"),
        ("huge", "from 8 to 2048"),
    ],
)
def test_what_is_no_array_of_magnitudes_is_refused_in_a_sentence(
    tmp_path: Path, session: Session, kind: str, said: str
) -> None:
    with pytest.raises(SpectrumError, match=said) as failed:
        execute(OpenSpectrum(path=bent(kind, tmp_path / "a.npy")), session, QUIET)
    told(failed.value, "a.npy")


def test_what_is_no_picture_is_refused_with_what_can_be_read(
    tmp_path: Path, session: Session
) -> None:
    np.savez(tmp_path / "a.npz", steep())
    (tmp_path / "a.txt").write_text("frequencies")
    for name in ("a.npz", "a.txt"):
        with pytest.raises(ImageError) as failed:
            read(tmp_path / name, session)
        told(failed.value, name)
        assert ".npy" in failed.value.advice and not failed.value.offer
    plain = painted(tmp_path / "plain.png", np.full((32, 32, 3), 90, np.uint8))
    with pytest.raises(SpectrumError, match="one colour") as flat:
        read(plain, session)
    told(flat.value, "plain.png")
    with pytest.raises(SpectrumError, match="too few"):
        read(painted(tmp_path / "dot.png", np.zeros((5, 40, 3), np.uint8)), session)
    with pytest.raises(ImageError, match="does not exist"):
        read(tmp_path / "gone.npy", session)


def told(error: CnnvizError, name: str) -> None:
    assert error.message.startswith(name) and error.message.endswith(".")
    assert error.message.count(". ") == 0 and error.advice.endswith(".")


def test_the_picture_keeps_the_magnitudes_of_the_file(
    tmp_path: Path, session: Session, network: ModelRef
) -> None:
    """As they are at 32 × 32, after three steps that moved the phases."""
    result = execute(asked(network, saved(tmp_path / "a.npy", steep())), session, QUIET)
    flat = canvases.flattened(torch.tensor(result.pictures).permute(0, 3, 1, 2).double())
    inner = (slice(None), slice(1, 16), slice(1, 8))  # further out it is 8 bits of rounding
    share = torch.fft.rfft2(flat)[0].abs()[inner] / torch.tensor(steep())[inner]
    assert torch.allclose(share, share.mean().expand_as(share), rtol=0.02)


def test_a_file_that_says_what_is_built_in_changes_nothing(
    tmp_path: Path, session: Session, network: ModelRef
) -> None:
    law = saved(tmp_path / "a.npy", spectrum.natural_magnitude(64, 3).numpy())
    given = execute(asked(network, law), session, QUIET)
    usual = dataclasses.replace(asked(network, law), spectrum=None)
    assert np.abs(given.pictures - execute(usual, session, QUIET).pictures).max() < 1e-3


def test_a_changed_file_is_another_request(
    tmp_path: Path, new_session: Callable[[], Session], network: ModelRef
) -> None:
    path = saved(tmp_path / "a.npy", steep())
    request, session = asked(network, path), new_session()
    first = execute(request, session, QUIET)
    exact = dataclasses.replace(
        request, spectrum=SpectrumRef(path=path, sha256=opened(path, session))
    )
    saved(tmp_path / "a.npy", spectrum.natural_magnitude(32, 3).numpy())
    os.utime(path, ns=(1, 1))
    other = execute(request, session, QUIET)
    assert not np.allclose(first.pictures, other.pictures, atol=0.05), "not the one that was kept"
    with pytest.raises(SpectrumError, match="has changed on disk"):
        execute(exact, new_session(), QUIET)
    saved(tmp_path / "a.npy", steep())
    again = execute(from_json(exact.to_json()), new_session(), QUIET)
    assert np.array_equal(again.pictures, first.pictures)


def opened(path: str, session: Session) -> str:
    return execute(OpenSpectrum(path=path), session, QUIET).sha256


def test_only_maco_has_use_for_a_file(tmp_path: Path, session: Session, network: ModelRef) -> None:
    path = saved(tmp_path / "a.npy", steep())
    fourier = dataclasses.replace(SMALL, parameterisation="fourier")
    request = dataclasses.replace(asked(network, path), parameters=fourier)
    for each in (request, request.then(fourier)):
        with pytest.raises(RequestError, match="Only MACO"):
            execute(each, session, QUIET)


def test_it_goes_on_with_the_file(
    tmp_path: Path, new_session: Callable[[], Session], network: ModelRef
) -> None:
    session = new_session()
    first = asked(network, saved(tmp_path / "a.npy", steep()))
    execute(first, session, QUIET)
    longer = dataclasses.replace(first, parameters=dataclasses.replace(SMALL, steps=5))
    whole = execute(longer, new_session(), QUIET)
    assert np.array_equal(execute(longer, session, QUIET).pictures, whole.pictures)
    other = first.then(dataclasses.replace(SMALL, rate=0.1))
    assert from_json(other.to_json()) == other
    assert execute(other, session, QUIET).done == 3


def test_a_network_that_reads_grey_takes_the_light_of_it(tmp_path: Path) -> None:
    session = Session(device=torch.device("cpu"))
    path = saved(tmp_path / "a.npy", steep())
    units = (Unit(layer="c3", channel=2),)
    result = execute(dataclasses.replace(asked(LENET, path), units=units), session, QUIET)
    assert np.array_equal(result.pictures[..., 0], result.pictures[..., 2])
