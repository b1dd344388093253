"""``cnnviz borders``: the table, its plain values, its flags, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnnviz_gui.cli.arguments import parse
from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.request_json import from_json

Cnnviz = Callable[..., Any]
MODEL = ("--model", "lenet5")


def test_each_class_has_its_bracket(cnnviz: Cnnviz, cat: str, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    flags = (*MODEL, "--attack", "fgsm", "--classes", "3", "--json", "--request", file)
    ran = cnnviz("borders", cat, *flags)
    assert (ran.status, ran.err, ran.out.count("\n")) == (0, "", 1)
    told = ran.json
    assert (told["by"], told["norm"], told["model"]) == ("class", "linf", "lenet5")
    assert len(told["borders"]) == 3
    for row in told["borders"]:
        assert row["target"]["index"] != told["label"]["index"] and row["runs"] <= 14
        if row["epsilon"] is None:
            assert row["fails_at"] == row["maximum"]
        else:
            assert row["fails_at"] < row["epsilon"]
            assert row["class"]["index"] == row["target"]["index"]
            again = cnnviz(
                *("attack", "fgsm", cat, *MODEL, "--epsilon", str(row["epsilon"])),
                *("--target", str(row["target"]["index"]), "--json"),
            )
            assert again.json["success"] is True
    asked = from_json(file.read_bytes())
    assert isinstance(asked, Borders) and asked.attack.image.sha256
    assert cnnviz("run", file, "--out", tmp_path / "out").status == 0


def test_attacks_are_compared_in_a_table(cnnviz: Cnnviz, cat: str, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    flags = (*MODEL, "--attacks", "deepfool,pgd", "--norm", "l2", "--request", file)
    ran = cnnviz("borders", cat, *flags)
    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith("from ") and "l2 in units of [0, 1]" in lines[0]
    assert lines[2].split() == ["attack", "smallest", "fails", "at", "there", "runs", "grads"]
    assert {line.split()[0] for line in lines[3:5]} == {"deepfool", "pgd"}
    assert "* an attack without epsilon" in ran.out
    asked = from_json(file.read_bytes())
    assert isinstance(asked, AttackBorders) and asked.norm == "l2" and asked.image.sha256


def test_a_target_is_for_attacks(cnnviz: Cnnviz, cat: str) -> None:
    flags = (*MODEL, "--attacks", "fgsm,boundary", "--target", "3", "--json")
    fgsm, boundary = cnnviz("borders", cat, *flags).json["borders"]
    assert fgsm["target"]["index"] == 3 and "towards a class" in boundary["problem"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--attack", "nothing"), "There is no attack 'nothing'"),
        (("--attack", "fgsm", "--norm", "l2"), "FGSM does not know L2."),
        (("--target", "3"), "--target goes with --attacks"),
        (("--classes", "0"), "0 is not from 1 to 50"),
        (("--attacks", "pgd,"), "has an empty name"),
    ],
)
def test_wrong_usage_is_one_sentence(
    cnnviz: Cnnviz, cat: str, flags: tuple[str, ...], said: str
) -> None:
    ran = cnnviz("borders", cat, *MODEL, *flags)
    assert (ran.status, ran.out) == (2, "") and said in ran.err


def test_an_attack_that_has_no_target_is_told_in_a_sentence(cnnviz: Cnnviz, cat: str) -> None:
    ran = cnnviz("borders", cat, *MODEL, "--attack", "boundary")
    assert (ran.status, ran.out) == (1, "") and "cannot be driven towards a class" in ran.err


def test_help_names_the_attacks(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["borders", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "deepfool" in text and "--classes" in text and "--norm" in text
