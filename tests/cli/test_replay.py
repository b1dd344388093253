"""``cnnviz run`` of a request computes the same bits as the command that wrote it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from cnnviz_gui.cli import main
from cnnviz_gui.core.params import build
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Attack, ImageRef, InspectLayer, ModelRef, Sweep
from cnnviz_gui.core.request_json import from_json


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (["heatmap", "grad-cam", "--target", "281"], "map"),
        (["heatmap", "saliency", "--model", "squeezenet1_1:untrained", "--seed", "3"], "map"),
        (["attack", "pgd", "--steps", "3", "--seed", "5"], "adversarial_image"),
        (
            ["attack", "pgd", "--norm", "l2", "--target", "espresso", "--steps", "2"],
            "adversarial_image",
        ),
    ],
)
def test_replay_in_a_fresh_session_is_bit_for_bit_equal(
    command: list[str], field: str, cat: str, tmp_path: Path
) -> None:
    array, request, out = tmp_path / "a.npy", tmp_path / "r.json", tmp_path / "new" / "out"
    files = ["--array", str(array), "--request", str(request)]
    assert main([*command, *files, "--", cat]) == 0
    assert main(["run", str(request), "--out", str(out)]) == 0
    assert (out / f"{field}.npy").read_bytes() == array.read_bytes()
    assert (out / "request.json").read_bytes() == request.read_bytes()


def test_run_writes_pictures_and_plain_fields(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    request, out = tmp_path / "r.json", tmp_path / "out"
    cnnviz("heatmap", "grad-cam", cat, "--request", request, "--save", tmp_path / "overlay.png")
    ran = cnnviz("run", request, "--out", out, "--json")
    assert ran.status == 0
    assert {Path(path).name for path in ran.json["files"]} == {p.name for p in out.iterdir()}
    assert (out / "overlay.png").read_bytes() == (tmp_path / "overlay.png").read_bytes()
    told = msgspec.json.decode((out / "result.json").read_bytes())
    assert told["task"] == "heatmap"
    assert told["fingerprint"] == from_json(request.read_bytes()).fingerprint()
    assert told["result"]["target"]["index"] == 282
    assert told["result"]["map"] == {"file": "map.npy", "shape": [224, 224], "dtype": "float32"}


def test_a_written_request_holds_from_any_folder(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cat.png").write_bytes(Path(cat).read_bytes())
    monkeypatch.chdir(tmp_path)
    assert cnnviz("predict", "cat.png", "--request", "r.json").status == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert cnnviz("run", "../r.json", "--out", ".").status == 0
    assert Path("seen.png").is_file()


def test_attack_leaves_three_pictures(cnnviz: Callable[..., Any], cat: str, tmp_path: Path) -> None:
    request = tmp_path / "r.json"
    cnnviz("attack", "fgsm", cat, "--epsilon", "2", "--request", request)
    assert cnnviz("run", request, "--out", tmp_path).status == 0
    clean, adversarial, _ = (
        np.asarray(Image.open(tmp_path / f"{name}.png")).astype(int)
        for name in ("clean", "adversarial", "perturbation")
    )
    assert np.abs(clean - adversarial).max() == 2


def test_layer_and_sweep_can_be_replayed(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    model, image = ModelRef(name="squeezenet1_1", untrained=True), ImageRef(path=cat)
    layers = cnnviz("layers", "--model", "squeezenet1_1:untrained", "--json").json["layers"]
    layer = next(layer["name"] for layer in layers if layer["type"] == "Conv2d")
    fgsm = Attack(
        model=model,
        image=image,
        method="fgsm",
        parameters=build(method("attack", "fgsm").params, {}),
    )
    requests = {
        "maps": InspectLayer(model=model, image=image, layer=layer),
        "points-02-result-adversarial_image": Sweep(attack=fgsm, maximum=8, points=3),
    }
    for name, request in requests.items():
        (tmp_path / "r.json").write_bytes(request.to_json())
        ran = cnnviz("run", tmp_path / "r.json", "--out", tmp_path / request.task)
        assert ran.status == 0, ran.err
        assert np.load(tmp_path / request.task / f"{name}.npy").dtype == np.float32
