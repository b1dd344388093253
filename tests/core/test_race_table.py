"""The table of a race that leaves the window."""

import csv
import io

from cnnviz_gui.core import race_table
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.race_requests import RaceParams
from cnnviz_gui.core.race_results import RaceResult, Runner
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.result import Closeness, Norms


def test_a_line_for_each_attack_the_best_first():
    parameters = method("attack", "fgsm").params()
    cat, dog = Score(0, "cat", 0.25, 1.0), Score(1, "=dog, wet", 0.75, 2.0)
    close = Closeness(ssim=0.9, psnr=30.0, changed=3, changed_8bit=3, pixels=9)
    usual = {"parameters": parameters, "done": True}
    far = Runner(
        method="far", success=True, winner=dog, aim=cat, norms=Norms(0.1, 2.0, 30.0), size=25.5,
        closeness=close, forwards=7, backwards=6, seconds=0.5, **usual,
    )  # fmt: skip
    near = Runner(
        method="near", success=True, inside=True, winner=dog, aim=cat,
        norms=Norms(1 / 255, 0.5, 3.0), size=1.0, **usual,
    )  # fmt: skip
    out = Runner(method="out", problem="No, it cannot.", **usual)
    result = RaceResult(runners=(out, far, near), label=cat)
    given = {"picture": "a, \udcff.png", "network": "net", "target": None}
    budget = RaceParams(norm="l2", epsilon=0.5, gradients=7, queries=9)
    text = race_table.text(result, budget=budget, **given)
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        assert [row[name] for name in ("picture", "network", "target", "norm")] == [
            *("a, \\udcff.png", "net", "", "l2")
        ]
        assert [row[name] for name in ("epsilon (Linf: 255ths)", "gradients allowed")] == [
            *("0.5", "7")
        ]
        assert row["queries allowed"] == "9"
    aimed = race_table.text(result, budget=budget, **given | {"target": 3})
    assert {row["target"] for row in csv.DictReader(io.StringIO(aimed))} == {"3"}
    assert [row["attack"] for row in rows] == ["near", "far", "out"]
    assert rows[0]["rank"] == "1" and rows[0]["inside epsilon"] == "yes"
    assert rows[0]["Linf (255ths)"] == "1" and rows[0]["SSIM"] == ""
    assert rows[1]["class"] == "'=dog, wet", "a spreadsheet would compute it"
    assert (rows[1]["success"], rows[1]["inside epsilon"]) == ("yes", "no")
    assert (rows[1]["SSIM"], rows[1]["backward"], rows[1]["settings"]) == (
        "0.9",
        "6",
        "epsilon=4.0",
    )
    assert rows[2]["problem"] == "No, it cannot." and rows[2]["rank"] == rows[2]["success"] == ""
