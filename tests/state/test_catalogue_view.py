import dataclasses

import pytest

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import CatalogueEntry, ModelFacts
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import CheckpointRef, ModelRef
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.catalogue_view import (
    COLUMNS,
    Row,
    best,
    byline,
    distance,
    families,
    figures,
    matches,
    rows,
    what_is_lacking,
)
from cnnviz_gui.state.downloads import DownloadState


def entry(name="resnet50", title="ResNet-50", family="ResNet", **other):
    known = {
        "parameters": 25_557_032,
        "weights": "download",
        "input_size": 224,
        "accuracy": 80.858,
        "macs": 4.089e9,
        "size": 97.79,
        "year": 2015,
        "licence": "BSD",
    }
    return CatalogueEntry(name=name, title=title, family=family, **(known | other))


def column(key):
    return next(column for column in COLUMNS if column.key == key)


@pytest.mark.parametrize(
    "query", ["resnet50", "ResNet-50", "resnet 2015", "50", "RESNET", "2015", "net-50", "", "  "]
)
def test_every_word_of_a_query_must_occur_in_name_title_family_or_year(query):
    assert matches(entry(), query)


@pytest.mark.parametrize("query", ["resnet 2016", "resnet101", "vgg", "resnet50x"])
def test_what_does_not_fit_is_not_found(query):
    assert not matches(entry(), query)


def test_a_query_means_the_network_that_is_called_so():
    wide = entry("wide_resnet50_2", "Wide ResNet-50-2")
    next50 = entry("resnext50_32x4d", "ResNeXt-50 32×4d")
    plain = entry()
    assert best([wide, next50, plain], "resnet50") == 2
    assert best([wide, next50, plain], "ResNet-50") == 2
    assert best([wide, next50, plain], "resnext") == 1
    assert best([wide, next50, plain], "50") == 0
    assert best([], "resnet50") is None


def test_what_begins_with_what_is_typed_is_nearer_than_what_has_it_inside():
    lenet, google = (
        entry("lenet5", "LeNet-5", "LeNet"),
        entry("googlenet", "GoogLeNet", "GoogLeNet"),
    )
    wide = entry("wide_resnet50_2", "Wide ResNet-50-2", "ResNet")
    assert [distance(one, "lenet") for one in (lenet, google)] == [1, 3]
    assert [distance(one, "LeNet-5") for one in (lenet, google)] == [0, 3]
    assert distance(wide, "resnet50") == 2
    assert distance(wide, "2015 resn") == 2
    assert distance(wide, "net") == 3
    assert distance(google, "") == 0
    assert best([google, lenet], "lenet") == 1


def test_a_vision_transformer_says_what_it_lacks_before_it_is_built():
    def method(title, uses_layer):
        needs = lambda facts: ""  # noqa: E731
        return Method("heatmap", title, title, "", "", "", Params, needs, uses_layer, print)

    methods = (method("Grad-CAM", True), method("Saliency", False))
    vit = entry("vit_b_16", "ViT-B/16", "ViT")
    said = what_is_lacking(vit, methods)
    assert said.startswith("Methods that need feature maps (Grad-CAM) do not apply")
    assert "Saliency" not in said
    assert what_is_lacking(vit, ()).startswith("Methods that need feature maps do not apply")
    assert what_is_lacking(entry(), methods) == ""
    assert what_is_lacking(entry("swin_t", "Swin-T", "Swin"), methods) == ""


def test_numbers_stand_in_the_unit_of_their_header():
    row = Row(entry())
    shown = {c.key: c.text(row) for c in COLUMNS}
    assert shown["parameters"] == "25.6"
    assert shown["macs"] == "4.09"
    assert shown["accuracy"] == "80.9"
    assert shown["size"] == "97.8"
    assert (column("parameters").unit, column("macs").unit) == ("million", "billion")


def test_what_is_missing_is_a_dash_and_has_no_place_in_the_order():
    row = Row(entry(accuracy=None, macs=None, size=None, year=None, licence="", weights="none"))
    for key in ("accuracy", "macs", "size", "year", "licence"):
        assert column(key).text(row) == "–"
        assert column(key).sort(row) is None


def test_a_very_small_number_is_not_shown_as_nothing():
    assert column("macs").text(Row(entry(macs=416_520.0))) == "< 0.01"


def test_accuracy_on_other_pictures_is_not_compared_with_that_on_imagenet():
    row = Row(entry(accuracy=98.1, accuracy_on="digits"))
    assert column("accuracy").text(row) == "–"
    assert column("accuracy").sort(row) is None
    assert ("Top-1", "98.1 % on digits") in [figure[:2] for figure in figures(row)]


def test_titles_sort_by_their_numbers():
    titles = ["ResNet-152", "ResNet-18", "AlexNet", "ResNet-101"]
    key = column("title").sort
    ordered = sorted((Row(entry(title=t)) for t in titles), key=key)
    assert [r.entry.title for r in ordered] == ["AlexNet", "ResNet-18", "ResNet-101", "ResNet-152"]


@pytest.mark.parametrize(
    ("download", "said"),
    [
        (None, "download"),
        (DownloadState("resnet50", ""), "waiting"),
        (DownloadState("resnet50", "", "running"), "connecting"),
        (DownloadState("resnet50", "", "running", 46, 100), "46 %"),
        (DownloadState("resnet50", "", "failed", 46, 100), "failed"),
    ],
)
def test_the_column_of_the_weights_says_how_far_a_download_is(download, said):
    assert column("state").text(Row(entry(), download)) == said


def test_weights_here_come_before_those_on_their_way_and_those_elsewhere():
    key = column("state").sort
    running = Row(entry(), DownloadState("resnet50", "", "running"))
    kinds = [Row(entry(weights=w)) for w in ("embedded", "here")]
    after = [Row(entry(weights=w)) for w in ("download", "none")]
    ranks = [key(row) for row in (*kinds, running, *after)]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_rows_know_what_is_in_use_and_how():
    network = ModelFacts(
        "net", "Net", "Nets", True, "here", 4, 4, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (), "", True,
    )  # fmt: skip
    state = AppState()
    state.share(catalogue=(entry("net", "Net"), entry()))
    assert [row.use for row in rows(state)] == ["", ""]
    state.use_network(ModelRef(name="net"), network)
    assert [row.use for row in rows(state)] == ["trained", ""]
    state.use_network(ModelRef(name="net", untrained=True), network)
    assert rows(state)[0].use == "untrained"
    mine = ModelRef(name="net", checkpoint=CheckpointRef(path="a.pth"))
    state.use_network(mine, network)
    assert rows(state)[0].use == "checkpoint"


def test_rows_carry_their_downloads():
    state = AppState()
    one = DownloadState("resnet50", "ResNet-50", "running", 1, 2)
    state.share(catalogue=(entry("net", "Net"), entry()), downloads=(one,))
    assert [row.download for row in rows(state)] == [None, one]


def test_the_byline_leaves_out_what_is_unknown():
    assert byline(entry()) == "ResNet · 2015 · resnet50"
    assert byline(dataclasses.replace(entry(), year=None)) == "ResNet · resnet50"


def test_families_are_listed_once_by_name():
    all_of = [entry(family=name) for name in ("VGG", "alex", "VGG", "ResNet")]
    assert families(all_of) == ("alex", "ResNet", "VGG")


def test_exact_figures_are_in_the_tooltips():
    exact = {figure[0]: figure[2] for figure in figures(Row(entry())) if len(figure) > 2}
    assert exact["Parameters"] == fmt.count(25_557_032)
