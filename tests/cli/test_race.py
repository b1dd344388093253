"""``cnnviz race``: the table, its plain values, its files, and what is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnnviz_gui.cli.arguments import parse
from cnnviz_gui.core.race_requests import AttackRace, RaceParams
from cnnviz_gui.core.request_json import from_json

Cnnviz = Callable[..., Any]
QUICK = ("--model", "lenet5", "--gradients", "9", "--queries", "100")


def test_every_attack_has_a_row_within_the_budget(cnnviz: Cnnviz, cat: str, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    ran = cnnviz("race", cat, *QUICK, "--epsilon", "8", "--json", "--request", file)
    assert (ran.status, ran.err, ran.out.count("\n")) == (0, "", 1)
    told = ran.json
    assert [row["rank"] for row in told["attacks"]] == list(range(1, 11))
    for row in told["attacks"]:
        assert row["backwards"] <= 9 and not row["problem"]
        assert row["forwards"] <= (100 if row["method"] in ("square", "boundary") else 20)
        if row["inside"]:
            assert row["norms"]["linf"] <= 8 / 255 * (1 + 1e-6)
    successes = [row["success"] and row["inside"] for row in told["attacks"]]
    assert successes == sorted(successes, reverse=True)
    asked = from_json(file.read_bytes())
    assert isinstance(asked, AttackRace)
    assert asked.parameters == RaceParams(epsilon=8.0, gradients=9, queries=100)
    assert cnnviz("run", file, "--out", tmp_path / "out").status == 0
    assert (tmp_path / "out" / "runners-00-picture.npy").exists()


def test_the_table_and_its_file_tell_the_same(cnnviz: Cnnviz, cat: str, tmp_path: Path) -> None:
    flags = (*QUICK, "--attacks", "pgd,fgsm,boundary", "--target", "3")
    ran = cnnviz("race", cat, *flags, "--csv", tmp_path / "race.csv")
    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[2].split()[:3] == ["attack", "result", "target"]
    assert any(line.startswith("boundary: ") for line in lines)
    assert lines[-1].startswith("wrote ")
    rows = list(csv.DictReader((tmp_path / "race.csv").open(encoding="utf-8")))
    assert {row["attack"] for row in rows} == {"pgd", "fgsm", "boundary"}
    assert {(row["picture"], row["network"], row["target"]) for row in rows} == {
        (Path(cat).name, "lenet5", "3")
    }
    assert rows[-1]["attack"] == "boundary" and rows[-1]["problem"]
    assert "steps=9" in next(row["settings"] for row in rows if row["attack"] == "pgd")


def test_without_names_those_that_know_the_norm_run() -> None:
    arguments = parse(["race", "cat.png", "--norm", "l2"])
    assert {use.method for use in arguments.uses} == {
        *("apgd", "boundary", "cw", "deepfool", "naive", "pgd")
    }
    assert arguments.parameters == RaceParams(norm="l2", epsilon=0.5)
    arguments = parse(["race", "cat.png", "--target", "3", "--seed", "5"])
    assert "boundary" not in {use.method for use in arguments.uses}
    pgd = next(use for use in arguments.uses if use.method == "pgd")
    assert pgd.parameters.seed == 5


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--attacks", "pgd,nothing"), "There is no attack 'nothing'"),
        (("--gradients", "0"), "Gradients is 0, outside its range"),
        (("--norm", "l7"), "Choose one of: linf, l2, l1"),
    ],
)
def test_wrong_usage_is_one_sentence(
    cnnviz: Cnnviz, cat: str, flags: tuple[str, ...], said: str
) -> None:
    ran = cnnviz("race", cat, "--model", "lenet5", *flags)
    assert (ran.status, ran.out) == (2, "") and said in ran.err


def test_a_table_that_cannot_be_written_is_refused_before_the_race(
    cnnviz: Cnnviz, cat: str, tmp_path: Path
) -> None:
    ran = cnnviz("race", cat, *QUICK, "--csv", tmp_path / "gone" / "race.csv")
    assert (ran.status, ran.out) == (1, "") and "race.csv cannot be written" in ran.err
