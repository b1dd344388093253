"""``cnnviz trust``: the table, its plain values, its flags, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnviz_gui.cli import trust as trusting
from cnnviz_gui.cli.arguments import parse
from cnnviz_gui.core.registry import methods
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.trust_requests import Trust, TrustParams

Cnnviz = Callable[..., Any]
QUICK = ("--model", "lenet5", "--curve-points", "6", "--random-draws", "1")


def test_the_table_names_the_map_and_its_rivals(cnnviz: Cnnviz, cat: str) -> None:
    ran = cnnviz("trust", "saliency", cat, *QUICK)
    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith("saliency for ")
    assert [line.split("  ")[0] for line in lines[3:6]] == [
        "the map",
        "a blob in the middle",
        "at random, mean of 1",
    ]
    assert lines[2].split() == ["deletion", "insertion", "masked", "drop"]
    assert "lowers the probability" in ran.out and "This is one picture" in ran.out


def test_json_holds_areas_curves_and_the_sentence(cnnviz: Cnnviz, cat: str) -> None:
    ran = cnnviz("trust", "grad-cam", cat, *QUICK, "--target", "7", "--json")
    assert (ran.status, ran.err, ran.out.count("\n")) == (0, "", 1)
    told = ran.json
    assert {"model", "method", "layer", "target", "parameters", "settings", "verdict"} <= set(told)
    assert told["target"]["index"] == 7 and told["settings"]["curve_points"] == 6
    for name in ("map", "centre", "random"):
        one = told[name]
        places, values = one["deletion"]
        area = np.trapezoid(values, places)
        assert one["deletion_area"] == pytest.approx(area, abs=1e-6)
        assert (places[0], places[-1], len(places)) == (0, 1, 7)
        assert 0 <= one["drop"] <= 1 and isinstance(one["increase"], bool)
    assert "sanity" not in told


def test_weights_are_made_random_on_request(cnnviz: Cnnviz, cat: str) -> None:
    flags = (*QUICK, "--sanity", "--seed", "3")
    told = cnnviz("trust", "saliency", cat, *flags, "--json").json["sanity"]
    assert [stage["layers"] for stage in told["stages"]] == [1, 2, 3, 4, 5]
    assert all(-1 <= stage["absolute"] <= 1 for stage in told["stages"])
    assert told["verdict"].startswith("With random weights")
    text = cnnviz("trust", "saliency", cat, *flags)
    assert "random down to" in text.out and told["verdict"] in text.out


def test_the_request_is_replayed(cnnviz: Cnnviz, cat: str, tmp_path: Path) -> None:
    file, out = tmp_path / "r.json", tmp_path / "out"
    ran = cnnviz("trust", "saliency", cat, *QUICK, "--seed", "5", "--request", file, "--json")
    asked = from_json(file.read_bytes())
    assert isinstance(asked, Trust)
    assert asked.parameters == TrustParams(curve_points=6, random_draws=1, seed=5)
    assert asked.heatmap.image.sha256 and Path(asked.heatmap.image.path).is_absolute()
    assert cnnviz("run", file, "--out", out).status == 0
    deletion = np.load(out / "map-deletion.npy")
    np.testing.assert_allclose(deletion, ran.json["map"]["deletion"], atol=1e-7)


@pytest.mark.parametrize("method", [one.name for one in methods("heatmap")])
def test_every_method_has_its_own_flags_and_those_of_the_test(method: str) -> None:
    arguments = parse(["trust", method, "cat.png", "--delete-to", "black", "--seed", "7"])
    assert arguments.settings == TrustParams(delete_to="black", seed=7)
    names = {spec.name for spec in type(arguments.parameters).__dataclass_fields__.values()}
    assert "seed" not in names or arguments.parameters.seed == 7


def test_help_tells_of_both(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["trust", "grad-cam", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for part in ("cnnviz trust grad-cam IMAGE", "flags of the test", "--curve-points", "--sanity",
                 "flags of this method", "--keep-negative", "--layer", "--request"):  # fmt: skip
        assert part in text
    assert "--save" not in text and "--transfer" not in text


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--curve-points", "1"), "Choose a value from 2 to 224"),
        (("--delete-to", "white"), "Choose one of: mean, blur, black"),
        (("--save", "x.png"), "--save"),
    ],
)
def test_wrong_usage_is_one_sentence(
    cnnviz: Cnnviz, cat: str, flags: tuple[str, ...], said: str
) -> None:
    ran = cnnviz("trust", "grad-cam", cat, *flags)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err and len(ran.err.splitlines()) == 2


def test_a_correlation_that_is_none_is_a_dash() -> None:
    assert trusting._correlation(math.nan) == "–" and trusting._correlation(-0.25) == "−0.25"


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ("blocks.5.0.conv_pw", "blocks.5.0.conv_pw"),
        ("features.denseblock3.denselayer24.conv1", "features.denseblock3.….conv1"),
        ("a_module_with_a_very_long_name_of_its_own", "a_module_with_…me_of_its_own"),
    ],
)
def test_long_names_of_layers_are_shortened_in_the_table(layer: str, said: str) -> None:
    short = trusting.short_name(layer)
    assert len(short) <= 28
    assert not said or short == said
