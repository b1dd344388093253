"""``cnnviz plane``: shares and borders, what lies across, figure, archive, replay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz_gui import resources
from cnnviz_gui.cli.arguments import parse
from cnnviz_gui.core.plane_figure import SIDE
from cnnviz_gui.core.plane_requests import Plane, PlaneParams
from cnnviz_gui.core.request_json import from_json

Cnnviz = Callable[..., Any]
QUICK = ("--model", "lenet5", "--points", "17")
CUP = str(resources.path("samples/coffee.png"))


def test_the_table_has_classes_and_the_first_border(cnnviz: Cnnviz, cat: str) -> None:
    ran = cnnviz("plane", "fgsm", cat, *QUICK)
    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith("chelsea.png, ") and "17 × 17 points" in lines[0]
    assert lines[1] == "along FGSM, in ε; across, a random direction, as long, in ε"
    assert lines[3].split() == ["class", "index", "share"]
    assert "border" in ran.out.lower()


def test_json_holds_shares_borders_and_the_range(cnnviz: Cnnviz, cat: str) -> None:
    flags = ("--epsilon", "16", "--range", "3", "--json")
    ran = cnnviz("plane", "fgsm", cat, *QUICK, *flags)
    assert (ran.status, ran.err, ran.out.count("\n")) == (0, "", 1)
    told = ran.json
    assert sum(one["share"] for one in told["classes"]) == pytest.approx(1)
    assert told["epsilon"] == 16 and told["points"] == 17 * 17
    assert told["range"][0] == pytest.approx(3, rel=1e-3)
    assert set(told["border"]) == {"along", "across"} and told["label"]["probability"] > 0
    assert told["settings"]["points"] == "17"


def test_all_of_it_is_written_and_replayed(cnnviz: Cnnviz, cat: str, tmp_path: Path) -> None:
    figure, archive, file, out = (tmp_path / name for name in ("f.png", "a.npz", "r.json", "out"))
    flags = ("--save", figure, "--array", archive, "--request", file)
    ran = cnnviz("plane", "pgd", cat, *QUICK, "--across", "image", "--other", CUP, *flags)
    assert ran.status == 0 and f"wrote {archive}" in ran.out
    with Image.open(figure) as opened:
        assert opened.size[0] > 2 * SIDE
    with np.load(archive) as arrays:
        classes, a = arrays["classes"], arrays["a"]
    assert classes.shape == (17, 17) and (a[0], a[8], a[-1]) == (-2, 0, 2)
    asked = from_json(file.read_bytes())
    assert isinstance(asked, Plane) and asked.attack.image.sha256
    assert asked.other_image.sha256 and Path(asked.other_image.path).is_absolute()
    assert cnnviz("run", file, "--out", out).status == 0
    assert np.array_equal(np.load(out / "classes.npy"), classes)
    with Image.open(out / "plane.png") as opened:
        assert opened.size == (SIDE, SIDE)


def test_any_class_lies_across_by_its_name(cnnviz: Cnnviz, cat: str) -> None:
    told = cnnviz("plane", "pgd", cat, *QUICK, "--across", "class", "--other", "7", "--json").json
    assert told["across"] == "7"
    ran = cnnviz("plane", "pgd", cat, *QUICK, "--across", "class", "--other", "no such")
    assert ran.status == 1 and "There is no class" in ran.err


def test_the_flags_are_those_of_attack_and_plane() -> None:
    given = ("--across", "class", "--points", "33", "--range", "1.5", "--seed", "4")
    arguments = parse(["plane", "pgd", "cat.png", "--steps", "7", *given])
    assert arguments.settings == PlaneParams(across="class", points="33", reach=1.5, seed=4)
    assert arguments.parameters.steps == 7 and arguments.parameters.seed == 4


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--across", "image"), "needs the picture"),
        (("--other", "3"), "what lies across"),
        (("--points", "18"), "points"),
        (("--range", "0"), "range"),
        (("--across", "nothing"), "across"),
    ],
)
def test_what_makes_no_plane_is_refused(cnnviz: Cnnviz, cat: str, flags: tuple, said: str) -> None:
    ran = cnnviz("plane", "pgd", cat, *QUICK[:2], *flags)
    assert ran.status == 2 and said in ran.err.lower()


def test_without_a_perturbation_there_is_no_plane(cnnviz: Cnnviz, cat: str) -> None:
    ran = cnnviz("plane", "pgd", cat, *QUICK, "--epsilon", "0")
    assert ran.status == 1 and "no perturbation" in ran.err and "larger epsilon" in ran.err


def test_a_file_that_cannot_be_written_is_refused_before(cnnviz: Cnnviz, cat: str) -> None:
    ran = cnnviz("plane", "pgd", cat, *QUICK, "--save", "plane.jpg")
    assert ran.status == 1 and "PNG" in ran.err
