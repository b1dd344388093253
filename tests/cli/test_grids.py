"""``cnnviz heatmaps``: maps side by side, their files, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz_gui import resources
from cnnviz_gui.core.grid_requests import HeatmapGrid
from cnnviz_gui.core.request_json import from_json

Cnnviz = Callable[..., Any]
DIGIT = str(resources.digits()[3])
LENET = ("heatmaps", DIGIT, "--model", "lenet5")
TWO = (*LENET, "--methods", "grad-cam,saliency", "--layers", "c3")


def test_methods_are_rows_and_predicted_classes_columns(cnnviz: Cnnviz) -> None:
    ran = cnnviz(*TWO, "--top", "2", "--json")
    assert (ran.status, ran.err, ran.out.count("\n")) == (0, "", 1)
    told = ran.json
    assert [one["method"] for one in told["methods"]] == ["grad-cam", "saliency"]
    assert told["columns"][0]["target"]["label"] == "3" and len(told["columns"]) == 2
    names = [one["name"] for one in told["maps"]]
    assert names[0] == "grad-cam-3-c3" and len(set(names)) == 4
    alone = cnnviz("heatmap", "saliency", DIGIT, "--model", "lenet5", "--json").json
    assert told["maps"][2]["maximum"] == alone["maximum"]


def test_figure_arrays_and_request_are_written(cnnviz: Cnnviz, tmp_path: Path) -> None:
    figure, arrays, replay = tmp_path / "g.png", tmp_path / "g.npz", tmp_path / "r.json"
    files = ("--save", figure, "--arrays", arrays, "--request", replay)
    ran = cnnviz(*TWO, "--targets", "3, 8", *files)
    assert ran.status == 0 and ran.out.count("wrote ") == 2
    assert ran.out.splitlines()[1].startswith("Grad-CAM ")
    alone = tmp_path / "one.npy"
    cnnviz("heatmap", "saliency", DIGIT, "--model", "lenet5", "--target", "8", "--array", alone)
    with np.load(arrays) as maps:
        assert set(maps) == {f"{name}-{k}-c3" for name in ("grad-cam", "saliency") for k in (3, 8)}
        np.testing.assert_array_equal(maps["saliency-8-c3"], np.load(alone))
    with Image.open(figure) as saved:
        assert saved.size[0] > 2 * 160
    asked = from_json(replay.read_bytes())
    assert isinstance(asked, HeatmapGrid) and asked.targets == (3, 8) and asked.image.sha256
    out = tmp_path / "again"
    assert cnnviz("run", replay, "--out", out).status == 0
    assert (out / "grid.png").is_file()
    with np.load(arrays) as maps:
        np.testing.assert_array_equal(
            np.load(out / "cells-03-result-map.npy"), maps["saliency-8-c3"]
        )


def test_classes_are_set_against_one(cnnviz: Cnnviz) -> None:
    one = ("--methods", "saliency", "--targets", "3", "--json")
    told = cnnviz(*LENET, *one, "--against", "8").json
    plain = cnnviz(*LENET, *one).json
    assert (told["against"], plain["against"]) == (8, None)
    assert told["maps"][0]["maximum"] != plain["maps"][0]["maximum"]


def test_without_methods_the_quick_ones_are_taken(cnnviz: Cnnviz) -> None:
    told = cnnviz(*LENET, "--top", "1", "--json").json
    taken = {one["method"] for one in told["methods"]}
    assert {"grad-cam", "saliency"} <= taken and "rise" not in taken
    assert all("refused" not in one for one in told["maps"])


def test_a_method_of_pixels_says_why_it_has_no_layers(cnnviz: Cnnviz) -> None:
    ran = cnnviz(*TWO[:-1], "c1,c3", "--top", "1")
    assert ran.status == 0
    assert "Saliency: Saliency works at the pixels" in ran.out


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (("--methods", "divination"), 2, "no heat map 'divination'"),
        (("--methods", "saliency,"), 2, "empty name"),
        (("--top", "0"), 2, "not from 1"),
        (("--targets", "twelve"), 1, "no class 'twelve'"),
        (("--methods", "grad-cam", "--layers", "nowhere"), 1, "nowhere"),
        (("--save", "/nowhere/at/all.png"), 1, "not a folder"),
        (("--arrays", "/nowhere/at/all.npz"), 1, "not a folder"),
    ],
)
def test_what_cannot_be_is_refused(
    cnnviz: Cnnviz, given: tuple[str, ...], status: int, said: str
) -> None:
    ran = cnnviz(*LENET, *given)
    assert ran.status == status and said in ran.err and "Traceback" not in ran.err
