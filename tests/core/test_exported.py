"""Exported programs: the numbers of the module they were made from, and layers like its own."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, CheckpointError, ModelError
from cnnviz_gui.core.facts import Expected
from cnnviz_gui.core.models import checkpoint_file, exported, imagenet
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import CheckpointRef, ModelRef

QUIET = NullContext()
SIDE = 32
ANY = ({0: torch.export.Dim("batch", min=1, max=64)},)


def save(
    module: nn.Module,
    path: Path,
    *,
    batch: int | None = None,
    side: int = SIDE,
    channels: int = 3,
    decomposed: bool = False,
    sizes: Any = ANY,
    kind: torch.dtype = torch.float32,
) -> Path:
    picture = torch.zeros(batch or 2, channels, side, side, dtype=kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(
            module, (picture,), dynamic_shapes=None if batch is not None else sizes
        )
        if decomposed:
            program = program.run_decompositions()
        torch.export.save(program, path)
    return path


def opened(path: Path, **options: Any) -> Classifier:
    return exported.build(ModelRef(name="", checkpoint=CheckpointRef(path=str(path), **options)))


def made(name: str) -> nn.Module:
    """A network of torchvision with weights and statistics of a seed, for ten classes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = torchvision.models.get_model(name, weights=None, num_classes=10)
        for part in module.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.running_mean.normal_(0, 0.2)
                part.running_var.uniform_(0.5, 1.5)
    return module.eval()


def as_classifier(module: nn.Module, facts: Any) -> Classifier:
    """The module itself, looked at through the same card."""
    fields = {field.name: getattr(facts, field.name) for field in dataclasses.fields(Card)}
    return Classifier(copy.deepcopy(module), Card(**fields))


@dataclasses.dataclass(frozen=True)
class Case:
    program: Classifier
    module: Classifier


@pytest.fixture(scope="module")
def modules() -> dict[str, nn.Module]:
    return {name: made(name) for name in ("resnet18", "squeezenet1_1")}


@pytest.fixture(
    scope="module",
    params=[
        ("resnet18", None, False),
        ("resnet18", 1, False),
        ("resnet18", None, True),
        ("squeezenet1_1", None, False),
        ("squeezenet1_1", 1, True),
    ],
    ids=lambda case: "-".join(map(str, case)),
)
def case(request, modules, tmp_path_factory) -> Case:
    name, batch, decomposed = request.param
    path = tmp_path_factory.mktemp("exported") / "program.pt2"
    module = modules[name]
    program = opened(save(module, path, batch=batch, side=64, decomposed=decomposed))
    return Case(program, as_classifier(module, program.facts))


@pytest.fixture(scope="module")
def pictures() -> Tensor:
    return torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0))


def close(a: Tensor, b: Tensor, tolerance: float = 1e-5) -> None:
    torch.testing.assert_close(a, b, atol=tolerance * float(b.abs().max()), rtol=0)


def test_logits_are_those_of_the_module(case, pictures, modules):
    close(case.program.logits(pictures), case.module.logits(pictures))
    mean, std = (torch.tensor(t).reshape(1, 3, 1, 1) for t in (imagenet.MEAN, imagenet.STD))
    name = "resnet18" if case.program.facts.folded else "squeezenet1_1"
    with torch.no_grad():
        close(case.program.logits(pictures), modules[name]((pictures - mean) / std), 1e-4)


def test_saliency_is_that_of_the_module(case, pictures, make_params):
    parameters = make_params("heatmap", "saliency")
    run = method("heatmap", "saliency").run
    maps = [
        run(network, pictures[:1], 3, "", parameters, QUIET).map
        for network in (case.program, case.module)
    ]
    assert float(maps[1].max()) > 0
    close(*maps)


def test_grad_cam_is_that_of_the_module(case, pictures, make_params):
    parameters = make_params("heatmap", "grad-cam", keep_negative=True)
    run = method("heatmap", "grad-cam").run
    layer = case.module.facts.recommended_layer
    assert case.program.facts.recommended_layer == layer
    maps = [
        run(network, pictures[:1], 3, layer, parameters, QUIET).map
        for network in (case.program, case.module)
    ]
    assert float(maps[1].abs().max()) > 0
    close(*maps)


def test_feature_maps_of_several_pictures_are_those_of_the_module(case, pictures):
    shared = [
        row.name
        for row in case.program.facts.layers
        if row.spatial and case.module.facts.layer(row.name) is not None
    ]
    assert len(shared) > 10
    ours = case.program.feature_maps(pictures, shared)
    theirs = case.module.feature_maps(pictures, shared)
    for name in shared:
        assert ours[name].shape == theirs[name].shape
        close(ours[name], theirs[name])


