"""The layer table as text, and GoogLeNet's line by line as its authors printed it."""

from __future__ import annotations

import csv
import dataclasses
import io

import pytest
import torch
from torchvision import models

from cnnviz_gui.core import layer_table
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.models import layers
from cnnviz_gui.core.models.trace import trace

PAPER = """
convolution    7×7/2 112×112×64 1  -   -   -   -   -  -    2.7   34
max pool       3×3/2 56×56×64   0  -   -   -   -   -  -      -    -
convolution    3×3/1 56×56×192  2  -  64 192   -   -  -    112  360
max pool       3×3/2 28×28×192  0  -   -   -   -   -  -      -    -
inception(3a)  -     28×28×256  2  64  96 128  16  32  32  159  128
inception(3b)  -     28×28×480  2 128 128 192  32  96  64  380  304
max pool       3×3/2 14×14×480  0  -   -   -   -   -  -      -    -
inception(4a)  -     14×14×512  2 192  96 208  16  48  64  364   73
inception(4b)  -     14×14×512  2 160 112 224  24  64  64  437   88
inception(4c)  -     14×14×512  2 128 128 256  24  64  64  463  100
inception(4d)  -     14×14×528  2 112 144 288  32  64  64  580  119
inception(4e)  -     14×14×832  2 256 160 320  32 128 128  840  170
max pool       3×3/2 7×7×832    0  -   -   -   -   -  -      -    -
inception(5a)  -     7×7×832    2 256 160 320  32 128 128 1072   54
inception(5b)  -     7×7×1024   2 384 192 384  48 128 128 1388   71
avg pool       7×7/1 1×1×1024   0  -   -   -   -   -  -      -    -
dropout        -     1×1×1024   0  -   -   -   -   -  -      -    -
linear         -     1×1×1000   1  -   -   -   -   -  -   1000    1
"""
"""Szegedy et al. 2015, table 1: type, patch size/stride, output size, depth, #1×1, #3×3 reduce,
#3×3, #5×5 reduce, #5×5, pool proj, params in K, ops in M. Its last line, softmax, is left out:
torchvision's network ends with the logits."""


def facts_of(name: str) -> ModelFacts:
    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    with torch.device("meta"):
        network = models.get_model(name, weights=None, **options).eval()
    recorded = trace(network, 224)
    rows, _ = layers.table(recorded)
    return ModelFacts(
        name=name,
        title=name,
        family="",
        trained=False,
        weights="",
        input_size=224,
        resize_size=256,
        interpolation="bilinear",
        mean=(0, 0, 0),
        std=(1, 1, 1),
        labels=(),
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        macs=recorded.root.macs,
        layers=rows,
        recommended_layer="",
        folded=False,
    )


@pytest.fixture(scope="module")
def googlenet() -> ModelFacts:
    return facts_of("googlenet")


def with_reduction(lines: list[layer_table.Line]) -> list[layer_table.Line]:
    """Take the 1×1 convolution before the second 3×3 into its line, as the paper does."""
    at = next(i for i, line in enumerate(lines) if line.patch == "1×1/1")
    first, second = lines[at : at + 2]
    joined = layer_table.Line(
        second.layer,
        second.type,
        second.patch,
        second.output,
        first.depth + second.depth,
        first.parameters + second.parameters,
        first.macs + second.macs,
    )
    return [*lines[:at], joined, *lines[at + 2 :]]


def test_googlenet_line_by_line(googlenet: ModelFacts) -> None:
    lines = with_reduction(list(layer_table.lecture(googlenet)))
    table = paper_rows()
    assert len(lines) == len(table)
    for line, row in zip(lines, table, strict=True):
        kind, patch, output, depth = row[:4]
        if kind.startswith("inception"):
            assert line.type == f"Inception ({kind.replace('(', '').rstrip(')')})"
        else:
            assert line.type == kind
        # the fourth pooling of torchvision's network is 2×2, its others 3×3
        assert line.patch == ("2×2/2" if line.layer == "maxpool4" else patch)
        assert "×".join(map(str, line.output)) == output
        assert line.depth == int(depth)


def paper_rows() -> list[list[str]]:
    """Split by columns: the first has words with a space between them."""
    rows = []
    for line in PAPER.strip().split("\n"):
        kind, rest = line[:15].strip(), line[15:].split()
        rows.append([kind, *("" if cell == "-" else cell for cell in rest)])
    return rows


