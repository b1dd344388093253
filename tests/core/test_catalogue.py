"""What the catalogue says of each network; nothing is downloaded."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torchvision import models

from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.core.models import catalogue, own


@pytest.fixture(autouse=True)
def checkpoints(tmp_path: Path) -> Iterator[Path]:
    before = torch.hub.get_dir()
    torch.hub.set_dir(str(tmp_path))
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    yield folder
    torch.hub.set_dir(before)


def entry(name: str) -> CatalogueEntry:
    return next(entry for entry in catalogue.entries() if entry.name == name)


def test_the_embedded_network_comes_first_and_all_of_torchvision_is_there() -> None:
    entries = catalogue.entries()
    assert entries[0].name == "efficientnet_lite0" and entries[0].weights == "embedded"
    theirs = [entry.name for entry in entries if own.find(entry.name) is None]
    assert theirs == sorted(models.list_models(module=models))
    assert len({entry.name for entry in entries}) == len(entries)
    for found in entries:
        assert found.parameters > 0 and found.input_size > 0 and found.title and found.family
        assert found.title != found.name, "every network has a name for print"
        assert found.licence and found.classes > 0 and found.macs


def test_every_number_of_torchvisions_networks_is_torchvisions_own() -> None:
    for found in catalogue.entries():
        if own.find(found.name) is not None:
            continue
        member = models.get_model_weights(found.name).DEFAULT
        meta = member.meta
        assert found.parameters == meta["num_params"]
        assert found.accuracy == meta["_metrics"]["ImageNet-1K"]["acc@1"]
        assert found.macs == meta["_ops"] * 1e9
        assert found.size == meta["_file_size"]
        assert found.classes == len(meta["categories"]) == 1000
        assert found.input_size == member.transforms().crop_size[0]
        assert member.url.endswith("/" + found.file)


def test_what_is_known_of_resnet50() -> None:
    found = entry("resnet50")
    assert (found.title, found.family, found.weights) == ("ResNet-50", "ResNet", "download")
    assert (found.year, found.licence) == (2015, "BSD")
    assert found.file == "resnet50-11ad3fa6.pth"


def test_the_year_is_that_of_the_paper_the_builder_names() -> None:
    years = {found.name: found.year for found in catalogue.entries()}
    assert years["alexnet"] == 2014, "the variant torchvision builds is of that year"
    assert years["vgg16"] == 2014 and years["vit_b_16"] == 2020 and years["convnext_tiny"] == 2022
    assert years["squeezenet1_1"] is None, "its builder names no paper"
    assert all(year is None or 1998 <= year <= 2030 for year in years.values())


def test_weights_that_may_not_be_used_commercially_say_so() -> None:
    assert entry("regnet_y_128gf").licence == "CC BY-NC 4.0"
    for found in catalogue.entries():
        if own.find(found.name) is None:
            own_terms = "license" in models.get_model_weights(found.name).DEFAULT.meta
            assert (found.licence != entry("resnet50").licence) == own_terms


def test_weights_that_are_here_are_noticed_each_time(checkpoints: Path) -> None:
    assert entry("resnet18").weights == "download"
    (checkpoints / entry("resnet18").file).touch()
    assert entry("resnet18").weights == "here" and entry("resnet34").weights == "download"
    (checkpoints / entry("resnet18").file).unlink()
    assert entry("resnet18").weights == "download"


def test_of_several_weights_those_that_are_here_are_described(checkpoints: Path) -> None:
    (checkpoints / "vit_b_16_swag-9ac1b537.pth").touch()
    found = entry("vit_b_16")
    assert (found.weights, found.input_size, found.licence) == ("here", 384, "CC BY-NC 4.0")
    assert found.accuracy == pytest.approx(85.304)
    (checkpoints / "vit_b_16-c867db91.pth").touch()
    assert entry("vit_b_16").input_size == 224, "the recommended ones go first"


def test_weights_without_a_classifier_are_not_those_of_a_classifier(checkpoints: Path) -> None:
    member = models.VGG16_Weights.IMAGENET1K_FEATURES
    assert math.isnan(member.meta["_metrics"]["ImageNet-1K"]["acc@1"])
    (checkpoints / member.url.rpartition("/")[2]).touch()
    found = entry("vgg16")
    assert found.weights == "download" and found.accuracy is not None
    assert found.file == "vgg16-397923af.pth"
