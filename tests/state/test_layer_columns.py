import dataclasses
import importlib.util
import math
from pathlib import Path

import pytest

from cnnviz_gui.state import layer_columns, layer_words

_spec = importlib.util.spec_from_file_location("tree", Path(__file__).parent / "test_layer_tree.py")
tree = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tree)
FACTS = tree.RESIDUAL


def names(rows):
    return [row.layer.name for row in rows]


def test_a_layer_stands_once_unless_every_row_is_wanted():
    brief = names(layer_columns.rows(FACTS, "parameters"))
    assert "layer1.0" not in brief and brief[:2] == ["stem", "layer1.0.conv1"]
    assert brief[-1] == "fc" and len(brief) == 8
    whole = names(layer_columns.rows(FACTS, "parameters", whole=True))
    assert "layer1.0" in whole and "layer1" not in whole


@pytest.mark.parametrize(("measure", "share"), [("parameters", 0.01), ("macs", 0.005)])
def test_shares_are_of_the_whole_and_bars_of_the_most(measure, share):
    rows = {row.layer.name: row for row in layer_columns.rows(FACTS, measure)}
    assert rows["stem"].share == pytest.approx(share)
    assert rows["stem"].bar == 1.0
    assert layer_columns.headings(measure)[-1].unit.startswith("of ")


def test_what_is_missing_has_nothing_to_sort_by():
    rows = {row.layer.name: row for row in layer_columns.rows(FACTS, "parameters")}
    added = {column.key: column.sort(rows["layer1.0.add"]) for column in layer_columns.COLUMNS}
    assert added["parameters"] is None and added["kernel"] is None and added["share"] is None


def test_names_sort_by_their_numbers():
    facts = tree.network(tree.row("blocks.10"), tree.row("blocks.9"))
    (column,) = [one for one in layer_columns.COLUMNS if one.key == "layer"]
    found = sorted(layer_columns.rows(facts, "macs"), key=column.sort)
    assert names(found) == ["blocks.9", "blocks.10"]


def test_totals_count_operations_apart():
    said = layer_columns.totals(FACTS, layer_columns.rows(FACTS, "macs"))
    assert said.startswith("7 layers · 1 operation · ")
    assert said.endswith(" parameters · 20.0 k multiply-adds")


@pytest.mark.parametrize(
    ("field", "known", "text", "key"),
    [
        ((35, 35), True, "35", 1225),
        ((159, 255), True, "159 × 255", 159 * 255),
        (None, True, "all", math.inf),
        (None, False, "–", None),
    ],
)
def test_a_field_that_is_not_known_is_told_from_all_of_the_picture(field, known, text, key):
    layer = dataclasses.replace(tree.row("conv"), receptive_field=field, field_known=known)
    row = layer_columns.Row(layer, 0.0, 0.0)
    (column,) = [one for one in layer_columns.COLUMNS if one.key == "field"]
    assert (column.text(row), column.sort(row)) == (text, key)
    said = {(None, True): "whole image", (None, False): "not known"}
    assert layer_words.field(layer) == said.get((field, known), f"{text} px, step 1")