def test_pgd_is_that_of_the_module(case, pictures, make_params):
    parameters = make_params("attack", "pgd", epsilon=4.0, steps=3)
    run = method("attack", "pgd").run
    label = case.module.logits(pictures).argmax(1)
    found = [
        run(network, pictures, label, None, parameters, QUIET)
        for network in (case.program, case.module)
    ]
    assert float((found[0] - pictures).abs().max()) <= 4 / 255 + 1e-6
    losses = [
        nn.functional.cross_entropy(case.module.logits(image), label)
        for image in (*found, pictures)
    ]
    assert losses[0] > losses[2]
    close(losses[0], losses[1], 1e-3)


def test_layers_filters_and_costs_are_those_of_the_module(case):
    """But for additions and the like, which have other names."""
    program, module = case.program.facts, case.module.facts
    assert program.parameters == module.parameters
    assert program.macs == module.macs
    assert program.hooks
    rows = {row.name: row for row in program.layers}
    for theirs in module.layers:
        known = theirs.type not in ("Dropout", "AdaptiveAvgPool2d", "Sequential")
        if known and not theirs.operation:
            ours = rows[theirs.name]
            before = [module.layer(name) for name in theirs.inputs]
            if any(one.operation or one.type == "Dropout" for one in before):
                ours = dataclasses.replace(ours, inputs=theirs.inputs)
            assert ours == theirs
    more = {row.type for row in program.layers if module.layer(row.name) is None}
    assert more <= {"add", "cat", "Flatten", "AdaptiveAvgPool2d"}
    for row in module.layers:
        if row.type == "Conv2d":
            theirs = case.module.filters(row.name)[0]
            assert torch.equal(case.program.filters(row.name)[0], theirs)


def test_nothing_stays_attached(case, pictures):
    before = count_hooks(case.program.stock) + count_hooks(case.program.fast)
    case.program.cut(pictures[:1], case.program.facts.recommended_layer)
    assert count_hooks(case.program.stock) + count_hooks(case.program.fast) == before


def test_a_pass_is_cancelled_between_its_operations(case, pictures, recorder):
    ctx = recorder(cancel_at=5)
    with pytest.raises(Cancelled):
        case.program.gradient(pictures, lambda logits: logits[:, 0], ctx)


# What the file says and what it does not


class Small(nn.Sequential):
    """Two layers for three classes."""

    def __init__(self, *after: nn.Module, channels: int = 3, classes: int = 3) -> None:
        super().__init__(
            nn.Conv2d(channels, 4, 3),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(4, classes),
            *after,
        )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "small.pt2"


def test_the_file_tells_its_size_and_is_remembered_by_its_checksum(path):
    facts = opened(save(Small().eval(), path, side=48)).facts
    assert (facts.input_size, facts.channels, facts.labels) == (48, 3, ("0", "1", "2"))
    assert facts.mean == imagenet.MEAN
    assert facts.title == "small.pt2"
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(CheckpointError, match="changed on disk"):
        opened(path, sha256="0" * 64)


def test_another_size_than_it_was_exported_for_is_refused(path):
    save(Small().eval(), path, side=48)
    with pytest.raises(CheckpointError, match="48 × 48"):
        opened(path, input_size=64)


def test_a_program_for_any_size_takes_the_one_that_is_asked_for(path):
    side = torch.export.Dim("side", min=8, max=512)
    save(Small().eval(), path, sizes=({0: torch.export.Dim("batch", min=1), 2: side, 3: side},))
    assert opened(path).facts.input_size == 224
    facts = opened(path, input_size=40).facts
    assert facts.input_size == 40
    assert facts.layers[0].output_shape == (4, 38, 38)


def test_what_the_user_says_is_taken(path):
    facts = opened(
        save(Small().eval(), path), labels=("a", "b", "c"), mean=(0.1, 0.2, 0.3), std=(1.0,) * 3
    ).facts
    assert facts.labels == ("a", "b", "c")
    assert facts.mean == (0.1, 0.2, 0.3)
    with pytest.raises(ModelError, match="3 classes, but 2 labels"):
        opened(path, labels=("a", "b"))


@pytest.mark.parametrize("channels", [1, 4])
def test_grey_and_a_fourth_channel(channels, path):
    program = opened(save(Small(channels=channels).eval(), path, channels=channels))
    assert program.facts.channels == channels
    assert program.logits(torch.rand(2, 3, SIDE, SIDE)).shape == (2, 3)


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_a_fixed_batch_takes_any_number_of_pictures(batch, path):
    module = Small().eval()
    program = opened(save(module, path, batch=batch))
    x = torch.rand(3, 3, SIDE, SIDE)
    with torch.no_grad():
        mean, std = (torch.tensor(t).reshape(1, 3, 1, 1) for t in (imagenet.MEAN, imagenet.STD))
        close(program.logits(x), module((x - mean) / std))
    assert any("batches of" in note for note in program.facts.notes) == (batch > 1)


