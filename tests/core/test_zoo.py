"""What is built of the catalogue; nothing is downloaded."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torchvision import models

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.models import catalogue, imagenet, zoo
from cnnviz_gui.core.request import ListNetworks, ModelRef


@pytest.fixture(autouse=True)
def _empty_hub(tmp_path: Path) -> Iterator[None]:
    before = torch.hub.get_dir()
    torch.hub.set_dir(str(tmp_path))
    yield
    torch.hub.set_dir(before)


def checkpoints() -> Path:
    folder = Path(torch.hub.get_dir(), "checkpoints")
    folder.mkdir(exist_ok=True)
    return folder


def test_facts_of_the_embedded_network_match_its_catalogue_entry() -> None:
    entry, facts = catalogue.entries()[0], zoo.build(ModelRef(name="efficientnet_lite0")).facts
    assert facts.trained and facts.folded and facts.weights == "embedded"
    assert facts.parameters == entry.parameters
    assert facts.macs == entry.macs
    assert (facts.input_size, facts.resize_size, facts.interpolation) == (224, 256, "bilinear")
    assert facts.recommended_layer == "head"
    assert len(facts.labels) == 1000 and facts.labels[282] == "tiger cat"


def test_unknown_name_lists_near_ones() -> None:
    with pytest.raises(ModelError, match=r"no network 'resnet17'.*resnet18"):
        zoo.build(ModelRef(name="resnet17"))


def test_missing_weights_say_what_to_do() -> None:
    with pytest.raises(ModelError) as caught:
        zoo.build(ModelRef(name="resnet18"))
    assert "are not on this machine" in caught.value.message
    assert "resnet18:untrained" in caught.value.advice
    assert "resnet18-f37072fd.pth" in caught.value.advice


def test_untrained_depends_on_the_seed_only_and_leaves_the_global_one() -> None:
    name, x = "squeezenet1_1", torch.full((1, 3, 224, 224), 0.3)
    state = torch.get_rng_state()
    first = zoo.build(ModelRef(name=name, untrained=True, seed=1))
    assert torch.equal(state, torch.get_rng_state())
    torch.rand(7)
    same = zoo.build(ModelRef(name=name, untrained=True, seed=1))
    other = zoo.build(ModelRef(name=name, untrained=True, seed=2))
    assert torch.equal(first.logits(x), same.logits(x))
    assert not torch.equal(first.logits(x), other.logits(x))
    assert not first.facts.trained and first.facts.weights == "untrained, seed 1"


def test_the_embedded_network_can_be_untrained_too() -> None:
    facts = zoo.build(ModelRef(name="efficientnet_lite0", untrained=True, seed=3)).facts
    assert not facts.trained and facts.weights == "untrained, seed 3"


def test_what_is_untrained_does_not_depend_on_the_weights_that_are_here() -> None:
    def told() -> tuple[int, int, int]:
        facts = zoo.build(ModelRef(name="vit_b_16", untrained=True)).facts
        return facts.input_size, facts.resize_size, facts.macs

    before = told()
    large = models.get_model_weights("vit_b_16").IMAGENET1K_SWAG_E2E_V1
    assert large.meta["min_size"] != (before[0], before[0])
    (checkpoints() / catalogue.weights_file(large).name).write_bytes(b"")
    assert catalogue.weights("vit_b_16") is large
    assert told() == before


def published(name: str, network: torch.nn.Module, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a checkpoint of ``network`` where torchvision would, under the name of its hash."""
    path = checkpoints() / "new.pth"
    torch.save(network.state_dict(), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path = path.rename(path.with_name(f"{name}-{digest[:8]}.pth"))
    real = models.get_model_weights(name).DEFAULT
    member = SimpleNamespace(
        name="IMAGENET1K_V1",
        url=f"https://example.org/{path.name}",
        meta=real.meta,
        transforms=real.transforms,
    )
    monkeypatch.setattr(catalogue, "weights", lambda _name: member)
    return path


@pytest.mark.parametrize(
    "name",
    ["squeezenet1_1", "googlenet", "inception_v3", "densenet121", "regnet_x_400mf", "mnasnet0_5"],
)
def test_weights_on_disk_are_loaded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"init_weights": False} if name in zoo._WITH_AUXILIARY_HEADS else {}
    if options:
        options |= {"transform_input": True, "aux_logits": True}
    network = models.get_model(name, weights=None, **options).eval()
    published(name, network, monkeypatch)
    state = torch.get_rng_state()
    classifier = zoo.build(ModelRef(name=name))
    assert torch.equal(state, torch.get_rng_state())
    assert classifier.facts.trained and classifier.facts.weights == "IMAGENET1K_V1"
    size = classifier.facts.input_size
    x = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    normalisation = imagenet.MEAN, imagenet.STD
    mean, std = (torch.tensor(values).reshape(1, 3, 1, 1) for values in normalisation)
    with torch.no_grad():
        expected = network((x - mean) / std)
    tolerance = 1e-4 * float(expected.abs().max())
    assert torch.allclose(classifier.logits(x), expected, rtol=0, atol=tolerance)


def test_old_names_in_densenet_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    network = models.densenet121(weights=None)
    state = network.state_dict()
    old = {
        key.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): tensor
        for key, tensor in state.items()
        if not key.endswith("num_batches_tracked")
    }
    assert set(old) - set(state)
    network.state_dict = lambda: old  # type: ignore[method-assign]  # what the file will hold
    published("densenet121", network, monkeypatch)
    assert zoo.build(ModelRef(name="densenet121")).facts.trained


def test_altered_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    path = published("squeezenet1_1", models.squeezenet1_1(), monkeypatch)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="damaged or altered"):
        zoo.build(ModelRef(name="squeezenet1_1"))


class Payload:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("touched"),))  # type: ignore[return-value]  # what pickle runs


def test_weights_with_code_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    network = models.squeezenet1_1()
    network.state_dict = lambda: {"x": Payload()}  # type: ignore[method-assign]  # see above
    published("squeezenet1_1", network, monkeypatch)
    with pytest.raises(ModelError, match="not a file of plain tensors"):
        zoo.build(ModelRef(name="squeezenet1_1"))
    assert not Path("touched").exists()


def test_weights_of_another_network_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    published("squeezenet1_1", models.squeezenet1_0(), monkeypatch)
    with pytest.raises(ModelError, match=r"do not fit SqueezeNet 1\.1"):
        zoo.build(ModelRef(name="squeezenet1_1"))


def test_torchvision_that_does_not_fit_is_named_with_the_cure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "torchvision":
                raise RuntimeError("operator torchvision::nms does not exist")

    for module in [m for m in sys.modules if m.partition(".")[0] == "torchvision"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    catalogue.torchvision_models.cache_clear()
    with pytest.raises(ModelError) as caught:
        catalogue.entries()
    assert "torchvision::nms does not exist" in caught.value.message
    assert "pip install" in caught.value.advice
    listed = catalogue.run(ListNetworks(), None, NullContext())
    assert {"efficientnet_lite0", "lenet5"} <= {entry.name for entry in listed.entries}
    assert "resnet18" not in {entry.name for entry in listed.entries}
    assert "does not fit" in listed.problem and "pip install" in listed.problem
    assert zoo.build(ModelRef(name="efficientnet_lite0")).facts.labels[282] == "tiger cat"
    with pytest.raises(ModelError, match="does not fit"):
        zoo.build(ModelRef(name="resnet18", untrained=True))


def test_the_classes_of_imagenet_are_those_that_torchvision_names() -> None:
    assert imagenet.labels() == tuple(models.ResNet18_Weights.DEFAULT.meta["categories"])
