"""``cnnviz feature --spectrum``: magnitudes of a file, replayed, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.core.request_json import from_json

Cnnviz = Callable[..., Any]
C3 = ("feature", "--model", "lenet5", "--size", "32", "--steps", "3", "--layer", "c3")
MACO = (*C3, "--channel", "5", "--preset", "maco")


@pytest.fixture
def steep(tmp_path: Path) -> Path:
    """Magnitudes of pictures that are smoother than natural ones."""
    far = 1 + np.hypot(*np.meshgrid(np.arange(17), np.fft.fftfreq(32, 1 / 32)))
    np.save(tmp_path / "steep.npy", np.repeat(far[None] ** -3, 3, 0))
    return tmp_path / "steep.npy"


def test_the_magnitudes_of_a_file_make_another_picture_that_is_replayed(
    cnnviz: Cnnviz, tmp_path: Path, steep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    usual, other, file = tmp_path / "a.npy", tmp_path / "b.npy", tmp_path / "r.json"
    assert cnnviz(*MACO, "--array", usual).status == 0
    ran = cnnviz(*MACO, "--spectrum", steep.name, "--array", other, "--request", file, "--json")
    assert (ran.status, ran.err, ran.json["spectrum"]) == (0, "", steep.name)
    smooth = [np.abs(np.diff(np.load(each), axis=1)).mean() for each in (usual, other)]
    assert smooth[1] < 0.7 * smooth[0]
    asked = from_json(file.read_bytes())
    assert isinstance(asked, Feature) and asked.spectrum is not None
    assert asked.spectrum.path == str(steep) and len(asked.spectrum.sha256) == 64
    out = tmp_path / "again"
    assert cnnviz("run", file, "--out", out).status == 0
    assert np.array_equal(np.load(out / "pictures.npy"), np.load(other))


def test_a_file_that_has_changed_is_not_replayed(
    cnnviz: Cnnviz, tmp_path: Path, steep: Path
) -> None:
    """Asked in another session, which has not seen it."""
    file = tmp_path / "r.json"
    assert cnnviz(*MACO, "--seed", "8", "--spectrum", steep, "--request", file).status == 0
    np.save(steep, np.load(steep) ** 0.9)
    text = file.read_bytes().replace(b'"seed": 8', b'"seed": 9')
    file.write_bytes(text)
    ran = cnnviz("run", file, "--out", tmp_path / "again")
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert "steep.npy has changed on disk" in ran.err and "Choose it again" in ran.err


def test_a_photograph_lends_its_spectrum(cnnviz: Cnnviz, cat: str) -> None:
    assert cnnviz(*MACO, "--spectrum", cat).status == 0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.ones((3, 32, 32)), "3 × 32 × 32: magnitudes are 3 × n × (n // 2 + 1)"),
        (-np.ones((3, 32, 17)), "below zero"),
        (np.full((3, 32, 17), np.inf), "not numbers"),
    ],
)
def test_what_is_no_spectrum_is_one_sentence_and_an_advice(
    cnnviz: Cnnviz, tmp_path: Path, values: np.ndarray, said: str
) -> None:
    np.save(tmp_path / "a.npy", values)
    ran = cnnviz(*MACO, "--spectrum", tmp_path / "a.npy", "--save", tmp_path / "a.png")
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert said in ran.err and not (tmp_path / "a.png").exists()


def test_a_spectrum_is_that_of_maco(cnnviz: Cnnviz, steep: Path) -> None:
    ran = cnnviz(*C3, "--spectrum", steep)
    assert (ran.status, ran.out) == (2, "")
    assert "--preset maco" in ran.err