class Mixer(nn.Module):
    """Literal sizes of the batch in its graph, and shapes that hold it in another place."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 8, stride=8)
        self.attention = nn.MultiheadAttention(8, 2)
        self.head = nn.Linear(8, 3)
        self.register_buffer("shift", torch.arange(8.0))

    def forward(self, x: Tensor) -> Tensor:
        mask = x.new_zeros(16)
        mask[4:8].fill_(1)
        tokens = self.stem(x).reshape(x.shape[0], 8, 16).permute(2, 0, 1) + self.shift
        tokens = tokens * (1 - mask)[:, None, None]
        mixed, _ = self.attention(tokens, tokens, tokens, need_weights=False)
        return self.head(mixed.transpose(0, 1).reshape(x.shape[0], 16, 8).mean(1))


@pytest.mark.parametrize("batch", [1, None])
@pytest.mark.parametrize("decomposed", [False, True])
def test_pictures_do_not_mix(batch, decomposed, path):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = Mixer().eval()
    program = opened(save(module, path, batch=batch, decomposed=decomposed))
    x = torch.rand(3, 3, SIDE, SIDE)
    with torch.no_grad():
        mean, std = (torch.tensor(t).reshape(1, 3, 1, 1) for t in (imagenet.MEAN, imagenet.STD))
        alone = torch.cat([module((one[None] - mean) / std) for one in x])
    close(program.logits(x), alone)
    close(torch.cat([program.logits(one[None]) for one in x]), alone)


class InPlace(nn.Module):
    """Changes values in place while others look at them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        half = y[:, :, :16]
        half.mul_(2.0)
        kept = y + 1
        y.relu_()
        return (y + kept).mean((2, 3))


def test_values_changed_in_place_are_seen_by_others(path):
    module = InPlace().eval()
    program = opened(save(module, path))
    x = torch.rand(2, 3, SIDE, SIDE)
    mean, std = (torch.tensor(t).reshape(1, 3, 1, 1) for t in (imagenet.MEAN, imagenet.STD))
    with torch.no_grad():
        close(program.logits(x), module((x - mean) / std))
    with pytest.raises(CheckpointError, match="dynamic batch") as caught:
        opened(save(module, path, batch=1))
    assert "dynamic_shapes" in caught.value.advice


def test_half_precision_is_computed_in_float32(path):
    module = Small().eval()
    program = opened(save(copy.deepcopy(module).half(), path, kind=torch.float16))
    assert any("half precision" in note for note in program.facts.notes)
    assert next(program.stock.network.parameters()).dtype == torch.float32
    x = torch.rand(1, 3, SIDE, SIDE)
    mean, std = (torch.tensor(t).reshape(1, 3, 1, 1) for t in (imagenet.MEAN, imagenet.STD))
    with torch.no_grad():
        close(program.logits(x), module((x - mean) / std), 1e-2)


def test_a_program_of_training_computes_as_in_evaluation(path):
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), Flat(4, 3))
    program = opened(save(module.train(), path))
    assert any("training mode" in note for note in program.facts.notes)
    x = torch.rand(2, 3, SIDE, SIDE)
    assert torch.equal(program.logits(x), program.logits(x))


class Flat(nn.Module):
    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x.mean((2, 3)))


def test_probabilities_one_logit_and_several_values_are_noted(path):
    x = torch.rand(2, 3, SIDE, SIDE)
    soft = opened(save(Small(nn.Softmax(1)).eval(), path))
    assert any("probabilities" in note for note in soft.facts.notes)
    close(soft.logits(x).softmax(1).sum(1), torch.ones(2))
    one = opened(save(Small(classes=1).eval(), path))
    assert one.facts.labels == ("0", "1")
    assert torch.equal(one.logits(x)[:, 0], torch.zeros(2))
    several = opened(save(Several().eval(), path))
    assert any("2 values" in note for note in several.facts.notes)


class Several(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Small()

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        logits = self.inner(x)
        return {"logits": logits, "twice": logits * 2}


@pytest.mark.parametrize(
    ("module", "word"),
    [
        (nn.Conv2d(3, 4, 3), "one per class"),
        (nn.Sequential(Small(), nn.Flatten(0)), "6 numbers for 2 pictures"),
    ],
)
def test_what_is_no_classifier_is_refused(module, word, path):
    with pytest.raises(ModelError, match=word):
        opened(save(module.eval(), path))


def test_a_program_of_two_inputs_is_refused(path):
    class Two(nn.Module):
        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            return (x + y).mean((2, 3))

    pictures = (torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 8))
    torch.export.save(torch.export.export(Two(), pictures), path)
    with pytest.raises(CheckpointError, match="takes 2 inputs"):
        opened(path)


def test_a_report_says_what_the_program_is(path):
    save(Small().eval(), path)
    file = checkpoint_file.examine(str(path), QUIET)
    report = exported.report(file)
    assert report.format == "exported program"
    assert (report.classes, report.channels, report.parameters) == (3, 3, 127)
    assert report.candidates == ()
    assert report.problems == ()
    assert f"{SIDE} × {SIDE}" in report.notes[0]
    assert report.expected == Expected(SIDE, imagenet.MEAN, imagenet.STD)
