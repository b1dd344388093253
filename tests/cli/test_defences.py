"""``cnnviz defences``: the table, its plain values, its flags, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnnviz_gui.cli.arguments import parse
from cnnviz_gui.core import run_defences
from cnnviz_gui.core.defence_requests import MOST_DRAWS, Defences
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.registry import methods
from cnnviz_gui.core.request_json import from_json

Cnnviz = Callable[..., Any]
QUICK = ("--model", "lenet5", "--steps", "3", "--epsilon", "32", "--defence", "bit-depth:bits=3")
TWO = (*QUICK, "--defence", "smoothing:copies=16,sigma=0.02")


def test_the_table_names_each_defence(cnnviz: Cnnviz, cat: str) -> None:
    ran = cnnviz("defences", "pgd", cat, *TWO)
    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith("pgd ") and lines[2].split()[:3] == ["defence", "clean", "attacked"]
    assert [line.split()[0] for line in lines[3:5]] == ["bit-depth", "smoothing"]
    assert "Joint detection score" in ran.out and "before you believe" in ran.out
    assert "that knows" not in lines[2]


def test_it_can_know_and_check(cnnviz: Cnnviz, cat: str) -> None:
    ran = cnnviz("defences", "pgd", cat, *TWO, "--know", "--check", "--draws", "2")
    assert ran.status == 0
    assert "that knows" in ran.out.splitlines()[2] and "once the same attack knows" in ran.out
    assert "No black box is stronger" in ran.out


def test_one_that_cannot_be_attacked_is_told(
    cnnviz: Cnnviz, cat: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = run_defences._attacked

    def attacked(defence: Any, *rest: Any) -> Any:
        if defence.name == "smoothing":
            raise MethodError("There is no start.", "Choose Square.")
        return begin(defence, *rest)

    monkeypatch.setattr(run_defences, "_attacked", attacked)
    monkeypatch.setattr(run_defences, "_reached", lambda said, attack, clean: False)
    ran = cnnviz("defences", "pgd", cat, *TWO, "--know")
    assert ran.status == 0 and "no attack" in ran.out.splitlines()[4]
    assert "Behind 1 defence the attack cannot work." in ran.out
    assert "There is no start. Choose Square." in ran.out
    told = cnnviz("defences", "pgd", cat, *TWO, "--know", "--json").json["defences"]
    assert told[1]["known"] == {"problem": "There is no start. Choose Square."}
    assert "success" in told[0]["known"]


def test_json_holds_every_figure(cnnviz: Cnnviz, cat: str) -> None:
    ran = cnnviz("defences", "pgd", cat, *TWO, "--know", "--check", "--json")
    assert (ran.status, ran.err, ran.out.count("\n")) == (0, "", 1)
    told = ran.json
    bits, vote = told["defences"]
    assert bits["parameters"] == {"bits": 3} and vote["parameters"]["copies"] == 16
    for row in told["defences"]:
        assert 0 <= row["clean"]["distance"] <= 2 and isinstance(row["recovered"], bool)
        assert row["known"]["norms"]["linf"] <= 32 / 255 + 1e-6
        assert row["known"]["success"] in (True, False)
    assert vote["clean"]["certificate"]["counted"] == 14 and "certificate" not in bits["clean"]
    assert told["joint"]["clean"] == max(r["clean"]["distance"] for r in told["defences"])
    assert len(told["checks"]) == 7
    assert {check["state"] for check in told["checks"]} <= {"passed", "failed", "not run"}


def test_the_request_can_be_written_and_read(cnnviz: Cnnviz, cat: str, tmp_path: Path) -> None:
    path = tmp_path / "asked.json"
    assert cnnviz("defences", "fgsm", cat, *QUICK[:2], "--request", str(path)).status == 0
    asked = from_json(path.read_bytes())
    assert isinstance(asked, Defences) and asked.attack.image.sha256
    assert [use.method for use in asked.methods] == [one.name for one in methods("defence")]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--defence", "wish"), "no defence 'wish'"),
        (("--defence", "jpeg:quality=500"), "outside its range"),
        (("--defence", "jpeg:colour=5"), "no parameter 'colour'"),
        (("--defence", "jpeg", "--defence", "jpeg"), "named twice"),
        (("--draws", "0"), "Draws is 0"),
        (("--draws", str(MOST_DRAWS + 1)), str(MOST_DRAWS)),
    ],
)
def test_what_makes_no_sense_is_refused(
    capsys: pytest.CaptureFixture[str], given: tuple[str, ...], said: str
) -> None:
    with pytest.raises(SystemExit) as left:
        parse(["defences", "pgd", "cat.png", *given])
    assert left.value.code == 2 and said in capsys.readouterr().err
