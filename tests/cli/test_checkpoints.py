"""Files of weights on the command line: inspected, opened, labelled, replayed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from torchvision import models

from cnnviz_gui.cli.commands import open_session
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import remembered
from cnnviz_gui.core.request import CheckpointRef, ModelRef
from cnnviz_gui.core.request_json import from_json

Cnnviz = Callable[..., Any]


@pytest.fixture(autouse=True)
def answers(tmp_path: Path) -> Iterator[None]:
    remembered.use(tmp_path / "answers")
    yield
    remembered.use(None)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    network = models.squeezenet1_1(num_classes=4)
    path = tmp_path / "mine.pth"
    torch.save({"state_dict": {f"module.{k}": t for k, t in network.state_dict().items()}}, path)
    return path


def test_inspect_tells_what_a_file_holds(cnnviz: Cnnviz, weights: Path) -> None:
    ran = cnnviz("inspect", weights)
    assert (ran.status, ran.err) == (0, "")
    assert "PyTorch state dict, 52 tensors" in ran.out and "4 classes" in ran.out
    assert "The prefix 'module.' was removed." in ran.out
    assert "squeezenet1_1" in ran.out and "52 of 52" in ran.out
    assert not (weights.parent / "answers").exists()


def test_counters_are_told_apart_from_the_tensors_that_fit(cnnviz: Cnnviz, tmp_path: Path) -> None:
    path = tmp_path / "mine.pth"
    torch.save(models.resnet18().state_dict(), path)
    out = cnnviz("inspect", path).out
    assert "122 tensors, 20 of them counters" in out and "102 of 102" in out


def test_inspect_as_json_has_all_misfits(cnnviz: Cnnviz, weights: Path) -> None:
    report = cnnviz("inspect", weights, "--json").json
    assert report["classes"] == 4 and report["channels"] == 3 and len(report["sha256"]) == 64
    best, second = report["candidates"][:2]
    assert best["name"] == "squeezenet1_1" and best["misfits"] == []
    assert {"name", "kind", "wanted", "found"} <= set(second["misfits"][0])


def test_inspect_lists_what_differs(cnnviz: Cnnviz, weights: Path) -> None:
    held = torch.load(weights, weights_only=True)["state_dict"]
    held.pop("module.features.0.bias")
    held["module.features.0.weight"] = torch.zeros(64, 3, 5, 5)
    held["module.temperature"] = torch.tensor(0.0)
    torch.save(held, weights)
    out = cnnviz("inspect", weights).out
    assert "What differs from SqueezeNet 1.1:" in out
    assert "features.0.bias" in out and "not in the file" in out
    assert "64 × 3 × 5 × 5 instead of 64 × 3 × 3 × 3" in out
    assert "temperature" in out and "only in the file" in out


def test_a_refused_file_is_a_sentence(cnnviz: Cnnviz, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.save(torch.nn.Linear(2, 2), path)
    for command in (["inspect", path], ["layers", "--model", path]):
        ran = cnnviz(*command)
        assert ran.status == 1 and ran.out == "" and ran.err.count("\n") == 1
        assert "whole network saved with its code" in ran.err


def test_predict_with_a_file_and_its_labels(
    cnnviz: Cnnviz, cat: str, weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "names.txt").write_text("ant\nbee\ncow\n")
    flags = ["--labels", tmp_path / "names.txt", "--mean", "0.5", "--std", "0.5,0.5,0.5"]
    ran = cnnviz("predict", cat, "--model", weights, *flags, "--input-size", "96", "--json")
    assert ran.status == 0
    assert ran.err == "cnnviz: 4 classes, 3 labels: showing numbers after 2.\n"
    assert {score["label"] for score in ran.json["predictions"]} == {"ant", "bee", "cow", "3"}
    assert ran.json["model"] == str(weights)
    other = cnnviz("predict", cat, "--model", weights, "--json").json["predictions"]
    assert [s["probability"] for s in other] != [s["probability"] for s in ran.json["predictions"]]


def test_answers_given_in_the_window_hold_here(
    cnnviz: Cnnviz, cat: str, weights: Path, tmp_path: Path
) -> None:
    sha256 = cnnviz("inspect", weights, "--json").json["sha256"]
    told = CheckpointRef(path="", sha256=sha256, labels=("ant", "bee", "cow", "doe"), input_size=96)
    remembered.keep(ModelRef(name="squeezenet1_1", checkpoint=told))
    best = cnnviz("predict", cat, "--model", weights, "--top", "4", "--json").json["predictions"]
    assert {score["label"] for score in best} == {"ant", "bee", "cow", "doe"}
    assert cnnviz("layers", "--model", weights, "--json").json["input_size"] == 96
    forced = cnnviz("layers", "--model", weights, "--input-size", "128", "--json").json
    assert forced["input_size"] == 128
    assert "What was answered" in cnnviz("inspect", weights).out


def test_a_request_holds_from_any_folder_and_only_for_this_file(
    cnnviz: Cnnviz, cat: str, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(weights.parent)
    request = tmp_path / "request.json"
    first = cnnviz("predict", cat, "--model", "./mine.pth", "--request", request, "--json").json
    model = msgspec.json.decode(request.read_bytes())["model"]
    assert model["checkpoint"]["path"] == str(weights)
    assert len(model["checkpoint"]["sha256"]) == 64
    monkeypatch.chdir("/")
    assert cnnviz("run", request, "--out", tmp_path / "out").status == 0
    again = msgspec.json.decode((tmp_path / "out" / "result.json").read_bytes())["result"]
    said = [score["probability"] for score in again["scores"]]
    assert said == [score["probability"] for score in first["predictions"]]
    torch.save(models.squeezenet1_1(num_classes=4).state_dict(), weights)
    with pytest.raises(CheckpointError, match="changed on disk"):
        execute(from_json(request.read_bytes()), open_session(), NullContext())
    ran = cnnviz("predict", cat, "--model", weights, "--json")
    assert ran.json["predictions"] != first["predictions"]


def test_a_trunk_says_that_its_predictions_mean_nothing(
    cnnviz: Cnnviz, cat: str, weights: Path
) -> None:
    held = torch.load(weights, weights_only=True)["state_dict"]
    torch.save({name: t for name, t in held.items() if "classifier" not in name}, weights)
    assert "meaningless" in cnnviz("predict", cat, "--model", weights).out
    ran = cnnviz("predict", cat, "--model", weights, "--labels", __file__)
    assert ran.status == 1 and "no classes to name" in ran.err


def test_weights_that_are_not_numbers_are_used_where_a_flag_says_so(
    cnnviz: Cnnviz, cat: str, weights: Path, tmp_path: Path
) -> None:
    held = torch.load(weights, weights_only=True)
    held["state_dict"]["module.features.0.bias"][0] = torch.nan
    torch.save(held, weights)
    predict = ["predict", cat, "--model", weights]
    ran = cnnviz(*predict)
    assert ran.status == 1 and "features.0.bias holds 1 number that is not finite." in ran.err
    assert ran.err.endswith(" The flag --damaged uses the file as it is.\n")
    request = tmp_path / "request.json"
    ran = cnnviz("layers", "--model", weights, "--damaged")
    assert ran.status == 0 and "SqueezeNet 1.1" in ran.out
    assert "values that are not numbers" in cnnviz(*predict, "--damaged").err
    del held["state_dict"]["module.features.0.bias"]
    torch.save(held, weights)
    assert "1 missing" in cnnviz(*predict).err
    assert cnnviz(*predict, "--damaged", "--request", request).status == 0
    assert msgspec.json.decode(request.read_bytes())["model"]["checkpoint"]["damaged"] is True


@pytest.mark.parametrize("name", ["resnet18", "lenet5", "resnet18:untrained"])
def test_inspect_tells_a_name_from_a_file(cnnviz: Cnnviz, name: str) -> None:
    ran = cnnviz("inspect", name)
    assert ran.status == 1 and ran.out == "" and ran.err.count("\n") == 1
    assert f"{name} is a network of the catalogue, not a file of weights." in ran.err
    assert f"cnnviz layers --model {name};" in ran.err and "cnnviz models" in ran.err
    assert "does not exist" in cnnviz("inspect", "resnet18.pth").err


@pytest.mark.parametrize(
    ("flags", "status", "said"),
    [
        (["--damaged"], 1, "tell of a file of weights"),
        (["--labels", "x.txt"], 1, "tell of a file of weights"),
        (["--mean", "0.5"], 1, "tell of a file of weights"),
        (["--mean", "a,b,c"], 2, "is not three numbers"),
        (["--mean", "1,2"], 2, "is not three numbers"),
        (["--std", "0,1,1"], 2, "out of range"),
        (["--std", "nan"], 2, "out of range"),
        (["--input-size", "many"], 2, "is not a whole number from 8 to 2048"),
        (["--input-size", "4"], 2, "is not a whole number from 8 to 2048"),
    ],
)
def test_wrong_flags(cnnviz: Cnnviz, cat: str, flags: list[str], status: int, said: str) -> None:
    ran = cnnviz("predict", cat, *flags)
    assert ran.status == status and said in ran.err
