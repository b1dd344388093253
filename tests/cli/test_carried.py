"""Pictures that the command line writes carry their request, and ``cnnviz run`` takes it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnnviz_gui.core import carried

LENET = ["--model", "lenet5:untrained"]


@pytest.mark.parametrize(
    ("command", "flag", "task"),
    [
        (["heatmap", "grad-cam"], "--save", "heatmap"),
        (["heatmap", "saliency"], "--figure", "heatmap"),
        (["heatmaps", "--methods", "saliency", "--top", "1"], "--save", "heatmap-grid"),
        (["attack", "fgsm"], "--save", "attack"),
        (["plane", "fgsm", "--points", "17"], "--save", "plane"),
        (["heatmap-folder", "grad-cam"], "--sheet", "heatmap-folder"),
        (["heatmap-folder", "grad-cam"], "--save", "heatmap"),
        (["attack-folder", "fgsm"], "--sheet", "attack-folder"),
    ],
)
def test_a_picture_carries_its_request_and_no_place(
    cnnviz: Callable[..., Any],
    cat: str,
    tmp_path: Path,
    command: list[str],
    flag: str,
    task: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = tmp_path / "somewhere"
    place.mkdir()
    shutil.copy(cat, place / "cat.png")
    out = tmp_path / "out.png"
    about = place if "folder" in command[0] else place / "cat.png"
    ran = cnnviz(*command, about, *LENET, flag, out)
    assert ran.status == 0, ran.err
    (written,) = [out] if out.is_file() else out.rglob("*.png")
    data = written.read_bytes()
    for private in (str(Path.home()), str(tmp_path), str(place)):
        assert private.encode() not in data
    found = carried.found_in(data)
    assert found is not None
    assert found.request.task == task
    assert (found.network, len(found.weights)) == ("LeNet-5", 64)


def test_what_a_picture_carries_runs(cnnviz: Callable[..., Any], cat: str, tmp_path: Path) -> None:
    """The picture it was made of lies beside it, by another name."""
    # one byte more, so that it is not the sample that is always at hand
    (tmp_path / "cat.png").write_bytes(Path(cat).read_bytes() + b"\0")
    out, array = tmp_path / "adversarial.png", tmp_path / "a.npy"
    cnnviz("attack", "pgd", tmp_path / "cat.png", *LENET, "--save", out, "--array", array)
    (tmp_path / "cat.png").rename(tmp_path / "renamed.png")
    ran = cnnviz("run", out, "--out", tmp_path / "again", "--json")
    assert ran.status == 0, ran.err
    again = tmp_path / "again"
    assert (again / "adversarial_image.npy").read_bytes() == array.read_bytes()
    told = carried.found_in((again / "adversarial.png").read_bytes())
    assert told is not None
    assert told.request.image.path == "renamed.png"


def test_the_picture_that_is_wanted_is_named(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    place = tmp_path / "gone"
    place.mkdir()
    (place / "cat.png").write_bytes(Path(cat).read_bytes() + b"\0")
    out = tmp_path / "map.png"
    cnnviz("heatmap", "grad-cam", place / "cat.png", *LENET, "--save", out)
    shutil.rmtree(place)
    ran = cnnviz("run", out, "--out", tmp_path / "again")
    assert ran.status == 1
    assert "The file cat.png is not at hand" in ran.err


def test_other_pictures_carry_no_request(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    ran = cnnviz("run", cat, "--out", tmp_path / "x")
    assert ran.status == 1
    assert "carries no request" in ran.err