def test_googlenet_filters_and_costs(googlenet: ModelFacts) -> None:
    """The widths are the paper's; so are its costs, once its 5×5 stand where torchvision has 3×3.

    The paper counts in K of 1024. Where its own widths give another number than it prints, up to
    8 % away (4c, 5a), both are within that of each other; its first line, 2.7 K for the 9408
    weights of 7·7·3·64, agrees with nothing.
    """
    rows = {row.name: row for row in googlenet.layers}
    exact = []
    for line in paper_rows():
        if not line[0].startswith("inception"):
            continue
        name = f"inception{line[0][10:12]}"
        widths = {
            "branch1": line[4],
            "branch2.0": line[5],
            "branch2.1": line[6],
            "branch3.0": line[7],
            "branch3.1": line[8],
            "branch4.1": line[9],
        }
        inside = {key: rows[f"{name}.{key}.conv"] for key in widths}
        assert {key: str(row.output_shape[0]) for key, row in inside.items()} == widths
        assert inside["branch3.1"].kernel == (3, 3)  # a 5×5 in the paper
        more = int(line[7]) * int(line[8]) * (25 - 9)
        parameters = sum(row.parameters for row in inside.values()) + more
        height, width = inside["branch1"].output_shape[1:]
        macs = sum(row.macs for row in inside.values()) + more * height * width
        assert parameters / 1024 == pytest.approx(int(line[10]), rel=0.08)
        assert macs / 1e6 == pytest.approx(int(line[11]), rel=0.08)
        if abs(parameters / 1024 - int(line[10])) <= 1.5:
            exact.append(name)
    assert exact == ["inception3a", "inception3b", "inception4b"]
    assert rows["conv1.conv"].parameters == 9408
    reduction, wide = rows["conv2.conv"], rows["conv3.conv"]
    assert (reduction.parameters + wide.parameters) / 1024 == 112
    assert round((reduction.macs + wide.macs) / 1e6) == 360
    assert rows["fc"].parameters == 1_025_000


@pytest.mark.parametrize(
    ("name", "depth", "blocks"),
    [("resnet18", 18, 8), ("densenet121", 121, 4), ("vgg16", 16, 0), ("resnet50", 50, 16)],
)
def test_depth_is_the_number_in_the_name(name: str, depth: int, blocks: int) -> None:
    facts = facts_of(name)
    assert f"| **total** |  |  | {depth} |" in layer_table.text(facts, "lecture")
    inside = [line for line in layer_table.lecture(facts) if line.type.endswith(")")]
    kinds = [line for line in inside if not line.type.startswith("_Transition")]
    assert len(kinds) == blocks


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("resnet50", 128),  # bn1: 2·64
        ("densenet121", 2176),  # norm0 and norm5: 2·64 + 2·1024
        ("convnext_tiny", 1536),  # the norm before the classifier: 2·768
        ("vit_b_16", 768),  # the class token; the encoder has the places
        ("vgg16", 0),
    ],
)
def test_lines_make_up_the_total(name: str, rest: int) -> None:
    facts = facts_of(name)
    lines = layer_table.lecture(facts)
    assert sum(line.parameters for line in lines) == facts.parameters
    assert sum(line.macs for line in lines) == facts.macs
    last = lines[-1]
    assert (last.parameters if last.type == "norms and the rest" else 0) == rest
    assert ("| norms and the rest |  |  |" in layer_table.text(facts, "lecture")) == (rest > 0)


def test_csv_has_every_row_and_column(googlenet: ModelFacts) -> None:
    read = list(csv.DictReader(io.StringIO(layer_table.text(googlenet, "csv"))))
    assert [row["layer"] for row in read] == [row.name for row in googlenet.layers]
    joined = next(row for row in read if row["layer"] == "inception3a.cat")
    assert joined["kind"] == "cat" and joined["output"] == "256×28×28"
    assert joined["inputs"].split() == [f"inception3a.branch{n}" for n in (1, 2, 3, 4)]
    assert sum(int(row["multiply-adds"]) for row in read if not row["inside"]) == googlenet.macs
    assert not any(None in row or None in row.values() for row in read)


def test_no_name_of_a_layer_is_a_formula(googlenet: ModelFacts) -> None:
    first = dataclasses.replace(googlenet.layers[0], name="=cmd", type="@Conv", jump=None)
    written = layer_table.text(dataclasses.replace(googlenet, layers=(first,)), "csv")
    row = next(csv.DictReader(io.StringIO(written)))
    assert row["layer"] == "'=cmd" and row["type"] == "'@Conv" and row["step"] == ""


def test_markdown_is_a_table_with_totals(googlenet: ModelFacts) -> None:
    lines = layer_table.text(googlenet, "markdown").splitlines()
    assert len(lines) == len(googlenet.layers) + 3
    assert {line.count("|") for line in lines} == {8}
    assert "6 624 904" in lines[-1].replace("\N{THIN SPACE}", " ")


@pytest.mark.parametrize("form", layer_table.FORMS)
def test_every_form_ends_with_one_line_break(form: layer_table.Form, googlenet: ModelFacts) -> None:
    text = layer_table.text(googlenet, form)
    assert text.endswith("\n") and not text.endswith("\n\n")
