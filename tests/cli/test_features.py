"""``cnnviz feature``: pictures by gradient ascent, their files, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.core.features.presets import PRESETS
from cnnviz_gui.core.request_json import from_json

Cnnviz = Callable[..., Any]
LENET = ("feature", "--model", "lenet5", "--size", "32", "--steps", "6")
C3 = (*LENET, "--layer", "c3")


def test_what_a_picture_is_for_and_what_answers_is_told(cnnviz: Cnnviz) -> None:
    ran = cnnviz(*C3, "--channel", "5", "--json")
    assert (ran.status, ran.err, ran.out.count("\n")) == (0, "", 1)
    told = ran.json
    assert {"model", "objective", "parameters", "activation", "seconds"} <= set(told)
    assert told["objective"] == "channel 5 of c3" and told["model"] == "lenet5"
    assert told["parameters"]["steps"] == 6 and told["parameters"]["parameterisation"] == "fourier"
    assert len(told["curve"]) == 6 and told["activation"] != told["curve"][-1]
    assert told["curve"][-1] > told["curve"][0]
    text = cnnviz(*C3, "--channel", "5")
    assert text.out.splitlines()[0].startswith("channel 5 of c3, 6 steps")


def test_picture_film_array_and_request_are_written(cnnviz: Cnnviz, tmp_path: Path) -> None:
    picture, film = tmp_path / "out.png", tmp_path / "out.gif"
    array, replay = tmp_path / "out.npy", tmp_path / "r.json"
    files = ("--save", picture, "--gif", film, "--array", array, "--request", replay)
    ran = cnnviz(*C3, "--channel", "5", *files)
    assert ran.status == 0 and ran.out.count("wrote ") == 3
    pixels = np.load(array)
    assert pixels.shape == (1, 32, 32, 3) and pixels.dtype == np.float32
    with Image.open(picture) as saved:
        assert np.array_equal(np.asarray(saved), np.rint(pixels[0] * 255).astype(np.uint8))
    with Image.open(film) as shots:
        assert shots.n_frames >= 2 and shots.size == (32, 32)
    out = tmp_path / "again"
    assert cnnviz("run", replay, "--out", out).status == 0
    assert np.array_equal(np.load(out / "pictures.npy"), pixels)
    with Image.open(out / "pictures.png") as again:
        assert again.size == (32, 32)


@pytest.mark.parametrize("name", [one.name for one in PRESETS])
def test_a_preset_and_the_flags_above_it(
    cnnviz: Cnnviz, tmp_path: Path, cat: str, name: str
) -> None:
    file = tmp_path / "r.json"
    photo = ("--image", cat) if name in ("deepdream", "rebuild") else ()
    ran = cnnviz(*C3, "--preset", name, *photo, "--seed", "7", "--request", file)
    assert (ran.status, ran.err) == (0, "")
    asked = from_json(file.read_bytes())
    assert isinstance(asked, Feature)
    chosen = next(one for one in PRESETS if one.name == name).parameters.values()
    assert asked.parameters.values() == chosen | {"size": 32, "steps": 6, "seed": 7}
    assert asked.aim == ("imitate" if name == "rebuild" else "excite")
    assert asked.units[0].channel is None
    if photo:
        assert asked.image is not None and asked.image.sha256


def test_classes_cells_and_several_channels(cnnviz: Cnnviz, tmp_path: Path) -> None:
    file = tmp_path / "r.json"

    def asked(*flags: str) -> Feature:
        ran = cnnviz(*LENET, *flags, "--request", file)
        assert (ran.status, ran.err) == (0, "")
        request = from_json(file.read_bytes())
        assert isinstance(request, Feature)
        return request

    (seven,) = asked("--target", "7", "--negative").units
    assert (seven.layer, seven.channel, seven.weight) == ("", 7, -1.0)
    (cell,) = asked("--layer", "c3", "--channel", "2", "--cell", "3,4").units
    assert cell.cell == (3, 4)
    (centre,) = asked("--layer", "c3", "--channel", "2", "--cell", "centre").units
    assert centre.cell == "centre"
    assert [unit.channel for unit in asked("--layer", "c3", "--channel", "2,9").units] == [2, 9]
    walk = asked("--layer", "c3", "--channel", "2,9", "--aim", "blend", "--pictures", "3")
    assert (walk.aim, walk.pictures, len(walk.units)) == ("blend", 3, 2)


def test_several_pictures_lie_side_by_side(cnnviz: Cnnviz, tmp_path: Path) -> None:
    picture = tmp_path / "out.png"
    flags = ("--aim", "differ", "--pictures", "3", "--save", picture)
    assert cnnviz(*C3, "--channel", "5", *flags).status == 0
    with Image.open(picture) as saved:
        assert saved.size == (96, 32)


def test_a_transparent_picture_is_saved_with_its_opacity(cnnviz: Cnnviz, tmp_path: Path) -> None:
    picture = tmp_path / "out.png"
    assert cnnviz(*C3, "--channel", "5", "--preset", "maco", "--save", picture).status == 0
    with Image.open(picture) as saved:
        assert saved.mode == "RGBA" and saved.getextrema()[3][0] < saved.getextrema()[3][1]


def test_a_photograph_is_begun_with(cnnviz: Cnnviz, cat: str, tmp_path: Path) -> None:
    array = tmp_path / "out.npy"
    flags = ("--channel", "5", "--image", cat, "--rate", "0.0001", "--array", array)
    told = cnnviz(*C3, *flags, "--json").json
    assert told["parameters"]["start"] == "photograph"
    grey = cnnviz(*C3, *flags, "--start", "grey", "--json").json
    assert grey["parameters"]["start"] == "grey"
    assert np.load(array).std() < 0.05


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--layer", "c3", "--channel", "x"), "not a whole number"),
        (("--layer", "c3", "--channel", "1,2,3,4,5"), "not 1 to 4 numbers"),
        (("--layer", "c3", "--cell", "3"), "not 2 numbers"),
        (("--layer", "c3", "--steps", "0"), "Steps is 0"),
        (("--layer", "c3", "--preset", "deepdream"), "--image PHOTO"),
        (("--layer", "c3", "--aim", "imitate"), "--image PHOTO"),
        (("--layer", "c3", "--aim", "blend", "--channel", "1"), "two channels"),
        (("--target", "7", "--channel", "1"), "--layer"),
        (("--target", "7", "--layer", "c3"), "not allowed"),
        ((), "required"),
        (("--layer", "c3", "--preset", "best"), "best"),
    ],
)
def test_wrong_usage_is_one_sentence(cnnviz: Cnnviz, flags: tuple[str, ...], said: str) -> None:
    ran = cnnviz("feature", "--model", "lenet5", *flags)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err and len(ran.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--layer", "c3", "--channel", "16"), "no channel 16"),
        (("--layer", "nowhere"), "nowhere"),
        (("--target", "twelve"), "twelve"),
        (("--layer", "c3", "--gif", "nowhere/out.gif"), "is not a folder"),
        (("--layer", "c3", "--save", "out.jpg"), "PNG"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    cnnviz: Cnnviz, flags: tuple[str, ...], said: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    ran = cnnviz("feature", "--model", "lenet5", "--steps", "1", *flags)
    assert (ran.status, ran.out) == (1, "")
    assert said in ran.err and ran.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_help_lists_every_parameter(cnnviz: Cnnviz) -> None:
    told = cnnviz("feature", "--help").out
    for name in PRESETS[0].parameters.values():
        assert f"--{name.replace('_', '-')}" in told or f"--no-{name}" in told


def test_a_sheet_is_replayed_from_a_file(cnnviz: Cnnviz, tmp_path: Path) -> None:
    asked = {
        "task": "feature-sheet",
        "model": {"name": "lenet5"},
        "layer": "c3",
        "channels": [3, 0],
        "parameters": {"size": 32, "steps": 2},
    }
    file, out = tmp_path / "r.json", tmp_path / "out"
    file.write_bytes(msgspec.json.encode(asked))
    assert cnnviz("run", file, "--out", out).status == 0
    assert np.load(out / "pictures.npy").shape == (2, 32, 32, 3)
    with Image.open(out / "sheet.png") as sheet:
        assert sheet.size == (66, 32)
