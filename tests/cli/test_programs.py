"""Exported programs on the command line: opened by their path, computed, replayed, refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

SIDE = 48


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(
            nn.Conv2d(3, 8, 5, stride=2),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 3),
        ).eval()
    path = tmp_path_factory.mktemp("programs") / "three classes.pt2"
    torch.export.save(torch.export.export(network, (torch.zeros(1, 3, SIDE, SIDE),)), path)
    return path


def test_it_is_inspected(cnnviz: Callable[..., Any], program: Path) -> None:
    ran = cnnviz("inspect", program, "--json")
    assert ran.status == 0, ran.err
    assert ran.json["format"] == "exported program"
    assert ran.json["classes"] == 3


def test_it_predicts(cnnviz: Callable[..., Any], program: Path, cat: str) -> None:
    ran = cnnviz("predict", cat, "--model", program, "--top", "3", "--json")
    assert ran.status == 0, ran.err
    found = ran.json["predictions"]
    assert sum(one["probability"] for one in found) == pytest.approx(1, abs=1e-5)
    assert {one["label"] for one in found} == {"0", "1", "2"}


def test_its_layers_are_listed(cnnviz: Callable[..., Any], program: Path) -> None:
    listed = cnnviz("layers", "--model", program, "--json").json
    assert listed["input_size"] == SIDE
    assert [layer["name"] for layer in listed["layers"]] == ["0", "1", "2", "3", "4"]
    assert listed["parameters"] == 8 * 3 * 25 + 8 + 8 * 3 + 3


@pytest.mark.parametrize("method", ["saliency", "grad-cam"])
def test_it_is_explained_and_replayed(
    method: str, cnnviz: Callable[..., Any], program: Path, cat: str, tmp_path: Path
) -> None:
    request, array = tmp_path / "request.json", tmp_path / "map.npy"
    asked = ("heatmap", method, cat, "--model", program, "--request", request, "--array", array)
    assert cnnviz(*asked).status == 0
    ran = cnnviz("run", request, "--out", tmp_path / "again")
    assert ran.status == 0, ran.err
    again = [path.read_bytes() for path in (tmp_path / "again").glob("*.npy")]
    assert array.read_bytes() in again


def test_it_is_attacked(cnnviz: Callable[..., Any], program: Path, cat: str) -> None:
    ran = cnnviz("attack", "pgd", cat, "--model", program, "--epsilon", "8", "--json")
    assert ran.status == 0, ran.err
    assert ran.json["norms"]["linf"] <= 8 / 255 + 1e-6


def test_what_is_no_program_is_refused_in_a_sentence(
    cnnviz: Callable[..., Any], program: Path, cat: str, tmp_path: Path
) -> None:
    half = tmp_path / "half.pt2"
    half.write_bytes(program.read_bytes()[:9000])
    ran = cnnviz("predict", cat, "--model", half)
    assert ran.status == 1
    assert len(ran.err.splitlines()) == 1
    assert "half.pt2" in ran.err
