"""The vector before the classifier and its neighbours, on the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

KEYS = {"model", "layer", "size", "minimum", "maximum", "length", "seconds"}


@pytest.fixture
def folder(tmp_path: Path, cat: str) -> Path:
    """The cat, the cat mirrored, something else, and a file that cannot be read."""
    made = tmp_path / "pictures"
    made.mkdir()
    with Image.open(cat) as image:
        image.save(made / "cat.png")
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(made / "mirrored.png")
    Image.effect_mandelbrot((300, 300), (-2, -1, 1, 1), 40).convert("RGB").save(made / "other.png")
    (made / "cut.png").write_bytes((made / "cat.png").read_bytes()[:200])
    return made


def test_the_vector_is_described_and_written(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    path = tmp_path / "vector.npy"
    ran = cnnviz("embed", cat, "--array", path, "--json")
    assert (ran.status, ran.err) == (0, "")
    assert set(ran.json) >= KEYS and "nearest" not in ran.json
    vector = np.load(path)
    assert vector.dtype == np.float32 and vector.shape == (1280,) == (ran.json["size"],)
    assert ran.json["layer"] == "classifier" and ran.json["array"] == str(path)
    assert ran.json["length"] == pytest.approx(float(np.linalg.norm(vector)), rel=1e-5)


def test_the_nearest_of_a_folder_come_first(
    cnnviz: Callable[..., Any], cat: str, folder: Path
) -> None:
    ran = cnnviz("embed", cat, "--nearest", folder, "--count", "2", "--json")
    assert ran.status == 0
    found = ran.json["nearest"]
    assert [Path(one["path"]).name for one in found["neighbours"]] == ["cat.png", "mirrored.png"]
    assert found["neighbours"][0]["similarity"] == pytest.approx(1.0, abs=1e-6)
    assert found["looked_at"] == 4
    assert [Path(one["path"]).name for one in found["skipped"]] == ["cut.png"]


def test_the_table_names_pictures_and_what_was_skipped(
    cnnviz: Callable[..., Any], cat: str, folder: Path
) -> None:
    ran = cnnviz("embed", cat, "--nearest", folder)
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert lines[0].startswith("1280 numbers given to classifier")
    assert any(line.split() == ["1.0000", "cat.png"] for line in lines)
    assert any(line.startswith("skipped: cut.png") for line in lines)


def test_the_request_replays_from_anywhere(
    cnnviz: Callable[..., Any],
    cat: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder.parent)
    path = tmp_path / "request.json"
    cnnviz("embed", cat, "--nearest", folder.name, "--request", path)
    assert msgspec.json.decode(path.read_bytes())["folder"] == str(folder)
    monkeypatch.chdir("/")
    ran = cnnviz("run", path, "--out", tmp_path / "out", "--json")
    assert ran.status == 0 and ran.json["task"] == "nearest"


@pytest.mark.parametrize("count", ["0", "1001", "many"])
def test_a_count_out_of_range_is_wrong_usage(
    cnnviz: Callable[..., Any], cat: str, count: str
) -> None:
    assert cnnviz("embed", cat, "--nearest", ".", "--count", count).status == 2


def test_a_folder_that_is_not_there_is_a_failure_in_a_sentence(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    ran = cnnviz("embed", cat, "--nearest", tmp_path / "gone")
    assert ran.status == 1 and "gone cannot be found" in ran.err
