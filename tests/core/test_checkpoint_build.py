"""From a file of weights to a network: the numbers, the card, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision import models

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, CheckpointError, ModelError
from cnnviz_gui.core.facts import Expected
from cnnviz_gui.core.models import checkpoint_report, own, remembered, zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import CheckpointRef, InspectCheckpoint, ModelRef
from cnnviz_gui.core.result import CheckpointReport

QUIET = NullContext()
SIDE = 64
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)


@pytest.fixture(autouse=True)
def answers(tmp_path: Path) -> Any:
    remembered.use(tmp_path / "answers")
    yield
    remembered.use(None)


def network(name: str, **options: Any) -> nn.Module:
    torch.manual_seed(3)
    if name in ("googlenet", "inception_v3"):
        options = {"init_weights": False, "transform_input": True, **options}
    made = own.find(name).make() if own.find(name) else models.get_model(name, **options)
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    return made.eval()


def inspect(path: Path) -> CheckpointReport:
    return checkpoint_report.inspect(InspectCheckpoint(path=str(path)), None, QUIET)


def build(path: Path, name: str = "", **told: Any) -> Classifier:
    told = {"input_size": SIDE, "mean": MEAN, "std": STD, **told}
    return zoo.build(ModelRef(name=name, checkpoint=CheckpointRef(path=str(path), **told)))


def expected(made: nn.Module, x: Tensor) -> Tensor:
    mean, std = (torch.tensor(triple).reshape(1, 3, 1, 1) for triple in (MEAN, STD))
    with torch.no_grad():
        return made((x - mean) / std)


def pixels() -> Tensor:
    return torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def resnet() -> nn.Module:
    return network("resnet18", num_classes=7)


@pytest.fixture
def saved(resnet: nn.Module, tmp_path: Path) -> Callable[..., Path]:
    """Save the state of a ResNet-18 with seven classes, with changes."""

    def save(without: tuple[str, ...] = (), **changed: Tensor) -> Path:
        state = {n: t for n, t in resnet.state_dict().items() if not n.startswith(without or "-")}
        state |= {name.replace("__", "."): tensor for name, tensor in changed.items()}
        path = tmp_path / "flowers.pth"
        torch.save(state, path)
        return path

    return save


SMALL = {
    "squeezenet1_1": ("module.", "state_dict"),
    "shufflenet_v2_x0_5": ("model.", "model"),
    "mnasnet0_5": ("backbone.", "model_state_dict"),
    "mobilenet_v3_small": ("_orig_mod.", "ema"),
    "mobilenet_v2": ("", "net"),
    "regnet_x_400mf": ("encoder.", "params"),
    "efficientnet_b0": ("module.model.", "model_ema"),
    "densenet121": ("net.", ""),
    "googlenet": ("module.", ""),
    "resnet18": ("_orig_mod.module.", "state_dict"),
    "efficientnet_lite0": ("model.", "state_dict"),
}


@pytest.mark.parametrize("name", SMALL)
def test_a_network_comes_back_from_its_file_as_it_was(name: str, tmp_path: Path) -> None:
    prefix, wrapper = SMALL[name]
    made = network(name)
    state = {f"{prefix}{key}": tensor for key, tensor in made.state_dict().items()}
    path = tmp_path / "mine.pth"
    torch.save({wrapper: state, "epoch": 1} if wrapper else state, path)
    save_file(made.state_dict(), tmp_path / "mine.safetensors")
    for file in (path, tmp_path / "mine.safetensors"):
        report = inspect(file)
        assert report.candidates[0].name == name and not report.candidates[0].misfits
        assert report.classes == 1000 and report.channels == 3 and not report.problems
    parameters = sum(parameter.numel() for key, parameter in made.named_parameters()
                     if not key.startswith("aux"))  # fmt: skip
    assert report.parameters >= parameters
    found = build(path)
    assert found.facts.name == name and found.facts.weights == "mine.pth"
    assert found.facts.parameters == parameters
    answer = expected(made, pixels())
    worst = float((found.logits(pixels()) - answer).abs().max())
    assert worst <= 1e-4 * float(answer.abs().max())


def test_grey_digits_come_back(tmp_path: Path) -> None:
    made = own.LENET5.make().eval()
    torch.save({"model": made.state_dict()}, tmp_path / "digits.pt")
    report = inspect(tmp_path / "digits.pt")
    assert report.candidates[0].name == "lenet5"
    assert (report.classes, report.channels) == (10, 1)
    found = build(tmp_path / "digits.pt", input_size=None, mean=None, std=None)
    assert found.facts.input_size == 32 and found.facts.channels == 1
    assert found.facts.labels == tuple(map(str, range(10)))


def test_a_transformer_takes_the_pictures_it_was_trained_on(tmp_path: Path) -> None:
    made = models.vit_b_32(image_size=96, num_classes=3).eval()
    torch.save(made.state_dict(), tmp_path / "vit.pth")
    found = build(tmp_path / "vit.pth", "vit_b_32", input_size=None)
    assert found.facts.input_size == 96 and any("96 × 96" in note for note in found.facts.notes)
    x = torch.rand(1, 3, 96, 96)
    assert torch.allclose(found.logits(x), expected(made, x), atol=1e-4)
    with pytest.raises(ModelError, match="takes pictures of 96 × 96 pixels, not of 224 × 224"):
        build(tmp_path / "vit.pth", "vit_b_32", input_size=224)


def test_a_size_that_the_network_cannot_take_is_told_with_the_one_it_wants(
    tmp_path: Path,
) -> None:
    path = tmp_path / "squeeze.pth"
    torch.save(network("squeezenet1_1").state_dict(), path)
    with pytest.raises(ModelError, match="pictures of 224 × 224 pixels, not of 8 × 8") as caught:
        build(path, input_size=8)
    assert "224" in caught.value.advice


def test_classes_and_labels(saved: Callable[..., Path]) -> None:
    path = saved()
    names = tuple("abcdefg")
    assert build(path).facts.labels == tuple("0123456")
    assert build(path, labels=names).facts.labels == names
    with pytest.raises(ModelError, match="ResNet-18 has 7 classes here, but 2 names are given"):
        build(path, labels=names[:2])


def test_a_thousand_classes_are_imagenets(saved: Callable[..., Path]) -> None:
    path = saved(fc__weight=torch.zeros(1000, 512), fc__bias=torch.zeros(1000))
    assert build(path).facts.labels[282] == "tiger cat"


def test_one_output_is_read_as_two_classes(saved: Callable[..., Path], resnet: nn.Module) -> None:
    weight, bias = resnet.fc.weight[:1].detach(), resnet.fc.bias[:1].detach()
    path = saved(fc__weight=weight, fc__bias=bias)
    assert inspect(path).classes == 2
    found = build(path, labels=("no", "yes"))
    assert found.facts.labels == ("no", "yes")
    said = found.logits(pixels()).softmax(1)[0, 1]
    assert said == pytest.approx(float(expected(resnet, pixels())[0, 0].sigmoid()), abs=1e-5)
    assert any("two classes" in note for note in found.facts.notes)


def test_the_card_is_that_of_the_architecture_where_nothing_else_is_told(
    saved: Callable[..., Path],
) -> None:
    facts = build(saved(), input_size=None, mean=None, std=None).facts
    assert (facts.input_size, facts.resize_size) == (224, 256)
    assert facts.mean == (0.485, 0.456, 0.406) and facts.std == (0.229, 0.224, 0.225)
    assert facts.title == "ResNet-18" and facts.weights == "flowers.pth"
    assert facts.trained and not facts.headless and len(facts.sha256) == 64
    assert inspect(saved()).candidates[0].expected == Expected(224, facts.mean, facts.std)
    facts = build(saved()).facts
    assert (facts.input_size, facts.resize_size, facts.mean, facts.std) == (64, 73, MEAN, STD)


@pytest.mark.parametrize(
    "told",
    [{"std": (0.0, 1.0, 1.0)}, {"std": (-1.0, 1.0, 1.0)}, {"mean": (float("nan"), 0.0, 0.0)},
     {"std": (float("inf"),) * 3}, {"input_size": 4}, {"input_size": 100_000}],
)  # fmt: skip
def test_what_is_told_is_checked(told: dict[str, Any], saved: Callable[..., Path]) -> None:
    with pytest.raises(ModelError) as caught:
        build(saved(), **told)
    assert caught.value.advice


@pytest.mark.parametrize("channels", [1, 4])
def test_grey_and_a_fourth_channel(
    channels: int, saved: Callable[..., Path], resnet: nn.Module
) -> None:
    weight = torch.randn(64, channels, 7, 7, generator=torch.Generator().manual_seed(0))
    path = saved(conv1__weight=weight)
    found = build(path)
    assert inspect(path).channels == found.facts.channels == channels
    assert found.logits(pixels()).shape == (1, 7)
    assert torch.equal(found.filters("conv1")[0], weight)
    usual, told = build(path, mean=None, std=None).facts, inspect(path).candidates[0].expected
    assert told == Expected(224, usual.mean, usual.std)
    assert (len(set(usual.mean)) == 1) is (channels == 1)


def test_counters_of_batch_norm_are_told_apart(saved: Callable[..., Path]) -> None:
    report = inspect(saved())
    assert (report.tensors, report.counters) == (122, 20)
    assert report.tensors - report.counters == report.candidates[0].total


def test_pictures_of_twelve_channels_are_refused(saved: Callable[..., Path]) -> None:
    path = saved(conv1__weight=torch.zeros(64, 12, 7, 7))
    with pytest.raises(CheckpointError, match=r"1 of another shape, first 'conv1\.weight'"):
        build(path)


def test_half_precision_becomes_float32(resnet: nn.Module, tmp_path: Path) -> None:
    for dtype, word in ((torch.float16, "float16"), (torch.bfloat16, "bfloat16"),
                        (torch.float64, "float64")):  # fmt: skip
        path = tmp_path / f"{word}.safetensors"
        save_file({n: t.to(dtype) for n, t in resnet.state_dict().items()}, path)
        assert inspect(path).notes == (f"Weights in {word} were converted to float32.",)
        found = build(path)
        assert {p.dtype for p in found.stock.parameters()} == {torch.float32}
        assert torch.equal(
            found.filters("conv1")[0], resnet.conv1.weight.detach().to(dtype).float()
        )


def test_whole_numbers_in_place_of_weights_are_quantised_ones(
    saved: Callable[..., Path],
) -> None:
    path = saved(conv1__weight=torch.zeros(64, 3, 7, 7, dtype=torch.int8))
    with pytest.raises(CheckpointError, match="quantised: no gradients"):
        build(path)


def test_weights_that_are_not_numbers_are_counted_and_can_be_used(
    saved: Callable[..., Path],
) -> None:
    path = saved(conv1__weight=torch.full((64, 3, 7, 7), torch.nan), bn1__bias=torch.zeros(64) / 0)
    said = "conv1.weight holds 9408 numbers that are not finite."
    assert said in inspect(path).problems and len(inspect(path).problems) == 2
    with pytest.raises(CheckpointError, match="9408 numbers that are not finite") as caught:
        build(path)
    assert caught.value.offer == "damaged"
    assert said in build(path, damaged=True).facts.notes


def test_an_altered_record_is_told_and_can_be_used(saved: Callable[..., Path]) -> None:
    path = saved()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert "1 record does not agree with its checksum" in inspect(path).problems[0]
    with pytest.raises(CheckpointError, match="checksum") as caught:
        build(path)
    assert caught.value.offer == "damaged"
    assert build(path, damaged=True).facts.title == "ResNet-18"


def test_a_published_name_promises_its_checksum(saved: Callable[..., Path]) -> None:
    path = saved()
    path = path.rename(path.with_name("resnet18-f37072fd.pth"))
    assert "not what was published under this name" in inspect(path).problems[0]
    other = path.rename(path.with_name("resnet18-20240101.pth"))
    assert inspect(other).problems == ()


def test_a_trunk_without_classifier_opens_and_says_so(saved: Callable[..., Path]) -> None:
    path = saved(without=("fc",))
    report = inspect(path)
    assert report.classes is None and "classifier of ResNet-18 is missing" in report.problems[0]
    found = build(path)
    assert found.facts.headless and any("mean nothing" in note for note in found.facts.notes)
    assert build(path, labels=("a", "b")).facts.labels == ("a", "b")


def test_the_wrong_network_is_refused_with_the_right_one(saved: Callable[..., Path]) -> None:
    with pytest.raises(CheckpointError) as caught:
        build(saved(), "resnet50")
    assert caught.value.message == (
        "flowers.pth looks like ResNet-18; only 78 of 267 tensors fit ResNet-50."
    )
    assert caught.value.advice == "Open it as ResNet-18."
    for damaged in (False, True):
        with pytest.raises(CheckpointError, match="ResNet-18; nothing in it fits VGG-11") as caught:
            build(saved(), "vgg11", damaged=damaged)
        assert caught.value.advice == "Open it as ResNet-18." and not caught.value.offer


def test_missing_weights_are_counted_and_can_be_random(saved: Callable[..., Path]) -> None:
    path = saved(without=("layer4.1.conv2", "layer1.0.bn1.running_var"))
    with pytest.raises(CheckpointError) as caught:
        build(path)
    assert caught.value.message == (
        "flowers.pth looks like ResNet-18: 100 of 102 tensors fit; 2 missing, first "
        "'layer1.0.bn1.running_var'."
    )
    assert caught.value.offer == "damaged"
    first, second = (build(path, damaged=True) for _ in range(2))
    assert "2 of 102 tensors do not fit and have random values." in first.facts.notes
    assert not first.facts.trained and first.facts.weights == "flowers.pth, partly random"
    assert torch.equal(first.logits(pixels()), second.logits(pixels()))
    assert first.logits(pixels()).isfinite().all()


def test_what_resembles_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.pt"
    torch.save({f"thing{i}": torch.zeros(3) for i in range(9)}, path)
    report = inspect(path)
    assert report.candidates == () and "resemble none" in report.problems[0]
    for name in ("", "resnet18"):
        for damaged in (False, True):
            with pytest.raises(CheckpointError, match="resemble none"):
                build(path, name, damaged=damaged)


def test_a_network_of_no_name_is_refused(saved: Callable[..., Path]) -> None:
    with pytest.raises(ModelError, match="no network 'resnet81'"):
        build(saved(), "resnet81")


def test_a_file_that_changed_since_is_refused(saved: Callable[..., Path]) -> None:
    path = saved()
    sha256 = inspect(path).sha256
    assert build(path, sha256=sha256).facts.sha256 == sha256
    saved(fc__bias=torch.ones(7))
    with pytest.raises(CheckpointError, match="changed on disk"):
        build(path, sha256=sha256)


def test_a_network_does_not_need_its_file_any_more(saved: Callable[..., Path]) -> None:
    path = saved()
    found = build(path)
    before = found.logits(pixels())
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
    assert torch.equal(found.logits(pixels()), before)
    path.unlink()
    assert torch.equal(found.logits(pixels()), before)


def test_building_leaves_chance_as_it_was_and_can_be_cancelled(
    saved: Callable[..., Path], recorder: Callable[..., Any]
) -> None:
    path, state = saved(), torch.get_rng_state()
    ref = ModelRef(name="", checkpoint=CheckpointRef(path=str(path), input_size=SIDE))
    counting = recorder()
    zoo.build(ref, counting)
    assert torch.equal(state, torch.get_rng_state())
    for at in range(1, counting.checks, max(1, counting.checks // 12)):
        with pytest.raises(Cancelled):
            zoo.build(ref, recorder(cancel_at=at))


def test_what_was_answered_is_in_the_report(saved: Callable[..., Path]) -> None:
    path = saved()
    assert inspect(path).remembered is None
    told = CheckpointRef(
        path=str(path), sha256=inspect(path).sha256, labels=tuple("abcdefg"), mean=MEAN,
        input_size=96, damaged=True,
    )  # fmt: skip
    assert remembered.keep(ModelRef(name="resnet18", checkpoint=told)) == ""
    moved = path.rename(path.with_name("elsewhere.pth"))
    report = inspect(moved)
    assert report.architecture == "resnet18"
    assert report.remembered == replace(told, path=str(moved), damaged=False)
